"""A belt on screen: a band whose thickness changes from step to step, filled column by column.

Each pixel's share of the band is computed, not stroked or filled by Qt: the same smooth edges, several times as fast. Files of lines
get it as a polygon.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter

from gui.plots.curves import pieces, polygon

Floats = NDArray[np.float64]
Colors = NDArray[np.uint32]
HAIRLINE = 1.0
"""Pixels: the least thickness of a belt."""
GAP = 1.5
"""Pixels on either side of a cut."""


def draw_belt(painter: QPainter, edges: Floats, y: float, thickness: Floats, color: QColor, cuts: tuple[int, ...] = ()) -> None:
    """Fill the belt about ``y`` whose ``thickness`` (T,) stands at the middle of every step; ``edges`` (T + 1,) are the steps' ends.

    At ``cuts`` (steps) a gap parts it from the step before.
    """
    stretches = _stretches(edges, thickness, cuts)
    if not stretches:
        return
    if painter.paintEngine().type() == QPaintEngine.Type.SVG:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, half in stretches:
            painter.drawPolygon(polygon(np.concatenate((x, x[::-1])), np.concatenate((y - half, (y + half)[::-1]))))
        return
    ratio = painter.device().devicePixelRatioF()
    first, end = round(float(edges[0]) * ratio), round(float(edges[-1]) * ratio)
    halves = _halves_of_columns(stretches, first, end, ratio)
    reach = int(np.ceil(halves.max(initial=0.0))) + 1
    top = int(np.floor(y * ratio)) - reach
    rows = np.abs(np.arange(top, top + 2 * reach + 1, dtype=np.float32) + np.float32(0.5 - y * ratio))
    if end <= first:
        return
    # The share of a pixel that lies in the band, in 256ths.
    shares = halves[None, :] + np.float32(0.5) - rows[:, None]
    np.clip(shares, 0.0, 1.0, out=shares)
    shares *= 255.5
    pixels = np.ascontiguousarray(_tones(color.rgb())[shares.astype(np.uint8)])
    image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], 4 * pixels.shape[1], QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(QRectF(first / ratio, top / ratio, pixels.shape[1] / ratio, pixels.shape[0] / ratio), image)


def _stretches(edges: Floats, thickness: Floats, cuts: tuple[int, ...]) -> list[tuple[Floats, Floats]]:
    """Between cuts and gaps: places (n,) in pixels, and half the thickness there (n,)."""
    ends = [0, *cuts, len(thickness)]
    found: list[tuple[Floats, Floats]] = []
    for first, end in zip(ends[:-1], ends[1:], strict=True):
        left = edges[first] + (GAP if first else 0.0)
        right = edges[end] - (GAP if end < len(thickness) else 0.0)
        middles = (edges[first:end] + edges[first + 1 : end + 1]) / 2
        x = np.concatenate(([left], middles, [max(left, right)]))
        own = thickness[first:end]
        half = np.maximum(np.concatenate((own[:1], own, own[-1:])), HAIRLINE) / 2
        found += [piece for piece in pieces(x, half) if len(piece[0]) > 1]
    return found


def _halves_of_columns(stretches: list[tuple[Floats, Floats]], first: int, end: int, ratio: float) -> NDArray[np.float32]:
    """Half the thickness of the columns ``first`` … ``end`` of the screen, in its pixels; far below 0 where there is no belt."""
    columns = np.arange(first, end, dtype=float) + 0.5
    halves = np.full(len(columns), -1.0, dtype=np.float32)
    for x, half in stretches:
        inside = slice(int(np.searchsorted(columns, x[0] * ratio)), int(np.searchsorted(columns, x[-1] * ratio)))
        halves[inside] = np.interp(columns[inside], x * ratio, half * ratio)
    return halves


@lru_cache(maxsize=32)
def _tones(rgb: int) -> Colors:
    """The colour at every opacity from 0 to 255, premultiplied."""
    opacity = np.arange(256, dtype=np.uint32)
    red, green, blue = ((rgb >> shift & 255) * opacity // 255 for shift in (16, 8, 0))
    return np.asarray(opacity << 24 | red << 16 | green << 8 | blue, dtype=np.uint32)
