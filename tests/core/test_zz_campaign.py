"""Session files: a run goes on bit for bit, and nothing that may stand in a file does more than raise InputError."""

import contextlib
import dataclasses
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from core import files, registry, session
from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer, TrainerState

Members = dict[str, bytes]
FUZZ = hypothesis_settings(max_examples=4000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def saved(trainer: Trainer, path: Path) -> Path:
    session.save(path, trainer.state())
    return path


def assert_same(found: TrainerState, right: TrainerState) -> None:
    for field in dataclasses.fields(TrainerState):
        mine, other = getattr(found, field.name), getattr(right, field.name)
        if field.name in ("parameters", "moments", "losses"):
            np.testing.assert_equal(mine, other)
        else:
            assert mine == other, field.name


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.rnnp"


@pytest.fixture
def trainer(settings: Settings) -> Trainer:
    """A run of some length, with all that a file can hold."""
    trainer = Trainer(settings.with_changes({"network.hidden_size": 2, "training.optimizer": "adam"}))
    trainer.train_to(55)
    trainer.apply({"training.learning_rate": 0.02})
    trainer.train_to(60)
    return trainer


@pytest.fixture
def content(trainer: Trainer, path: Path) -> bytes:
    return saved(trainer, path).read_bytes()


def members_of(content: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, members: Members) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(name, value)


def assert_refused(path: Path, words: str = "") -> None:
    """One line that begins with the file's name."""
    with pytest.raises(InputError) as caught:
        session.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message and words in message, message


def loads_or_is_refused(path: Path) -> None:
    try:
        trainer = session.load(path)
    except InputError as error:
        assert str(error).startswith(f"{path}: ") and "\n" not in str(error)
    else:
        assert all(np.isfinite(value).all() for value in trainer.network.parameters().values())
        assert len(trainer.losses) == trainer.step_count


# Going on


@pytest.mark.parametrize("stop", [1, 50, 73])
def test_it_goes_on_bit_for_bit(settings: Settings, path: Path, optimizer_name: str, dtype: str, stop: int) -> None:
    """Before, at and after an evaluation."""
    changes = {"training.optimizer": optimizer_name, "training.dtype": dtype, "network.num_layers": 2, "network.dropout": 0.3}
    whole = Trainer(settings.with_changes(changes))
    whole.train_to(120)
    first = Trainer(settings.with_changes(changes))
    first.train_to(stop)
    loaded = session.load(saved(first, path))
    assert_same(loaded.state(), first.state())
    loaded.train_to(120)
    assert_same(loaded.state(), whole.state())


def test_every_cell(settings: Settings, path: Path, cell_name: str) -> None:
    first = Trainer(settings.with_changes({"network.cell": cell_name}))
    first.train(5)
    loaded = session.load(saved(first, path))
    np.testing.assert_array_equal(loaded.train(5), first.train(5))
    assert_same(loaded.state(), first.state())


def test_everything_is_kept(trainer: Trainer, path: Path) -> None:
    trainer.solved_at = 50
    loaded = session.load(saved(trainer, path))
    assert_same(loaded.state(), trainer.state())
    assert len(loaded.evaluations) == 1 and len(loaded.state().marks) == 1 and loaded.solved_at == 50


def test_before_the_first_update(settings: Settings, path: Path) -> None:
    first = Trainer(settings)
    loaded = session.load(saved(first, path))
    assert loaded.step_count == 0 and loaded.losses.shape == (0,)
    np.testing.assert_array_equal(loaded.train(5), first.train(5))


def test_vocabulary_reaches_the_task(trainer: Trainer, path: Path) -> None:
    state = dataclasses.replace(trainer.state(), vocabulary={"word": "Summe"})
    session.save(path, state)
    assert session.load(path).answer("0.5", 1, 0.0).text.startswith("Summe ")


def test_saving_again_gives_the_same_members(trainer: Trainer, path: Path, tmp_path: Path) -> None:
    first = members_of(saved(trainer, path).read_bytes())
    again = members_of(saved(session.load(path), tmp_path / "again.rnnp").read_bytes())
    assert first == again


def test_run_that_diverged(settings: Settings, path: Path) -> None:
    """It is saved as it was after the last good update, and goes on from there."""
    explosive = {"network.cell": "rnn", "network.activation": "relu", "training.optimizer": "momentum", "training.clip_norm": 0.0}
    trainer = Trainer(settings.with_changes(explosive | {"training.learning_rate": 10.0}))
    trainer.train_to(1000)
    assert trainer.divergence is not None
    loaded = session.load(saved(trainer, path))
    assert_same(loaded.state(), trainer.state())
    loaded.train(1)
    assert loaded.divergence == trainer.divergence


def test_members_are_readable(trainer: Trainer, content: bytes) -> None:
    """TOML, JSON and CSV of known form; no pickle."""
    members = members_of(content)
    assert list(members) == ["settings.toml", "weights.safetensors", "state.json", "history.csv"]
    state = json.loads(members["state.json"])
    assert state["format"] == 1 and state["step"] == 60
    lines = members["history.csv"].decode().splitlines()
    assert lines[0] == "step,loss" and [line.split(",")[0] for line in lines[1:]] == [str(n) for n in range(1, 61)]
    tensors = load_tensors(members["weights.safetensors"])
    parameters = trainer.network.parameters()
    assert set(tensors) == {f"{prefix}{n}" for n in parameters for prefix in ("", "optimizer.first_moment.", "optimizer.second_moment.")}
    for name, value in parameters.items():
        np.testing.assert_array_equal(tensors[name], value)


# A long history is thinned


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 21_000, 21_001, 100_003])
def test_thinned_history(count: int) -> None:
    losses = np.arange(count) / 7
    rows = [line.split(",") for line in session.history_csv(losses).splitlines()[1:]]
    steps = np.array([int(step) for step, _ in rows], dtype=int)
    assert len(steps) <= session.HISTORY_ROWS + session.EXACT_ROWS + 1
    assert [float(loss) for _, loss in rows] == [losses[step - 1] for step in steps]
    assert np.all(np.diff(steps) > 0)
    if count:
        assert steps[0] == 1
        np.testing.assert_array_equal(steps[-1000:], np.arange(max(0, count - 1000), count) + 1)
    if count <= 21_000:
        assert len(steps) == count


