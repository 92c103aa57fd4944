"""One moment of a run that it can be put back to, and what a run has recorded between two moments."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.draws import DrawsMoment
from core.optimizer_state import OptimizerMoment
from core.settings import Settings
from core.snapshot import Divergence, Evaluation, Mark
from core.task import Task

# What a moment weighs besides its arrays: random generators, numbers, the objects themselves.
OVERHEAD_BYTES = 8_000
# What an evaluation, a mark or a change weighs.
ENTRY_BYTES = 300


class Extent(NamedTuple):
    """How much a run has recorded: numbers of losses, evaluations, marks and changes."""

    losses: int
    evaluations: int
    marks: int
    changes: int

    def is_within(self, other: "Extent") -> bool:
        """Whether nothing is recorded here that is not in ``other``, of the same run."""
        return all(mine <= its for mine, its in zip(self, other, strict=True))


@dataclass(frozen=True)
class Record:
    """What a run recorded from extent ``first`` on: losses (n,) and all else in the order in which it came.

    ``changes`` are the entries of the trainer's journal: after how many updates, and what was changed.
    """

    first: Extent
    losses: NDArray[np.float64]
    evaluations: tuple[Evaluation, ...]
    marks: tuple[Mark, ...]
    changes: tuple[tuple[int, Any], ...]

    @property
    def last(self) -> Extent:
        """The extent at its end."""
        return Extent(*(start + len(part) for start, part in zip(self.first, self._parts, strict=True)))

    @property
    def byte_count(self) -> int:
        """What it takes to keep it."""
        return self.losses.nbytes + ENTRY_BYTES * (len(self.evaluations) + len(self.marks) + len(self.changes))

    def between(self, first: Extent, last: Extent) -> "Record":
        """The part of it from extent ``first`` up to ``last``."""
        sizes = [slice(low - start, high - start) for start, low, high in zip(self.first, first, last, strict=True)]
        return Record(first, *(part[size] for part, size in zip(self._parts, sizes, strict=True)))

    def followed_by(self, record: "Record") -> "Record":
        """Both as one; ``record`` begins where this one ends."""
        losses = np.concatenate((self.losses, record.losses))
        return Record(self.first, losses, self.evaluations + record.evaluations, self.marks + record.marks, self.changes + record.changes)

    @property
    def _parts(self) -> tuple[Any, ...]:
        return self.losses, self.evaluations, self.marks, self.changes


@dataclass(frozen=True)
class Moment:
    """Where a run stood after ``step`` updates: all that it goes on from, bit for bit, in the trainer's own layout.

    What was recorded until then is not copied: it stays in the run's lists, which only grow, up to ``extent``. ``flat`` (P,) are the
    weights.
    """

    settings: Settings
    task: Task
    step: int
    extent: Extent
    flat: np.ndarray
    optimizer: OptimizerMoment
    draws: DrawsMoment
    gradient_norm: float
    solved_at: int | None
    divergence: Divergence | None

    @property
    def byte_count(self) -> int:
        """What it takes to keep it."""
        carried = 0 if self.draws.carried is None else self.draws.carried.nbytes
        return self.flat.nbytes + self.optimizer.slots.nbytes + carried + OVERHEAD_BYTES
