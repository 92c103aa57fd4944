"""The thread that trains. Commands come in through one queue, drained between chunks of updates; snapshots go out when asked for.

Nothing here touches a widget, and nothing here computes: the trainer does. Pausing is a blocking ``get`` on the queue: no
sleep, no polling.
"""

import math
import queue
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from core import session
from core.compile import combination_for
from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer

CHUNK_SECONDS = 0.008
MAX_CHUNK_UPDATES = 5_000.0
EPOCH_UPDATES = 100
STEP_UPDATES = {"update": 1, "epoch": EPOCH_UPDATES}


class RunState(Enum):
    """What a run is doing; the values are the words on screen."""

    LOADING = "Loading"
    RUNNING = "Running"
    PAUSED = "Paused"
    DIVERGED = "Diverged"
    FAILED = "Failed"
    STOPPED = "Stopped"


@dataclass(frozen=True)
class _Command:
    name: str
    arguments: tuple[Any, ...] = ()


MakeTrainer = Callable[[], Trainer]


class Worker(QThread):
    """Owns a trainer; every signal carries ``run_id`` first, so that a late message of an old run can be dropped."""

    loaded = Signal(int, object)
    state_changed = Signal(int, object, str)
    snapshot_made = Signal(int, object)
    answered = Signal(int, object)
    refused = Signal(int, str)
    saved = Signal(int, str)

    def __init__(self, run_id: int, make_trainer: MakeTrainer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run_id = run_id
        self._make_trainer = make_trainer
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._trainer: Trainer
        self._state = RunState.LOADING
        self._updates_left = 0.0
        self._updates_per_second = math.inf
        self._seconds_per_update = CHUNK_SECONDS
        self._deferred: list[dict[str, Any]] = []

    def play(self) -> None:
        """Train until told otherwise."""
        self._commands.put(_Command("play", (math.inf,)))

    def step(self, size: str) -> None:
        """Train one "update" or "epoch", then pause."""
        self.train(STEP_UPDATES[size])

    def train(self, updates: int) -> None:
        """Train for ``updates`` updates, then pause."""
        self._commands.put(_Command("play", (updates,)))

    def pause(self) -> None:
        """Stop training after the current chunk."""
        self._commands.put(_Command("pause"))

    def apply(self, changes: dict[str, Any]) -> None:
        """Change live settings; ``refused`` follows where they can't be."""
        self._commands.put(_Command("apply", (changes,)))

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed; infinity: none."""
        self._commands.put(_Command("set_speed", (updates_per_second,)))

    def request_frame(self, has_trace: bool = True, has_prediction: bool = True) -> None:
        """Ask for one snapshot."""
        self._commands.put(_Command("make_snapshot", (has_trace, has_prediction)))

    def ask(self, text: str, length: int, temperature: float) -> None:
        """Ask the network something; ``answered`` or ``refused`` follows."""
        self._commands.put(_Command("answer", (text, length, temperature)))

    def save(self, path: str) -> None:
        """Write a session; ``saved`` or ``refused`` follows."""
        self._commands.put(_Command("save", (path,)))

    def use_kernels(self) -> None:
        """The compiled kernels are there: replay the run with them, and apply what had to wait."""
        self._commands.put(_Command("use_kernels"))

    def stop(self) -> None:
        """End the thread; ``wait()`` for it."""
        self.requestInterruption()
        self._commands.put(_Command("stop"))

    def run(self) -> None:
        """The thread's own loop. Not to be called."""
        try:
            self._trainer = self._make_trainer()
            self.loaded.emit(self.run_id, self._trainer.settings)
            self._change_state(RunState.PAUSED)
            while self._drain_commands():
                self._train_chunk()
        except InputError as error:
            self._change_state(RunState.FAILED, str(error))
        except Exception as error:
            traceback.print_exc()
            self._change_state(RunState.FAILED, f"an error in the program: {type(error).__name__}: {error}")

    def _drain_commands(self) -> bool:
        """Carry out what waits; blocks while there is nothing to train. Returns False to end."""
        while True:
            try:
                command = self._commands.get(block=self._state is not RunState.RUNNING)
            except queue.Empty:
                return True
            if command.name == "stop" or self.isInterruptionRequested():
                return False
            try:
                getattr(self, f"_{command.name}")(*command.arguments)
            except InputError as error:
                self.refused.emit(self.run_id, str(error))

    def _train_chunk(self) -> None:
        """Train for about CHUNK_SECONDS, or wait for the next update in slow motion."""
        begin = time.perf_counter()
        count = min(MAX_CHUNK_UPDATES, max(1.0, CHUNK_SECONDS / self._seconds_per_update))
        count = min(count, self._updates_left, max(1.0, self._updates_per_second * CHUNK_SECONDS))
        trainer = self._trainer
        first = trainer.step_count
        trainer.train_to(first + max(1, round(count)))
        done = trainer.step_count - first
        elapsed = time.perf_counter() - begin
        if done:
            self._seconds_per_update = 0.7 * self._seconds_per_update + 0.3 * elapsed / done
        self._updates_left -= done
        if trainer.divergence is not None:
            self._change_state(RunState.DIVERGED, f"{trainer.divergence.what} became infinite or NaN in update {trainer.divergence.step:,}")
        elif self._updates_left <= 0:
            self._change_state(RunState.PAUSED)
        else:
            self._wait_in_slow_motion(begin + done / self._updates_per_second)

    def _wait_in_slow_motion(self, until: float) -> None:
        """Let the speed limit's time pass, with an ear on the queue."""
        while self._state is RunState.RUNNING and not self.isInterruptionRequested():
            left = until - time.perf_counter()
            if left <= 0:
                return
            try:
                command = self._commands.get(timeout=left)
            except queue.Empty:
                return
            if command.name == "stop":
                self.requestInterruption()
                self._commands.put(command)
                return
            try:
                getattr(self, f"_{command.name}")(*command.arguments)
            except InputError as error:
                self.refused.emit(self.run_id, str(error))

    def _play(self, updates: float) -> None:
        if self._trainer.divergence is not None:
            self._change_state(RunState.DIVERGED, "change a setting or reset before going on")
            return
        self._updates_left = updates
        self._change_state(RunState.RUNNING)

    def _pause(self) -> None:
        if self._state is RunState.RUNNING:
            self._change_state(RunState.PAUSED)

    def _apply(self, changes: dict[str, Any]) -> None:
        new = self._trainer.settings.with_changes(changes)
        if self._trainer.engine == "kernels" and not combination_for(new).is_ready:
            self._deferred.append(changes)
            return
        self._trainer.apply(changes)
        if self._state is RunState.DIVERGED:
            self._change_state(RunState.PAUSED)

    def _set_speed(self, updates_per_second: float) -> None:
        self._updates_per_second = updates_per_second

    def _make_snapshot(self, has_trace: bool, has_prediction: bool) -> None:
        self.snapshot_made.emit(self.run_id, self._trainer.snapshot(self.run_id, has_trace, has_prediction))

    def _answer(self, text: str, length: int, temperature: float) -> None:
        self.answered.emit(self.run_id, self._trainer.answer(text, length, temperature, seed=self._trainer.step_count))

    def _save(self, path: str) -> None:
        session.save(path, self._trainer.state())
        self.saved.emit(self.run_id, path)

    def _use_kernels(self) -> None:
        if self._trainer.engine != "kernels" and combination_for(self._trainer.settings).is_ready:
            twin = self._trainer
            for catching_up in self._trainer.replaying("kernels"):
                twin = catching_up
                if self.isInterruptionRequested():
                    return
            self._trainer = twin
            self._seconds_per_update = CHUNK_SECONDS
        waiting, self._deferred = self._deferred, []
        for changes in waiting:
            self._apply(changes)

    def _change_state(self, state: RunState, explanation: str = "") -> None:
        self._state = state
        self.state_changed.emit(self.run_id, state, explanation)


def trainer_for_settings(settings: Settings) -> MakeTrainer:
    """Makes a fresh trainer; with the NumPy step where the kernels are not compiled yet."""
    return lambda: Trainer(settings, _engine_for(settings))


def trainer_for_session(path: str | Path) -> MakeTrainer:
    """Makes a trainer that continues a session."""

    def make() -> Trainer:
        state = session.load_state(path)
        return session.trainer_from(path, state, _engine_for(state.settings))

    return make


def _engine_for(settings: Settings) -> str:
    return "kernels" if combination_for(settings).is_ready else "numpy"