def test_run_with_a_thinned_history(trainer: Trainer, path: Path) -> None:
    count = 50_000
    state = dataclasses.replace(trainer.state(), step_count=count, losses=np.random.default_rng(0).random(count))
    session.save(path, state)
    loaded = session.load(path)
    assert loaded.losses.shape == (count,)
    np.testing.assert_array_equal(loaded.losses[-1000:], state.losses[-1000:])
    np.testing.assert_array_equal(loaded.losses[0:3], state.losses[[0, 0, 0]])
    np.testing.assert_array_equal(loaded.train(5), Trainer(state.settings, "kernels", state).train(5))


# What is no session


def test_missing_file(path: Path) -> None:
    assert_refused(path, "no such file")


def test_folder(tmp_path: Path) -> None:
    assert_refused(tmp_path, "can't be read")


@pytest.mark.parametrize("garbage", [b"", b"PK", b"hello\n" * 100, b"PK\x05\x06" + bytes(18), b"PK\x05\x06" + bytes([255] * 18)])
def test_other_files(path: Path, garbage: bytes) -> None:
    path.write_bytes(garbage)
    assert_refused(path)


def test_every_truncation(path: Path, content: bytes) -> None:
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        assert_refused(path)


@given(st.data())
@FUZZ
def test_flipped_byte(path: Path, content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content) - 1))
    path.write_bytes(content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :])
    loads_or_is_refused(path)


def test_flips_where_the_zip_describes_itself(path: Path, content: bytes) -> None:
    """All bytes of all headers: methods, flags, versions, sizes and offsets that lie."""
    headers = [range(found.start(), found.start() + 46) for found in re.finditer(b"PK(\x01\x02|\x03\x04|\x05\x06)", content)]
    places = sorted({at for header in headers for at in header if at < len(content)})
    assert len(places) > 200
    for at in places:
        # 12 and 14 are the numbers of two other methods of compression.
        for value in {content[at] ^ 1, 12, 14, 255} - {content[at]}:
            path.write_bytes(content[:at] + bytes([value]) + content[at + 1 :])
            with contextlib.suppress(InputError):
                session.load_state(path)


