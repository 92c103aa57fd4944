"""The thread of one run of a race: a worker that keeps pace with others and measures how long it trains."""

import math
import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from core.trainer import Trainer
from gui.commanded_thread import Command
from gui.frame_maker import Wanted
from gui.making_trainers import MakeTrainer
from gui.race_pace import EARLY_UPDATE, Pace
from gui.run_state import RunState
from gui.worker import Worker


class RaceWorker(Worker):
    """``timed`` carries the updates done, the seconds of training that they took, and those until the task was solved (None: it is not).

    A second is one of this thread's own computing: neither waiting for others, nor looking inside, nor what other programs take
    counts. ``state_given`` carries everything that the run continues from.
    """

    timed = Signal(int, int, float, object)
    state_given = Signal(int, object)

    def __init__(self, run_id: int, make_trainer: MakeTrainer, pace: Pace, parent: QObject | None = None) -> None:
        super().__init__(run_id, make_trainer, None, parent)
        self._race_pace = pace
        self._seconds = 0.0
        self._seconds_to_solved: float | None = None
        self._is_looking_early = True
        self._seconds_of_waiting = 0.0

    def give_state(self) -> None:
        """Ask for everything that the run continues from; ``state_given`` follows."""
        self._commands.put(Command("give_state"))

    def run(self) -> None:
        """The thread's own loop. Not to be called."""
        super().run()
        self._race_pace.leave(self.run_id)

    def _train_chunk(self) -> None:
        trainer = self._trainer
        if self._race_pace.wait_in_line(self.run_id, trainer.step_count, self._wake):
            self._wait_for_others()
            return
        first, begin, self._seconds_of_waiting = trainer.step_count, time.thread_time(), 0.0
        super()._train_chunk()
        self._seconds += time.thread_time() - begin - self._seconds_of_waiting
        if self._seconds_to_solved is None and trainer.solved_at is not None:
            self._seconds_to_solved = self._seconds
        step = trainer.step_count
        self._race_pace.note(self.run_id, step, step - first)
        if self._is_looking_early and step >= EARLY_UPDATE:
            self._is_looking_early = False
            if step == EARLY_UPDATE:
                self.timed.emit(self.run_id, step, self._seconds, self._seconds_to_solved)
                self.snapshot_made.emit(self.run_id, trainer.snapshot(self.run_id, has_prediction=False))

    def _most_updates(self) -> float:
        step = self._trainer.step_count
        to_early = EARLY_UPDATE - step if step < EARLY_UPDATE else math.inf
        return max(1.0, min(to_early, self._race_pace.updates_left(self.run_id, step)))

    def _wait_in_slow_motion(self, until: float) -> None:
        begin = time.thread_time()
        super()._wait_in_slow_motion(until)
        # What it was asked for meanwhile is no training.
        self._seconds_of_waiting += time.thread_time() - begin

    def _wait_for_others(self) -> None:
        """Block until somebody says something: that it may go on, or anything else."""
        command = self._commands.get()
        if not self._carry_out(command):
            self._commands.put(Command("stop"))

    def _wake(self) -> None:
        self._commands.put(Command("go_on"))

    def _go_on(self) -> None:
        """Nothing to do but to look again."""

    def _twins(self) -> Iterator[Trainer]:
        return self._timed(super()._twins())

    def _timed(self, replay: Iterator[Trainer]) -> Iterator[Trainer]:
        """The same run with the kernels: at its end their seconds count, and those of its slow beginning are forgotten."""
        seconds, to_solved = 0.0, None
        while True:
            begin = time.thread_time()
            twin = next(replay, None)
            seconds += time.thread_time() - begin
            if twin is None:
                break
            if to_solved is None and twin.solved_at is not None:
                to_solved = seconds
            yield twin
        self._seconds, self._seconds_to_solved = seconds, to_solved

    def _make_snapshot(self, wanted: Wanted) -> None:
        self.timed.emit(self.run_id, self._trainer.step_count, self._seconds, self._seconds_to_solved)
        super()._make_snapshot(wanted)

    def _give_state(self) -> None:
        self.state_given.emit(self.run_id, self._trainer.state())

    def _change_state(self, state: RunState, explanation: str = "") -> None:
        if state is RunState.RUNNING:
            self._race_pace.enter(self.run_id, self._trainer.step_count)
        else:
            self._race_pace.leave(self.run_id)
        super()._change_state(state, explanation)
