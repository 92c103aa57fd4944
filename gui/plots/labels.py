"""Where labels go on a plot, so that they cover neither each other nor a curve."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from gui.plots.lettering import HALO

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


def covered_share(box: QRectF, x: Floats, y: Floats) -> float:
    """How much of ``box`` a curve (pixels) runs through: 0 none, above 1 from side to side."""
    box = box.adjusted(-HALO, -HALO, HALO, HALO)
    if not crosses(box, x, y):
        return 0.0
    is_within = (x >= box.left() - 4) & (x <= box.right() + 4) & (y > box.top() + 1) & (y < box.bottom() - 1)
    there = x[is_within]
    # A curve that only jumps over it between two points crosses it, too.
    return 0.1 + (float(there.max() - there.min()) / max(box.width(), 1.0) if len(there) else 0.0)


def freest(
    places: Sequence[QRectF], box: QRectF, curves: Sequence[tuple[Floats, Floats]], taken: Sequence[QRectF], current: int | None
) -> int:
    """Number of the first of ``places`` within ``box`` that covers least of ``curves`` and nothing that is ``taken``.

    ``current`` stays while no other one covers less, so that a label does not wander.
    """

    def cost(place: QRectF) -> float:
        if not box.contains(place):
            return math.inf
        return sum(covered_share(place, *curve) for curve in curves) + 2.0 * sum(place.intersects(other) for other in taken)

    costs = [cost(place) for place in places]
    least = min(costs)
    return current if current is not None and current < len(costs) and costs[current] == least else costs.index(least)