@pytest.mark.parametrize("name", session.MEMBERS)
@given(data=st.data())
@FUZZ
def test_damage_inside_a_member(path: Path, content: bytes, name: str, data: st.DataObject) -> None:
    """With right checksums, so that it is found by what stands there."""
    members = members_of(content)
    value = members[name]
    at = data.draw(st.integers(0, min(len(value), 2000) - 1))
    kind = data.draw(st.sampled_from(["flip", "cut", "drop", "double", "insert"]))
    members[name] = {
        "flip": value[:at] + bytes([value[at] ^ data.draw(st.integers(1, 255))]) + value[at + 1 :],
        "cut": value[:at],
        "drop": value[:at] + value[at + 1 :],
        "double": value[:at] + value[at : at + 20] + value[at:],
        "insert": value[:at] + data.draw(st.sampled_from([b"\r", b'"', b"\0", b"\n\n", b",", b"[", b"-", b"9999", b"\xff"])) + value[at:],
    }[kind]
    write(path, members)
    loads_or_is_refused(path)


@pytest.mark.parametrize("name", session.MEMBERS)
def test_missing_member(path: Path, content: bytes, name: str) -> None:
    members = members_of(content)
    del members[name]
    write(path, members)
    assert_refused(path, f"{name} is missing")


def test_newer_format(path: Path, content: bytes) -> None:
    members = members_of(content)
    members["state.json"] = json.dumps(json.loads(members["state.json"]) | {"format": 2}).encode()
    # A newer format may have anything else in it.
    members["settings.toml"] = b"[future]\nkey = 1\n"
    write(path, members)
    assert_refused(path, "a newer version is needed")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[network\n", "settings.toml"),
        (b"[network]\ncell = 'transformer'\n", "network.cell = 'transformer'"),
        (b"[training]\nlearning_rate = -1\n", "training.learning_rate = -1"),
        (b"[task]\nname = 'juggling'\n", "task.name = 'juggling'"),
        (b"[task]\nname = 'echo'\n[network]\nhidden_size = 1024\nnum_layers = 4\n", "parameter"),
        (b"\xff\xfe", "damaged"),
        (b"a = [" * 5000, "damaged"),
        (b"[training]\nseed = " + b"9" * 5000, "damaged"),
    ],
)
def test_settings_that_do_not_fit(path: Path, content: bytes, text: bytes, words: str) -> None:
    write(path, members_of(content) | {"settings.toml": text})
    assert_refused(path, words)


def with_tensors(path: Path, content: bytes, change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]) -> None:
    members = members_of(content)
    members["weights.safetensors"] = save_tensors(change(load_tensors(members["weights.safetensors"])))
    write(path, members)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["layers.0.W_h", "head.b", "optimizer.second_moment.layers.0.b"])
def test_weights_that_are_not_finite(path: Path, content: bytes, bad: float, name: str) -> None:
    def spoil(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        tensors[name] = tensors[name].copy()
        tensors[name].flat[-1] = bad
        return tensors

    with_tensors(path, content, spoil)
    assert_refused(path, f"{name} is not a finite array of float32")


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t | {"head.W": np.zeros((1, 3), np.float32)},
        lambda t: t | {"head.W": np.zeros(2, np.float32)},
        lambda t: t | {"head.W": np.zeros((0, 2), np.float32)},
        lambda t: t | {"head.W": t["head.W"].astype(np.float64)},
        lambda t: t | {"head.W": t["head.W"].astype(np.int32)},
        lambda t: t | {"head.W": t["head.W"].astype(np.complex64)},
        lambda t: t | {"layers.1.W_x": t["layers.0.W_x"]},
        lambda t: {name: value for name, value in t.items() if name != "head.W"},
        lambda t: {name: value for name, value in t.items() if name != "optimizer.first_moment.head.W"},
        lambda t: {name: value for name, value in t.items() if "second_moment" not in name},
        lambda t: t | {"optimizer.first_moment.head.W": np.zeros((2, 2), np.float32)},
        lambda t: {},
    ],
)
def test_weights_that_do_not_fit(path: Path, content: bytes, change: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]) -> None:
    with_tensors(path, content, change)
    assert_refused(path)


