"""Asks for frames while a run goes on: at most one on its way, none for a window that nobody sees."""

import time
from collections import deque

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gui.look_budget import PREDICTION_SECONDS

FRAME_SECONDS = 0.028
"""From one frame to the next at least: a few more than 30 a second, and the rest of the time is the training's."""
WATCH_MILLISECONDS = 100
"""A frame that could not be asked for (another one was on its way, or nobody saw the window) is asked for again so much later."""
RATE_SECONDS = 2.0


class FrameClock(QObject):
    """Asks for the next frame when the last one has been shown. ``frame_due`` carries whether the prediction, which is dearer, is due."""

    frame_due = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_due)
        self._is_running = False
        self._asked = self._prediction_shown = 0.0

    def set_running(self, is_running: bool) -> None:
        """Start or stop asking."""
        self._is_running = is_running
        if is_running and not self._timer.isActive():
            self._timer.start(0)
        elif not is_running:
            self._timer.stop()

    def note_prediction(self) -> None:
        """A prediction has just been drawn."""
        self._prediction_shown = time.perf_counter()

    def note_frame(self) -> None:
        """A frame has just been shown: the next one is due soon."""
        if self._is_running:
            left = self._asked + FRAME_SECONDS - time.perf_counter()
            self._timer.start(max(0, round(1e3 * left)))

    def _on_due(self) -> None:
        self._asked = time.perf_counter()
        self._timer.start(WATCH_MILLISECONDS)
        self.frame_due.emit(self._asked - self._prediction_shown >= PREDICTION_SECONDS)


class RateMeter:
    """Updates per second over the last two seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def clear(self) -> None:
        """Begin anew."""
        self._seen.clear()

    def add(self, step: int) -> None:
        """``step`` updates are done now."""
        now = time.perf_counter()
        self._seen.append((now, step))
        while now - self._seen[0][0] > RATE_SECONDS:
            self._seen.popleft()

    @property
    def updates_per_second(self) -> float:
        """0 until there is something to measure."""
        if len(self._seen) < 2 or self._seen[-1][0] == self._seen[0][0]:
            return 0.0
        (begin, first), (end, last) = self._seen[0], self._seen[-1]
        return max(0.0, (last - first) / (end - begin))
