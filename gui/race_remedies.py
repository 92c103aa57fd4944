"""What would help in a race where one run stays at the line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.race import MOST_RUNS
from core.registry import cells
from core.settings import Settings, all_fields
from gui.race_run import RaceRun
from gui.race_words import is_at_line

SHORTER = 5
"""An easier task has sequences so many times as short."""


@dataclass(frozen=True)
class RaceRemedy:
    """A button: what it says, and what it does.

    ``changes`` are of all runs, which begin anew, where it is ``for_all``; else of one more run, like run ``letter``. Without changes
    that run is stopped.
    """

    label: str
    letter: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    for_all: bool = False


def race_remedies(runs: Sequence[RaceRun]) -> tuple[RaceRemedy, ...]:
    """For the one run that stands at the line while others don't; where all do, for all."""
    standing = [run for run in runs if is_at_line(run) and not run.is_stopped]
    if not standing:
        return ()
    shorter = _shorter(runs[0].entry.settings)
    if len(standing) == len(runs) or len(standing) > 1:
        return shorter
    run = standing[0]
    return (*_orthogonal(run, runs), *shorter, RaceRemedy("Stop this run", run.letter))


def _orthogonal(run: RaceRun, runs: Sequence[RaceRun]) -> tuple[RaceRemedy, ...]:
    """A gradient that nothing carries fades less where the start turns states without shrinking them."""
    changes = {"network.init": "orthogonal"}
    wanted = run.entry.settings.with_changes(changes)
    has_gates = any(signal.is_gate for signal in cells()[wanted.network.cell].signals)
    if has_gates or len(runs) >= MOST_RUNS or any(other.entry.settings == wanted for other in runs):
        return ()
    return (RaceRemedy("Orthogonal start", run.letter, changes),)


def _shorter(settings: Settings) -> tuple[RaceRemedy, ...]:
    fields = all_fields(settings)
    info = None if "task.file" in fields else fields.get("task.seq_len")
    length = getattr(settings.task.fields, "seq_len", 0)
    if info is None or length < 2 * SHORTER:
        return ()
    wanted = max(length // SHORTER, int(info.minimum or 1))
    return (RaceRemedy(f"Length {wanted}", "", {"task.seq_len": wanted}, for_all=True),) if wanted < length else ()
