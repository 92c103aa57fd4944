"""A menu that pops up beside a control, or hangs in the menu bar."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.style import wear


class Menu(QMenu):
    """Qt's menu; it and those in it are dressed when they are about to be shown.

    Its entries are made here and not by Qt: of an action that Qt makes, Python does not hear when it is deleted, and may take the next
    one at the same place in memory for it, until that is thrown away with the menu of a window that was closed.
    """

    def __init__(self, parent: QWidget | None = None, title: str = "") -> None:
        super().__init__(title, parent)
        self.aboutToShow.connect(lambda: wear(self, "menu"))

    def add(self, text: str) -> QAction:
        """A new entry at the end."""
        action = QAction(text, self)
        self.addAction(action)
        return action

    def add_menu(self, title: str) -> "Menu":
        """A new menu at the end."""
        menu = Menu(self, title)
        self.addMenu(menu)
        return menu
