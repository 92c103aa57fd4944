"""Whose turn it is to draw: while a run trains drawing has a share of the time, which the panels share fairly.

Nobody declares what a panel costs: it is measured, for snapshots that look inside and for those that don't. A panel that had to wait
gets with its turn all that it missed.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.snapshot import Snapshot
from gui.panels.panel import Panel
from gui.plots.canvas import Canvas

DRAWING_SHARE = 0.1
"""Of the time, for drawing panels while a run trains: the cores are the training's."""
FRAME_SECONDS = 0.006
"""Drawing time of one frame, or one panel; so much may also be saved up."""
MOST_OWED = 0.03
"""No panel waits for more than this to be earned again, however dear the last one was."""
NO_COST = 0.0002
"""A panel for which there is nothing new is shown it anyhow."""

Show = Callable[[Panel, Snapshot], None]
Kind = tuple[Panel, bool, bool]
"""A panel, and whether a snapshot for it holds a trace and a prediction."""


class PanelTurns:
    """Hands snapshots to panels, the one that has waited longest first.

    ``clock`` counts the seconds of the processor that drawing takes, ``wall`` those in which it is earned.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time, wall: Callable[[], float] = time.perf_counter) -> None:
        self._clock, self._wall = clock, wall
        self._missed: dict[Panel, Snapshot] = {}
        self._waiting: dict[Panel, int] = {}
        self._costs: dict[Kind, float] = {}
        self._shown: dict[Panel, tuple[Kind, float]] = {}
        self._drawn: dict[Panel, float] = {}
        self._canvases: dict[Panel, list[Canvas]] = {}
        self._made_count = 0
        self._reported: dict[Panel, type[Exception]] = {}
        self._frame = 0
        self._saved, self._seen = FRAME_SECONDS, wall()

    def clear(self) -> None:
        """Another run: nothing of the old one is shown any more."""
        self._missed.clear()

    def show(self, panels: Sequence[Panel], snapshot: Snapshot, show: Show, is_sharing: bool) -> None:
        """Show ``snapshot`` in ``panels``; with ``is_sharing`` only in as many as there is time for."""
        self._frame += 1
        self._earn()
        for panel in panels:
            self._pay_painting(panel)
        spent, merged_with = 0.0, _Merging(snapshot)
        for panel in sorted(panels, key=lambda panel: self._waiting.get(panel, 0)):
            missed = self._missed.pop(panel, None)
            merged = merged_with(missed)
            kind = (panel, merged.trace is not None, merged.prediction is not None)
            cost = self._costs.get(kind, 0.0)
            has_time = self._saved > spent and (spent == 0 or spent + cost <= FRAME_SECONDS)
            if is_sharing and cost > NO_COST and not has_time:
                self._missed[panel] = merged
                continue
            self._waiting[panel] = self._frame
            begin = self._clock()
            self._show_or_report(panel, merged, show)
            taken = self._clock() - begin
            self._shown[panel] = kind, taken
            self._saved -= taken
            spent += max(0.0, cost - taken)

    def _show_or_report(self, panel: Panel, snapshot: Snapshot, show: Show) -> None:
        """A mistake in one panel stops neither the others nor the frames: it is reported once, and not thirty times a second."""
        try:
            show(panel, snapshot)
        except Exception as error:
            if self._reported.get(panel) is not type(error):
                self._reported[panel] = type(error)
                sys.excepthook(type(error), error, error.__traceback__)

    def _earn(self) -> None:
        now = self._wall()
        self._saved = min(FRAME_SECONDS, max(-MOST_OWED, self._saved) + DRAWING_SHARE * (now - self._seen))
        self._seen = now

    def _pay_painting(self, panel: Panel) -> None:
        """What it has taken to paint since the last frame is known only now: it belongs to what was shown last."""
        drawn = sum(canvas.drawing_seconds for canvas in self._canvases_of(panel))
        painting = drawn - self._drawn.get(panel, 0.0)
        self._drawn[panel] = drawn
        self._saved -= painting
        if panel in self._shown:
            kind, taken = self._shown.pop(panel)
            # What was not painted may have had nothing new to paint, or be painted later.
            self._costs[kind] = taken + painting if painting > 0 else max(taken, self._costs.get(kind, 0.0) / 2)

    def _canvases_of(self, panel: Panel) -> list[Canvas]:
        """Looked for anew only when canvases were made since: panels make some with what they show."""
        if Canvas.made_count != self._made_count:
            self._made_count = Canvas.made_count
            self._canvases.clear()
        if panel not in self._canvases:
            self._canvases[panel] = panel.findChildren(Canvas)
        return self._canvases[panel]


class _Merging:
    """Gives the newest snapshot with what only an earlier one held; panels that have missed the same get the same."""

    def __init__(self, newest: Snapshot) -> None:
        self._newest = newest
        self._known: dict[tuple[int, int, int, bool], Snapshot] = {}

    def __call__(self, missed: Snapshot | None) -> Snapshot:
        newest = self._newest
        if missed is None or missed.run_id != newest.run_id:
            return newest
        # Identities tell them apart: what was missed was all alive before the first of it is forgotten.
        held = (id(missed.trace), id(missed.prediction), id(missed.looks) if missed.looks else 0, missed.is_replaced)
        if held not in self._known:
            self._known[held] = replace(
                newest,
                trace=newest.trace if newest.trace is not None else missed.trace,
                prediction=newest.prediction if newest.prediction is not None else missed.prediction,
                looks={**missed.looks, **newest.looks} if missed.looks and newest.looks else newest.looks or missed.looks,
                is_replaced=newest.is_replaced or missed.is_replaced,
            )
        return self._known[held]
