"""Marks of what was changed while a run went on: a dotted line through the curve, a triangle and a label above it."""

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from core.snapshot import Mark
from gui.plots.curves import dashed_pen
from gui.plots.labels import place_labels
from gui.plots.plot import Plot
from gui.theme import SIZE_TICK


def draw_change_marks(plot: Plot, painter: QPainter, marks: Sequence[Mark]) -> None:
    """A dotted line and a triangle for each update with ``marks``, and as much of their labels as there is room for."""
    box, theme, scale = plot.plot_rect(), plot.theme, plot.text_scale
    shown = [(x, mark) for mark in joined(marks) if box.left() - 1 <= (x := float(plot.to_x(mark.step))) <= box.right() + 1]
    places = place_labels(
        [x for x, _ in shown], [plot.text_width(m.short_label, SIZE_TICK) + 2 for _, m in shown], box.left(), plot.width() - 4.0
    )
    top = box.top() - 12 * scale
    for (x, mark), place in zip(shown, places, strict=True):
        x = round(x)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(dashed_pen(theme.ghost, 2, 3))
        painter.drawLine(QLineF(x, top + 6, x, box.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.warn if mark.is_rewind else theme.text_2))
        painter.drawPolygon(QPolygonF([QPointF(x - 3.5, top - 2.5), QPointF(x + 4.5, top - 2.5), QPointF(x + 0.5, top + 4)]))
        if place:
            room = QRectF(place[0], top - 8 * scale, place[1], 16 * scale)
            plot.draw_text(painter, room, mark.short_label, theme.text_2, SIZE_TICK)


def joined(marks: Sequence[Mark]) -> list[Mark]:
    """One mark for all of the same update, with their labels one after the other."""
    together: dict[int, Mark] = {}
    for mark in marks:
        old = together.get(mark.step)
        both = mark if old is None else _both(old, mark)
        together[mark.step] = both
    return list(together.values())


def _both(old: Mark, mark: Mark) -> Mark:
    short = f"{old.short_label}, {mark.short_label}" if old.short or mark.short else ""
    return Mark(mark.step, f"{old.label}, {mark.label}", old.is_rewind or mark.is_rewind, short)
