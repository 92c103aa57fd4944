"""A future that a run has left by being rewound: what is shown of it, and what it takes to return to it."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.moment import Moment, Record
from core.settings import Settings
from core.snapshot import Divergence, Evaluation, Mark

MOST_POINTS = 1_000
MOST_MOMENTS = 32


@dataclass(frozen=True, eq=False)
class Branch:
    """A curve that was left, thinned for drawing.

    Attributes
    ----------
    number : names it among the branches of one run
    first_step, last_step : after how many updates it parts from the present curve, and where it ended
    updates, losses : (n,) groups of its updates: the middle, and the geometric mean of their losses; at most MOST_POINTS of them
    evaluations, marks : its own
    settings : those in force at its end
    solved_at, divergence : how it ended
    """

    number: int
    first_step: int
    last_step: int
    updates: NDArray[np.float64]
    losses: NDArray[np.float64]
    evaluations: tuple[Evaluation, ...]
    marks: tuple[Mark, ...]
    settings: Settings
    solved_at: int | None
    divergence: Divergence | None


@dataclass(frozen=True)
class Timeline:
    """Where a run can go: back to any update from ``earliest`` on, or to the end of one of its ``branches``, oldest first."""

    earliest: int
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Future:
    """A branch with all that it goes on from: ``tip`` is its end, ``record`` what lies behind the fork, ``moments`` some within it."""

    number: int
    record: Record
    tip: Moment
    moments: tuple[Moment, ...] = field(default=())

    @cached_property
    def branch(self) -> Branch:
        """What is shown of it."""
        first, losses = self.record.first.losses, self.record.losses
        updates, means = _thinned(first + 1, losses)
        return Branch(
            number=self.number,
            first_step=first,
            last_step=self.tip.step,
            updates=updates,
            losses=means,
            evaluations=self.record.evaluations,
            marks=self.record.marks,
            settings=self.tip.settings,
            solved_at=self.tip.solved_at,
            divergence=self.tip.divergence,
        )


def some_of(moments: list[Moment]) -> tuple[Moment, ...]:
    """At most MOST_MOMENTS of them, evenly spread."""
    return tuple(moments[:: max(1, -(-len(moments) // MOST_MOMENTS))])


def _thinned(first: int, losses: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle updates and geometric means of groups of ``losses`` (n,), the first of which is that of update ``first``."""
    width = max(1, -(-len(losses) // MOST_POINTS))
    edges = np.arange(0, len(losses), width)
    if not len(edges):
        return np.empty(0), np.empty(0)
    counts = np.diff(np.append(edges, len(losses)))
    is_known = np.isfinite(losses) & (losses > 0)
    logs = np.log(np.where(is_known, losses, 1.0))
    known = np.add.reduceat(is_known.astype(float), edges)
    means = np.divide(np.add.reduceat(logs, edges), known, out=np.full(len(edges), np.nan), where=known > 0)
    return first + edges + (counts - 1) / 2, np.exp(means)
