"""How long a run has trained, by a clock that it is given: the commands and the window measure the same thing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

MEASURED_FROM = 50
"""Updates below which a speed says nothing."""


class Steps(Protocol):
    """What counts its updates."""

    step_count: int


class TrainingTime:
    """Wall seconds of ``updates`` updates, and nothing else: neither evaluations, nor looking inside, nor waiting for another run.

    What the machine does beside them counts, and so does the work that other threads do for them. ``to_solved`` are the seconds until an
    evaluation met the task's criterion, None before. Without a clock all are 0.
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self.clock: Callable[[], float] = clock or (lambda: 0.0)
        self.updates = 0
        self.seconds = 0.0
        self.to_solved: float | None = None

    @contextmanager
    def counting(self, steps: Steps) -> Iterator[None]:
        """Count what ``steps`` does meanwhile."""
        first, begin = steps.step_count, self.clock()
        try:
            yield
        finally:
            self.seconds += self.clock() - begin
            self.updates += steps.step_count - first

    def note_solved(self) -> None:
        """The task's criterion is met for the first time."""
        self.to_solved = self.seconds
