"""The commands that need no window: what is listed, and one clear line where something can't be."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import cli, command_line, registry, train_command
from core.command_line import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED
from core.errors import InputError
from core.presets import preset_ids
from tests.core.commands import SMALL, Result, assert_one_line, files_in

ROOT = Path(__file__).resolve().parents[2]


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


def test_every_task_has_a_preset_of_its_name() -> None:
    assert set(registry.tasks()) <= set(preset_ids())


def test_stdout_may_close_early(monkeypatch: pytest.MonkeyPatch, register_echo: object) -> None:
    """As with ``| head -1``."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    assert cli.main(["list", "cells"]) == EXIT_FAILED
