"""Thousands of small signs drawn at once: each is a mask of a few pixels, stamped into a picture by NumPy."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

Floats = NDArray[np.float64]
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "wedge")
"""In the order of classes; from the seventh on the same ones, hollow."""


def shape_of(number: int) -> tuple[str, bool]:
    """Shape and whether it is hollow, of class ``number`` from 0."""
    return SHAPES[number % len(SHAPES)], number >= len(SHAPES)


def draw_glyph(painter: QPainter, at: QPointF, number: int, color: QColor, radius: float) -> None:
    """Draw the sign of class ``number`` around ``at``."""
    shape, is_hollow = shape_of(number)
    x, y, r = at.x(), at.y(), radius
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    has_outline = is_hollow or shape == "cross"
    painter.setPen(QPen(color, max(1.0, 0.45 * r)) if has_outline else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if has_outline else color)
    if shape == "circle":
        painter.drawEllipse(at, r, r)
    elif shape == "square":
        painter.drawRect(QRectF(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r))
    elif shape == "cross":
        turn = 0.0 if is_hollow else 0.8
        painter.drawLine(QPointF(x - r, y - turn * r), QPointF(x + r, y + turn * r))
        painter.drawLine(QPointF(x - turn * r, y + r), QPointF(x + turn * r, y - r))
    else:
        corners = {
            "triangle": ((-1.1, 0.8), (1.1, 0.8), (0, -1.1)),
            "wedge": ((-1.1, -0.8), (1.1, -0.8), (0, 1.1)),
            "diamond": ((-1.2, 0), (0, -1.2), (1.2, 0), (0, 1.2)),
        }[shape]
        painter.drawPolygon(QPolygonF([QPointF(x + dx * r, y + dy * r) for dx, dy in corners]))


@lru_cache(maxsize=128)
def _mask(number: int, radius: float) -> tuple[tuple[int, int, float], ...]:
    """The pixels of a sign: down, right of its middle, and how much of each is covered, 0…1."""
    half = round(np.ceil(1.4 * radius)) + 1
    side = 2 * half + 1
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        draw_glyph(painter, QPointF(half + 0.5, half + 0.5), number, QColor("white"), radius)
    pixels = ((row, column, picture.pixelColor(column, row).alphaF()) for row in range(side) for column in range(side))
    return tuple((row - half, column - half, cover) for row, column, cover in pixels if cover > 0.06)


class Stamps:
    """A picture of ``width`` × ``height`` device pixels, clear at first, into which signs are stamped."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._pixels = np.zeros((height, width), np.uint32)

    def stamp(self, x: Floats, y: Floats, number: int, radius: float, colors: NDArray[np.uint32], opacity: float = 1.0) -> None:
        """Stamp the sign of class ``number`` at (x, y) (n,) in device pixels; ``colors`` (n,) or (1,) as 0xRRGGBB."""
        is_there = np.isfinite(x) & np.isfinite(y)
        columns, rows = np.floor(x[is_there]).astype(np.int64), np.floor(y[is_there]).astype(np.int64)
        shown = np.broadcast_to(colors, x.shape)[is_there]
        channels = [((shown >> np.uint32(shift)) & np.uint32(255)).astype(np.float32) for shift in (16, 8, 0)]
        flat, made = self._pixels.reshape(-1), {}
        for down, right, cover in _mask(number, radius):
            level = round(255 * cover * opacity)
            if level not in made:
                red, green, blue = ((channel * (level / 255)).astype(np.uint32) for channel in channels)
                made[level] = np.uint32(level << 24) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
            row, column = rows + down, columns + right
            is_inside = (row >= 0) & (row < self._height) & (column >= 0) & (column < self._width)
            places = row[is_inside] * self._width + column[is_inside]
            # Where signs overlap, what covers more of the pixel stays.
            is_more = (flat[places] >> np.uint32(24)) <= level
            flat[places[is_more]] = made[level][is_inside][is_more]

    def image(self) -> QImage:
        """The picture, with memory of its own."""
        borrowed = QImage(self._pixels.data, self._width, self._height, 4 * self._width, QImage.Format.Format_ARGB32_Premultiplied)
        return borrowed.copy()
