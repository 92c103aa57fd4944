"""Every dialog from the keyboard alone: what can be worked has a name for screen readers, and Tab comes to it and away from it."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from core.branch import Timeline
from core.snapshot import Mark
from gui import dialogs
from gui.add_run_dialog import AddRunDialog
from gui.draw_dialog import DrawDialog
from gui.note_dialog import NoteDialog
from gui.rewind_dialog import RewindDialog
from gui.table_dialog import TableDialog
from gui.type_dialog import LETTERS, TypeDialog
from tests.gui.races import BASE
from tests.gui.test_panel_all import make_panel

MOST_STOPS = 60

DIALOGS: dict[str, Callable[[QWidget, QtBot], QDialog]] = {
    "rewind": lambda parent, _qtbot: RewindDialog(parent, Timeline(0, ()), 300, [Mark(100, "learning rate 0.004 → 0.02")]),
    "add a run": lambda parent, _qtbot: AddRunDialog(parent, BASE, True),
    "draw": lambda parent, _qtbot: DrawDialog(parent),
    "type": lambda parent, _qtbot: TypeDialog(parent, "Type a text", "At least ten letters.", len, LETTERS),
    "note": lambda parent, _qtbot: NoteDialog(parent, "a run", "", lambda text: None),
    "table": lambda parent, qtbot: TableDialog(parent, "Loss", make_panel("loss", qtbot)),
    "help": lambda parent, _qtbot: dialogs.HelpDialog(parent, "Keys", dialogs.keys_as_html()),
}


@pytest.fixture(params=DIALOGS)
def dialog(qtbot, request) -> Iterator[QDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = DIALOGS[request.param](parent, qtbot)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.activateWindow()
    yield dialog
    dialog.close()
    dialog.deleteLater()


def stops_of(dialog: QDialog) -> list[QWidget]:
    stops = [w for w in dialog.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible() and w.isEnabled()]
    return [w for w in stops if w.focusProxy() is None and w.window() is dialog]


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says: its own name, or its label's, or the words on it."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_everything_that_can_be_worked_has_a_name(dialog: QDialog) -> None:
    assert stops_of(dialog) and [type(w).__name__ for w in stops_of(dialog) if not spoken_name(w)] == []
    assert dialog.windowTitle()


def test_tab_comes_to_everything_and_back(dialog: QDialog) -> None:
    """By real presses, so that nothing keeps the key to itself."""
    stops = stops_of(dialog)
    stops[0].setFocus(Qt.FocusReason.TabFocusReason)
    reached = []
    while dialog.focusWidget() not in reached and len(reached) < MOST_STOPS:
        reached.append(dialog.focusWidget())
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert {id(w) for w in stops} <= {id(w) for w in reached}, [type(w).__name__ for w in stops if w not in reached]


def test_escape_closes_it(dialog: QDialog) -> None:
    stops_of(dialog)[0].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert not dialog.isVisible()