@pytest.mark.parametrize(
    "header",
    [
        b'{"head.W":{"dtype":"F32","shape":[1000000000,1000000000],"data_offsets":[0,4000000000000000000]}}',
        b'{"head.W":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}',
        b'{"head.W":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}',
        b'{"head.W":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}',
        b'{"head.W":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}',
        b"{" * 1000,
        b"[]",
        b"",
    ],
)
def test_header_of_weights_that_lies(path: Path, content: bytes, header: bytes) -> None:
    for size in (len(header), 2**63, 2**64 - 1):
        write(path, members_of(content) | {"weights.safetensors": size.to_bytes(8, "little") + header + bytes(4)})
        assert_refused(path)


def test_absurd_sizes_are_not_read(path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a member claims to hold is looked at before it is unpacked."""
    limits = {"state.json": session.MAX_TEXT_BYTES, "history.csv": session.MAX_TEXT_BYTES, "settings.toml": session.MAX_SETTINGS_BYTES}
    # Adam in float32 has three numbers for each weight.
    limits["weights.safetensors"] = 3 * 4 * 2**26
    read, infos = zipfile.ZipFile.read, zipfile.ZipFile.infolist
    for name, limit in limits.items():
        asked: list[str] = []

        def claiming(archive: zipfile.ZipFile, name: str = name, limit: int = limit) -> list[zipfile.ZipInfo]:
            for info in infos(archive):
                if info.filename == name:
                    info.file_size = limit + 1
            return infos(archive)

        def noting(archive: zipfile.ZipFile, info: Any, asked: list[str] = asked, **more: Any) -> bytes:
            asked.append(info.filename)
            return read(archive, info, **more)

        with monkeypatch.context() as patch:
            patch.setattr(zipfile.ZipFile, "infolist", claiming)
            patch.setattr(zipfile.ZipFile, "read", noting)
            assert_refused(path, f"{name} claims {limit + 1:,} bytes")
        assert name not in asked


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(2**60, 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places_in(value: Any) -> list[tuple[Any, ...]]:
    """Paths to everything inside a JSON value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, child in children for rest in places_in(child))]


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = replaced(value[place[0]], place[1:], new)
    return copy


@given(data=st.data())
@FUZZ
def test_anything_in_state_json(path: Path, content: bytes, data: st.DataObject) -> None:
    members = members_of(content)
    state = json.loads(members["state.json"])
    place = data.draw(st.sampled_from(places_in(state)))
    write(path, members | {"state.json": json.dumps(replaced(state, place, data.draw(JSON))).encode()})
    loads_or_is_refused(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "1"},
        {"format": None},
        {"step": -1},
        {"step": 60.0},
        {"step": True},
        {"step": "60"},
        {"step": 61},
        {"step": 10**12},
        {"step": 10**400},
        {"moment_count": 61},
        {"moment_count": -1},
        {"moment_count": 10**400},
        {"solved_at": 61},
        {"solved_at": "never"},
        {"random_states": {}},
        {"random_states": []},
        {"random_states": {"initialization": {}, "data": {}, "dropout": {}}},
        {"evaluations": [{}]},
        {"evaluations": 3},
        {"evaluations": [1]},
        {"marks": [{"step": 61, "label": "x"}]},
        {"marks": None},
        {"vocabulary": None},
        {"vocabulary": [1]},
    ],
    ids=str,
)
def test_wrong_state(path: Path, content: bytes, change: dict[str, Any]) -> None:
    members = members_of(content)
    write(path, members | {"state.json": json.dumps(json.loads(members["state.json"]) | change).encode()})
    assert_refused(path)


@pytest.mark.parametrize("key", ["format", "step", "moment_count", "solved_at", "random_states", "evaluations", "marks", "vocabulary"])
def test_missing_state(path: Path, content: bytes, key: str) -> None:
    members = members_of(content)
    state = json.loads(members["state.json"])
    del state[key]
    write(path, members | {"state.json": json.dumps(state).encode()})
    assert_refused(path)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"null", b"{", b"[" * 100_000, b'{"format": 1}', b'"\xff"', b'{"format": ' + b"9" * 5000 + b"}"]
)
def test_what_is_no_state(path: Path, content: bytes, text: bytes) -> None:
    write(path, members_of(content) | {"state.json": text})
    assert_refused(path)


