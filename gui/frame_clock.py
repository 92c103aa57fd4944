"""Asks for frames while a run goes on: at most one on its way, none for a window that nobody sees."""

import time
from collections import deque

from PySide6.QtCore import QObject, QTimer, Signal

from gui.look_budget import PREDICTION_SECONDS

FRAME_MILLISECONDS = 8
RATE_SECONDS = 2.0


class FrameClock(QObject):
    """Ticks while training runs. ``frame_due`` carries whether the prediction, which is dearer to make, is due too."""

    frame_due = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self._on_tick)
        self._prediction_shown = 0.0

    def set_running(self, is_running: bool) -> None:
        """Start or stop ticking."""
        if is_running and not self._timer.isActive():
            self._timer.start()
        elif not is_running:
            self._timer.stop()

    def note_prediction(self) -> None:
        """A prediction has just been drawn."""
        self._prediction_shown = time.perf_counter()

    def _on_tick(self) -> None:
        self.frame_due.emit(time.perf_counter() - self._prediction_shown >= PREDICTION_SECONDS)


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
