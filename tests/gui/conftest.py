"""Every window test leaves nothing behind: no thread, no timer."""

import gc
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication

from gui.style import Look, apply_look


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    """The program's look, whichever test comes first."""
    if not qapp.styleSheet():
        apply_look(qapp, Look())


@pytest.fixture(autouse=True)
def leaves_nothing_running(qapp: QApplication) -> Iterator[None]:
    """Fail a test after which a thread or a timer is still running."""
    yield
    for widget in QApplication.topLevelWidgets():
        widget.close()
    threads = [thread for thread in _living(QThread) if thread.isRunning()]
    timers = [timer for timer in _living(QTimer) if timer.isActive() and not timer.isSingleShot()]
    for thread in threads:
        thread.requestInterruption()
        thread.wait(5000)
    assert not threads, f"threads left running: {threads}"
    assert not timers, f"timers left running: {timers}"


def _living(kind: type) -> list:
    """Every object of ``kind`` that Python knows and Qt has not deleted."""
    return [thing for thing in gc.get_objects() if issubclass(type(thing), kind) and shiboken6.isValid(thing)]
