"""Holds the current run for the window: its worker, its history, its kernels.

A new run is loaded beside the old one and takes its place only when it could be loaded: a file that can't be read costs
nothing. Workers that were replaced are waited for, never terminated.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.branch import Timeline
from core.compile import combination_for
from core.readers.recognition import Recognition
from core.run_record import RunMoment
from core.sampling import Sampling
from core.settings import Settings
from core.snapshot import Snapshot
from core.trainer_state import TrainerState
from gui.candidate_run import CandidateRun
from gui.frame_maker import EVERYTHING, Wanted
from gui.length_tests import LengthTests
from gui.making_trainers import (
    MakeTrainer,
    trainer_for_first_that_loads,
    trainer_for_session,
    trainer_for_settings,
    trainer_for_state,
)
from gui.parked_run import ParkedRun, Turn
from gui.retiring_workers import RetiringWorkers
from gui.run_history import RunHistory
from gui.run_kernels import RunKernels
from gui.run_messages import RunMessages
from gui.run_state import RunState
from gui.training_pace import TrainingPace
from gui.worker import Worker


class RunController(QObject):
    """Begins, drives and ends runs; passes on only what belongs to the current one.

    ``recognised`` carries settings of a run, or of one that is refused, and what was recognised in the file that they name.
    ``settings_changed`` carries the settings in force after every live change; ``compiling`` the share of the run's kernels that
    is compiled, 0…1, and None when there is nothing to wait for. ``answered`` and ``lengths_tested`` end with the number of updates
    that the network had seen; how it does on longer sequences is tested when asked for, and once by itself when it has solved its task.
    ``live_changed`` carries the settings before and after a live change that was asked for, ``travelled`` a Journey through the run's
    time, ``rewinding`` how far a rewind is, 0…1, and None at its end. When another run takes its place, ``parked`` keeps the last one.
    ``resumed_id`` is the id that the current run had before it was parked.
    ``settling`` comes before anything that needs all that was set; ``weight_edited`` carries a WeightEdit, the old value, and words.
    """

    run_began = Signal(object)
    run_refused = Signal(str)
    recognised = Signal(object, object)
    state_changed = Signal(object, str)
    settings_changed = Signal(object)
    snapshot_arrived = Signal(object)
    answered = Signal(object, int)
    answer_refused = Signal(str)
    lengths_tested = Signal(object, int)
    refused = Signal(str)
    saved = Signal(str)
    compiling = Signal(object)
    live_changed = Signal(object, object)
    weight_edited = Signal(object, float, str)
    settling = Signal()
    timeline_changed = Signal(object)
    travelled = Signal(object)
    rewinding = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = RunHistory()
        self.settings = Settings()
        self.state = RunState.LOADING
        self.session_path: Path | None = None
        self._on_moment: Callable[[int, RunMoment], None] | None = None
        self.timeline = Timeline(0)
        self.parked: ParkedRun | None = None
        self.resumed_id: int | None = None
        self._worker: Worker | None = None
        self._candidate: CandidateRun | None = None
        self._retiring = RetiringWorkers(self)
        self._last_run_id = 0
        self._is_frame_in_flight = False
        self._lengths = LengthTests(self._is_current, self)
        self._lengths.tested.connect(self.lengths_tested)
        # What was last asked for: a worker in the middle of a long update has not said yet that it pauses.
        self._is_playing_asked = self._is_closed = False
        self._speed = math.inf
        self._messages = RunMessages(self._is_current, self)
        self._messages.refused.connect(self._on_refused)
        for name in ("answered", "answer_refused", "weight_edited", "travelled", "rewinding"):
            getattr(self._messages, name).connect(getattr(self, name))
        self._kernels = RunKernels(lambda: combination_for(self.settings), self)
        self._kernels.compiling.connect(self.compiling)
        self._kernels.became_ready.connect(lambda: self._tell(Worker.use_kernels))
        self._kernels.given_up.connect(lambda: self._tell(Worker.forget_waiting))
        self._kernels.failed.connect(self.refused)

    @property
    def wanted_settings(self) -> Settings:
        """Those of the run that is being loaded, if its settings are known, else those of the current one."""
        candidate = self._candidate
        return candidate.settings if candidate is not None and candidate.settings is not None else self.settings

    @property
    def is_trained(self) -> bool:
        """Whether the current run has learned something that a new run would lose."""
        return self._candidate is None and self.history.step > 0

    @property
    def is_rewinding(self) -> bool:
        """Whether the current run is on its way back, which pausing gives up."""
        return self._messages.is_rewinding and self._candidate is None

    @property
    def is_playing_wanted(self) -> bool:
        """Whether a run plays, or will as soon as it is loaded."""
        return self._candidate.is_playing if self._candidate is not None else self._is_playing_asked

    def begin(self, settings: Settings, is_playing: bool = False) -> int:
        """Load a fresh run; returns its id. ``run_began`` or ``run_refused`` follows."""
        return self._load(trainer_for_settings(settings), settings, None, is_playing)

    def begin_first_that_loads(self, choices: Sequence[Settings], is_playing: bool = False) -> None:
        """Load a fresh run with the first settings whose data can be read."""
        only = choices[0] if len(choices) == 1 else None
        self._load(trainer_for_first_that_loads(choices), only, None, is_playing, choices[0])

    def open_session(self, path: Path) -> None:
        """Load a session; ``run_began`` or ``run_refused`` follows."""
        self._load(trainer_for_session(path), None, path, is_playing=False)

    def reopen(self, path: Path) -> int:
        """Load a session that is the program's own, not a person's file; returns the run's id. ``run_began`` or ``run_refused`` follows."""
        return self._load(trainer_for_session(path), None, None, is_playing=False)

    @property
    def run_id(self) -> int | None:
        """Of the current run; None before the first."""
        return self._worker.run_id if self._worker is not None else None

    def keep_moments(self, on_moment: Callable[[int, RunMoment], None] | None) -> None:
        """Hand every run to ``on_moment``, in its own thread, when it ends and when ``take_moment`` asks for it; None: no run."""
        self._on_moment = on_moment
        for worker in (self._worker, self._candidate.worker if self._candidate is not None else None):
            if worker is not None:
                worker.on_moment = on_moment

    def take_moment(self) -> None:
        """Let the current run hand out what can be kept of it."""
        self._tell(Worker.take_moment)

    def begin_from(self, state: TrainerState, trained: TrainingPace) -> None:
        """Load a run that continues where another one stands, trained as that was; ``run_began`` or ``run_refused`` follows."""
        self._load(trainer_for_state(state), state.settings, None, is_playing=False, trained=trained)

    def resume(self, parked: ParkedRun, is_playing: bool = False) -> int:
        """Bring back a run that was parked, as it was; returns its new id. ``run_began`` or ``run_refused`` follows."""
        turn = parked.next_turn()
        return self._load(turn.trainer, parked.settings, parked.session_path, is_playing, turn=turn, trained=parked.pace)

    def rewind(self, step: int, before_change: int | None = None) -> None:
        """Go back to after update ``step``, to before that change of the journal, and pause; ``travelled`` or ``refused`` follows."""
        self._travel(lambda worker: worker.rewind(step, before_change))

    def return_to(self, branch: int) -> None:
        """Go on at the end of a branch that was left, and pause; ``travelled`` or ``refused`` follows."""
        self._travel(lambda worker: worker.return_to(branch))

    def take_back(self, key: str, value: Any) -> None:
        """Rewind to just before the newest change of ``key`` to ``value``; ``travelled`` or ``refused`` follows."""
        self._travel(lambda worker: worker.take_back(key, value))

    def _travel(self, go: Callable[[Worker], None]) -> None:
        self.settling.emit()
        if self._worker is not None and self._candidate is None:
            self._is_playing_asked = False
            go(self._worker)

    def play(self) -> None:
        """Train; a run that is still loading begins to as soon as it is there."""
        if self._candidate is not None:
            self._candidate.is_playing = True
        elif self._worker is not None:
            self._is_playing_asked = True
            self._worker.play()

    def pause(self) -> None:
        """Stop training after the current chunk of updates."""
        self._is_playing_asked = False
        if self._candidate is not None:
            self._candidate.is_playing = False
        self._tell(Worker.pause)

    def step(self, size: str) -> None:
        """Train for one "update" or "epoch"."""
        if self._worker is not None and self._candidate is None:
            self._is_playing_asked = False
            self._worker.step(size)

    def train(self, updates: int) -> None:
        """Train for ``updates`` updates, then pause."""
        if self._worker is not None:
            self._is_playing_asked = False
            self._worker.train(updates)

    def apply(self, changes: dict[str, Any]) -> None:
        """Change live settings of the run, or of the one being loaded; ``settings_changed`` or ``refused`` follows.

        Raises
        ------
        InputError
            For values that no run could have; nothing is changed then.
        """
        old = self.wanted_settings
        new = old.with_changes(changes)
        if self._candidate is not None:
            self._candidate.worker.apply(changes)
            if self._candidate.settings is not None:
                self._candidate.settings = new
        elif self._worker is not None:
            self._worker.apply(changes)
            self.settings = new
        self._kernels.ask_for(combination_for(new))
        # What is changed of a run that is being loaded belongs to its beginning.
        if new != old and self._candidate is None:
            self.live_changed.emit(old, new)

    def edit_weight(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Set one weight of the current run; ``refused`` follows where it can't be."""
        self._tell(lambda worker: worker.edit_weight(name, index, value))

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed of this and later runs; infinity: none."""
        self._speed = updates_per_second
        self._tell(lambda worker: worker.set_speed(updates_per_second))

    def request_frame(self, wanted: Wanted | Callable[[], Wanted] = EVERYTHING) -> bool:
        """Ask for a snapshot unless one is on its way, and only then for what is ``wanted``; returns whether it asked."""
        if self._worker is None or self._is_frame_in_flight or self.state is RunState.LOADING:
            return False
        self._is_frame_in_flight = True
        self._worker.request_frame(wanted() if callable(wanted) else wanted)
        return True

    def ask(self, text: str, sampling: Sampling, seed: int = 0) -> None:
        """Ask the network something; ``answered`` or ``answer_refused`` follows, and again as the network changes."""
        self._tell(lambda worker: worker.ask(text, sampling, seed))

    def forget_question(self) -> None:
        """Nobody waits for an answer any more."""
        self._tell(Worker.forget_question)

    def test_lengths(self) -> None:
        """Test the network on longer sequences; ``lengths_tested`` follows."""
        self._lengths.ask(self._worker)

    def save(self, path: str) -> None:
        """Write a session of the current run; ``saved`` or ``refused`` follows."""
        self.settling.emit()
        self._tell(lambda worker: worker.save(path))

    def close(self) -> None:
        """End all threads and the helper process, and wait for them; no run begins any more."""
        self._is_closed = True
        self._kernels.stop()
        for worker in (self._worker, self._candidate.worker if self._candidate is not None else None):
            if worker is not None:
                self._retiring.retire(worker)
        self._worker = self._candidate = None
        self.parked = None
        self._retiring.wait()

    def _load(
        self,
        make_trainer: MakeTrainer,
        settings: Settings | None,
        session_path: Path | None,
        is_playing: bool,
        tried: Settings | None = None,
        turn: Turn | None = None,
        trained: TrainingPace | None = None,
    ) -> int:
        """``tried`` are those whose data are described where none can be read; left out: ``settings``."""
        if self._is_closed:
            return self._last_run_id
        self.settling.emit()
        if self._candidate is not None:
            self._retiring.retire(self._candidate.worker)
        self._last_run_id += 1
        worker = Worker(self._last_run_id, make_trainer, settings or tried, past=turn.moments if turn else None, trained=trained)
        if turn is not None:
            turn.give_to(worker)
        worker.on_moment = self._on_moment
        worker.loaded.connect(self._on_loaded)
        worker.recognised.connect(self._on_recognised)
        worker.state_changed.connect(self._on_state_changed)
        worker.settings_changed.connect(self._on_settings_changed)
        worker.snapshot_made.connect(self._on_snapshot_made)
        self._lengths.pass_on(worker)
        worker.saved.connect(self._on_saved)
        worker.timeline_changed.connect(self._on_timeline_changed)
        self._candidate = CandidateRun(worker, settings, session_path, is_playing, turn.parked if turn else None)
        if self._worker is None:
            self._set_state(RunState.LOADING, "")
        self._messages.pass_on(worker)
        worker.start()
        return worker.run_id

    def _is_current(self, run_id: int) -> bool:
        return self._worker is not None and self._worker.run_id == run_id

    def _is_candidate(self, run_id: int) -> bool:
        return self._candidate is not None and self._candidate.worker.run_id == run_id

    def _on_loaded(self, run_id: int, settings: Settings) -> None:
        candidate = self._candidate
        if candidate is None or not self._is_candidate(run_id):
            return
        self.parked = None
        if self._worker is not None:
            self.parked = ParkedRun(self._worker, self.settings, self.session_path, self.history)
            self._retiring.retire(self._worker)
        self._worker, self._candidate = candidate.worker, None
        self.settings = candidate.settings or settings
        self.session_path = candidate.session_path
        self.resumed_id = candidate.parked.run_id if candidate.parked is not None else None
        self._is_frame_in_flight = False
        self._lengths.begin()
        self.history = RunHistory() if candidate.parked is None else candidate.parked.history
        self.history.run_id = run_id
        self.timeline = Timeline(0)
        self._worker.set_speed(self._speed)
        self.run_began.emit(self.settings)
        self._kernels.ask_for(combination_for(self.settings))
        self._is_playing_asked = candidate.is_playing
        if candidate.is_playing:
            self._worker.play()

    def _on_state_changed(self, run_id: int, state: RunState, explanation: str) -> None:
        if self._is_candidate(run_id) and state is RunState.FAILED:
            assert self._candidate is not None
            self._retiring.retire(self._candidate.worker)
            self._candidate = None
            self.run_refused.emit(explanation)
            if self._worker is None:
                self._set_state(state, explanation)
        elif self._is_current(run_id):
            if state in (RunState.FAILED, RunState.DIVERGED):
                self._is_playing_asked = False
            if state is RunState.FAILED:
                self._is_frame_in_flight = False
            self._set_state(state, explanation)

    def _on_recognised(self, run_id: int, settings: Settings, recognition: Recognition | None) -> None:
        if self._is_current(run_id) or self._is_candidate(run_id):
            self.recognised.emit(settings, recognition)

    def _set_state(self, state: RunState, explanation: str) -> None:
        self.state = state
        self.state_changed.emit(state, explanation)

    def _on_settings_changed(self, run_id: int, settings: Settings) -> None:
        if self._is_current(run_id):
            self.settings = settings
            self.settings_changed.emit(settings)

    def _on_snapshot_made(self, run_id: int, snapshot: Snapshot) -> None:
        if not self._is_current(run_id):
            return
        self._is_frame_in_flight = False
        self.history.add(snapshot)
        self.snapshot_arrived.emit(snapshot)
        self._lengths.note(snapshot, self._worker)

    def _on_timeline_changed(self, run_id: int, timeline: Timeline) -> None:
        if self._is_current(run_id):
            self.timeline = timeline
            self.history.earliest, self.history.branches = timeline.earliest, timeline.branches
            self.timeline_changed.emit(timeline)

    def _on_saved(self, run_id: int, path: str) -> None:
        if self._is_current(run_id):
            self.session_path = Path(path)
            self.saved.emit(path)

    def _on_refused(self, message: str) -> None:
        if self.state is not RunState.RUNNING:
            # What was refused may have made it pause.
            self._is_playing_asked = False
        self.refused.emit(message)

    def _tell(self, command: Callable[[Worker], None]) -> None:
        if self._worker is not None:
            command(self._worker)
