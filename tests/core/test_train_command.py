"""``rnn-playground train``: what it prints and writes, how it goes on, and one clear line where it can't."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core import command_line, session, train_command
from core.command_line import EXIT_BAD_INPUT, EXIT_DIVERGED, EXIT_DONE, EXIT_FAILED
from core.errors import InputError
from core.presets import preset_ids, presets
from core.settings import Settings
from core.trainer import Trainer
from tests.core.commands import EXPLOSIVE, SMALL, Result, assert_one_line, files_in
from tests.tasks_here import skipped_where_missing

PINNED = {"cell", "task", "parameters", "steps", "seconds", "steps_per_second", "loss", "baseline_loss", "metric"}
PINNED |= {"solved", "solved_at", "diverged", "seed", "session"}


def test_json(run: Callable[..., Result]) -> None:
    result = run("train", *SMALL, "--steps", 60, "--json", "--quiet", "--seed", 3, "--set", "network.cell=gru")
    assert result.code == EXIT_DONE and result.err == ""
    found = result.json
    assert found.keys() >= PINNED
    trainer = Trainer(
        Settings().with_changes(
            {"task.name": "echo", "network.hidden_size": 4, "training.batch_size": 3, "training.seed": 3, "network.cell": "gru"}
        )
    )
    trainer.train_to(60)
    evaluation = trainer.evaluate()
    assert (found["cell"], found["task"], found["steps"], found["seed"]) == ("gru", "echo", 60, 3)
    assert found["parameters"] == trainer.snapshot().parameter_count
    assert found["loss"] == trainer.recent_loss and found["baseline_loss"] == pytest.approx(1 / 3)
    assert found["metric"]["name"] == "mean error" and found["metric"]["value"] == evaluation.metric.value
    assert found["held_out_loss"] == evaluation.loss
    assert (found["solved"], found["solved_at"], found["diverged"], found["session"]) == (False, None, False, None)
    assert found["seconds"] > 0 and found["steps_per_second"] > 0


def test_out(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("train", *SMALL, "--steps", 55, "--json", "--quiet", "--out", tmp_path / "new" / "out")
    folder = tmp_path / "new" / "out"
    assert files_in(folder) == ["history.csv", "session.rnnp"]
    assert result.json["session"] == str(folder / "session.rnnp")
    lines = (folder / "history.csv").read_text().splitlines()
    assert lines[0] == "step,loss" and len(lines) == 56
    assert session.load(folder / "session.rnnp").step_count == 55
    assert files_in(tmp_path / "here") == []


def test_summary_for_people(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("train", *SMALL, "--steps", 5, "--out", tmp_path / "out")
    assert result.code == EXIT_DONE
    for words in ("Echo, LSTM", "update 5", "without memory 0.3333", "mean error", "not solved yet", f"saved to {tmp_path}"):
        assert words in result.out
    assert "5/5" in result.err and "loss" in result.err


def test_quiet(run: Callable[..., Result]) -> None:
    result = run("train", *SMALL, "--steps", 5, "--quiet")
    assert (result.code, result.out, result.err) == (EXIT_DONE, "", "")


def test_no_steps(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("train", *SMALL, "--steps", 0, "--json", "--quiet", "--out", tmp_path / "out")
    assert result.code == EXIT_DONE and result.json["steps"] == 0 and result.json["loss"] is None
    assert session.load(tmp_path / "out" / "session.rnnp").step_count == 0


def test_session_goes_on(run: Callable[..., Result], trained: Path, tmp_path: Path) -> None:
    result = run("train", trained, "--steps", 7, "--json", "--quiet", "--out", tmp_path / "out")
    assert result.code == EXIT_DONE and result.json["steps"] == 7
    whole = run("train", *SMALL, "--steps", 12, "--quiet", "--out", tmp_path / "whole")
    assert whole.code == EXIT_DONE
    found, right = session.load(trained), session.load(tmp_path / "whole" / "session.rnnp")
    np.testing.assert_array_equal(found.losses, right.losses)
    np.testing.assert_array_equal(found.network.flat, right.network.flat)


def test_session_with_live_changes(run: Callable[..., Result], trained: Path) -> None:
    result = run("train", trained, "--steps", 1, "--json", "--quiet", "--set", "training.learning_rate=0.5")
    assert result.code == EXIT_DONE
    assert_one_line(run("train", trained, "--set", "network.num_layers=3"), "network.num_layers can't change")
    assert_one_line(run("train", trained, "--seed", 4), "--seed 4")


def test_until_solved(run: Callable[..., Result]) -> None:
    arguments = ["--set", "network.hidden_size=16", "--set", "training.batch_size=32", "--set", "training.learning_rate=0.02"]
    result = run("train", "--set", "task.name=echo", *arguments, "--until-solved", "--json", "--quiet")
    found = result.json
    assert result.code == EXIT_DONE and found["solved"] and found["steps"] == found["solved_at"] < 2000


def test_settings_file_and_overrides(run: Callable[..., Result], tmp_path: Path) -> None:
    """Those on the command line come on top, later ones last, names of task and cell first."""
    path = tmp_path / "mine.toml"
    path.write_text('[task]\nname = "echo"\n[network]\nhidden_size = 7\n[training]\nseed = 5\nbatch_size = 2\n')
    plain = run("train", path, "--steps", 1, "--json", "--quiet").json
    assert (plain["task"], plain["cell"], plain["seed"]) == ("echo", "lstm", 5)
    changes = [
        "--set",
        "network.activation=relu",
        "--set",
        "network.cell=rnn",
        "--set",
        "network.hidden_size=3",
        "--set",
        "network.hidden_size=2",
    ]
    changed = run("train", path, "--steps", 1, "--json", "--quiet", "--seed", 6, *changes).json
    assert (changed["cell"], changed["seed"], changed["parameters"]) == ("rnn", 6, 2 * 1 + 2 * 2 + 2 + 3)


def test_steps_of_a_settings_file(run: Callable[..., Result], tmp_path: Path) -> None:
    """As in a preset: done where the command line does not say otherwise."""
    path = tmp_path / "mine.toml"
    for steps in (3, 0):
        path.write_text(f'steps = {steps}\ntitle = "Mine"\n[task]\nname = "echo"\n[network]\nhidden_size = 2\n')
        assert run("train", path, "--json", "--quiet").json["steps"] == steps
    assert run("train", path, "--json", "--quiet", "--steps", 1).json["steps"] == 1
    path.write_text('steps = 1.5\n[task]\nname = "echo"\n')
    assert_one_line(run("train", path, "--steps", 1), f"{path}: steps = 1.5: must be a whole number")


SENTENCES = "the rain in spain stays mainly in the plain. " * 60
COMPLETION = ["--set", "network.hidden_size=2", "--steps", "1", "--quiet"]


def test_relative_file_is_found_from_elsewhere(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.txt").write_text(SENTENCES)
    assert run("train", "completion", "--set", "task.file=mine.txt", *COMPLETION, "--out", tmp_path / "out").code == EXIT_DONE
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "out" / "session.rnnp"
    assert session.load(path).settings.task.fields.file == str(tmp_path / "here" / "mine.txt")
    assert run("train", path, "--steps", 1, "--quiet").code == EXIT_DONE


def test_files_of_a_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder of the .toml where they are there, else from the current one; what is absolute stays."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = tmp_path / "there" / "mine.toml"

    def file_for(name: str, *overrides: str) -> str:
        path.write_text(f"[task]\nname = 'completion'\nfile = '{name}'\n")
        found: str = command_line.settings_for("../there/mine.toml", overrides).task.fields.file
        return found

    (tmp_path / "there" / "both.txt").touch()
    (tmp_path / "here" / "both.txt").touch()
    assert file_for("both.txt") == str(tmp_path / "there" / "both.txt")
    assert file_for("one.txt") == str(tmp_path / "here" / "one.txt")
    assert file_for("one.txt", "task.file=both.txt") == str(tmp_path / "here" / "both.txt")
    assert (file_for("/data/one.txt"), file_for("~/one.txt"), file_for("")) == ("/data/one.txt", "~/one.txt", "")


def test_missing_file_is_named(run: Callable[..., Result]) -> None:
    assert_one_line(run("train", "completion", "--set", "task.file=sub/none.txt"), "sub/none.txt: there is no such file")


def test_divergence(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("train", *SMALL, *EXPLOSIVE, "--steps", 2000, "--json", "--out", tmp_path / "out")
    assert result.code == EXIT_DIVERGED
    assert result.json["diverged"] and 0 < result.json["steps"] < 2000 and result.json["session"] is None
    assert result.err.count("\n") == 1 and "diverged at update" in result.err and "training.learning_rate" in result.err
    assert not (tmp_path / "out").exists()


def test_interrupted(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C keeps what was learnt."""
    train_to = Trainer.train_to

    def interrupted(trainer: Trainer, step: int) -> None:
        if trainer.step_count >= 50:
            raise KeyboardInterrupt
        train_to(trainer, step)

    monkeypatch.setattr(Trainer, "train_to", interrupted)
    result = run("train", *SMALL, "--steps", 500, "--quiet", "--out", tmp_path / "out")
    assert result.code == EXIT_FAILED and "stopped at update 50" in result.err and "Traceback" not in result.err
    assert session.load(tmp_path / "out" / "session.rnnp").step_count == 50


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.toml", b"[training\n"),
        ("binary.toml", bytes(range(256))),
        ("wrong.toml", b"[training]\nlearning_rate = 'x'\n"),
        ("negative.toml", b"steps = -5\n"),
        ("worded.toml", b"steps = 'many'\n"),
        ("true.toml", b"steps = true\n"),
        ("broken.rnnp", b"PK\x03\x04 no zip"),
        ("empty.rnnp", b""),
    ],
)
def test_broken_files(run: Callable[..., Result], tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "here" / name
    path.write_bytes(content)
    assert_one_line(run("train", path, "--out", tmp_path / "out"), name)
    assert path.read_bytes() == content and files_in(tmp_path) == ["here", f"here/{name}"]


def test_out_is_a_file(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found out before the training rather than after it."""
    (tmp_path / "taken").write_text("mine")
    monkeypatch.setattr(Trainer, "train_to", lambda *arguments: pytest.fail("trained for nothing"))
    for folder in (tmp_path / "taken", tmp_path / "taken" / "below"):
        assert_one_line(run("train", *SMALL, "--steps", 5, "--quiet", "--out", folder), f"--out {folder}", "must be a folder")
    assert (tmp_path / "taken").read_text() == "mine" and files_in(tmp_path) == ["here", "taken"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder that nobody can write to")
def test_out_cannot_be_written(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "train_to", lambda *arguments: pytest.fail("trained for nothing"))
    assert_one_line(run("train", *SMALL, "--steps", 5, "--quiet", "--out", "/proc/foo"), "--out /proc/foo", "can't be written")


@pytest.mark.parametrize("error", [InputError("the file is gone"), MemoryError()])
def test_failed_training_leaves_no_folder(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The folders that were made go again; one that was there stays."""
    (tmp_path / "old").mkdir()

    def fail(trainer: Trainer, step: int) -> None:
        assert made.is_dir()
        raise error

    monkeypatch.setattr(Trainer, "train_to", fail)
    for made in (tmp_path / "new" / "out", tmp_path / "old"):
        assert run("train", *SMALL, "--steps", 5, "--quiet", "--out", made).code != EXIT_DONE
    assert files_in(tmp_path) == ["here", "old"]


def test_failed_save(run: Callable[..., Result], trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full: the old session and its history stay as they were."""
    before = {name: (trained.parent / name).read_bytes() for name in files_in(trained.parent)}

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("core.files.os.fsync", full)
        assert_one_line(run("train", trained, "--steps", 5, "--quiet", "--out", trained.parent), "No space left on device")
    assert {name: (trained.parent / name).read_bytes() for name in files_in(trained.parent)} == before


def test_progress_is_saved_on_the_way(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_command, "SAVE_EVERY_SECONDS", 0.0)
    steps = []
    save = session.save
    monkeypatch.setattr(session, "save", lambda path, state: (steps.append(state.step_count), save(path, state)))
    assert run("train", *SMALL, "--steps", 120, "--quiet", "--out", tmp_path / "out").code == EXIT_DONE
    assert steps == [50, 100, 120, 120]


@pytest.mark.parametrize("preset", skipped_where_missing(preset_ids()))
def test_presets_train(run: Callable[..., Result], preset: str, tmp_path: Path) -> None:
    result = run("train", preset, "--steps", 2, "--json", "--quiet", "--out", tmp_path / "out")
    may_diverge = presets()[preset].outcome == "diverged"
    assert (result.code == EXIT_DONE or (may_diverge and result.code == EXIT_DIVERGED)) and result.json.keys() >= PINNED
    assert result.json["task"] == Settings.preset(preset).task.name


def test_kernels_are_waited_for(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first start says what takes so long; the bar of the training is not held up by it."""
    compiled: list[str] = []
    monkeypatch.setattr("core.compile.Combination.is_ready", property(lambda self: False))
    monkeypatch.setattr("core.compile.Combination.compile", lambda self: compiled.append(self.name))
    result = run("train", *SMALL, "--steps", 1, "--set", "training.optimizer=sgd", "--set", "training.dtype=float64")
    assert compiled == ["lstm-sgd-squared_error-float64"] and result.err.startswith("Compiling the kernels")
    assert run("train", *SMALL, "--steps", 1, "--quiet").err == ""


def test_relative_out_in_the_current_folder(run: Callable[..., Result]) -> None:
    assert run("train", *SMALL, "--steps", 1, "--quiet", "--out", ".").code == EXIT_DONE
    assert sorted(os.listdir()) == ["history.csv", "session.rnnp"]


def test_training_says_first_what_was_recognised_in_a_file(run: Callable[..., Result], tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("day;sales\n" + "".join(f"2026-01-{k + 1:02d};{k * k % 13},5\n" for k in range(28)), encoding="utf-8")
    wanted = ("train", "prices", "--steps", "0", "--set", f"task.file={path}", "--set", "network.hidden_size=4")
    said = f"{path}: 28 rows, header, semicolon between cells, UTF-8. Column 'sales', dates in 'day' (2026-01-01 to 2026-01-28)"
    assert run(*wanted).err.startswith(said)
    assert said not in run(*wanted, "--quiet").err
    refused = run(*wanted, "--set", "task.column=profit")
    assert refused.code == EXIT_BAD_INPUT and "there is no column 'profit': there are 'day', 'sales'" in refused.err
