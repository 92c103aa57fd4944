"""Every entry of a menu is made by Python, which so hears of its end."""

import shiboken6
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui.controls.menu import Menu


def test_entries_and_menus_are_made_by_python(qtbot, make_window) -> None:
    """Else an entry of a later window may be taken for one of a window that was closed, and be gone with it."""
    window = make_window()
    for dock in window.bench.docks.values():
        if not dock.is_made:
            dock.make()
    # Qt makes separators, what tells of a menu in the menu above it, and an entry for each dock, which nobody uses.
    of_qt = {menu.menuAction() for menu in window.findChildren(QMenu)} | {dock.toggleViewAction() for dock in window.bench.docks.values()}
    entries = [action for action in window.findChildren(QAction) if action.text() and action not in of_qt]
    assert len(entries) > 100
    assert [action.text() for action in entries if not shiboken6.createdByPython(action)] == []
    assert [menu.title() for menu in window.findChildren(QMenu) if menu.title() and not isinstance(menu, Menu)] == []


def test_menus_within_menus(qtbot) -> None:
    menu = Menu()
    qtbot.addWidget(menu)
    inner = menu.add_menu("&Inner")
    entry = inner.add("&Entry")
    assert menu.actions() == [inner.menuAction()] and inner.actions() == [entry] and inner.title() == "&Inner"
    menu.aboutToShow.emit()
    assert menu.styleSheet() != ""
