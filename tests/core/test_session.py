"""Session files: a run goes on bit for bit, and a file is written whole or not at all."""

import dataclasses
import json
import math
import os
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from safetensors.numpy import load as load_tensors

from core import files, registry, session
from core.errors import InputError
from core.sampling import GREEDY
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run, members_of, saved
from tests.tasks_here import names_here, skipped_where_missing

# Settings that the first session files did not have.
LATER_KEYS = {
    "network": ["init_scale", "bidirectional"],
    "training": ["clip_value", "schedule", "schedule_steps", "schedule_factor", "warmup", "teacher_forcing", "carry_state"],
}


@pytest.mark.parametrize("stop", [1, 50, 73])
def test_it_goes_on_bit_for_bit(settings: Settings, path: Path, first_order_name: str, dtype: str, stop: int) -> None:
    """Before, at and after an evaluation."""
    changes = {"training.optimizer": first_order_name, "training.dtype": dtype, "network.num_layers": 2, "network.dropout": 0.3}
    whole = Trainer(settings.with_changes(changes))
    whole.train_to(120)
    first = Trainer(settings.with_changes(changes))
    first.train_to(stop)
    loaded = session.load(saved(first, path))
    assert_same_run(loaded, first)
    loaded.train_to(120)
    assert_same_run(loaded, whole)


def test_second_order_goes_on_bit_for_bit(settings: Settings, path: Path, second_order_name: str, dtype: str) -> None:
    """With its vectors and its numbers; L-BFGS has used its ring up once and again."""
    changes = {"training.optimizer": second_order_name, "training.dtype": dtype, "network.num_layers": 2, "network.dropout": 0.3}
    whole, first = (Trainer(settings.with_changes(changes | {"network.hidden_size": 2})) for _ in range(2))
    whole.train(16)
    first.train(13)
    assert first.state().optimizer_memory != dict(registry.optimizers()[second_order_name].memory_defaults)
    loaded = session.load(saved(first, path))
    assert_same_run(loaded, first)
    loaded.train(3)
    assert_same_run(loaded, whole)


