"""The commands that need no window: what they print, what they write, and one clear line where they can't."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import cli, command_line, registry, session, train_command
from core.command_line import EXIT_BAD_INPUT, EXIT_DIVERGED, EXIT_DONE, EXIT_FAILED
from core.errors import InputError
from core.prediction import Answer
from core.presets import preset_ids, presets
from core.sampling import Sampling
from core.settings import Settings
from core.trainer import Trainer
from tests.tasks_here import skipped_where_missing

SMALL = ["--set", "task.name=echo", "--set", "network.hidden_size=4", "--set", "training.batch_size=3"]
EXPLOSIVE = ["--set", "network.cell=rnn", "--set", "network.activation=relu", "--set", "training.optimizer=sgd"]
EXPLOSIVE += ["--set", "training.learning_rate=50", "--set", "training.clip_norm=0", "--quiet"]
PINNED = {"cell", "task", "parameters", "steps", "seconds", "steps_per_second", "loss", "baseline_loss", "metric"}
PINNED |= {"solved", "solved_at", "diverged", "seed", "session"}


ROOT = Path(__file__).resolve().parents[2]


class Result:
    """What a command left: exit code, stdout, stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> dict[str, Any]:
        assert self.out.count("\n") == 1
        values: dict[str, Any] = json.loads(self.out)
        return values


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], register_echo: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Call a command in an empty folder of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit_of_parser:
            assert isinstance(exit_of_parser.code, int)
            code = exit_of_parser.code
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def trained(run: Callable[..., Result], tmp_path: Path) -> Path:
    assert run("train", *SMALL, "--steps", 5, "--quiet", "--out", tmp_path / "out").code == EXIT_DONE
    return tmp_path / "out" / "session.rnnp"


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def assert_one_line(result: Result, *words: str, code: int = EXIT_BAD_INPUT) -> None:
    assert result.code == code
    assert result.err.startswith("rnn-playground") and result.err.count("\n") == 1 and result.err.endswith("\n"), result.err
    assert "Traceback" not in result.err and result.out == ""
    assert all(word in result.err for word in words), result.err


