"""A run that another one took the place of, kept as it was so that the person can have it back."""

from pathlib import Path

from core.settings import Settings
from core.time_machine import TimeMachine
from core.trainer import Trainer
from gui.run_history import RunHistory
from gui.worker import Worker


class ParkedRun:
    """The trainer of a worker that ends, with the moments and branches of its run.

    One thread at a time touches them: whoever brings the run back takes its turn after the thread that had them last has ended. That one
    need not be the run's own: it may have been about to bring it back, too, when something else was wished for.
    """

    def __init__(self, worker: Worker, settings: Settings, session_path: Path | None, history: RunHistory) -> None:
        self._holder = worker
        self._machine: TimeMachine | None = None
        self.run_id = worker.run_id
        self.pace = worker.pace
        self.settings = settings
        self.session_path = session_path
        self.history = history
        history.forget_inside()

    def next_turn(self) -> "Turn":
        """That of the thread that is to bring the run back now; to be given to its worker before it starts."""
        return Turn(self, self._holder)

    @property
    def byte_count(self) -> int:
        """What its moments, its trainer and its curves take; 0 while a thread has them."""
        if not self._holder.isFinished():
            return 0
        machine = self._moments_of(self._holder)
        return machine.byte_count + machine.trainer.byte_count + self.history.byte_count

    def _moments_of(self, ended: Worker) -> TimeMachine:
        """Those that the thread ``ended`` left; where it did not come as far as to take them, those that it would have taken."""
        self._machine = ended.machine or self._machine
        assert self._machine is not None
        return self._machine


class Turn:
    """One thread's turn at a parked run; its methods but ``give_to`` are called by that thread alone."""

    def __init__(self, parked: ParkedRun, before: Worker) -> None:
        self.parked = parked
        self._before = before

    def give_to(self, worker: Worker) -> None:
        """It is ``worker``'s: whoever comes next waits until that has ended."""
        self.parked._holder = worker

    def moments(self) -> TimeMachine:
        """The moments of the run; waits where the thread before has not ended yet."""
        self._before.wait()
        return self.parked._moments_of(self._before)

    def trainer(self) -> Trainer:
        """The run's trainer, which tells its curve from the beginning."""
        trainer = self.moments().trainer
        trainer.recording.report_anew()
        return trainer
