"""Holds the current run for the window: its worker, its history, and the helper that compiles kernels.

A new run is loaded beside the old one and takes its place only when it could be loaded: a file that can't be read costs
nothing. Workers that were replaced are waited for, never terminated.
"""

import math
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.compile import Combination, combination_for
from core.settings import Settings
from core.snapshot import Snapshot
from gui.kernel_helper import KernelHelper
from gui.run_history import RunHistory
from gui.worker import MakeTrainer, RunState, Worker, trainer_for_session, trainer_for_settings


class RunController(QObject):
    """Begins, drives and ends runs; passes on only what belongs to the current one.

    ``compiling`` carries the share of the run's kernels that is compiled, 0…1, and None when there is nothing to wait for.
    """

    run_began = Signal(object)
    run_refused = Signal(str)
    state_changed = Signal(object, str)
    snapshot_arrived = Signal(object)
    answered = Signal(object)
    refused = Signal(str)
    saved = Signal(str)
    compiling = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = RunHistory()
        self.settings = Settings()
        self.state = RunState.LOADING
        self._worker: Worker | None = None
        self._candidate: Worker | None = None
        self._retiring: list[Worker] = []
        self._last_run_id = 0
        self._is_frame_in_flight = False
        self._speed = math.inf
        self._is_playing_wanted = False
        self._helper = KernelHelper(self)
        self._helper.became_ready.connect(self._on_kernels_ready)
        self._helper.progressed.connect(self._on_compiling)
        self._helper.failed.connect(self._on_helper_failed)

    def begin(self, settings: Settings, is_playing: bool = False) -> None:
        """Load a fresh run; ``run_began`` or ``run_refused`` follows."""
        self._load(trainer_for_settings(settings), is_playing)

    def open_session(self, path: str) -> None:
        """Load a session; ``run_began`` or ``run_refused`` follows."""
        self._load(trainer_for_session(path), is_playing=False)

    def play(self) -> None:
        """Train; a run that is still loading begins to as soon as it is there."""
        if self._candidate is not None:
            self._is_playing_wanted = True
        elif self._worker is not None:
            self._worker.play()

    def pause(self) -> None:
        """Stop training after the current chunk of updates."""
        self._is_playing_wanted = False
        if self._worker is not None:
            self._worker.pause()

    def step(self, size: str) -> None:
        """Train for one "update" or "epoch"."""
        if self._worker is not None and self._candidate is None:
            self._worker.step(size)

    def train(self, updates: int) -> None:
        """Train for ``updates`` updates, then pause."""
        if self._worker is not None:
            self._worker.train(updates)

    def apply(self, changes: dict[str, Any]) -> None:
        """Change live settings of the current run; ``refused`` follows where they can't be."""
        new = self.settings.with_changes(changes)
        if self._worker is not None:
            self._worker.apply(changes)
        self.settings = new
        self._ask_for_kernels(combination_for(new))

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed of this and later runs; infinity: none."""
        self._speed = updates_per_second
        if self._worker is not None:
            self._worker.set_speed(updates_per_second)

    def request_frame(self, has_trace: bool = True, has_prediction: bool = True) -> bool:
        """Ask for a snapshot unless one is on its way; returns whether it asked."""
        if self._worker is None or self._is_frame_in_flight or self.state is RunState.LOADING:
            return False
        self._is_frame_in_flight = True
        self._worker.request_frame(has_trace, has_prediction)
        return True

    def ask(self, text: str, length: int, temperature: float) -> None:
        """Ask the network something; ``answered`` or ``refused`` follows."""
        if self._worker is not None:
            self._worker.ask(text, length, temperature)

    def save(self, path: str) -> None:
        """Write a session; ``saved`` or ``refused`` follows."""
        if self._worker is not None:
            self._worker.save(path)

    def close(self) -> None:
        """End all threads and the helper process, and wait for them."""
        self._helper.stop()
        workers = [*self._retiring, *(worker for worker in (self._worker, self._candidate) if worker is not None)]
        self._worker = self._candidate = None
        self._retiring = []
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.wait()

    def _load(self, make_trainer: MakeTrainer, is_playing: bool) -> None:
        self._is_playing_wanted = is_playing
        if self._candidate is not None:
            self._retire(self._candidate)
        self._last_run_id += 1
        worker = Worker(self._last_run_id, make_trainer)
        worker.loaded.connect(self._on_loaded)
        worker.state_changed.connect(self._on_state_changed)
        worker.snapshot_made.connect(self._on_snapshot_made)
        worker.answered.connect(self._on_answered)
        worker.refused.connect(self._on_refused)
        worker.saved.connect(self._on_saved)
        self._candidate = worker
        if self._worker is None:
            self._set_state(RunState.LOADING, "")
        worker.start()

    def _retire(self, worker: Worker) -> None:
        """Tell ``worker`` to end and keep it until it has."""
        worker.stop()
        self._retiring = [old for old in self._retiring if not old.isFinished()]
        self._retiring.append(worker)

    def _is_current(self, run_id: int) -> bool:
        return self._worker is not None and self._worker.run_id == run_id

    def _on_loaded(self, run_id: int, settings: Settings) -> None:
        worker = self._candidate
        if worker is None or worker.run_id != run_id:
            return
        if self._worker is not None:
            self._retire(self._worker)
        self._worker, self._candidate = worker, None
        self.settings = settings
        self._is_frame_in_flight = False
        self.history = RunHistory()
        worker.set_speed(self._speed)
        self.run_began.emit(settings)
        self._ask_for_kernels(combination_for(settings))
        if self._is_playing_wanted:
            worker.play()

    def _on_state_changed(self, run_id: int, state: RunState, explanation: str) -> None:
        if self._candidate is not None and self._candidate.run_id == run_id and state is RunState.FAILED:
            self._retire(self._candidate)
            self._candidate = None
            self.run_refused.emit(explanation)
            if self._worker is None:
                self._set_state(state, explanation)
        elif self._is_current(run_id):
            self._set_state(state, explanation)

    def _set_state(self, state: RunState, explanation: str) -> None:
        self.state = state
        self.state_changed.emit(state, explanation)

    def _on_snapshot_made(self, run_id: int, snapshot: Snapshot) -> None:
        if not self._is_current(run_id):
            return
        self._is_frame_in_flight = False
        self.history.add(snapshot)
        self.snapshot_arrived.emit(snapshot)

    def _on_answered(self, run_id: int, answer: object) -> None:
        if self._is_current(run_id):
            self.answered.emit(answer)

    def _on_refused(self, run_id: int, message: str) -> None:
        if self._is_current(run_id):
            self.refused.emit(message)

    def _on_saved(self, run_id: int, path: str) -> None:
        if self._is_current(run_id):
            self.saved.emit(path)

    def _ask_for_kernels(self, combination: Combination) -> None:
        if combination.is_ready:
            self.compiling.emit(None)
        else:
            self._helper.ask_for(combination)

    def _on_kernels_ready(self, combination: Combination) -> None:
        if combination == combination_for(self.settings):
            self.compiling.emit(None)
            if self._worker is not None:
                self._worker.use_kernels()

    def _on_compiling(self, combination: Combination, share: float) -> None:
        if combination == combination_for(self.settings):
            self.compiling.emit(share)

    def _on_helper_failed(self, message: str) -> None:
        self.compiling.emit(None)
        self.refused.emit(message)
