"""Scales for sizes of gradients: an axis of whole decades, and the fixed decades of their colours."""

import math

import numpy as np
from numpy.typing import NDArray

from gui.plots.curves import Curve
from gui.plots.scales import LogScale
from gui.plots.sticky import StickyBounds

Floats = NDArray[np.float64]
LEAST_EXPONENT, GREATEST_EXPONENT = -300, 300
"""What numbers of double precision can hold, nearly."""
USUAL = (-4, 0)
"""Exponents of the ends of the axis, and of the colours, where values don't ask for others."""

CALM_UPDATES, WIDE = 50, 1.5
"""Updates after which an axis so many times too wide is narrowed."""


class DecadeAxis:
    """A log axis 10⁻⁴ … 1, by whole decades wider while values lie beyond, down to ``least`` as exponent."""

    def __init__(self, least: int = LEAST_EXPONENT) -> None:
        self._least = least
        self._bounds = StickyBounds()
        self._needed_at = 0

    def scale_for(self, curves: list[Curve], step: int | None = None) -> LogScale:
        """The axis for ``curves``, called once a frame.

        Where ``step`` says which update they are of, an axis much too wide is narrowed once CALM_UPDATES have not needed it, however
        few frames that were.
        """
        values = np.concatenate([curve.y for curve in curves]) if curves else np.empty(0)
        values = values[np.isfinite(values) & (values > 0)]
        low, high = USUAL
        if len(values):
            low = min(low, max(self._least, math.floor(math.log10(values.min()))))
            high = min(GREATEST_EXPONENT, max(high, math.ceil(math.log10(values.max()))))
        known = self._bounds.bounds
        if step is not None and known is not None and (low > known[0] or high < known[1]) and known[1] - known[0] >= WIDE * (high - low):
            if step - self._needed_at >= CALM_UPDATES:
                self._bounds.reset()
        else:
            self._needed_at = step or 0
        low_exponent, high_exponent = self._bounds.update(low, high)
        return LogScale(10.0**low_exponent, 10.0**high_exponent)


def color_decades(values: Floats, usual: tuple[int, int] = USUAL) -> tuple[int, int]:
    """Exponents of the ends of the colours for ``values``: always the ``usual`` ones, so that pictures can be compared.

    Only where all values lie beyond one of these ends, the colours move there, as wide as before.
    """
    values = values[np.isfinite(values) & (values > 0)]
    low, high = usual
    if not len(values) or (values.max() > 10.0**low and values.min() < 10.0**high):
        return usual
    top = math.ceil(math.log10(values.max()) - 1e-9)
    return top - (high - low), top


def positive(norms: Floats) -> Floats:
    """Norms with NaN for 0: where the gradient was cut off there is none to draw."""
    return np.where(norms > 0, norms, np.nan)
