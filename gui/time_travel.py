"""A worker's way through time: a rewind takes as long as it takes, piece by piece, and what is commanded meanwhile waits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.time_machine import TimeMachine

# Training for so long is what a rewind to a recent moment takes at most.
NOTE_SECONDS = 0.05


@dataclass(frozen=True)
class Journey:
    """A run went from the end of curve ``from_line`` to curve ``to_line``, after update ``to_step``.

    ``is_return``: to the end of a branch that was left before; else it was rewound, to
    ``before_change`` of the journal, or to after the changes at that update.
    """

    from_line: int
    to_line: int
    from_step: int
    to_step: int
    is_return: bool = False
    before_change: int | None = None


class TimeTravel:
    """The rewind that is under way, if there is one, and ``waiting``, the commands that came meanwhile."""

    def __init__(self, machine: TimeMachine) -> None:
        self.machine = machine
        self.waiting: list[Any] = []
        self._way: Iterator[float] | None = None
        self._noted_at = -NOTE_SECONDS
        self._goal: tuple[int, int | None] = (0, None)
        self._start = (0, 0)

    @property
    def is_under_way(self) -> bool:
        """Whether a rewind has begun and not come to its end."""
        return self._way is not None

    def begin(self, step: int, before_change: int | None, piece: Callable[[], int]) -> None:
        """Begin to rewind, see TimeMachine. Raises InputError where it can't go there; nothing is changed then."""
        self.machine.check(step)
        self._goal, self._start = (step, before_change), (self.machine.line, self.machine.trainer.step_count)
        self._way = self.machine.rewinding(step, piece=piece, before_change=before_change)

    def advance(self) -> float | Journey:
        """Go a piece of the way: how much of it is done, 0…1, or at its end the whole journey."""
        assert self._way is not None
        try:
            return next(self._way)
        except StopIteration:
            self._way = None
            return Journey(self._start[0], self.machine.line, self._start[1], self._goal[0], False, self._goal[1])
        except BaseException:
            self._way = None
            raise

    def give_up(self) -> None:
        """Put the run back to where it stood before the rewind."""
        if self._way is not None:
            way: Any = self._way
            self._way = None
            way.close()

    def return_to(self, branch: int) -> Journey:
        """Go to the end of a branch. Raises InputError where it is no longer kept."""
        line, step = self.machine.line, self.machine.trainer.step_count
        self.machine.return_to(branch)
        return Journey(line, branch, step, self.machine.trainer.step_count, is_return=True)

    def note(self, now: float) -> None:
        """Keep a moment of a run that trains, if the last one was kept long enough before ``now``."""
        if now - self._noted_at >= NOTE_SECONDS:
            self._noted_at = now
            self.machine.note()

    def put_off(self, command: object) -> None:
        """Keep a command until the rewind has come to its end."""
        self.waiting.append(command)

    def take_over(self, machine: TimeMachine) -> None:
        """The run goes on in a twin, whose moments ``machine`` keeps."""
        self.machine = self.machine.taken_over_by(machine)
