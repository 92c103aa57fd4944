"""Where labels go on a plot, so that they cover neither each other nor a curve."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

Floats = NDArray[np.float64]
LEAST_LABEL = 44.0
"""Pixels that a cut label needs to say anything."""


def place_labels(xs: list[float], widths: list[float], left: float, right: float) -> list[tuple[float, float] | None]:
    """Where the labels of marks at ``xs`` (ascending) go: (left edge, room) each, None where there is none.

    A label stands at the right of its mark and ends before the next one; the newest is always whole, if need be at its left.
    """
    places: list[tuple[float, float] | None] = [None] * len(xs)
    limit = right
    for i in reversed(range(len(xs))):
        room = limit - xs[i] - 9
        is_newest = i == len(xs) - 1
        if is_newest and room < widths[i] and xs[i] - 9 - widths[i] >= left:
            places[i] = (xs[i] - 9 - widths[i], widths[i])
            limit = xs[i] - 9 - widths[i] - 10
            continue
        if room >= min(widths[i], LEAST_LABEL):
            places[i] = (xs[i] + 9, min(room, widths[i]))
        limit = min(limit, xs[i] - 10)
    return places


def crosses(box: QRectF, x: Floats, y: Floats) -> bool:
    """Whether a curve (pixels) has a point in ``box``, or jumps over it between two points."""
    inside = (x >= box.left() - 4) & (x <= box.right() + 4) & np.isfinite(y)
    return bool(inside.any() and y[inside].max() > box.top() + 1 and y[inside].min() < box.bottom() - 1)
