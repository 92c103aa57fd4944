"""What a run has recorded so far, how much of it was told already, and the changes that it takes to do it all again."""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.live_changes import TaskChange
from core.moment import ENTRY_BYTES, Extent, Record
from core.snapshot import Evaluation, Mark
from core.update_log import UpdateLog, UpdateSeries
from core.weight_edit import WeightEdit


@dataclass(frozen=True)
class News:
    """What was recorded since the last time; the fields are those of Snapshot."""

    losses: np.ndarray
    evaluations: tuple[Evaluation, ...]
    marks: tuple[Mark, ...]
    clipped_share: float
    is_replaced: bool
    unchanged_until: int
    updates: UpdateSeries


class RunRecording:
    """The lists of a run, which only grow until they are cut.

    ``losses`` has one more than there were updates where the last one diverged; ``changes`` is the journal: after how many updates,
    and what was changed; ``updates`` says what updates did to the gradient, and ``clipped_count`` how many clipped it, until told.
    """

    def __init__(self) -> None:
        self.losses = array("d")
        self.evaluations: list[Evaluation] = []
        self.marks: list[Mark] = []
        self.changes: list[tuple[int, dict[str, Any] | TaskChange | WeightEdit]] = []
        self.updates = UpdateLog()
        self.clipped_count = 0
        self._reported = (0, 0, 0)
        self._unchanged_until: int | None = None

    @property
    def extent(self) -> Extent:
        """How much is recorded."""
        return Extent(len(self.losses), len(self.evaluations), len(self.marks), len(self.changes))

    @property
    def byte_count(self) -> int:
        """What it takes."""
        numbers = len(self.losses) * self.losses.itemsize + self.updates.byte_count
        return numbers + ENTRY_BYTES * (len(self.evaluations) + len(self.marks) + len(self.changes))

    def since(self, first: Extent) -> Record:
        """What was recorded from ``first`` on."""
        return Record(
            first,
            np.array(self.losses[first.losses :]),
            tuple(self.evaluations[first.evaluations :]),
            tuple(self.marks[first.marks :]),
            tuple(self.changes[first.changes :]),
        )

    def place_of(self, key: str, value: Any) -> tuple[int, int] | None:
        """After how many updates, and as the how manieth change from 0, ``key`` was set to ``value`` last; None where it never was."""
        for number in reversed(range(len(self.changes))):
            step, change = self.changes[number]
            changes: Any = change.changes if isinstance(change, TaskChange) else change
            if not isinstance(changes, WeightEdit) and key in changes and bool(changes[key] == value):
                return step, number
        return None

    def cut(self, extent: Extent) -> None:
        """Forget what was recorded beyond ``extent``."""
        lists: tuple[array[float] | list[Any], ...] = (self.losses, self.evaluations, self.marks, self.changes)
        for part, size in zip(lists, extent, strict=True):
            del part[size:]
        self.report_anew()

    def recall(self, record: Record) -> None:
        """Put ``record`` behind what is recorded, which ends where it begins."""
        self.losses.frombytes(np.ascontiguousarray(record.losses, np.float64).tobytes())
        self.evaluations.extend(record.evaluations)
        self.marks.extend(record.marks)
        self.changes.extend(record.changes)

    def report_anew(self) -> None:
        """The next news begin at update 1 again."""
        self._reported, self.clipped_count = (0, 0, 0), 0

    def note_fork(self, step: int) -> None:
        """The run has left what was told of it after update ``step``: the next news say so."""
        self._unchanged_until = step if self._unchanged_until is None else min(self._unchanged_until, step)
        self.updates.clear()

    def news(self, step: int) -> News:
        """Every loss up to update ``step``, evaluation and mark since the last time; from now on they count as told."""
        first_loss, first_evaluation, first_mark = self._reported
        losses = np.array(self.losses[first_loss:step])
        losses.setflags(write=False)
        news = News(
            losses=losses,
            evaluations=tuple(self.evaluations[first_evaluation:]),
            marks=tuple(self.marks[first_mark:]),
            clipped_share=self.clipped_count / len(losses) if len(losses) else 0.0,
            is_replaced=first_loss == 0,
            unchanged_until=step if self._unchanged_until is None else self._unchanged_until,
            updates=self.updates.take(len(losses)),
        )
        self._reported = (step, len(self.evaluations), len(self.marks))
        self.clipped_count = 0
        self._unchanged_until = None
        return news
