"""Nothing that may stand in a session file does more than raise InputError, in one line that names the file."""

import contextlib
import dataclasses
import json
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

from core import session
from core.errors import InputError
from core.sampling import Sampling
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import members_of
from tests.tasks_here import names_here

Members = dict[str, bytes]
FUZZ = hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


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
    members["state.json"] = json.dumps(json.loads(members["state.json"]) | {"format": session.FORMAT + 1}).encode()
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


@pytest.mark.parametrize("name", [name for name in names_here() if Trainer(Settings.from_dict({"task": {"name": name}})).task.vocabulary()])
@given(data=st.data())
@hypothesis_settings(FUZZ, max_examples=25)
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
            loaded.answer("1,2,3", Sampling(2, 0.5))
    except InputError as error:
        assert "\n" not in str(error)
