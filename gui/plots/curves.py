"""Curves: named series of points, and the fast way to draw them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen, QPolygonF
from shiboken6 import VoidPtr

Floats = NDArray[np.float64]
make_pointer: Any = VoidPtr
"""Its type stub knows neither the length nor the permission to write."""


@dataclass(frozen=True)
class Curve:
    """Points (n,) with a name; NaN leaves a gap. With ``is_stairs`` a value holds until the next point's place.

    ``has_end_dot`` marks the newest point. ``width`` is in pixels.
    """

    name: str
    x: Floats
    y: Floats
    color: str
    width: float = 2.0
    is_dashed: bool = False
    is_dotted: bool = False
    is_stairs: bool = False
    has_end_dot: bool = False


def polygon(x: Floats, y: Floats) -> QPolygonF:
    """Points (n,), (n,) in pixels as Qt wants them, without a Python loop."""
    points = QPolygonF()
    points.resize(len(x))
    if len(x):
        data: Any = points.data()
        memory = np.frombuffer(make_pointer(data, len(x) * 16, True), dtype=np.float64).reshape(-1, 2)
        memory[:, 0] = x
        memory[:, 1] = y
    return points


def pieces(x: Floats, y: Floats) -> list[tuple[Floats, Floats]]:
    """The stretches of finite points between gaps."""
    is_finite = np.isfinite(x) & np.isfinite(y)
    if is_finite.all():
        return [(x, y)] if len(x) else []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_finite, [False])).astype(np.int8)))
    return [(x[start:stop], y[start:stop]) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def stairs(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points (n,) as stairs (2n - 1,): each value holds until the next point's x."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]


def _shifts(radius: float) -> list[tuple[float, float]]:
    """Where to draw a line of one device pixel so that together they fill a line of ``radius`` device pixels on either side."""
    if radius <= 0:
        return [(0.0, 0.0)]
    return [(radius, 0.0), (-radius, 0.0), (0.0, radius), (0.0, -radius), *(_shifts(radius - 1) if radius >= 1 else [])]


def draw_line(
    painter: QPainter, x: Floats, y: Floats, color: QColor, width: float = 1.0, is_dashed: bool = False, is_dotted: bool = False
) -> None:
    """Draw points in pixels as a line, a lone point between gaps as a dot; ``width`` 0 is a hairline, as thin as the screen can.

    Qt strokes lines wider than a device pixel slowly. A thick line is therefore drawn as several thin ones, each a little
    shifted: the same picture, several times as fast.
    """
    ratio = painter.device().devicePixelRatioF()
    is_file_of_lines = painter.paintEngine().type() == QPaintEngine.Type.SVG
    shifts = _shifts(0.0 if is_file_of_lines else (width * ratio - 1) / 2)
    pen = QPen(color, max(width, 0.5) if is_file_of_lines else 1)
    pen.setCosmetic(not is_file_of_lines)
    if is_dashed or is_dotted:
        pen.setDashPattern([4 * ratio, 3 * ratio] if is_dashed else [1.5 * ratio, 2.5 * ratio])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    for piece_x, piece_y in pieces(x, y):
        if len(piece_x) == 1:
            radius = max(width, 1.5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(QPointF(piece_x[0], piece_y[0]), radius, radius)
            continue
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, width > 0)
        painter.setPen(pen)
        line = polygon(piece_x, piece_y)
        for dx, dy in shifts:
            painter.drawPolyline(line.translated(dx / ratio, dy / ratio))


def blend(color: str, ground: str, share: float) -> QColor:
    """``color`` mixed into ``ground``: looks like transparency ``share`` and is drawn faster."""
    parts = ((int(color[k : k + 2], 16), int(ground[k : k + 2], 16)) for k in (1, 3, 5))
    return QColor(*(round(share * top + (1 - share) * under) for top, under in parts))


def smoothed(values: Floats, sigma: float) -> Floats:
    """``values`` (n,) under a moving Gaussian of ``sigma`` values; NaN are left out of the mean and stay NaN."""
    if not len(values):
        # A branch of changes alone.
        return np.zeros(0)
    half = max(1, math.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / max(sigma, 1e-6)) ** 2)
    is_finite = np.isfinite(values)
    inside = slice(half, half + len(values))
    sums = np.convolve(np.where(is_finite, values, 0.0), kernel)[inside]
    weights = np.convolve(is_finite.astype(float), kernel)[inside]
    return np.divide(sums, weights, out=np.full(len(values), np.nan), where=is_finite)


def dashed_pen(color: str, dash: float, gap: float) -> QPen:
    """A thin pen; ``dash`` and ``gap`` in pixels."""
    pen = QPen(QColor(color), 1)
    pen.setDashPattern([dash, gap])
    return pen
