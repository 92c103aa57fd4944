"""A loop that asks for events all the time leaves the core to the training; Qt's own loops are not held up."""

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import polled_loop
from gui.polled_loop import BREAK_SECONDS, PATIENCE, PolledLoop

TURNS = 50


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(polled_loop.time, "sleep", found.append)
    return found


def poll() -> None:
    for _ in range(TURNS):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def test_polling_is_held_up(qtbot: QtBot, breaks: list[float]) -> None:
    loop = PolledLoop()
    poll()
    assert breaks == []
    loop.set_running(True)
    poll()
    assert len(breaks) >= TURNS - PATIENCE and set(breaks) == {BREAK_SECONDS}
    loop.set_running(False)
    breaks.clear()
    poll()
    assert breaks == []


def test_waiting_is_not_held_up(qtbot: QtBot, breaks: list[float]) -> None:
    """However many events there are: each of them was waited for."""
    watched, timer, loop, beats = PolledLoop(), QTimer(), QEventLoop(), []
    watched.set_running(True)

    def on_beat() -> None:
        beats.append(True)
        if len(beats) == TURNS:
            loop.quit()

    timer.timeout.connect(on_beat)
    timer.start(1)
    loop.exec()
    timer.stop()
    watched.set_running(False)
    assert len(beats) == TURNS and breaks == []