# train


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
    ("arguments", "words"),
    [
        (["train", "--set", "training.learning_rate=-1"], ["training.learning_rate = -1", "from 1e-06 to 100"]),
        (["train", "--set", "training.learning_rate=fast"], ["training.learning_rate = 'fast'", "a number"]),
        (["train", "--set", "training.speed=1"], ["unknown key training.speed", "learning_rate"]),
        (["train", "--set", "network.cell=transformer"], ["network.cell = 'transformer'", "lstm"]),
        (["train", "--set", "task.name=juggling"], ["task.name = 'juggling'", "echo"]),
        (["train", "--set", "nonsense"], ["--set nonsense", "section.key=value"]),
        (["train", "--set", "network.cell=rnn", "--set", "network.forget_bias=1"], ["unknown key network.forget_bias"]),
        (["train", "nothing"], ["no preset 'nothing'"]),
        (["train", "none.toml"], ["none.toml: there is no such file"]),
        (["train", "none.rnnp"], ["none.rnnp: there is no such file"]),
        (["train", "--steps", "-1"], ["--steps -1", "0 or more"]),
        (["train", "--steps", "many"], ["--steps", "many"]),
        (["train", "--seed", "-1"], ["training.seed = -1"]),
        (["train", "--seed", "x"], ["--seed"]),
        (["train", "--faster"], ["--faster"]),
        (["train", "--set"], ["--set"]),
        (["predict", "none.rnnp", "--input", "1"], ["none.rnnp: there is no such file"]),
        (["predict", "none.rnnp"], ["--input"]),
        (["predict", "none.rnnp", "--input", "1", "--length", "0"], ["--length 0", "from 1"]),
        (["predict", "none.rnnp", "--input", "1", "--temperature", "-1"], ["--temperature -1", "from 0"]),
        (["predict", "none.rnnp", "--input", "1", "--samples", "0"], ["--samples 0", "from 1 to 1000"]),
        (["predict", "none.rnnp", "--input", "1", "--temperature", "nan"], ["--temperature nan"]),
        (["predict", "none.rnnp", "--input", "1", "--seed", "-1"], ["--seed -1", "from 0 to 2147483647"]),
        (["predict", "none.rnnp", "--input", "1", "--seed", "2147483648"], ["--seed 2147483648", "from 0 to 2147483647"]),
        (["list", "planets"], ["planets", "cells"]),
        (["list"], ["see rnn-playground list --help"]),
        (["dance"], ["dance", "train"]),
        ([], ["see rnn-playground --help"]),
    ],
    ids=" ".join,
)
def test_bad_input(run: Callable[..., Result], tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    assert_one_line(run(*arguments), *words)
    assert files_in(tmp_path) == ["here"]


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


# predict


def test_predict(run: Callable[..., Result], trained: Path) -> None:
    result = run("predict", trained, "--input", "0.5,0.25", "--json")
    right = session.load(trained).answer("0.5,0.25", Sampling(1, 0.7))
    assert result.code == EXIT_DONE and result.json["output"] == [right.output[0]] and "probabilities" not in result.json
    assert run("predict", trained, "--input", "0.5,0.25").out == right.text + "\n"


def test_predict_passes_everything_on(
    run: Callable[..., Result], trained: Path, register_echo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Sampling, float]] = []
    task = registry.tasks()["echo"]
    answer = task.answer

    def noting(self: Any, forward: Any, text: str, sampling: Sampling, rng: np.random.Generator) -> Any:
        asked.append((text, sampling, rng.random()))
        return answer(self, forward, "0.5", sampling, rng)

    monkeypatch.setattr(task, "answer", noting)
    Path("words.txt").write_text("0.1,0.2\n", encoding="utf-8")
    run("predict", trained, "--input", "words.txt", "--length", 12, "--temperature", 0.25, "--top-k", 3, "--past-end", "--seed", 9)
    run("predict", trained, "--input", "table.csv")
    assert asked == [
        ("0.1,0.2\n", Sampling(12, 0.25, 3, stops_at_end=False), np.random.default_rng(9).random()),
        ("table.csv", Sampling(1, 0.7), np.random.default_rng(0).random()),
    ]


