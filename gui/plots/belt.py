"""A belt: a broad line along the axes, with a fine dotted line in its middle that can be seen to flow."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap

DASH_LENGTH = 10.0
"""Pixels from one dot to the next."""
DOT = 2.0
LEAST_WIDTH_WITH_DOTS = 5.0


@lru_cache(maxsize=16)
def _dots(color: str, is_upright: bool, ratio: float) -> QPixmap:
    """One dot and the gap behind it, to be repeated."""
    size = (DOT, DASH_LENGTH) if is_upright else (DASH_LENGTH, DOT)
    picture = QPixmap(round(size[0] * ratio), round(size[1] * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.fillRect(QRectF(0, 0, DOT, DOT), QColor(color))
    return picture


def _rods(points: Sequence[QPointF], half: float) -> Iterator[tuple[QRectF, bool]]:
    """The belt's straight parts as rectangles on whole pixels, ``half`` as thick as they are, and whether each is upright."""
    for number, (start, end) in enumerate(zip(points, points[1:], strict=False)):
        left, right = sorted((round(start.x()), round(end.x())))
        top, bottom = sorted((round(start.y()), round(end.y())))
        corner = half if number + 2 < len(points) else 0.0
        if abs(end.y() - start.y()) > abs(end.x() - start.x()):
            yield QRectF(left - half, top, 2 * half, bottom - top + corner), True
        else:
            yield QRectF(left, top - half, right - left + corner, 2 * half), False


def draw_belt(painter: QPainter, points: Sequence[QPointF], width: float, color: QColor) -> None:
    """The belt through ``points``, each beside or below the one before.

    Rectangles on whole pixels: stroking a broad line takes much longer.
    """
    for rod, _ in _rods(points, max(1.0, round(width)) / 2):
        painter.fillRect(rod, color)


def draw_dots(painter: QPainter, points: Sequence[QPointF], width: float, dot: QColor, flowed: float) -> None:
    """The dots of the belt through ``points``, which have moved on by ``flowed`` pixels; none where it is too thin."""
    if width < LEAST_WIDTH_WITH_DOTS:
        return
    ratio = painter.device().devicePixelRatioF()
    for rod, is_upright in _rods(points, 0.0):
        place = rod.adjusted(-DOT / 2, 0, DOT / 2, 0) if is_upright else rod.adjusted(0, -DOT / 2, 0, DOT / 2)
        painter.setBrushOrigin(place.topLeft() + (QPointF(0, flowed) if is_upright else QPointF(flowed, 0)))
        painter.fillRect(place, QBrush(_dots(dot.name(), is_upright, ratio)))
    painter.setBrushOrigin(QPointF(0, 0))
