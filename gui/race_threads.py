"""The threads of a race: a worker for each run, asked for at most one frame at a time, ended and waited for."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from core.snapshot import Snapshot
from gui.frame_maker import Wanted
from gui.making_trainers import MakeTrainer
from gui.race_pace import Pace
from gui.race_worker import RaceWorker
from gui.retiring_workers import RetiringWorkers
from gui.run_state import RunState


class RaceThreads(QObject):
    """Workers by their ``run_id``; messages of a run that was retired, and all after the end, are dropped.

    The signals are the workers', of runs that are in the race. Runs that were removed are waited for, never terminated.
    """

    state_changed = Signal(int, object, str)
    snapshot_made = Signal(int, object)
    timed = Signal(int, object)
    refused = Signal(int, str)
    state_given = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pace = Pace()
        self._workers: dict[int, RaceWorker] = {}
        self._states: dict[int, RunState] = {}
        self._retiring = RetiringWorkers(self)
        self._in_flight: set[int] = set()
        self._wanted: dict[int, Wanted] = {}
        self._last_run_id = 0
        self._is_closed = False

    def __getitem__(self, run_id: int) -> RaceWorker:
        """The worker of a run."""
        return self._workers[run_id]

    def state(self, run_id: int) -> RunState:
        """What a run is doing."""
        return self._states[run_id]

    @property
    def is_any_loading(self) -> bool:
        """Whether a run is still being loaded."""
        return RunState.LOADING in self._states.values()

    @property
    def is_any_running(self) -> bool:
        """Whether a run trains."""
        return RunState.RUNNING in self._states.values()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing trains, and no frame is on its way."""
        return not (self.is_any_running or self.is_any_loading or self._in_flight or self._wanted)

    def start(self, make_trainer: MakeTrainer, updates_per_second: float) -> int:
        """Load a run; returns its ``run_id``."""
        self._last_run_id += 1
        run_id = self._last_run_id
        self._states[run_id] = RunState.LOADING
        worker = RaceWorker(run_id, make_trainer, self.pace)
        worker.set_speed(updates_per_second)
        worker.state_changed.connect(self._on_state_changed)
        worker.snapshot_made.connect(self._on_snapshot_made)
        for of_worker, own in ((worker.timed, self.timed), (worker.refused, self.refused), (worker.state_given, self.state_given)):
            of_worker.connect(own)
        self._workers[run_id] = worker
        if not self._is_closed:
            worker.start()
        return run_id

    def retire(self, run_id: int) -> None:
        """Tell the run's thread to end, and keep it until it has."""
        worker = self._workers.pop(run_id)
        self._retiring.retire(worker)
        self.pace.leave(run_id)
        self._states.pop(run_id)
        self._in_flight.discard(run_id)
        self._wanted.pop(run_id, None)

    def request(self, run_id: int, wanted: Wanted, is_due: bool = True) -> None:
        """Ask a run for a frame. Where one is on its way, for another one after it if it ``is_due``."""
        if run_id in self._in_flight:
            if is_due:
                self._wanted[run_id] = wanted
        elif self._states[run_id] not in (RunState.LOADING, RunState.FAILED):
            self._in_flight.add(run_id)
            self._workers[run_id].request_frame(wanted)

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed of every run; infinity: none."""
        for worker in self._workers.values():
            worker.set_speed(updates_per_second)

    def close(self) -> None:
        """End all threads, and wait for them; none begins any more."""
        self._is_closed = True
        for worker in self._workers.values():
            self._retiring.retire(worker)
        self._retiring.wait()

    def _on_state_changed(self, run_id: int, state: RunState, said: str) -> None:
        if run_id not in self._workers or self._is_closed:
            return
        self._states[run_id] = state
        if state is RunState.FAILED:
            self._in_flight.discard(run_id)
            self._wanted.pop(run_id, None)
        self.state_changed.emit(run_id, state, said)

    def _on_snapshot_made(self, run_id: int, snapshot: Snapshot) -> None:
        if run_id not in self._workers or self._is_closed:
            return
        self._in_flight.discard(run_id)
        wanted: Any = self._wanted.pop(run_id, None)
        if wanted is not None:
            self.request(run_id, wanted)
        self.snapshot_made.emit(run_id, snapshot)
