"""Leaves the core to the training where somebody asks for events all the time.

A program that runs the window from a loop of its own (a script that drives it, a notebook, a test) may ask for events again and again
instead of letting Qt wait for the next one. That keeps a core busy with nothing, and takes it from the run where there are two.
"""

import time

from PySide6.QtCore import QAbstractEventDispatcher, QObject

PATIENCE = 8
"""So often in a row events may be asked for without waiting: more than a program needs that looks for what is there."""
BREAK_SECONDS = 0.001
"""How long an asking thread is held up then; less than anybody sees."""


class PolledLoop(QObject):
    """While a run trains, who asks for events too often in a row without waiting for them is held up a little each time.

    Nothing happens in Qt's own loops: they wait.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self._asked = 0

    def set_running(self, is_running: bool) -> None:
        """Watch how events are asked for, or no longer."""
        dispatcher = QAbstractEventDispatcher.instance()
        if is_running == self._is_running or dispatcher is None:
            return
        self._is_running, self._asked = is_running, 0
        if is_running:
            dispatcher.awake.connect(self._on_awake)
            dispatcher.aboutToBlock.connect(self._on_waiting)
        else:
            dispatcher.awake.disconnect(self._on_awake)
            dispatcher.aboutToBlock.disconnect(self._on_waiting)

    def _on_waiting(self) -> None:
        self._asked = -1

    def _on_awake(self) -> None:
        self._asked += 1
        if self._asked > PATIENCE:
            time.sleep(BREAK_SECONDS)
