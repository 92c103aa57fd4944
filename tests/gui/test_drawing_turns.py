"""Where much has to be drawn anew at once it is drawn in several turns of the event loop; pictures for files are whole at once."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.plots import canvas as canvas_module
from gui.plots.canvas import Canvas
from gui.plots.drawing_turns import TURN_SECONDS, DrawingTurns, drawing_turns
from gui.theme import DARK, LIGHT

COUNT = 5


class Slow(Canvas):
    """Each picture takes more than half a turn by the test's own clock."""

    now = 0.0

    def draw_content(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), "#ff0000" if self.theme is DARK else "#0000ff")
        Slow.now += 0.6 * TURN_SECONDS


@pytest.fixture
def turns(monkeypatch):
    """Turns that come only when they are called."""
    later = []
    made = DrawingTurns(lambda: Slow.now, later.append)
    monkeypatch.setattr(canvas_module, "drawing_turns", made)
    made.later = later
    return made


@pytest.fixture
def shown(qtbot, qapp, turns):
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    canvases = [Slow(DARK) for _ in range(COUNT)]
    for canvas in canvases:
        layout.addWidget(canvas)
    window.resize(600, 200)
    window.show()
    qtbot.waitUntil(lambda: bool(turns.later))
    _run_all(qapp, turns)
    return window, canvases


def _run_all(qapp, turns) -> int:
    count = 0
    while turns.later:
        qapp.processEvents()
        turns.later.pop(0)()
        qapp.processEvents()
        count += 1
    return count


def _drawn(canvases) -> int:
    return sum(canvas.picture_count for canvas in canvases)


def test_two_are_drawn_each_turn(qapp, turns, shown):
    _, canvases = shown
    before = _drawn(canvases)
    for canvas in canvases:
        canvas.set_theme(LIGHT)
    qapp.processEvents()
    assert _drawn(canvases) - before == 2
    turns.later.pop()()
    qapp.processEvents()
    assert _drawn(canvases) - before == 4
    _run_all(qapp, turns)
    assert _drawn(canvases) - before == COUNT


def test_a_waiting_canvas_shows_its_last_picture(qapp, turns, shown):
    window, canvases = shown
    turns.give_way()
    canvases[0].set_theme(LIGHT)
    qapp.processEvents()
    screen = window.backingStore().paintDevice()
    at = canvases[0].geometry().center()
    assert screen.pixelColor(at).name() == "#ff0000"
    _run_all(qapp, turns)
    assert window.backingStore().paintDevice().pixelColor(at).name() == "#0000ff"


def test_a_picture_for_a_file_is_whole_at_once(turns, shown):
    window, canvases = shown
    turns.give_way()
    for canvas in canvases:
        canvas.set_theme(LIGHT)
    picture = window.grab().toImage()
    assert [picture.pixelColor(canvas.geometry().center()).name() for canvas in canvases] == ["#0000ff"] * COUNT


def test_what_is_gone_by_its_turn_is_left_out(qapp, turns, shown):
    _, canvases = shown
    turns.give_way()
    canvases[0].set_theme(LIGHT)
    qapp.processEvents()
    canvases[0].setParent(None)
    canvases[0].deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    _run_all(qapp, turns)
    assert not turns.later


@pytest.mark.parametrize("deed", ["on_theme_toggled", "on_restore_layout"])
def test_what_takes_a_turn_itself_leaves_the_drawing_to_the_next(qtbot, make_window, monkeypatch, deed) -> None:
    window = make_window()
    gave = []
    monkeypatch.setattr(drawing_turns, "give_way", lambda: gave.append(deed))
    getattr(window.commands, deed)()
    assert gave
