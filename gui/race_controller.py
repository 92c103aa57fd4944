"""Holds a race for the window: up to six runs side by side, on the same data from the same seed, each in a thread of its own.

By updates no run gets ahead of the slowest one; by time each runs as fast as it can. Runs that were removed are waited for, never
terminated.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.compile import Combination, combination_for
from core.errors import InputError
from core.race import MOST_RUNS
from core.settings import Settings
from core.snapshot import Snapshot
from gui.commanded_thread import STEP_UPDATES
from gui.frame_maker import Wanted
from gui.kernel_helper import KernelHelper
from gui.making_trainers import trainer_for_matched, trainer_for_settings
from gui.race_run import Entry, RaceRun
from gui.race_threads import RaceThreads
from gui.race_time import RaceTime
from gui.run_state import RunState
from gui.theme import RUN_LETTERS
from gui.walk_controller import UPDATE

FRAME_MILLISECONDS, UNWATCHED_MILLISECONDS = 33, 400
WATCHED, UNWATCHED = Wanted(has_prediction=False), Wanted(has_trace=False, has_prediction=False)
ENDED = (RunState.DIVERGED, RunState.FAILED)


class RaceController(QObject):
    """Begins, drives and ends the runs of a race.

    ``changed`` follows when runs come, go or change their state, ``progressed`` when there is something new to draw. ``refused`` says
    what is wrong with a wish. ``taken`` carries what a run continues from that becomes the window's own, and its TrainingPace.
    ``is_driven``: play, pause, step and reset of the window mean the race; ``driven_changed`` follows.
    """

    changed = Signal()
    progressed = Signal()
    refused = Signal(str)
    taken = Signal(object, object)
    driven_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[RaceRun] = []
        self.is_driven = False
        self.is_matched = True
        self._threads = RaceThreads(self)
        self._base: Settings | None = None
        self._speed = math.inf
        self._is_playing = self._is_leveling = self._is_watched = self._is_new = False
        self._helper = KernelHelper(self)
        self._helper.became_ready.connect(self._on_kernels_ready)
        self._helper.failed.connect(self._on_kernels_failed)
        self._threads.state_changed.connect(self._on_state_changed)
        self._threads.snapshot_made.connect(self._on_snapshot_made)
        self._threads.timed.connect(self._on_timed)
        self._threads.refused.connect(self._on_refused)
        self._threads.state_given.connect(self._on_state_given)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._on_tick)

    # What the window and the panel read.

    @property
    def is_playing(self) -> bool:
        """Whether the race runs, or will as soon as all runs are loaded."""
        return self._is_playing

    @property
    def is_even(self) -> bool:
        """Whether the runs keep step by updates."""
        return self._threads.pace.is_even

    @property
    def base(self) -> Settings | None:
        """The settings that the race began from."""
        return self._base

    @property
    def step(self) -> int:
        """Updates that every run has done that is still in the race."""
        steps = [run.step for run in self.runs if not run.has_ended and not run.is_stopped] or [run.step for run in self.runs]
        return min(steps, default=0)

    def run(self, letter: str) -> RaceRun:
        """The run with that badge."""
        return next(run for run in self.runs if run.letter == letter)

    def takes(self, settings: Settings) -> bool:
        """Whether a run with ``settings`` would learn from the data of this race."""
        base = self._base
        return base is None or (settings.task == base.task and settings.training.seed == base.training.seed)

    # Commands.

    def begin(self, base: Settings, cells: Sequence[str]) -> None:
        """Race ``cells`` with the settings ``base``, from now on; a race that is on ends."""
        self.end()
        self._base = base
        for cell in cells[:MOST_RUNS]:
            self._enter(Entry(base.with_changes({"network.cell": cell}), base, self.is_matched))
        self._drive(True)
        self.play()

    def add(self, settings: Settings, is_matched: bool) -> None:
        """One more run; it plays if the race does. ``refused`` follows where there are six already, or it trains on other data."""
        base = self._base or settings
        try:
            if len(self.runs) >= MOST_RUNS:
                raise InputError(f"{MOST_RUNS} runs are in the race already: remove one to add another")
            if not self.takes(settings):
                raise InputError("a run on other data can't be compared: task and seed must be those of the race")
        except InputError as error:
            self.refused.emit(str(error))
            return
        self._base = base
        self._enter(Entry(settings, base, is_matched))
        self._play_where_ready()

    def remove(self, letter: str) -> None:
        """Take a run out of the race, with its curve."""
        run = self.run(letter)
        self._threads.retire(run.run_id)
        self.runs.remove(run)
        if not self.runs:
            self.end()
            return
        self._note_end()
        self.changed.emit()

    def stop(self, letter: str, is_stopped: bool = True) -> None:
        """Let a run stand where it is, and its curve stay; or let it go on."""
        run = self.run(letter)
        run.is_stopped = is_stopped
        worker = self._threads[run.run_id]
        if is_stopped:
            worker.pause()
        elif self._is_playing and not run.has_ended:
            worker.play()
        self._note_end()
        self.changed.emit()

    def use(self, letter: str) -> None:
        """Make a run the window's own, as it is now; ``taken`` follows."""
        self._threads[self.run(letter).run_id].give_state()

    def play(self) -> None:
        """Let all runs train; those that are still loading begin together."""
        if not self.runs:
            return
        self._drive(True)
        self._is_playing, self._is_leveling = True, False
        self._play_where_ready()
        self._note_end()
        if not self._is_playing:
            self.refused.emit("every run of the race was stopped or has ended: let one go on, reset, or add another")
        self.changed.emit()

    def pause(self) -> None:
        """Stop all runs after the current chunk; by updates the others then catch up with the first."""
        self._is_leveling = self._is_playing and self._threads.pace.is_even
        self._is_playing = False
        for run in self.runs:
            self._threads[run.run_id].pause()
        self.changed.emit()

    def toggle(self) -> None:
        """Play or pause."""
        self.pause() if self._is_playing else self.play()

    def do_step(self, size: str) -> None:
        """Train every run for one "epoch", or for one update: runs have no time steps in common that they could stop at."""
        self._is_playing = self._is_leveling = False
        for run in self._able():
            self._threads[run.run_id].step(size if size in STEP_UPDATES else UPDATE)

    def train(self, updates: int) -> None:
        """Train every run for ``updates`` updates, then pause."""
        self._is_playing = self._is_leveling = False
        for run in self._able():
            self._threads[run.run_id].train(updates)

    def reset(self) -> None:
        """All runs anew: the same seed, the same weights, the same curves."""
        self._begin_anew([run.entry for run in self.runs])

    def change_all(self, changes: Mapping[str, Any]) -> None:
        """All runs anew with other settings of the data or another seed."""
        if self._base is None:
            return
        base, given = self._base.with_changes(changes), self._base
        if base != given:
            self._base = base
            self._begin_anew([replace(run.entry, settings=run.entry.settings.with_changes(changes), base=base) for run in self.runs])

    def set_matched(self, is_matched: bool) -> None:
        """Give all runs as many parameters as the one that the race began from, or the same hidden size; they begin anew."""
        self.is_matched = is_matched
        self._begin_anew([replace(run.entry, is_matched=is_matched) for run in self.runs])

    def set_even(self, is_even: bool) -> None:
        """Hold the runs to the slowest one, or let each run as fast as it can."""
        self._threads.pace.set_even(is_even)
        self.changed.emit()

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed of every run; infinity: none."""
        self._speed = updates_per_second
        self._threads.set_speed(updates_per_second)

    def set_watched(self, is_watched: bool) -> None:
        """Whether anybody sees the race: otherwise it is looked into rarely, and not inside."""
        self._is_watched = is_watched
        self._clock.setInterval(FRAME_MILLISECONDS if is_watched else UNWATCHED_MILLISECONDS)
        if is_watched:
            for run in self.runs:
                self._request(run)

    def take_transport(self) -> None:
        """Play, pause, step and reset of the window mean the race."""
        if self.runs:
            self._drive(True)

    def give_up_transport(self) -> None:
        """The window's own run plays: the race waits."""
        if self._is_playing:
            self.pause()
        self._drive(False)

    def end(self) -> None:
        """Take all runs out; the window's transport means its own run again."""
        for run in self.runs:
            self._threads.retire(run.run_id)
        self.runs = []
        self._base = None
        self._is_playing = self._is_leveling = False
        self._clock.stop()
        self._drive(False)
        self.changed.emit()

    def close(self) -> None:
        """End all threads and the helper process, and wait for them."""
        self._clock.stop()
        self._helper.stop()
        self._threads.close()

    # Runs.

    def _enter(self, entry: Entry) -> None:
        """Begin a run with the first free letter."""
        taken = {run.letter for run in self.runs}
        letter = next(letter for letter in RUN_LETTERS if letter not in taken)
        self.runs = sorted([*self.runs, RaceRun(letter, entry, self._start(entry))], key=lambda run: run.letter)
        self.changed.emit()

    def _start(self, entry: Entry) -> int:
        """Load a run in a thread of its own."""
        make = trainer_for_matched(entry.settings, entry.base) if entry.is_matched else trainer_for_settings(entry.settings)
        return self._threads.start(make, self._speed)

    def _begin_anew(self, entries: Sequence[Entry]) -> None:
        """Every run from its start; a race that plays goes on playing."""
        is_playing, self._is_playing = self._is_playing, False
        for run, entry in zip(self.runs, entries, strict=True):
            self._threads.retire(run.run_id)
            run.entry = entry
            run.begin_anew(self._start(entry))
        self._is_playing = is_playing
        self.changed.emit()
        self.progressed.emit()

    def _by_id(self, run_id: int) -> RaceRun | None:
        return next((run for run in self.runs if run.run_id == run_id), None)

    def _able(self) -> list[RaceRun]:
        """Runs that can train."""
        return [
            run for run in self.runs if not run.is_stopped and not run.has_ended and self._threads.state(run.run_id) is not RunState.LOADING
        ]

    def _play_where_ready(self) -> None:
        """All begin together: nobody plays while somebody loads."""
        if self._is_playing and not self._threads.is_any_loading:
            for run in self._able():
                if self._threads.state(run.run_id) is not RunState.RUNNING:
                    self._threads[run.run_id].play()

    def _drive(self, is_driven: bool) -> None:
        if is_driven != self.is_driven:
            self.is_driven = is_driven
            self.driven_changed.emit(is_driven)

    def _note_end(self) -> None:
        """A race whose runs have all come to stand plays no longer."""
        if not self._able() and not self._threads.is_any_loading:
            self._is_playing = False

    # What the workers say.

    def _on_state_changed(self, run_id: int, state: RunState, said: str) -> None:
        run = self._by_id(run_id)
        if run is None:
            return
        was_loading = run.word == RunState.LOADING.value
        run.word, run.said = state.value, said
        run.is_running, run.has_ended = state is RunState.RUNNING, state in ENDED
        if was_loading and state is RunState.PAUSED:
            self._ask_for_kernels(run)
        if state is RunState.FAILED:
            self.refused.emit(f"{run.title}: {said}")
        is_any_running = self._threads.is_any_running
        if is_any_running and not self._clock.isActive():
            self._clock.start()
        elif not is_any_running:
            self._clock.stop()
        if state is not RunState.RUNNING:
            self._request(run)
        self._play_where_ready()
        self._note_end()
        self.changed.emit()

    def _on_snapshot_made(self, run_id: int, snapshot: Snapshot) -> None:
        run = self._by_id(run_id)
        if run is None:
            return
        run.take(snapshot)
        self._is_new = True
        if not self._clock.isActive():
            self._show()
            self._level()

    def _on_timed(self, run_id: int, taken: RaceTime) -> None:
        run = self._by_id(run_id)
        if run is not None:
            run.note_time(taken)

    def _on_refused(self, run_id: int, message: str) -> None:
        run = self._by_id(run_id)
        if run is not None:
            self.refused.emit(f"{run.title}: {message}")

    def _on_state_given(self, run_id: int, state: object, trained: object) -> None:
        if self._by_id(run_id) is not None:
            self.taken.emit(state, trained)

    # Frames.

    def _on_tick(self) -> None:
        self._show()
        for run in self.runs:
            if run.is_running:
                self._request(run, is_due=False)

    def _show(self) -> None:
        if self._is_new:
            self._is_new = False
            self.progressed.emit()

    def _request(self, run: RaceRun, is_due: bool = True) -> None:
        self._threads.request(run.run_id, WATCHED if self._is_watched else UNWATCHED, is_due)

    def _level(self) -> None:
        """After a pause by updates: let those that stand behind catch up, so that all have done the same number."""
        if not self._is_leveling or not self._threads.is_quiet:
            return
        self._is_leveling = False
        able = self._able()
        target = max((run.step for run in able), default=0)
        for run in able:
            if run.step < target:
                self._threads[run.run_id].train(target - run.step)

    # Kernels.

    def _ask_for_kernels(self, run: RaceRun) -> None:
        combination = combination_for(run.entry.settings)
        if not combination.is_ready:
            run.awaits_kernels = True
            self._helper.ask_for(combination)

    def _with_kernels(self, combination: Combination) -> list[RaceRun]:
        return [run for run in self.runs if combination_for(run.entry.settings) == combination]

    def _on_kernels_ready(self, combination: Combination) -> None:
        for run in self._with_kernels(combination):
            self._threads[run.run_id].use_kernels()

    def _on_kernels_failed(self, combination: Combination, message: str) -> None:
        """Then the slow steps are the run's own speed."""
        for run in self._with_kernels(combination):
            run.awaits_kernels = False
        self.refused.emit(message)
