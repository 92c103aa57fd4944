"""A run that another one took the place of, kept as it was so that the person can have it back."""

from pathlib import Path

from core.settings import Settings
from core.time_machine import TimeMachine
from core.trainer import Trainer
from gui.run_history import RunHistory
from gui.worker import Worker


class ParkedRun:
    """The trainer of a worker that ends, with the moments and branches of its run."""

    def __init__(self, worker: Worker, settings: Settings, session_path: Path | None, history: RunHistory) -> None:
        self._worker: Worker | None = worker
        self._machine: TimeMachine | None = None
        self.run_id = worker.run_id
        self.pace = worker.pace
        self.settings = settings
        self.session_path = session_path
        self.history = history

    def moments(self) -> TimeMachine:
        """The moments of the run; waits where its last update has not ended yet."""
        if self._machine is None:
            assert self._worker is not None
            self._worker.wait()
            self._machine, self._worker = self._worker.machine, None
        assert self._machine is not None
        return self._machine

    @property
    def byte_count(self) -> int:
        """What its moments take; 0 while its last update goes on."""
        if self._worker is not None and not self._worker.isFinished():
            return 0
        return self.moments().byte_count

    def trainer(self) -> Trainer:
        """The run's trainer, which tells its curve from the beginning; called by the thread that goes on with it."""
        trainer = self.moments().trainer
        trainer.recording.report_anew()
        return trainer
