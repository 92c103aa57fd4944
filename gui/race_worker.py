"""The thread of one run of a race: a worker that keeps pace with others and measures how long it trains."""

import math
import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from core.trainer import Trainer
from core.training_time import TrainingTime
from core.warm_up import load_kernels
from gui.commanded_thread import Command
from gui.frame_maker import Wanted
from gui.making_trainers import MakeTrainer
from gui.race_pace import EARLY_UPDATE, Pace
from gui.race_time import RaceTime
from gui.run_state import RunState
from gui.worker import Worker


class RaceWorker(Worker):
    """``timed`` carries a RaceTime; ``state_given`` all that the run continues from, and how long it was trained."""

    timed = Signal(int, object)
    state_given = Signal(int, object, object)

    def __init__(self, run_id: int, make_trainer: MakeTrainer, pace: Pace, parent: QObject | None = None) -> None:
        super().__init__(run_id, lambda: _timed(make_trainer()), None, parent)
        self._race_pace = pace
        self._is_looking_early = True

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
        first = trainer.step_count
        super()._train_chunk()
        step = trainer.step_count
        self._race_pace.note(self.run_id, step, step - first)
        if self._is_looking_early and step >= EARLY_UPDATE:
            self._is_looking_early = False
            if step == EARLY_UPDATE:
                self._say_time()
                self.snapshot_made.emit(self.run_id, trainer.snapshot(self.run_id, has_prediction=False))

    def _most_updates(self) -> float:
        step = self._trainer.step_count
        to_early = EARLY_UPDATE - step if step < EARLY_UPDATE else math.inf
        return max(1.0, min(to_early, self._race_pace.updates_left(self.run_id, step)))

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
        twins = super()._twins()
        yield _timed(next(twins))
        yield from twins

    def _make_snapshot(self, wanted: Wanted) -> None:
        self._say_time()
        super()._make_snapshot(wanted)

    def _say_time(self) -> None:
        trainer = self._trainer
        time_taken = RaceTime(trainer.step_count, trainer.time.seconds, trainer.time.to_solved, trainer.engine != "kernels")
        self.timed.emit(self.run_id, time_taken)

    def _give_state(self) -> None:
        self.state_given.emit(self.run_id, self._trainer.state(), self.pace.copy())

    def _change_state(self, state: RunState, explanation: str = "") -> None:
        if state is RunState.RUNNING:
            self._race_pace.enter(self.run_id, self._trainer.step_count)
        else:
            self._race_pace.leave(self.run_id)
        super()._change_state(state, explanation)


def _timed(trainer: Trainer) -> Trainer:
    """The fresh ``trainer``, whose time is taken from now on."""
    load_kernels(trainer)
    trainer.time = TrainingTime(time.perf_counter)
    return trainer