def test_predict_answers_several_times(
    run: Callable[..., Result], trained: Path, register_echo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(self: Any, forward: Any, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        share = float(rng.random())
        return Answer((share,), {"a": share}, f"{share:.3f}", (0.0,), (1.0,))

    monkeypatch.setattr(registry.tasks()["echo"], "answer", drawn)
    shares = [float(np.random.default_rng(seed).random()) for seed in (5, 6, 7)]
    found = run("predict", trained, "--input", "1", "--samples", 3, "--seed", 5, "--json").json
    assert [sample["output"] for sample in found["samples"]] == [[share] for share in shares]
    one = run("predict", trained, "--input", "1", "--seed", 5, "--json").json
    assert one == {"output": shares[:1], "text": f"{shares[0]:.3f}", "probabilities": {"a": shares[0]}, "low": [0.0], "high": [1.0]}
    assert found == one | {"samples": found["samples"]}
    lines = run("predict", trained, "--input", "1", "--samples", 3, "--seed", 5).out.splitlines()
    assert lines == [f"{share:.3f}" for share in shares]


def test_predict_reads_texts_as_the_tasks_do(run: Callable[..., Result], trained: Path) -> None:
    """Whatever their encoding; and one that is missing is no text to answer."""
    right = run("predict", trained, "--input", "0.5,0.25").out
    Path("words.txt").write_text("0.5,0.25", encoding="utf-16")
    assert run("predict", trained, "--input", "words.txt").out == right
    assert_one_line(run("predict", trained, "--input", "none.txt"), "none.txt: there is no such file")


def test_predict_of_what_cannot_be_read(run: Callable[..., Result], trained: Path) -> None:
    assert_one_line(run("predict", trained, "--input", "words"), "numbers with commas are needed, for example")


# list


def test_list(run: Callable[..., Result]) -> None:
    for kind, names in (
        ("cells", registry.cells()),
        ("tasks", registry.tasks()),
        ("optimizers", registry.optimizers()),
        ("presets", preset_ids()),
    ):
        entries = json.loads(run("list", kind, "--json").out)
        assert [entry["name"] for entry in entries] == list(names)
        lines = run("list", kind).out.splitlines()
        assert len(lines) == len(names)
        for line, entry in zip(lines, entries, strict=True):
            assert line.startswith(entry["name"]) and entry["title"] in line


def test_every_kind_is_listed(run: Callable[..., Result]) -> None:
    for kind in cli.LISTINGS:
        assert run("list", kind).code == EXIT_DONE and run("list", kind, "--json").out.startswith("[")


# Everything together


def test_guarded(capsys: pytest.CaptureFixture[str]) -> None:
    def bad() -> int:
        raise InputError("what, where, what would be right")

    def broken() -> int:
        raise BrokenPipeError

    assert command_line.guarded(lambda: 7) == 7
    assert command_line.guarded(bad) == EXIT_BAD_INPUT
    assert capsys.readouterr().err == "rnn-playground: what, where, what would be right\n"
    assert command_line.guarded(broken) == EXIT_FAILED


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), ["not enough memory", "network.hidden_size", "training.batch_size"]),
        (KeyboardInterrupt(), ["stopped"]),
        (OSError(28, "No space left on device"), ["No space left on device"]),
        (FileNotFoundError(2, "No such file or directory", "thing"), ["thing: No such file"]),
    ],
    ids=repr,
)
def test_what_a_machine_can_refuse(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, error: BaseException, words: list[str]
) -> None:
    """For example while the kernels are compiled."""

    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(train_command, "wait_for_kernels", fail)
    assert_one_line(run("train", *SMALL, "--steps", 1, "--quiet"), *words, code=EXIT_FAILED)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("command", ["core.cli", "gui.listing"])
def test_full_output(command: str) -> None:
    program = f"import sys; from {command} import main; sys.exit(main(['list', 'tasks']))"
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == EXIT_FAILED and done.stderr == "rnn-playground: the output: No space left on device\n"


@pytest.mark.parametrize("preset", skipped_where_missing(preset_ids()))
def test_presets_train(run: Callable[..., Result], preset: str, tmp_path: Path) -> None:
    result = run("train", preset, "--steps", 2, "--json", "--quiet", "--out", tmp_path / "out")
    may_diverge = presets()[preset].outcome == "diverged"
    assert (result.code == EXIT_DONE or (may_diverge and result.code == EXIT_DIVERGED)) and result.json.keys() >= PINNED
    assert result.json["task"] == Settings.preset(preset).task.name


def test_every_task_has_a_preset_of_its_name() -> None:
    assert set(registry.tasks()) <= set(preset_ids())


def test_kernels_are_waited_for(run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first start says what takes so long; the bar of the training is not held up by it."""
    compiled: list[str] = []
    monkeypatch.setattr("core.compile.Combination.is_ready", property(lambda self: False))
    monkeypatch.setattr("core.compile.Combination.compile", lambda self: compiled.append(self.name))
    result = run("train", *SMALL, "--steps", 1, "--set", "training.optimizer=sgd", "--set", "training.dtype=float64")
    assert compiled == ["lstm-sgd-squared_error-float64"] and result.err.startswith("Compiling the kernels")
    assert run("train", *SMALL, "--steps", 1, "--quiet").err == ""


def test_stdout_may_close_early(monkeypatch: pytest.MonkeyPatch, register_echo: object) -> None:
    """As with ``| head -1``."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    assert cli.main(["list", "cells"]) == EXIT_FAILED


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
