"""Legends: which line is what, inside a plot or in a title bar."""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.canvas import Canvas
from gui.theme import SIZE_LABEL, SIZE_TICK, Theme

SAMPLE, GAP, ENTRY_GAP = 16.0, 7.0, 16.0


@dataclass(frozen=True)
class Entry:
    """One line of a legend."""

    name: str
    color: str
    is_dashed: bool = False
    width: float = 2.0


def draw_legend(canvas: Canvas, painter: QPainter, entries: list[Entry], at: QPointF, room: float, size: int = SIZE_LABEL) -> float:
    """Draw ``entries`` in one row from ``at`` (left, middle); those beyond ``room`` pixels are left out. Returns the width used."""
    scale = canvas.text_scale
    x = at.x()
    for entry in entries:
        width = canvas.text_width(entry.name, size) + 1
        if x + (SAMPLE + GAP) * scale + width > at.x() + room:
            break
        pen = QPen(QColor(entry.color), entry.width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        if entry.is_dashed:
            pen.setDashPattern([5 / entry.width, 3 / entry.width])
        painter.setPen(pen)
        painter.drawLine(QLineF(x, at.y(), x + SAMPLE * scale, at.y()))
        x += (SAMPLE + GAP) * scale
        canvas.draw_text(painter, QRectF(x, at.y() - 9 * scale, width, 18 * scale), entry.name, canvas.theme.text_2, size)
        x += width + ENTRY_GAP * scale
    return x - at.x()


class Legend(Canvas):
    """A legend as a widget of its own, for a title bar: transparent, as wide as its entries."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.entries: list[Entry] = []

    def set_entries(self, entries: list[Entry]) -> None:
        """Show other entries."""
        if entries != self.entries:
            self.entries = entries
            self.setAccessibleName("Legend: " + ", ".join(entry.name for entry in entries))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        scale = self.text_scale
        widths = (self.text_width(entry.name, SIZE_TICK) + 1 + (SAMPLE + GAP + ENTRY_GAP) * scale for entry in self.entries)
        return QSize(round(sum(widths)), round(20 * scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            draw_legend(self, painter, self.entries, QPointF(0, self.height() / 2), self.width(), SIZE_TICK)
