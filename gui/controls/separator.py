"""A thin upright line between groups of a bar."""

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.controls.painting import painting
from gui.style import Styled, current_look

HEIGHT = 32


class Separator(Styled, QWidget):
    """1 px wide."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedSize(1, current_look().px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            painter.fillRect(self.rect(), look.color("line_2" if look.theme.is_dark else "line"))