def history(steps: list[Any], loss: str = "0.5") -> str:
    return "step,loss\n" + "".join(f"{step},{loss}\n" for step in steps)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "step,loss\n",
        history([*range(1, 60)]),
        history([*range(1, 62)]),
        history([*range(2, 61)]),
        history([1, 60, 60]),
        history([1, 3, 2, 60]),
        history([1, 60], "nan"),
        history([1, 60], "inf"),
        history([1, 60], "much"),
        history([1, 60], ""),
        history([1, 10**30, 60]),
        history([1, "", 60]),
        "step,loss\n1\n60\n",
        "step,loss\n\n\n",
        "step,loss\n1,0.5\r2,0.5\n60,0.5\n",
        "step,loss\n" + "1" * 200_000,
    ],
    ids=lambda text: text[:30],
)
def test_wrong_history(path: Path, content: bytes, text: str) -> None:
    write(path, members_of(content) | {"history.csv": text.encode()})
    assert_refused(path)


def test_absurd_step_with_a_history_that_agrees(path: Path, content: bytes) -> None:
    """A file of a few bytes must not ask for a terabyte."""
    members = members_of(content)
    for step in (10**9, 10**15):
        state = json.loads(members["state.json"]) | {"step": step}
        write(path, members | {"state.json": json.dumps(state).encode(), "history.csv": history([1, step]).encode()})
        assert_refused(path)


# Writing


def test_not_finite_is_not_saved(trainer: Trainer, path: Path) -> None:
    trainer.network.flat[0] = np.nan
    with pytest.raises(InputError, match=r"run\.rnnp: not saved: .* not finite"):
        session.save(path, trainer.state())
    assert not path.exists()


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failed_save_leaves_the_old_file(
    trainer: Trainer, path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, call: str, error: BaseException
) -> None:
    trainer.train(3)

    def fail(*arguments: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(files.os, call, fail)
        with pytest.raises((InputError, KeyboardInterrupt)) as caught:
            session.save(path, trainer.state())
    if isinstance(error, OSError):
        assert str(caught.value) == f"{path}: can't be written: No space left on device"
    assert path.read_bytes() == content
    assert os.listdir(path.parent) == [path.name]


def test_saving_over_a_folder(trainer: Trainer, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "taken", tmp_path / "file" / "run.rnnp"):
        with pytest.raises(InputError, match="can't be written"):
            session.save(path, trainer.state())
    assert sorted(os.listdir(tmp_path)) == ["file", "taken"] and os.listdir(tmp_path / "taken") == []


def test_save_makes_its_folder_and_replaces(trainer: Trainer, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "run.rnnp"
    saved(trainer, path)
    trainer.train(3)
    saved(trainer, path)
    assert session.load(path).step_count == 63
    assert os.listdir(path.parent) == ["run.rnnp"]


def test_bundled_tasks_make_the_round_trip(path: Path) -> None:
    for name in registry.tasks():
        first = Trainer(Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 3}, "training": {"batch_size": 2}}))
        first.train(2)
        loaded = session.load(saved(first, path))
        np.testing.assert_array_equal(loaded.train(2), first.train(2))
        assert_same(loaded.state(), first.state())


@pytest.mark.parametrize(
    "name", [name for name in registry.tasks() if Trainer(Settings.from_dict({"task": {"name": name}})).task.vocabulary()]
)
@given(data=st.data())
@hypothesis_settings(FUZZ, max_examples=300)
def test_anything_in_the_vocabulary_of_a_task(path: Path, name: str, data: st.DataObject) -> None:
    """What loads can be used: trained on, looked into, asked."""
    trainer = Trainer(Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 2}, "training": {"batch_size": 2}}))
    vocabulary = json.loads(json.dumps(trainer.task.vocabulary()))
    places = places_in(vocabulary)
    place = data.draw(st.sampled_from([place for place in places if len(place) < 2]) | st.sampled_from(places))
    session.save(path, dataclasses.replace(trainer.state(), vocabulary=replaced(vocabulary, place, data.draw(JSON))))
    try:
        with np.errstate(all="ignore"):
            loaded = session.load(path)
            loaded.train(1)
            loaded.evaluate()
            loaded.snapshot()
            loaded.answer("1,2,3", 2, 0.5)
    except InputError as error:
        assert "\n" not in str(error)
