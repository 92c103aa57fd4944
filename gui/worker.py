"""The thread that trains. Commands come in through one queue, drained between chunks of updates; snapshots go out when asked for.

Nothing here touches a widget, and nothing here computes: the trainer does. Pausing is a blocking ``get`` on the queue: no
sleep, no polling.
"""

import math
import queue
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from core import session
from core.compile import combination_for
from core.errors import InputError
from core.look import Focus
from core.own_data import recognise
from core.run_record import RunMoment, moment_of
from core.sampling import Sampling
from core.settings import Settings
from core.time_machine import TimeMachine
from core.trainer import Trainer
from gui.look_budget import LOOKS_SHARE, PREDICTION_SHARE, TRACE_SECONDS, TRACE_SHARE, LookBudget
from gui.making_trainers import MakeTrainer
from gui.open_question import OpenQuestion, Question
from gui.time_travel import Journey, TimeTravel

# Less than a frame (gui/frame_clock.py); each chunk begins and ends with a wait for the window's thread to lend Python's lock.
CHUNK_SECONDS = 0.022
MAX_CHUNK_UPDATES = 5_000.0
# Share of the time for which a run with a speed limit trains and still has time to spare.
MOST_BUSY = 0.5
EPOCH_UPDATES = 100
STEP_UPDATES = {"update": 1, "epoch": EPOCH_UPDATES}
# What does not wait until a rewind has come to its end.
MEANWHILE = {"pause", "rewind", "set_speed"}


class RunState(Enum):
    """What a run is doing; the values are the words on screen."""

    LOADING = "Loading"
    RUNNING = "Running"
    PAUSED = "Paused"
    DIVERGED = "Diverged"
    FAILED = "Failed"
    STOPPED = "Stopped"


@dataclass(frozen=True)
class Wanted:
    """What a frame should hold besides the curve: names of looks inside, taken at ``focus``."""

    has_trace: bool = True
    has_prediction: bool = True
    looks: tuple[str, ...] = ()
    focus: Focus = Focus()


EVERYTHING = Wanted()


@dataclass(frozen=True)
class _Command:
    name: str
    arguments: tuple[Any, ...] = ()


