"""A menu that pops up beside a control."""

from PySide6.QtWidgets import QMenu, QWidget

from gui.style import wear


class Menu(QMenu):
    """Qt's menu; it and those in it are dressed when they are about to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.aboutToShow.connect(lambda: wear(self, "menu"))
