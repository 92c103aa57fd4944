"""Whose turn it is to be drawn where much has to be drawn anew at once: after the window took another size, look or arrangement.

All canvases together may take longer than a person should wait for an answer. So each turn of the event loop draws some of them on the
screen, at least one; the others show their last picture until the next turn.
"""

import time
from collections.abc import Callable
from weakref import WeakSet

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

TURN_SECONDS = 0.012
"""After so much drawing the other canvases wait for the next turn."""


class DrawingTurns:
    """``clock`` counts the seconds that drawing takes; ``later`` calls a function in the next turn of the event loop."""

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        later: Callable[[Callable[[], None]], None] = lambda do: QTimer.singleShot(0, do),
    ) -> None:
        self._clock, self._later = clock, later
        self._spent = 0.0
        self._begin = 0.0
        self._is_counting = False
        self._waiting: WeakSet[QWidget] = WeakSet()

    def give_way(self) -> None:
        """Something else has taken this turn: all canvases wait for the next one."""
        self._count()
        self._spent = TURN_SECONDS

    def begin(self, canvas: QWidget) -> bool:
        """Whether ``canvas`` may draw now: ``end`` has to follow then. Else it is updated in the next turn."""
        self._count()
        if self._spent < TURN_SECONDS:
            self._begin = self._clock()
            return True
        self._waiting.add(canvas)
        return False

    def end(self) -> None:
        """What may begin was drawn."""
        self._spent += self._clock() - self._begin

    def _count(self) -> None:
        if not self._is_counting:
            self._is_counting = True
            self._later(self._on_next_turn)

    def _on_next_turn(self) -> None:
        self._is_counting, self._spent = False, 0.0
        waiting, self._waiting = self._waiting, WeakSet()
        for canvas in waiting:
            if shiboken6.isValid(canvas):
                canvas.update()


drawing_turns = DrawingTurns()
"""Of all windows: they have one thread."""


def is_on_screen(widget: QWidget, device: object) -> bool:
    """Whether ``device``, on which ``widget`` is painted, is what the screen shows of its window, rather than a picture for a file."""
    store = widget.window().backingStore()
    return store is not None and store.paintDevice() is device
