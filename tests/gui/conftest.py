"""Every window test leaves nothing behind: no thread, no timer."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def leaves_nothing_running(qapp: QApplication) -> Iterator[None]:
    """Fail a test after which a thread or a timer is still running."""
    yield
    for widget in QApplication.topLevelWidgets():
        widget.close()
    gc.collect()
    objects = gc.get_objects()
    threads = [thread for thread in objects if isinstance(thread, QThread) and _is_alive(thread) and thread.isRunning()]
    timers = [timer for timer in objects if isinstance(timer, QTimer) and _is_alive(timer) and timer.isActive() and not timer.isSingleShot()]
    for thread in threads:
        thread.requestInterruption()
        thread.wait(5000)
    assert not threads, f"threads left running: {threads}"
    assert not timers, f"timers left running: {timers}"


def _is_alive(thing: object) -> bool:
    import shiboken6

    return shiboken6.isValid(thing)
