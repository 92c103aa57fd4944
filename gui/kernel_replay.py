"""A run that began on NumPy steps, done again with the kernels, piece by piece, until it has caught up."""

from collections.abc import Iterator

from core.time_machine import TimeMachine
from core.trainer import Trainer


class KernelReplay:
    """The replay that is under way, if there is one; its twin of the run keeps moments, too."""

    def __init__(self) -> None:
        self._twins: Iterator[Trainer] | None = None
        self._machine: TimeMachine | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether one has begun and not come to its end."""
        return self._twins is not None

    def begin(self, twins: Iterator[Trainer]) -> None:
        """Begin; ``twins`` are those of Trainer.replaying. One that is under way is given up."""
        self._twins, self._machine = twins, None

    def give_up(self) -> None:
        """End it without a result."""
        self._twins = None

    def advance(self, trainer: Trainer) -> tuple[Trainer, TimeMachine] | None:
        """Go one piece after ``trainer``; at the end the twin that takes the run over, and its moments."""
        assert self._twins is not None
        twin = next(self._twins)
        machine = self._machine = self._machine or TimeMachine(twin)
        machine.note()
        if twin.step_count < trainer.step_count and twin.divergence is None:
            return None
        for last in self._twins:
            twin = last
        self._twins = None
        return twin, machine
