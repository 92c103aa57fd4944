"""Trains a shown window for a while and writes what it shows to a picture."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice
from PySide6.QtWidgets import QApplication

from core.errors import InputError
from core.files import write_atomically
from gui.main_window import MainWindow
from gui.run_state import RunState

STOPS = 60


def draw_trained_window(application: QApplication, window: MainWindow, steps: int, path: Path) -> None:
    """Show ``window``, train it for ``steps`` updates, write it to ``path`` as PNG and close it.

    Raises
    ------
    InputError
        Where the run can't be loaded or the picture can't be written.
    """
    window.show()
    try:
        _wait_until(window, lambda: window.state is not RunState.LOADING)
        if window.state is RunState.FAILED:
            raise InputError(window.explanation)
        target = _train(window, steps)
        if window.step_count < target and window.problem:
            raise InputError(window.problem)
        frames = window.frame_count
        window.request_full_frame()
        _wait_until(window, lambda: window.frame_count > frames)
        for _ in range(3):
            application.processEvents()
        write_atomically(path, _as_png(window))
    finally:
        window.close()


def _train(window: MainWindow, steps: int) -> int:
    """Train for ``steps`` updates with stops on the way: a run that does not pause is looked into as often as there is time for.

    Returns the update at which it should have come to stand.
    """
    first = window.controller.history.step
    target = reached = first
    for stop in range(STOPS + 1):
        target = first + steps * stop // STOPS
        if target > reached:
            window.controller.train(target - reached)
        _wait_until(window, lambda: window.state is not RunState.RUNNING and (_is_at_end(window) or window.step_count >= target))  # noqa: B023
        reached = window.step_count
        if reached < target:
            return first + steps
    return target


def _wait_until(window: MainWindow, is_reached: object) -> None:
    """Let events run until ``is_reached()``; it is asked whenever the window's state or frame changed."""
    assert callable(is_reached)
    loop = QEventLoop()

    def check() -> None:
        if is_reached():
            loop.quit()

    window.progressed.connect(check)
    if not is_reached():
        loop.exec()
    window.progressed.disconnect(check)


def _is_at_end(window: MainWindow) -> bool:
    """Whether the run can't go on."""
    return bool(window.problem) or window.state in (RunState.DIVERGED, RunState.FAILED)


def _as_png(window: MainWindow) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    return bytes(content.data())
