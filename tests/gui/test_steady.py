"""What changes with every frame has nothing laid out anew: the window's docks would all be moved and painted with it."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.controls.counter import Counter
from gui.controls.segments import Segments
from gui.controls.status_line import StatusLine

SETTLING = 10


class Requests(QObject):
    """Counts how often a widget is asked to lay itself out anew."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def set_counter(widget: Any, number: int) -> None:
    widget.set_step(number)


def set_facts(widget: Any, number: int) -> None:
    widget.set_facts([f"{number:,} updates/s"])


def set_words(widget: Any, number: int) -> None:
    widget.set_texts({"unit": f"Unit {number % 1}", "all": "All"})


@pytest.mark.parametrize(
    ("make", "show"),
    [(Counter, set_counter), (StatusLine, set_facts), (lambda: Segments([("unit", "Unit 0"), ("all", "All")]), set_words)],
    ids=["counter", "facts", "segments"],
)
def test_a_new_figure_of_the_same_width_moves_nothing(
    qtbot: QtBot, make: Callable[[], QWidget], show: Callable[[QWidget, int], None]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row, widget = QVBoxLayout(window), make()
    row.addWidget(widget)
    with qtbot.waitExposed(window):
        window.show()
    show(widget, 1240)
    # A window that has just been shown, and resized by its text, is laid out more than once.
    for _ in range(SETTLING):
        QApplication.processEvents()
    requests = Requests(window)
    for number in range(1241, 1251):
        show(widget, number)
        QApplication.processEvents()
    assert requests.count == 0


def test_a_figure_that_grows_gets_its_room(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    row, counter = QVBoxLayout(window), Counter()
    row.addWidget(counter)
    with qtbot.waitExposed(window):
        window.show()
    before = counter.sizeHint().width()
    requests = Requests(window)
    counter.set_step(1_234_567_890)
    qtbot.waitUntil(lambda: requests.count > 0)
    assert counter.sizeHint().width() > before and counter.text == "1,234,567,890"
