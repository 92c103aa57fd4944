"""Small signs that mean the same on every plot: the time cursor, the task's marked steps, the dot on a curve, the readout."""

import math
from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF

from gui.plots.canvas import Canvas
from gui.theme import RADIUS_FIELD, SIZE_TICK, Theme

# The time cursor, from its middle outwards: pixels wide, colour of the theme, opacity. Together a line of 1.5 px on a halo of 3.
CURSOR = ((5, "panel", 0.5), (3, "accent", 0.25), (1, "accent", 1.0))


@lru_cache(maxsize=8)
def _cursor_colors(theme: Theme) -> tuple[tuple[int, QColor], ...]:
    colors = []
    for width, name, opacity in CURSOR:
        color = QColor(getattr(theme, name))
        color.setAlphaF(opacity)
        colors.append((width, color))
    return tuple(colors)


def draw_cursor(painter: QPainter, x: float, top: float, bottom: float, theme: Theme) -> None:
    """The time cursor: an accent line on a half-clear halo, readable on every colour map.

    On whole pixels: a smoothed rectangle of this height takes a hundred times as long.
    """
    middle, first, height = math.floor(x), round(top), round(bottom) - round(top)
    for width, color in _cursor_colors(theme):
        painter.fillRect(middle - width // 2, first, width, height, color)


@lru_cache(maxsize=16)
def _triangle(color: str, outline: str, size: float, ratio: float) -> QPixmap:
    picture = QPixmap(round((2 * size + 4) * ratio), round((2 * size + 4) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    x, bottom = size + 2, 2 * size + 2.5
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(outline), 1))
        painter.setBrush(QColor(color))
        painter.drawPolygon(QPolygonF([QPointF(x - size, bottom), QPointF(x + size, bottom), QPointF(x, bottom - 1.4 * size - 0.5)]))
    return picture


def draw_marked_steps(painter: QPainter, xs: Iterable[float], bottom: float, theme: Theme, size: float = 4.0) -> None:
    """Small triangles that stand on a time axis at the steps that matter to the task."""
    picture = _triangle(theme.text, theme.panel, size, painter.device().devicePixelRatioF())
    for x in xs:
        painter.drawPixmap(QPointF(x - size - 2, bottom - 2 * size - 2), picture)


@lru_cache(maxsize=64)
def _dot(color: str, ground: str, radius: float, ratio: float) -> QPixmap:
    side = 2 * radius + 4
    picture = QPixmap(round(side * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ground), 1.5))
        painter.setBrush(QColor(color))
        painter.drawEllipse(QPointF(side / 2, side / 2), radius, radius)
    return picture


def draw_dot(painter: QPainter, at: QPointF, color: str, ground: str, radius: float = 3.5) -> None:
    """A dot on a curve, set off from it by a ring in the ground's colour."""
    picture = _dot(color, ground, radius, painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(at.x() - radius - 2, at.y() - radius - 2), picture)


def draw_readout(canvas: Canvas, painter: QPainter, at: QPointF, rows: list[tuple[str, str, str]]) -> QRectF:
    """A small box beside the pointer with rows of (name, value, colour of the name's mark or ""); returns where it stands."""
    theme = canvas.theme
    font = canvas.text_font(SIZE_TICK)
    metrics = QFontMetricsF(font)
    height, pad, mark, gap = metrics.height() + 2, 8.0, 10.0 if any(color for _, _, color in rows) else 0.0, 12.0
    names = max(metrics.horizontalAdvance(name) for name, _, _ in rows)
    values = max(metrics.horizontalAdvance(value) for _, value, _ in rows)
    box = QRectF(0, 0, names + values + 2 * pad + mark + (gap if values else 0), height * len(rows) + pad)
    left = at.x() + 14 if at.x() + 14 + box.width() <= canvas.width() - 2 else at.x() - 14 - box.width()
    top = min(max(at.y() - box.height() / 2, 2.0), canvas.height() - box.height() - 2)
    box.moveTo(max(2.0, left), max(2.0, top))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.line_2), 1))
    painter.setBrush(QColor(theme.raised))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_FIELD, RADIUS_FIELD)
    painter.setFont(font)
    y = box.top() + pad / 2
    for name, value, color in rows:
        if color:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
            painter.drawEllipse(QPointF(box.left() + pad + 2, y + height / 2), 3, 3)
        painter.setPen(QColor(theme.text_2))
        line = QRectF(box.left() + pad + mark, y, box.width() - 2 * pad - mark, height)
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
        painter.setPen(QColor(theme.text))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), value)
        y += height
    return box
