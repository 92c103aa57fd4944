"""Frames: asks the run for them, hands them to the panels that a person can see, and keeps the one time cursor."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.look import Focus
from core.registry import looks
from core.snapshot import Snapshot, Trace
from gui.bench import Bench
from gui.frame_clock import FrameClock
from gui.frame_maker import Wanted
from gui.panel_turns import PanelTurns
from gui.panels.panel import Panel
from gui.polled_loop import PolledLoop
from gui.run_controller import RunController
from gui.run_state import RunState


class Frames(QObject):
    """Pulls at most one frame at a time, and none for a window that nobody sees.

    ``shown`` carries every snapshot after the panels have drawn it; ``cursor_moved`` the time step (from 0) that is marked everywhere.
    """

    shown = Signal(object)
    cursor_moved = Signal(int)

    def __init__(self, controller: RunController, bench: Bench, window: QWidget) -> None:
        super().__init__(window)
        self._controller, self._bench, self._window = controller, bench, window
        self._clock = FrameClock(self)
        self._clock.frame_due.connect(self._on_frame_due)
        self._polled_loop = PolledLoop(self)
        self._turns = PanelTurns()
        self._is_wanted = False
        self._layer = 0
        self.cursor = -1
        self.unit: int | None = None
        self.snapshot: Snapshot | None = None
        self.shown_step = 0
        self.count = 0
        controller.snapshot_arrived.connect(self.show_snapshot)
        bench.for_every_panel(self._take_in)
        for dock in bench.docks.values():
            dock.visibilityChanged.connect(lambda _visible: self.request_soon())

    def _take_in(self, panel: Panel) -> None:
        """A panel that was made just now learns what all others know."""
        panel.cursor_moved.connect(self.set_cursor)
        panel.focus_changed.connect(self._on_layer_chosen)
        panel.unit_followed.connect(self.follow)
        panel.set_running(self._controller.state is RunState.RUNNING)
        if self.cursor >= 0:
            panel.set_cursor(self.cursor)
        if self.unit is not None:
            panel.follow(self.unit)
        self.request_soon()

    @property
    def focus(self) -> Focus:
        """What the person looks at."""
        return Focus(max(self.cursor, 0), self._layer)

    def begin(self) -> None:
        """Another run: nothing of the old one stays."""
        self.snapshot = None
        self.shown_step = 0
        self.cursor = -1
        self._layer = 0
        self._turns.clear()
        for panel in self._bench.panels:
            panel.clear()

    def set_state(self, state: RunState) -> None:
        """Ask for frames while the run trains, and for a last one when it stops."""
        is_running = state is RunState.RUNNING
        self._set_running(is_running)
        for panel in self._bench.panels:
            panel.set_running(is_running)
        if not is_running:
            self.request_soon()

    def stop(self) -> None:
        """Ask for nothing any more."""
        self._set_running(False)

    def _set_running(self, is_running: bool) -> None:
        self._clock.set_running(is_running)
        self._polled_loop.set_running(is_running)

    def request_soon(self) -> None:
        """A frame for a run that stands still: something else has changed."""
        # Docks that move ask dozens of times in a row: what is wanted is found out only where a frame can be had.
        if self._controller.state is not RunState.RUNNING and not self._controller.request_frame(self._wanted):
            self._is_wanted = True

    def move_cursor(self, by: int) -> None:
        """Move the time cursor of all panels."""
        self.set_cursor(self.cursor + by)

    def set_cursor(self, step: int) -> None:
        """Mark one time step everywhere."""
        trace = self.snapshot.trace if self.snapshot is not None else None
        last = trace.seq_len - 1 if trace is not None else max(step, 0)
        step = min(max(step, 0), last)
        is_moved, self.cursor = step != self.cursor, step
        for panel in self._bench.panels:
            panel.set_cursor(step)
        if is_moved:
            self.cursor_moved.emit(step)
            self._look_again()

    def follow(self, unit: int) -> None:
        """Mark one unit everywhere."""
        self.unit = unit
        for panel in self._bench.panels:
            panel.follow(unit)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw it in every panel that a person can see."""
        history = self._controller.history
        # Words and the cursor go by the last look inside.
        self.snapshot = snapshot if snapshot.trace is not None else replace(snapshot, trace=history.trace)
        is_running = self._controller.state is RunState.RUNNING
        self._turns.show(
            self._bench.visible_panels(), snapshot, lambda panel, shown: panel.show_snapshot(shown, history), is_sharing=is_running
        )
        if snapshot.prediction is not None:
            self._clock.note_prediction()
        if snapshot.trace is not None and not 0 <= self.cursor < snapshot.trace.seq_len:
            self.set_cursor(_first_cursor(snapshot.trace))
        self.shown_step = snapshot.step
        self.count += 1
        # What a look has left out for lack of time follows while the run rests.
        is_partial = any(getattr(look, "is_partial", False) for look in snapshot.looks.values())
        if (self._is_wanted or is_partial) and self._controller.state is not RunState.RUNNING:
            self._is_wanted = False
            self._controller.request_frame(self._wanted())
        self.shown.emit(snapshot)
        self._clock.note_frame()

    def _on_frame_due(self, is_prediction_due: bool) -> None:
        if not self._window.isMinimized() and self._window.isVisible():
            self._controller.request_frame(self._wanted(is_prediction_due))

    def _on_layer_chosen(self, layer: int) -> None:
        if layer != self._layer:
            self._layer = layer
            self._look_again()

    def _look_again(self) -> None:
        """Another time step or layer is looked at: what depends on it is taken anew."""
        available = looks()
        if any(available[name].depends_on_focus for name in self._looks()):
            self.request_soon()

    def _looks(self) -> tuple[str, ...]:
        """The looks inside that the panels on screen draw."""
        return tuple(dict.fromkeys(name for panel in self._bench.visible_panels() for name in panel.looks))

    def _wanted(self, has_prediction: bool = True) -> Wanted:
        return Wanted(has_trace=True, has_prediction=has_prediction, looks=self._looks(), focus=self.focus)


def _first_cursor(trace: Trace) -> int:
    """Where the time cursor stands at first: at the last step that the task marks, or at the end."""
    return max(trace.marked_steps, default=trace.seq_len - 1)
