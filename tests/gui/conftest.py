"""Windows for tests, and that every test of one leaves nothing behind: no thread, no timer."""

import gc
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from gui.app import create_main_window
from gui.run_state import RunState
from gui.style import Look, apply_look, is_dressed
from tests.gui.windows import SMALL


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    """The program's look, whichever test comes first."""
    if not is_dressed():
        apply_look(qapp, Look())


@pytest.fixture
def make_window(qtbot):
    """Makes whole windows, small enough to train at once where nothing else is asked for, and closes them in the end."""
    windows = []

    def make(**keywords):
        if not any(key in keywords for key in ("settings", "session", "preset")):
            keywords["settings"] = Settings.preset("adding").with_changes(SMALL)
        window = create_main_window(is_remembering=False, **keywords)
        windows.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.state is not RunState.LOADING)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


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