class Worker(QThread):
    """Owns a trainer; every signal carries ``run_id`` first, so that a late message of an old run can be dropped.

    ``recognised`` carries settings and what the file that they name holds, also where it can't be used for them.
    ``refused`` says why a command could not be carried out, ``answer_refused`` why a question has no answer; ``settings_changed``
    carries the settings in force after every live change, those included that wait for their kernels. ``answered`` and
    ``lengths_tested`` end with the number of updates that the network had seen; where there is no longer sequence to test,
    ``lengths_tested`` carries the reason in words. ``travelled`` carries a Journey, where the run was rewound or returned to a branch,
    ``timeline_changed`` where it can go now, ``rewinding`` how far it is, 0…1, and None at its end. ``on_moment`` is called in this
    thread with what can be kept of the run, when asked for and once more at the end, when nobody may be left to hear a signal.
    """

    loaded = Signal(int, object)
    recognised = Signal(int, object, object)
    state_changed = Signal(int, object, str)
    settings_changed = Signal(int, object)
    snapshot_made = Signal(int, object)
    answered = Signal(int, object, int)
    answer_refused = Signal(int, str)
    lengths_tested = Signal(int, object, int)
    refused = Signal(int, str)
    saved = Signal(int, str)
    timeline_changed = Signal(int, object)
    rewinding = Signal(int, object)
    travelled = Signal(int, object)

    def __init__(
        self,
        run_id: int,
        make_trainer: MakeTrainer,
        wanted: Settings | None = None,
        parent: QObject | None = None,
        past: Callable[[], TimeMachine] | None = None,
    ) -> None:
        """``past`` gives the moments of a run that goes on; ``make_trainer`` then gives its trainer."""
        super().__init__(parent)
        self.run_id = run_id
        self.on_moment: Callable[[int, RunMoment], None] | None = None
        self._past = past
        self._make_trainer = make_trainer
        self._wanted = wanted
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._trainer: Trainer
        self._state = RunState.LOADING
        self._updates_left = 0.0
        self._updates_per_second = math.inf
        self._seconds_per_update = CHUNK_SECONDS
        self._updates_trained, self._seconds_trained = 0, 0.0
        self._waiting: dict[str, Any] = {}
        self._replay: Iterator[Trainer] | None = None
        self._twin_machine: TimeMachine | None = None
        self._travel: TimeTravel
        self._is_inside_shown = True
        self._trace_budget, self._prediction_budget = LookBudget(TRACE_SHARE, TRACE_SECONDS), LookBudget(PREDICTION_SHARE)
        self._looks_budget = LookBudget(LOOKS_SHARE)
        self._question = OpenQuestion()

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
        """Change live settings; ``settings_changed`` follows, and ``refused`` where they can't be."""
        self._commands.put(_Command("apply", (changes,)))

    def edit_weight(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Set one weight; ``refused`` follows where it can't be."""
        self._commands.put(_Command("edit_weight", (name, index, value)))

    def rewind(self, step: int, is_before_changes: bool = False) -> None:
        """Go back to after update ``step`` and pause; ``travelled`` or ``refused`` follows. Pausing meanwhile gives it up."""
        self._commands.put(_Command("rewind", (step, is_before_changes)))

    def return_to(self, branch: int) -> None:
        """Go on at the end of a branch that was left, and pause; ``travelled`` or ``refused`` follows."""
        self._commands.put(_Command("return_to", (branch,)))

    def forget_waiting(self) -> None:
        """The kernels that changes wait for will not come: take these changes back."""
        self._commands.put(_Command("forget_waiting"))

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed; infinity: none."""
        self._commands.put(_Command("set_speed", (updates_per_second,)))

    def request_frame(self, wanted: Wanted) -> None:
        """Ask for one snapshot."""
        self._commands.put(_Command("make_snapshot", (wanted,)))

    def ask(self, text: str, sampling: Sampling, seed: int = 0) -> None:
        """Ask the network something; ``answered`` or ``answer_refused`` follows, now and, with frames, whenever it has changed.

        Only the newest question counts: one that still waits is dropped.
        """
        question = Question(text, sampling, seed)
        self._question.newest = question
        self._commands.put(_Command("answer", (question,)))

    def forget_question(self) -> None:
        """Nobody waits for an answer any more."""
        self._question.newest = None

    def test_lengths(self) -> None:
        """Test the network on longer sequences; ``lengths_tested`` follows."""
        self._commands.put(_Command("test_lengths"))

    def save(self, path: str) -> None:
        """Write a session; ``saved`` or ``refused`` follows."""
        self._commands.put(_Command("save", (path,)))

    def take_moment(self) -> None:
        """Hand out what can be kept of the run; ``on_moment`` is called with it."""
        self._commands.put(_Command("take_moment"))

    def use_kernels(self) -> None:
        """More kernels are compiled: replay a run on NumPy steps with them, and apply what had to wait."""
        self._commands.put(_Command("use_kernels"))

    @property
    def machine(self) -> TimeMachine | None:
        """The moments of the run, once the thread has ended; None where it was never loaded."""
        travel: TimeTravel | None = getattr(self, "_travel", None)
        return travel.machine if travel is not None else None

    def stop(self) -> None:
        """End the thread; ``wait()`` for it."""
        self.requestInterruption()
        self._commands.put(_Command("stop"))

    def run(self) -> None:
        """The thread's own loop. Not to be called."""
        if not self._load():
            return
        while self._drain_commands():
            if self._travel.is_under_way:
                self._guard(self._advance_rewind)
            elif self._replay is not None:
                self._guard(self._advance_replay)
            elif self._state is RunState.RUNNING:
                self._guard(self._train_chunk)
        self._guard(self._take_moment)

    def _load(self) -> bool:
        try:
            self._trainer = self._make_trainer()
        except InputError as error:
            self._say_recognised(self._wanted)
            self._change_state(RunState.FAILED, str(error))
        except Exception as error:
            self._fail(error)
        else:
            self._trainer.is_stopping = self.isInterruptionRequested
            self._travel = TimeTravel(self._past() if self._past is not None else TimeMachine(self._trainer))
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
            self._replay = None
            self._travel.give_up()
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, MemoryError):
            self._change_state(RunState.FAILED, "there is not enough memory: a smaller batch, network or sequence length would help")
            return
        traceback.print_exception(error)
        self._change_state(RunState.FAILED, f"an error in the program: {type(error).__name__}: {error}")

    def _drain_commands(self) -> bool:
        """Carry out what waits; blocks while there is nothing to do. Returns False to end."""
        while True:
            is_idle = self._state is not RunState.RUNNING and self._replay is None and not self._travel.is_under_way
            try:
                command = self._commands.get(block=is_idle)
            except queue.Empty:
                return True
            if not self._carry_out(command):
                return False

    def _carry_out(self, command: _Command) -> bool:
        """Returns False where the thread is to end."""
        if command.name == "stop" or self.isInterruptionRequested():
            return False
        if self._travel.is_under_way and command.name not in MEANWHILE:
            self._travel.put_off(command)
            return True
        self._guard(getattr(self, f"_{command.name}"), *command.arguments)
        return True

    def _train_chunk(self) -> None:
        """Train for about CHUNK_SECONDS, or wait for the next update in slow motion."""
        begin = time.perf_counter()
        count = min(self._chunk_updates(), self._most_updates())
        count = min(count, self._updates_left, max(1.0, self._updates_per_second * CHUNK_SECONDS))
        trainer = self._trainer
        first = trainer.step_count
        trainer.train_to(first + max(1, round(count)))
        done = trainer.step_count - first
        elapsed = time.perf_counter() - begin
        if done:
            self._seconds_per_update = 0.7 * self._seconds_per_update + 0.3 * elapsed / done
        self._updates_trained += done
        self._seconds_trained += elapsed
        self._updates_left -= done
        self._travel.note(time.perf_counter())
        if trainer.divergence is not None:
            self._say_divergence()
        elif self._updates_left <= 0:
            self._change_state(RunState.PAUSED)
        else:
            self._wait_in_slow_motion(begin + done / self._updates_per_second)

    def _most_updates(self) -> float:
        """Updates that the next chunk may have at most, for workers that must come to stand somewhere."""
        return math.inf

    def _chunk_updates(self) -> float:
        """How many updates take about CHUNK_SECONDS."""
        return min(MAX_CHUNK_UPDATES, max(1.0, CHUNK_SECONDS / self._seconds_per_update))

    def _wait_in_slow_motion(self, until: float) -> None:
        """Let the speed limit's time pass, with an ear on the queue."""
        while self._state is RunState.RUNNING and self._replay is None and not self._travel.is_under_way:
            left = until - time.perf_counter()
            if left <= 0:
                return
            try:
                command = self._commands.get(timeout=left)
            except queue.Empty:
                return
            if not self._carry_out(command):
                self._commands.put(_Command("stop"))
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

    def _rewind(self, step: int, is_before_changes: bool) -> None:
        """Begin to; another rewind that is under way is given up."""
        self._travel.give_up()
        try:
            self._travel.begin(step, is_before_changes, lambda: round(self._chunk_updates()))
        except InputError:
            self._end_rewind()
            raise
        self._pause_for_travel()

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
        except InputError:
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
        self._replay = None
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
                    if self._replay is not None:
                        self._restart_replay()
            if self._state is RunState.DIVERGED and self._trainer.divergence is None:
                self._change_state(RunState.PAUSED)
        finally:
            self._say_settings()

    def _edit_weight(self, name: str, index: tuple[int, ...], value: float) -> None:
        self._trainer.edit_weight(name, index, value)
        if self._replay is not None:
            self._restart_replay()
        if self._state is RunState.DIVERGED:
            self._change_state(RunState.PAUSED)

    def _forget_waiting(self) -> None:
        self._waiting.clear()
        self._say_settings()

    def _say_settings(self) -> None:
        self.settings_changed.emit(self.run_id, self._trainer.settings.with_changes(self._waiting))

    def _set_speed(self, updates_per_second: float) -> None:
        self._updates_per_second = updates_per_second

    def _make_snapshot(self, wanted: Wanted) -> None:
        """A frame while training goes on looks inside only where the budget has time for it.

        A session whose file is gone has nothing to look into, but still its curve, its state and its answers.
        """
        trainer = self._trainer
        begin = time.perf_counter()
        has_trace = wanted.has_trace and self._may_look(self._trace_budget, begin)
        has_prediction = wanted.has_prediction and self._may_look(self._prediction_budget, begin)
        # Looks go with a trace, and share the time that is left for them.
        looks = wanted.looks if has_trace and self._may_look(self._looks_budget, begin) else ()
        try:
            snapshot = trainer.snapshot(self.run_id, has_trace, has_prediction, looks, wanted.focus)
        except InputError as error:
            self._is_inside_shown = False
            self.refused.emit(self.run_id, str(error))
            snapshot = trainer.snapshot(self.run_id, False, False)
        end = time.perf_counter()
        if looks:
            self._looks_budget.note_look(end - begin, end)
        elif has_prediction:
            # A prediction is made from a trace, which belongs to the frame anyhow.
            self._prediction_budget.note_look(end - begin, end)
        elif has_trace:
            self._trace_budget.note_look(end - begin, end)
        self.snapshot_made.emit(self.run_id, snapshot)
        self._answer_again()

    def _may_look(self, budget: LookBudget, now: float) -> bool:
        """Whether a look inside is to be had, and within ``budget`` where it would hold up training."""
        return self._is_inside_shown and (self._is_idle() or budget.may_look(now))

    def _is_idle(self) -> bool:
        """Whether there is time to spare: nothing trains, or slowly."""
        return self._state is not RunState.RUNNING or self._seconds_per_update * self._updates_per_second < MOST_BUSY

    def _answer(self, question: Question) -> None:
        trainer, begin = self._trainer, time.perf_counter()
        if question is not self._question.newest:
            return
        try:
            answer = trainer.answer(question.text, question.sampling, question.seed)
        except InputError as error:
            self.answer_refused.emit(self.run_id, str(error))
        else:
            self.answered.emit(self.run_id, answer, trainer.step_count)
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
        except InputError as error:
            self.refused.emit(self.run_id, str(error))
        else:
            self.saved.emit(self.run_id, path)

    def _take_moment(self) -> None:
        if self.on_moment is not None:
            self.on_moment(self.run_id, moment_of(self._trainer, self._updates_trained, self._seconds_trained))

    def _use_kernels(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._apply(waiting)
        self._restart_replay()

    def _restart_replay(self) -> None:
        """Begin to replay a run on NumPy steps with the kernels, where all that its past needs is compiled."""
        trainer = self._trainer
        if trainer.engine != "kernels" and all(combination_for(settings).is_ready for settings in trainer.past_settings()):
            self._replay, self._twin_machine = trainer.replaying("kernels"), None

    def _advance_replay(self) -> None:
        """One piece of the replay; after the last the twin takes the run over."""
        assert self._replay is not None
        twin = next(self._replay)
        machine = self._twin_machine = self._twin_machine or TimeMachine(twin)
        machine.note()
        if twin.step_count < self._trainer.step_count and twin.divergence is None:
            return
        for last in self._replay:
            twin = last
        self._replay = None
        twin.is_stopping = self.isInterruptionRequested
        self._trainer = twin
        self._travel.take_over(machine)
        self._seconds_per_update = CHUNK_SECONDS
        if twin.divergence is not None:
            self._say_divergence()

    def _say_divergence(self) -> None:
        divergence = self._trainer.divergence
        assert divergence is not None
        self._change_state(RunState.DIVERGED, f"{divergence.what} became infinite or NaN in update {divergence.step:,}")

    def _change_state(self, state: RunState, explanation: str = "") -> None:
        self._state = state
        self.state_changed.emit(self.run_id, state, explanation)
