"""A lens over time: steps near the cursor are wide, the others share what is left.

Step t is 1 + GAIN · exp(−(t − cursor)² / SPREAD) wide, in units that make all of them fill the width (a fisheye, Furnas 1986).
"""

import bisect
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GAIN, SPREAD = 4.2, 4.2


class Lens:
    """Where ``seq_len`` steps lie between ``left`` and ``left + width`` pixels, seen with the lens at ``cursor`` (from 0).

    Positions are in steps: step t reaches from t to t + 1. Without a cursor all steps are equally wide. While the lens is still on
    its way to the cursor, its middle is over ``center``.
    """

    def __init__(self, seq_len: int, cursor: int | None, left: float, width: float, center: float | None = None) -> None:
        self.seq_len, self.cursor, self.left, self.width = seq_len, cursor, left, width
        weights = np.ones(seq_len)
        if cursor is not None:
            weights += GAIN * np.exp(-((np.arange(seq_len) - (cursor if center is None else center)) ** 2) / SPREAD)
        self.edges: Floats = left + width * np.concatenate(([0.0], np.cumsum(weights) / weights.sum()))

    @cached_property
    def middles(self) -> Floats:
        """Pixels of the middle of every step, (T,)."""
        return (self.edges[:-1] + self.edges[1:]) / 2

    @cached_property
    def widths(self) -> Floats:
        """Width of every step in pixels, (T,)."""
        return np.diff(self.edges)

    def to_x(self, positions: Floats) -> Floats:
        """Pixels (n,) of positions (n,)."""
        return np.asarray(np.interp(positions, np.arange(self.seq_len + 1), self.edges))

    def position_at(self, x: Floats) -> Floats:
        """Positions (n,) under pixels (n,): the inverse of ``to_x``."""
        return np.asarray(np.interp(x, self.edges, np.arange(self.seq_len + 1)))

    def step_at(self, x: float) -> int:
        """The step (from 0) under a pixel, the nearest beyond the ends."""
        return min(max(int(np.searchsorted(self.edges, x, side="right")) - 1, 0), self.seq_len - 1)


def step_pulled_to(x: float, seq_len: int, left: float, width: float) -> int:
    """The step (from 0) that lies under pixel ``x`` once the lens is at it: so that a pulled cursor stays under the pointer."""
    middles = _MiddlesUnderTheLens(seq_len, left, width)
    after = bisect.bisect_left(middles, x)
    nearest = [step for step in (after - 1, after) if 0 <= step < seq_len]
    return min(nearest, key=lambda step: abs(middles[step] - x))


class _MiddlesUnderTheLens:
    """The middle of step t with the lens at t, ascending in t; computed where asked for."""

    def __init__(self, seq_len: int, left: float, width: float) -> None:
        self._seq_len, self._left, self._width = seq_len, left, width

    def __len__(self) -> int:
        return self._seq_len

    def __getitem__(self, step: int) -> float:
        return float(Lens(self._seq_len, step, self._left, self._width).middles[step])
