"""Labels whose text changes many times a second. A label of Qt has its whole window laid out anew with every text, docks and all."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from gui.controls.caption import Caption
from gui.controls.painting import painting
from gui.style import Look
from gui.theme import SIZE_LABEL, WEIGHT_BODY, WEIGHT_NUMBER

SPARE = 8
"""Pixels more than a text needs that widens it, for the next ones: not all figures are equally wide."""


class SteadyCaption(Caption):
    """One line, as wide as the widest text so far: only one that is wider still has anything laid out anew.

    It stands at the left end of its room, or at the right one where it ``is_right``.
    """

    def __init__(
        self, size: int = SIZE_LABEL, tone: str = "text_2", weight: int = WEIGHT_BODY, is_right: bool = False, parent: QWidget | None = None
    ) -> None:
        self._steady_text = ""
        self._widest = 0
        self._end = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        super().__init__("", size, tone, weight, parent)

    def text(self) -> str:
        return self._steady_text

    def setText(self, text: str) -> None:
        if text != self._steady_text:
            self._steady_text = text
            self.setAccessibleName(text)
            width = self._text_width()
            if width > max(self._widest, self.minimumWidth()):
                self._widest = width + SPARE
                self.updateGeometry()
            self.update()

    def restyle(self) -> None:
        font = self.font()
        super().restyle()
        if self.font() != font:
            self._widest = self._text_width()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._widest, QFontMetrics(self.font()).height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | self._end, self._steady_text)

    def _text_width(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance(self._steady_text)


class Figure(SteadyCaption):
    """A large number, in figures of one width."""

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(size, "text", WEIGHT_NUMBER, parent=parent)

    def wanted_font(self, look: Look) -> QFont:
        return look.mono(self._size, self._weight)
