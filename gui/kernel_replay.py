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
        self._twins = self._machine = None

    def advance(self) -> tuple[Trainer, TimeMachine] | None:
        """Go one piece; at the end the twin that takes the run over, and its moments."""
        assert self._twins is not None
        twin = next(self._twins, None)
        if twin is not None:
            self._machine = self._machine or TimeMachine(twin)
            self._machine.note()
            return None
        machine = self._machine
        assert machine is not None
        self.give_up()
        return machine.trainer, machine
