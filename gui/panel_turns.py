"""Whose turn it is to draw: while a run trains each frame has a few milliseconds for drawing, which the panels share fairly.

Nobody declares what a panel costs: it is measured. A panel that had to wait gets with its turn all that it missed.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.snapshot import Snapshot
from gui.panels.panel import Panel
from gui.plots.canvas import Canvas

FRAME_SECONDS = 0.006
"""Drawing time of a frame while a run trains; one panel is drawn in any case."""

Show = Callable[[Panel, Snapshot], None]


class PanelTurns:
    """Hands snapshots to panels, the one that has waited longest first."""

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._missed: dict[Panel, Snapshot] = {}
        self._waiting: dict[Panel, int] = {}
        self._costs: dict[Panel, float] = {}
        self._drawn: dict[Panel, float] = {}
        self._reported: dict[Panel, type[Exception]] = {}
        self._frame = 0

    def clear(self) -> None:
        """Another run: nothing of the old one is shown any more."""
        self._missed.clear()

    def show(self, panels: Sequence[Panel], snapshot: Snapshot, show: Show, is_sharing: bool) -> None:
        """Show ``snapshot`` in ``panels``; with ``is_sharing`` only in as many as there is time for in one frame."""
        self._frame += 1
        spent = 0.0
        for panel in sorted(panels, key=lambda panel: self._waiting.get(panel, 0)):
            missed = self._missed.pop(panel, None)
            merged = snapshot if missed is None or missed.run_id != snapshot.run_id else _merged(missed, snapshot)
            cost = self._cost_of(panel)
            if is_sharing and spent > 0 and spent + cost > FRAME_SECONDS:
                self._missed[panel] = merged
                continue
            self._waiting[panel] = self._frame
            begin = self._clock()
            self._show_or_report(panel, merged, show)
            self._costs[panel] = self._clock() - begin
            spent += cost

    def _show_or_report(self, panel: Panel, snapshot: Snapshot, show: Show) -> None:
        """A mistake in one panel stops neither the others nor the frames: it is reported once, and not thirty times a second."""
        try:
            show(panel, snapshot)
        except Exception as error:
            if self._reported.get(panel) is not type(error):
                self._reported[panel] = type(error)
                sys.excepthook(type(error), error, error.__traceback__)

    def _cost_of(self, panel: Panel) -> float:
        """Seconds of its last turn: what it took to take the snapshot in, and, after that, to draw it."""
        drawn = sum(canvas.drawing_seconds for canvas in panel.findChildren(Canvas))
        painting = drawn - self._drawn.get(panel, 0.0)
        self._drawn[panel] = drawn
        return self._costs.get(panel, 0.0) + max(0.0, painting)


def _merged(missed: Snapshot, newest: Snapshot) -> Snapshot:
    """The newest snapshot, with what only an earlier one held."""
    return replace(
        newest,
        trace=newest.trace if newest.trace is not None else missed.trace,
        prediction=newest.prediction if newest.prediction is not None else missed.prediction,
        looks={**missed.looks, **newest.looks},
        is_replaced=newest.is_replaced or missed.is_replaced,
    )
