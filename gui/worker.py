"""The thread that trains. Commands come in through one queue, drained between chunks of updates; snapshots go out when asked for.

Nothing here touches a widget, and nothing here computes: the trainer does. Pausing is a blocking ``get`` on the queue: no sleep.
"""

import math
import queue
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject

from core import session
from core.compile import combination_for
from core.errors import InputError
from core.own_data import recognise
from core.run_record import RunMoment, moment_of
from core.settings import Settings
from core.time_machine import TimeMachine
from core.trainer import Trainer
from gui import heap
from gui.commanded_thread import KEPT_AT_END, MEANWHILE, Command, CommandedThread
from gui.frame_maker import FrameMaker, Wanted
from gui.kernel_replay import KernelReplay
from gui.making_trainers import MakeTrainer
from gui.open_question import Question
from gui.run_state import RunState, failure_words
from gui.time_travel import Journey, TimeTravel
from gui.training_pace import TrainingPace


class Worker(CommandedThread):
    """Owns a trainer.

    ``on_moment`` is called in this thread with what can be kept of the run, when asked for and once more at the end, when nobody may be
    left to hear a signal.
    """

    def __init__(
        self,
        run_id: int,
        make_trainer: MakeTrainer,
        wanted: Settings | None = None,
        parent: QObject | None = None,
        past: Callable[[], TimeMachine] | None = None,
        trained: TrainingPace | None = None,
    ) -> None:
        """``past`` gives the moments of a run that goes on, ``trained`` how long it was trained; ``make_trainer`` gives its trainer."""
        super().__init__(parent)
        self.run_id = run_id
        self.on_moment: Callable[[int, RunMoment], None] | None = None
        self._past, self._trained = past, trained
        self._make_trainer = make_trainer
        self._wanted = wanted
        self._trainer: Trainer
        self._state = RunState.LOADING
        self._updates_left = 0.0
        self.pace = TrainingPace()
        self._waiting: dict[str, Any] = {}
        self._replay = KernelReplay()
        self._travel: TimeTravel
        self._frames = FrameMaker()

    @property
    def machine(self) -> TimeMachine | None:
        """The moments of the run, once the thread has ended; None where it was never loaded."""
        travel: TimeTravel | None = getattr(self, "_travel", None)
        return travel.machine if travel is not None else None

    def run(self) -> None:
        """The thread's own loop. Not to be called."""
        if not self._load():
            return
        while self._drain_commands():
            if self._travel.is_under_way:
                self._guard(self._advance_rewind)
            elif self._replay.is_under_way:
                self._guard(self._advance_replay)
            elif self._state is RunState.RUNNING:
                self._guard(self._train_chunk)
        self._guard(self._leave_travel)
        self._guard(self._take_moment)
        self._replay.give_up()
        self._trainer.rest()
        heap.give_back()

    def _leave_travel(self) -> None:
        """The thread ends: a run on its way back is put to where it stood, here, as nobody else may touch it.

        What was commanded before the end still counts, whether it waited for the rewind or for a chunk to be done.
        """
        self._travel.give_up()
        while not self._commands.empty():
            self._travel.put_off(self._commands.get())
        for command in self._travel.waiting:
            if command.name in KEPT_AT_END:
                self._guard(getattr(self, f"_{command.name}"), *command.arguments)

    def _load(self) -> bool:
        # Not kept: they know the thread that had the run before, which knows the one before it.
        make_trainer, past = self._make_trainer, self._past
        del self._make_trainer, self._past
        try:
            self._trainer = make_trainer()
        except InputError as error:
            self._say_recognised(self._wanted)
            self._change_state(RunState.FAILED, str(error))
        except Exception as error:
            self._fail(error)
        else:
            self._trainer.is_stopping = self.isInterruptionRequested
            if self._trained is not None:
                self.pace.count_on(self._trained)
            self._travel = TimeTravel(TimeMachine(self._trainer) if past is None else past())
            self.loaded.emit(self.run_id, self._trainer.settings)
            self._say_recognised(self._trainer.settings)
            self.timeline_changed.emit(self.run_id, self._travel.machine.timeline)
            if self._trainer.divergence is not None:
                self._say_divergence()
            else:
                self._change_state(RunState.PAUSED)
            return True
        return False

    def _say_recognised(self, settings: Settings | None) -> None:
        """Say what the file holds; where it was read just now, it is not read again."""
        if settings is not None:
            self.recognised.emit(self.run_id, settings, recognise(settings))

    def _guard(self, work: Callable[..., None], *arguments: Any) -> None:
        """Do ``work``; whatever goes wrong is said, and the thread lives on, so that nothing trained is lost."""
        try:
            work(*arguments)
        except InterruptedError:
            pass
        except InputError as error:
            self._pause()
            self.refused.emit(self.run_id, str(error))
        except Exception as error:
            self._replay.give_up()
            self._travel.give_up()
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, MemoryError):
            traceback.print_exception(error)
        self._change_state(RunState.FAILED, failure_words(error))

    def _drain_commands(self) -> bool:
        """Carry out what waits; blocks while there is nothing to do. Returns False to end."""
        while True:
            is_idle = self._state is not RunState.RUNNING and not self._replay.is_under_way and not self._travel.is_under_way
            try:
                command = self._commands.get(block=is_idle)
            except queue.Empty:
                return True
            if not self._carry_out(command):
                return False

    def _carry_out(self, command: Command) -> bool:
        """Returns False where the thread is to end."""
        if command.name == "stop" or self.isInterruptionRequested():
            self._travel.put_off(command)
            return False
        if self._travel.is_under_way and command.name not in MEANWHILE:
            self._travel.put_off(command)
            return True
        self._guard(getattr(self, f"_{command.name}"), *command.arguments)
        return True

    def _train_chunk(self) -> None:
        """Train for about CHUNK_SECONDS, or wait for the next update in slow motion."""
        begin = time.perf_counter()
        count = min(self.pace.chunk_updates, self.pace.most_updates, self._most_updates(), self._updates_left)
        trainer = self._trainer
        first = trainer.step_count
        trainer.train_to(first + max(1, round(count)))
        done = trainer.step_count - first
        self.pace.note(done, time.perf_counter() - begin)
        self._updates_left -= done
        self._travel.note(time.perf_counter())
        if trainer.divergence is not None:
            self._say_divergence()
        elif self._updates_left <= 0:
            self._change_state(RunState.PAUSED)
        else:
            self._wait_in_slow_motion(begin + done / self.pace.limit)

    def _most_updates(self) -> float:
        """Updates that the next chunk may have at most, for workers that must come to stand somewhere."""
        return math.inf

    def _wait_in_slow_motion(self, until: float) -> None:
        """Let the speed limit's time pass, with an ear on the queue."""
        while self._state is RunState.RUNNING and not self._replay.is_under_way and not self._travel.is_under_way:
            left = until - time.perf_counter()
            if left <= 0:
                return
            try:
                command = self._commands.get(timeout=left)
            except queue.Empty:
                return
            if not self._carry_out(command):
                self._commands.put(Command("stop"))
                return

    def _play(self, updates: float) -> None:
        if self._trainer.divergence is not None:
            self._change_state(RunState.DIVERGED, "change a setting or reset before going on")
            return
        self._updates_left = updates
        self._change_state(RunState.RUNNING)

    def _pause(self) -> None:
        if self._travel.is_under_way:
            self._travel.give_up()
            self._end_rewind()
        if self._state is RunState.RUNNING:
            self._change_state(RunState.PAUSED)

    def _rewind(self, step: int, before_change: int | None) -> None:
        """Begin to; another rewind that is under way is given up."""
        self._travel.give_up()
        try:
            self._travel.begin(step, before_change, lambda: round(self.pace.chunk_updates))
        except BaseException:
            self._end_rewind()
            raise
        self._pause_for_travel()

    def _take_back(self, key: str, value: Any) -> None:
        place = self._trainer.recording.place_of(key, value)
        if place is None:
            raise InputError("That change can't be taken back: the run's memory does not go back so far")
        self._rewind(*place)

    def _return_to(self, branch: int) -> None:
        journey = self._travel.return_to(branch)
        self._pause_for_travel()
        self._arrive(journey)

    def _pause_for_travel(self) -> None:
        self._updates_left = 0.0
        if self._state is RunState.RUNNING:
            self._change_state(RunState.PAUSED)

    def _advance_rewind(self) -> None:
        """One piece of the way back; the last says so."""
        try:
            share = self._travel.advance()
        except BaseException:
            self._end_rewind()
            raise
        if isinstance(share, Journey):
            self._arrive(share)
            self._end_rewind()
        else:
            self.rewinding.emit(self.run_id, share)

    def _end_rewind(self) -> None:
        """Now comes what had to wait."""
        self.rewinding.emit(self.run_id, None)
        put_off, self._travel.waiting = self._travel.waiting, []
        for command in put_off:
            self._carry_out(command)

    def _arrive(self, journey: Journey) -> None:
        """The run stands elsewhere: say so, and go by its settings."""
        self._waiting.clear()
        self._replay.give_up()
        self.timeline_changed.emit(self.run_id, self._travel.machine.timeline)
        self._say_settings()
        self.travelled.emit(self.run_id, journey)
        if self._trainer.divergence is not None:
            self._say_divergence()
        elif self._state is RunState.DIVERGED:
            self._change_state(RunState.PAUSED)
        self._restart_replay()

    def _apply(self, changes: dict[str, Any]) -> None:
        """One by one: a change whose kernels are still compiled waits for them, the others do not."""
        try:
            for key, value in changes.items():
                self._waiting.pop(key, None)
                new = self._trainer.settings.with_changes({key: value})
                if self._trainer.engine == "kernels" and not combination_for(new).is_ready:
                    self._waiting[key] = value
                else:
                    self._trainer.apply({key: value})
                    if self._replay.is_under_way:
                        self._restart_replay()
            if self._state is RunState.DIVERGED and self._trainer.divergence is None:
                self._change_state(RunState.PAUSED)
        finally:
            self._say_settings()

    def _edit_weight(self, name: str, index: tuple[int, ...], value: float) -> None:
        edit, before = self._trainer.edit_weight(name, index, value)
        self.weight_edited.emit(self.run_id, edit, before, self._trainer.recording.marks[-1].label)
        if self._replay.is_under_way:
            self._restart_replay()
        if self._state is RunState.DIVERGED:
            self._change_state(RunState.PAUSED)

    def _forget_waiting(self) -> None:
        self._waiting.clear()
        self._say_settings()

    def _say_settings(self) -> None:
        self.settings_changed.emit(self.run_id, self._trainer.settings.with_changes(self._waiting))

    def _set_speed(self, updates_per_second: float) -> None:
        self.pace.limit = updates_per_second

    def _make_snapshot(self, wanted: Wanted) -> None:
        snapshot, problem = self._frames.make(self._trainer, self.run_id, wanted, self._is_idle())
        if problem:
            self.refused.emit(self.run_id, problem)
        self.snapshot_made.emit(self.run_id, snapshot)
        self._answer_again()

    def _is_idle(self) -> bool:
        """Whether there is time to spare: nothing trains, or slowly."""
        return self._state is not RunState.RUNNING or self.pace.has_time_to_spare

    def _answer(self, question: Question) -> None:
        trainer, begin = self._trainer, time.perf_counter()
        if question is not self._question.newest:
            return
        try:
            self.answered.emit(self.run_id, trainer.answer(question.text, question.sampling, question.seed), trainer.step_count)
        except InputError as error:
            self.answer_refused.emit(self.run_id, str(error))
        self._question.note_answer(question, trainer.step_count, trainer.settings, begin, time.perf_counter())

    def _answer_again(self) -> None:
        """The open question, where the network has changed since it answered."""
        trainer = self._trainer
        question = self._question.due(trainer.step_count, trainer.settings, time.perf_counter(), not self._is_idle())
        if question is not None:
            self._answer(question)

    def _test_lengths(self) -> None:
        try:
            results: object = self._trainer.longer_results()
        except InputError as error:
            results = str(error)
        self.lengths_tested.emit(self.run_id, results, self._trainer.step_count)

    def _save(self, path: str) -> None:
        try:
            session.save(path, self._trainer.state())
            self.saved.emit(self.run_id, path)
        except InputError as error:
            self.refused.emit(self.run_id, str(error))

    def _take_moment(self) -> None:
        if self.on_moment is not None:
            self.on_moment(self.run_id, moment_of(self._trainer, self.pace.updates_trained, self.pace.seconds_trained))

    def _use_kernels(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._apply(waiting)
        self._restart_replay()

    def _restart_replay(self) -> None:
        """Begin to replay a run on NumPy steps with the kernels, where all that its past needs is compiled."""
        trainer = self._trainer
        if trainer.engine != "kernels" and all(combination_for(settings).is_ready for settings in trainer.past_settings()):
            self._replay.begin(self._twins())

    def _twins(self) -> Iterator[Trainer]:
        """The same run with the kernels, again and again as it catches up."""
        return self._trainer.replaying("kernels")

    def _advance_replay(self) -> None:
        """One piece of the replay; after the last the twin takes the run over."""
        caught_up = self._replay.advance()
        if caught_up is None:
            return
        twin, machine = caught_up
        twin.is_stopping = self.isInterruptionRequested
        self._trainer = twin
        self._travel.take_over(machine)
        self.pace.begin_anew()
        if twin.divergence is not None:
            self._say_divergence()

    def _say_divergence(self) -> None:
        divergence = self._trainer.divergence
        assert divergence is not None
        self._change_state(RunState.DIVERGED, f"{divergence.what} became infinite or NaN in update {divergence.step:,}")

    def _change_state(self, state: RunState, explanation: str = "") -> None:
        self._state = state
        self.state_changed.emit(self.run_id, state, explanation)
