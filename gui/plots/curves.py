"""Curves: named series of points, and the fast way to draw them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
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


def draw_line(painter: QPainter, x: Floats, y: Floats, color: QColor, width: float = 1.0, is_dashed: bool = False) -> None:
    """Draw points in pixels as a line; a lone point between gaps as a dot.

    Qt strokes lines wider than a device pixel slowly. A thick line is therefore four thin ones, each shifted by half the missing
    width up, down, left or right: the same picture, several times as fast.
    """
    shift = (width - 1) / 2 if painter.device().devicePixelRatioF() == 1 else 0.0
    pen = QPen(color, 1 if shift > 0 else width)
    if is_dashed:
        pen.setDashPattern([4 / pen.widthF(), 3 / pen.widthF()])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    for piece_x, piece_y in pieces(x, y):
        if len(piece_x) == 1:
            radius = max(width, 1.5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(int(piece_x[0] - radius), int(piece_y[0] - radius), int(2 * radius), int(2 * radius))
            continue
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, width > 1)
        painter.setPen(pen)
        line = polygon(piece_x, piece_y)
        if shift <= 0:
            painter.drawPolyline(line)
            continue
        for dx, dy in ((shift, 0.0), (-shift, 0.0), (0.0, shift), (0.0, -shift)):
            painter.drawPolyline(line.translated(dx, dy))


def blend(color: str, ground: str, share: float) -> QColor:
    """``color`` mixed into ``ground``: looks like transparency ``share`` and is drawn faster."""
    parts = ((int(color[k : k + 2], 16), int(ground[k : k + 2], 16)) for k in (1, 3, 5))
    return QColor(*(round(share * top + (1 - share) * under) for top, under in parts))


def smoothed(values: Floats, sigma: float) -> Floats:
    """``values`` (n,) under a moving Gaussian of ``sigma`` values; NaN are left out of the mean and stay NaN."""
    half = max(1, math.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / max(sigma, 1e-6)) ** 2)
    is_finite = np.isfinite(values)
    inside = slice(half, half + len(values))
    sums = np.convolve(np.where(is_finite, values, 0.0), kernel)[inside]
    weights = np.convolve(is_finite.astype(float), kernel)[inside]
    return np.divide(sums, weights, out=np.full(len(values), np.nan), where=is_finite)
