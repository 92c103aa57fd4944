"""Windows for tests, and that every test of one leaves nothing behind: no thread, no timer."""

from collections.abc import Iterator
from functools import partial

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QLockFile, QThread, QTimer
from PySide6.QtWidgets import QApplication

from core.kernel import kernel_cache_folder
from core.settings import Settings
from gui.app import create_main_window
from gui.kernel_helper import KernelHelper
from gui.run_state import RunState
from gui.style import Look, apply_look, current_look, is_dressed
from tests.gui.benches import shown_bench
from tests.gui.windows import SMALL, compile_kernels


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    """The program's look as it is at first, whatever the test before has chosen."""
    if not is_dressed() or current_look() != Look():
        apply_look(qapp, Look())


@pytest.fixture(autouse=True)
def starts_no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    """No window compiles in another process: it would be killed at the test's end, and the next test would begin it anew."""
    monkeypatch.setattr(KernelHelper, "_start_next", lambda self: None)


@pytest.fixture(scope="session")
def compiled() -> None:
    """The kernels of the small window, compiled by one process for all: tests need not mind which of them comes first."""
    lock = QLockFile(str(kernel_cache_folder() / "tests.lock"))
    lock.setStaleLockTime(0)
    lock.lock()
    compile_kernels()
    lock.unlock()


@pytest.fixture
def make_bench(qtbot):
    """Makes benches of plain panels."""
    return partial(shown_bench, qtbot)


@pytest.fixture
def make_window(qtbot, compiled):
    """Makes whole windows, small enough to train at once where nothing else is asked for, and closes them in the end."""
    windows = []

    def make(is_remembering=False, **keywords):
        if not any(key in keywords for key in ("settings", "session", "preset")):
            keywords["settings"] = Settings.preset("adding").with_changes(SMALL)
        window = create_main_window(is_remembering=is_remembering, **keywords)
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
    # Nobody else deletes what is to be deleted later, without an event loop: thousands of widgets would stay, and be styled anew.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for thread in threads:
        thread.requestInterruption()
        thread.wait(5000)
    assert not threads, f"threads left running: {threads}"
    assert not timers, f"timers left running: {timers}"


def _living(kind: type) -> list:
    """Every object of ``kind`` that Python knows and Qt has not deleted."""
    return [thing for thing in shiboken6.getAllValidWrappers() if issubclass(type(thing), kind)]
