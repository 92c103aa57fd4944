"""What a command leaves behind, and small runs for commands."""

import json
from pathlib import Path
from typing import Any

from core.command_line import EXIT_BAD_INPUT

SMALL = ["--set", "task.name=echo", "--set", "network.hidden_size=4", "--set", "training.batch_size=3"]
EXPLOSIVE = ["--set", "network.cell=rnn", "--set", "network.activation=relu", "--set", "training.optimizer=sgd"]
EXPLOSIVE += ["--set", "training.learning_rate=50", "--set", "training.clip_norm=0", "--quiet"]


class Result:
    """What a command left: exit code, stdout, stderr."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> dict[str, Any]:
        assert self.out.count("\n") == 1
        values: dict[str, Any] = json.loads(self.out)
        return values


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def assert_one_line(result: Result, *words: str, code: int = EXIT_BAD_INPUT) -> None:
    assert result.code == code
    assert result.err.startswith("rnn-playground") and result.err.count("\n") == 1 and result.err.endswith("\n"), result.err
    assert "Traceback" not in result.err and result.out == ""
    assert all(word in result.err for word in words), result.err
