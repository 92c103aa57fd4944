"""The line of every classic test of memory, to three digits: what the literature, or a closed form, says it is."""

from math import cos, log, pi, sqrt
from typing import Any

import pytest

from core import registry
from core.task import Task
from core.tasks.embedded_reber import EmbeddedReber
from core.tasks.reber import Reber
from core.training_loop import HELD_OUT_SIZE

HALF_OF_THE_LAST_DIGIT = 5e-4


def made(name: str, **fields: Any) -> Task:
    task = registry.tasks()[name]
    return task(task.Settings(**fields))


@pytest.mark.parametrize(
    ("name", "fields", "line"),
    [
        ("adding", {}, 0.1667),
        ("adding_1997", {}, 0.0417),
        ("temporal_order", {"symbols": 2}, log(4)),
        ("temporal_order", {"symbols": 3}, log(8)),
        ("copy", {"lag": 100, "symbol_count": 10, "alphabet": 8}, 10 * log(8) / 120),
        ("copy", {"lag": 1000, "symbol_count": 10, "alphabet": 8}, 10 * log(8) / 1020),
        ("delayed_recall", {}, log(2)),
        ("parity", {}, log(2)),
        ("delayed_xor", {}, log(2)),
        ("embedded_reber", {}, 0.504),
        ("sine", {"period": 25.0}, 1 - cos(2 * pi / 25)),
        ("sine", {"period": 8.0}, 1 - sqrt(1 / 2)),
    ],
)
def test_line(name: str, fields: dict[str, Any], line: float) -> None:
    assert made(name, **fields).baseline_loss == pytest.approx(line, abs=HALF_OF_THE_LAST_DIGIT)


def test_floors_of_the_grammars() -> None:
    assert Reber.grammar.floor() == pytest.approx(0.594, abs=HALF_OF_THE_LAST_DIGIT)
    assert EmbeddedReber.grammar.floor() == pytest.approx(0.441, abs=HALF_OF_THE_LAST_DIGIT)


def test_persistence_on_mackey_glass() -> None:
    """Inputs have a deviation of 1, so that the root of the loss is the NRMSE."""
    assert sqrt(made("mackey_glass").baseline_loss) == pytest.approx(0.146, abs=HALF_OF_THE_LAST_DIGIT)


@pytest.mark.parametrize(("name", "line"), [("adding", 0.1667), ("adding_1997", 0.039), ("waveform", 0.237)])
def test_held_out_sequences_are_as_hard_as_the_line_says(name: str, line: float) -> None:
    """Else the held-out curve would lie below the line, or above it, though nothing has been learnt."""
    targets = made(name).held_out(HELD_OUT_SIZE).targets
    assert targets.var() == pytest.approx(line, rel=0.03)