def test_file_of_an_older_version(trainer: Trainer, path: Path, content: bytes) -> None:
    """Format 1 was without the optimizer's numbers, without streams and without the keys that came later: they are at their defaults."""
    members = members_of(content)
    state = json.loads(members["state.json"]) | {"format": 1}
    del state["optimizer_memory"], state["stream_position"], state["random_states"]["teaching"]
    settings = tomllib.loads(members["settings.toml"].decode())
    for section, later in LATER_KEYS.items():
        for key in later:
            del settings[section][key]
    members |= {"state.json": json.dumps(state).encode(), "settings.toml": tomli_w.dumps(settings).encode()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in members.items():
            archive.writestr(name, value)
    loaded = session.load(path)
    assert_same_run(loaded, trainer)
    np.testing.assert_array_equal(loaded.train(5), trainer.train(5))


@pytest.mark.parametrize("memory", [{"damping": "1"}, {"damping": math.nan}, {"damping": True}, {"dampening": 1.0}, [1.0], None])
def test_optimizer_memory_that_is_damaged(trainer: Trainer, path: Path, memory: object) -> None:
    session.save(path, trainer.state())
    members = members_of(path.read_bytes())
    state = json.loads(members["state.json"])
    state["optimizer_memory"] = memory
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in members.items():
            archive.writestr(name, json.dumps(state) if name == "state.json" else value)
    with pytest.raises(InputError, match=r"run\.rnnp: "):
        session.load(path)


def test_memory_that_is_not_finite_is_not_saved(trainer: Trainer, path: Path) -> None:
    with pytest.raises(InputError, match=r"run\.rnnp: not saved: .* not finite"):
        session.save(path, dataclasses.replace(trainer.state(), optimizer_memory={"damping": math.inf}))
    assert not path.exists()


def test_every_cell(settings: Settings, path: Path, cell_name: str) -> None:
    first = Trainer(settings.with_changes({"network.cell": cell_name}))
    first.train(5)
    loaded = session.load(saved(first, path))
    np.testing.assert_array_equal(loaded.train(5), first.train(5))
    assert_same_run(loaded, first)


def test_everything_is_kept(trainer: Trainer, path: Path) -> None:
    trainer.solved_at = 50
    loaded = session.load(saved(trainer, path))
    assert_same_run(loaded, trainer)
    assert len(loaded.evaluations) == 1 and len(loaded.state().marks) == 1 and loaded.solved_at == 50


def test_before_the_first_update(settings: Settings, path: Path) -> None:
    first = Trainer(settings)
    loaded = session.load(saved(first, path))
    assert loaded.step_count == 0 and loaded.losses.shape == (0,)
    np.testing.assert_array_equal(loaded.train(5), first.train(5))


def test_vocabulary_reaches_the_task(trainer: Trainer, path: Path) -> None:
    state = dataclasses.replace(trainer.state(), vocabulary={"word": "Summe"})
    session.save(path, state)
    assert session.load(path).answer("0.5", GREEDY).text.startswith("Summe ")


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
    assert_same_run(loaded, trainer)
    loaded.train(1)
    assert loaded.divergence == trainer.divergence


def test_members_are_readable(trainer: Trainer, content: bytes) -> None:
    """TOML, JSON and CSV of known form; no pickle."""
    members = members_of(content)
    assert list(members) == ["settings.toml", "weights.safetensors", "state.json", "history.csv"]
    state = json.loads(members["state.json"])
    assert state["format"] == session.FORMAT == 3 and state["step"] == 60
    lines = members["history.csv"].decode().splitlines()
    assert lines[0] == "step,loss" and [line.split(",")[0] for line in lines[1:]] == [str(n) for n in range(1, 61)]
    tensors = load_tensors(members["weights.safetensors"])
    parameters = trainer.network.parameters()
    assert set(tensors) == {f"{prefix}{n}" for n in parameters for prefix in ("", "optimizer.first_moment.", "optimizer.second_moment.")}
    for name, value in parameters.items():
        np.testing.assert_array_equal(tensors[name], value)


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


def test_run_with_very_many_evaluations(trainer: Trainer, path: Path) -> None:
    """What is saved can be opened: of a long run some evaluations are left out, the last ones never."""
    count, first = 500_000, trainer.evaluations[0]
    evaluations = tuple(dataclasses.replace(first, step=4 * i) for i in range(1, count + 1))
    state = dataclasses.replace(trainer.state(), step_count=4 * count, losses=np.zeros(4 * count), evaluations=evaluations)
    session.save(path, state)
    found = session.load_state(path).evaluations
    assert session.EVALUATIONS / 2 < len(found) <= session.EVALUATIONS + session.EXACT_ROWS
    assert found[0] == evaluations[0] and found[-1000:] == evaluations[-1000:]
    assert set(found) <= set(evaluations) and [e.step for e in found] == sorted(e.step for e in found)


def test_evaluations_of_a_usual_run_are_all_kept(trainer: Trainer, path: Path) -> None:
    evaluations = tuple(dataclasses.replace(trainer.evaluations[0], step=i % 60) for i in range(5_000))
    session.save(path, dataclasses.replace(trainer.state(), evaluations=evaluations))
    assert session.load_state(path).evaluations == evaluations


@pytest.mark.parametrize("name", skipped_where_missing(registry.tasks()))
def test_weights_may_claim_what_the_settings_give(name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is the network's own size, whatever the task; a little more than that is damage."""
    first = Trainer(Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 3, "num_layers": 4}}))
    saved(first, path)
    # Adam in float32: three numbers of four bytes for each parameter.
    limit = first.network.layout.parameter_count * 3 * 4 + session.MAX_TENSOR_HEADER_BYTES
    infos = zipfile.ZipFile.infolist

    def claiming(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        for info in infos(archive):
            if info.filename == "weights.safetensors":
                info.file_size = limit + 1
        return infos(archive)

    assert session.load(path).step_count == 0
    monkeypatch.setattr(zipfile.ZipFile, "infolist", claiming)
    with pytest.raises(InputError, match=f"weights.safetensors claims {limit + 1:,} bytes, at most {limit:,} can be right"):
        session.load_state(path)


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
    for name in names_here():
        first = Trainer(Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 3}, "training": {"batch_size": 2}}))
        first.train(2)
        loaded = session.load(saved(first, path))
        np.testing.assert_array_equal(loaded.train(2), first.train(2))
        assert_same_run(loaded, first)


def test_a_whole_curve_comes_back_as_it_was(trainer: Trainer, path: Path) -> None:
    """Where the usual file keeps every k-th loss only."""
    count = session.HISTORY_ROWS + session.EXACT_ROWS + 500
    losses = np.random.default_rng(3).random(count)
    evaluations = tuple(dataclasses.replace(trainer.evaluations[0], step=step) for step in range(0, count, 3))
    state = dataclasses.replace(trainer.state(), step_count=count, losses=losses, evaluations=evaluations)
    session.save(path, state, is_curve_whole=True)
    found = session.load_state(path)
    assert np.array_equal(found.losses, losses) and found.evaluations == evaluations
    session.save(path, state)
    thinned = session.load_state(path)
    assert not np.array_equal(thinned.losses, losses) and len(thinned.evaluations) < len(evaluations)


def test_a_short_curve_is_whole_anyhow(trainer: Trainer, path: Path) -> None:
    session.save(path, trainer.state(), is_curve_whole=True)
    assert set(members_of(path.read_bytes())) == set(session.MEMBERS)
    assert np.array_equal(session.load_state(path).losses, trainer.losses)


@pytest.mark.parametrize("losses", [np.zeros(3), np.full(21_500, np.nan)])
def test_whole_losses_that_do_not_fit_are_refused(trainer: Trainer, path: Path, losses: np.ndarray) -> None:
    state = dataclasses.replace(trainer.state(), step_count=21_500, losses=np.ones(21_500))
    session.save(path, state, is_curve_whole=True)
    content = members_of(path.read_bytes()) | {session.WHOLE_LOSSES: losses.tobytes()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in content.items():
            archive.writestr(name, member)
    with pytest.raises(InputError, match="is damaged"):
        session.load_state(path)
