"""Walks through the shown sequence: step by step on request, or by itself in slow motion, with an update of the weights after each round.

The run stands still meanwhile: what is walked through is its last look inside, with the present weights. One timer, running only
in slow motion.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from core.snapshot import Snapshot
from gui.bench import Bench
from gui.frames import Frames
from gui.panels.panel import Panel
from gui.run_controller import RunController
from gui.run_state import RunState
from gui.speed import UNLIMITED, is_slow_motion, steps_per_second
from gui.walk import Phase, Walk

TIME_STEP, SEQUENCE, UPDATE = "time step", "sequence", "update"


class WalkController(QObject):
    """Holds the one walk, and plays and pauses: at ordinary speeds the run itself, in slow motion the walk.

    ``walked`` carries the walk whenever it has changed; ``playing_changed`` whether it goes on by itself.
    """

    walked = Signal(object)
    playing_changed = Signal(bool)

    def __init__(self, controller: RunController, frames: Frames, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._frames, self._bench = controller, frames, bench
        self.walk = Walk()
        self.is_playing = False
        self._speed = UNLIMITED
        # The walk that begins when a frame of more than so many updates is there and the run stands still.
        self._awaited: Walk | None = None
        self._updates_before = self._updates_walked = -1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        controller.run_began.connect(self._on_run_began)
        controller.state_changed.connect(self._on_state_changed)
        controller.refused.connect(self._on_refused)
        controller.travelled.connect(self._on_travelled)
        controller.rewinding.connect(self._on_travelled)
        frames.shown.connect(self._on_frame_shown)
        bench.for_every_panel(self._take_in)

    # Commands

    def step(self, size: str) -> bool:
        """Go on by a "time step" or a "sequence"; returns False for sizes that are the run's own."""
        if size not in (TIME_STEP, SEQUENCE):
            return False
        self._set_playing(False)
        if self._controller.state is RunState.RUNNING:
            if self._awaited is None:
                self._controller.pause()
                self._await(self._first(size), updates_before=-1)
        elif self.walk.is_complete:
            self._update(Walk(Phase.FORWARD, 0, self.walk.seq_len) if size == TIME_STEP else Walk())
        elif self._seq_len():
            self._set_walk(self._next(size))
        return True

    def play(self) -> None:
        """Train until paused; in slow motion walk and train in turn."""
        if is_slow_motion(self._speed):
            self._set_playing(True)
        else:
            self._controller.play()

    def pause(self) -> None:
        """Stand still."""
        self._set_playing(False)
        self._controller.pause()

    def set_speed(self, speed: float) -> None:
        """Take another speed, also while it plays."""
        self._speed = speed
        if is_slow_motion(speed):
            self._timer.setInterval(round(1000 / steps_per_second(speed)))
            if self._controller.is_playing_wanted:
                self._controller.pause()
                self._set_playing(True)
            return
        self._controller.set_speed(speed)
        if self.is_playing:
            self._set_playing(False)
            self._controller.play()

    def end(self) -> None:
        """Nobody walks any more."""
        self._awaited = None
        self._set_walk(Walk())

    def stop(self) -> None:
        """No timer runs any more."""
        self._set_playing(False)

    # The walk

    def _seq_len(self) -> int:
        """T of what is shown; 0 while nothing is."""
        snapshot = self._frames.snapshot
        return 0 if snapshot is None or snapshot.trace is None else snapshot.trace.seq_len

    def _first(self, size: str) -> Walk:
        """Where a walk begins."""
        start = Walk(Phase.NONE, 0, self._seq_len())
        return start.advanced() if size == TIME_STEP else start.at_end_of_pass()

    def _next(self, size: str) -> Walk:
        if not self.walk.is_on:
            return self._first(size)
        return self.walk.advanced() if size == TIME_STEP else self.walk.at_end_of_pass()

    def _set_walk(self, walk: Walk) -> None:
        if walk == self.walk:
            return
        self.walk = walk
        for panel in self._bench.panels:
            panel.set_walk(walk)
        if walk.is_on:
            self._updates_walked = self._frames.shown_step
            self._frames.set_cursor(walk.step)
        self.walked.emit(walk)

    def _take_in(self, panel: Panel) -> None:
        """A panel that was made just now walks with the others."""
        if self.walk.is_on:
            panel.set_walk(self.walk)

    def _update(self, then: Walk) -> None:
        """Change the weights by the next batch; ``then`` begins with what they are after it."""
        self._await(then, updates_before=self._frames.shown_step)
        self._controller.step(UPDATE)

    def _await(self, walk: Walk, updates_before: int) -> None:
        self._awaited, self._updates_before = walk, updates_before

    def _set_playing(self, is_playing: bool) -> None:
        if is_playing:
            self._timer.start()
        else:
            self._timer.stop()
        if is_playing != self.is_playing:
            self.is_playing = is_playing
            self.playing_changed.emit(is_playing)

    def _on_tick(self) -> None:
        if self._awaited is not None or not self._seq_len() or self._controller.state is not RunState.PAUSED:
            return
        if self.walk.is_complete:
            self._update(Walk(Phase.FORWARD, 0, self.walk.seq_len))
        else:
            self._set_walk(self._next(TIME_STEP))

    # What the run does

    def _on_frame_shown(self, snapshot: Snapshot) -> None:
        awaited = self._awaited
        if awaited is not None:
            is_there = snapshot.step > self._updates_before and snapshot.trace is not None
            if is_there and self._controller.state is not RunState.RUNNING:
                self._awaited = None
                self._set_walk(Walk(awaited.phase, min(awaited.step, self._seq_len() - 1), self._seq_len()) if awaited.is_on else Walk())
        elif self.walk.is_on and (snapshot.step != self._updates_walked or self._seq_len() != self.walk.seq_len):
            self.end()

    def _on_state_changed(self, state: RunState, _said: str) -> None:
        if state in (RunState.DIVERGED, RunState.FAILED):
            self._set_playing(False)
            self.end()
        elif state is RunState.RUNNING and self._awaited is None:
            self.end()

    def _on_refused(self, _message: str) -> None:
        """The update could not be had."""
        if self._awaited is not None:
            self._set_playing(False)
            self.end()

    def _on_travelled(self, _where: object) -> None:
        """The run stands still elsewhere, or is on its way there: no update comes that could be waited for."""
        self._set_playing(False)
        self.end()

    def _on_run_began(self, _settings: object) -> None:
        self._set_playing(False)
        self.end()
