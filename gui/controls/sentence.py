"""A sentence that stays whole: in one line where there is room, else in two that are a little smaller."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.caption import ElidedCaption
from gui.controls.painting import painting
from gui.controls.tooltips import tooltip
from gui.style import current_look
from gui.theme import SIZE_BODY, SIZE_LABEL, SIZE_TICK

MOST_LINES = 2
SMALLER = (SIZE_LABEL, SIZE_TICK)
"""Sizes of the text in more than one line, in the order in which they are tried."""


class Sentence(ElidedCaption):
    """Cut with an ellipsis only where not even two small lines hold it; its tooltip always has all of it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, SIZE_BODY, "text", parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setAccessibleName(text)
        self.setToolTip(tooltip(text))

    @property
    def least_width(self) -> int:
        """How wide it must be at least, in px, to be whole: no line is longer than half of it and a word."""
        metrics = QFontMetrics(current_look().font(SMALLER[-1]))
        words = [metrics.horizontalAdvance(word) for word in self.text().split()]
        return metrics.horizontalAdvance(self.text()) // MOST_LINES + max(words, default=0)

    def lines(self) -> tuple[QFont, list[str]]:
        """The lines that there is room for, and their font."""
        if QFontMetrics(self.font()).horizontalAdvance(self.text()) <= self.width():
            return self.font(), [self.text()]
        for size in SMALLER:
            font = current_look().font(size)
            metrics = QFontMetrics(font)
            lines = broken(self.text(), metrics, self.width())
            if len(lines) <= MOST_LINES:
                return font, lines
        rest = " ".join(lines[MOST_LINES - 1 :])
        return font, [*lines[: MOST_LINES - 1], metrics.elidedText(rest, Qt.TextElideMode.ElideRight, self.width())]

    def shown_text(self) -> str:
        return " ".join(self.lines()[1])

    def paintEvent(self, event: QPaintEvent) -> None:
        font, lines = self.lines()
        height = QFontMetrics(font).lineSpacing()
        with painting(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.setFont(font)
            top = (self.height() - height * len(lines)) // 2
            for k, line in enumerate(lines):
                painter.drawText(QRect(0, top + k * height, self.width(), height), Qt.AlignmentFlag.AlignVCenter, line)


def broken(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` px, broken between words; a word that is wider has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
