"""What every update of the current run did to the gradient: norms before and after clipping, and learning rates."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.update_log import UpdateSeries
from gui.growing_array import GrowingArray

Floats = NDArray[np.float64]
BLOCK = 64
"""Updates summarised together for drawing long curves."""


@dataclass(frozen=True)
class Bins:
    """Values in ``n`` neighbouring groups: middle update, smallest and largest, (n,) each; NaN where a group has none."""

    updates: Floats
    low: Floats
    high: Floats


class UpdateCurve:
    """One number an update, from update 1 on; ``is_known`` says whether any is a finite number.

    Blocks are summarised once, so that drawing a million costs what a thousand does.
    """

    def __init__(self) -> None:
        self._values, self._low, self._high = GrowingArray(), GrowingArray(), GrowingArray()
        self.is_known = False

    @property
    def values(self) -> Floats:
        """Of the updates 1 … n, (n,); NaN where it is not known."""
        return self._values.values

    @property
    def byte_count(self) -> int:
        """What it takes."""
        return self._values.byte_count + self._low.byte_count + self._high.byte_count

    def put(self, start: int, values: Floats) -> None:
        """Take in the updates after update ``start``; what was known of later ones is forgotten, what is missing before is not known.

        Where the first of ``values`` are NaN, what is known of these updates stays.
        """
        is_known = np.isfinite(values)
        has_known = bool(is_known.any())
        told = int(is_known.argmax()) if has_known else len(values)
        kept = min(told, max(0, len(self._values) - start))
        start, values = start + kept, values[kept:]
        # This comes with every frame: what needs not be done is not.
        if start < len(self._values):
            self._values.truncate(start)
            for blocks in (self._low, self._high):
                blocks.truncate(start // BLOCK)
            self.is_known = bool(np.isfinite(self._values.values).any())
        elif start > len(self._values):
            self._values.extend(np.full(start - len(self._values), np.nan))
        self._values.extend(values)
        self.is_known |= has_known
        done, complete = len(self._low), len(self._values) // BLOCK
        if complete > done:
            whole = self.values[done * BLOCK : complete * BLOCK].reshape(-1, BLOCK)
            self._low.extend(np.fmin.reduce(whole, axis=1))
            self._high.extend(np.fmax.reduce(whole, axis=1))

    def bins(self, first: int, last: int, width: int) -> Bins:
        """Summarise the updates ``first … last`` in groups of ``width``, counted from update 1, so that a growing curve stands still."""
        first, last = max(1, first), min(last, len(self._values))
        if last < first:
            return Bins(*(np.empty(0) for _ in range(3)))
        group = width
        low = high = self.values
        if width >= 2 * BLOCK:
            group, width = width // BLOCK, width // BLOCK * BLOCK
            low, high = self._low.values, self._high.values
        start = (first - 1) // width * width
        per_value = width // group
        low, high = low[start // per_value : last // per_value], high[start // per_value : last // per_value]
        edges = np.arange(0, len(low), group)
        if not len(edges):
            return Bins(*(np.empty(0) for _ in range(3)))
        updates = start + 1 + np.minimum(np.arange(len(edges)) * width + (width - 1) / 2, last - 1 - start)
        return Bins(updates, np.fmin.reduceat(low, edges), np.fmax.reduceat(high, edges))


class UpdateHistory:
    """All updates of a run: ``norms`` of the gradient before clipping, ``clipped_norms`` after it, and learning ``rates``."""

    def __init__(self) -> None:
        self.norms, self.clipped_norms, self.rates = UpdateCurve(), UpdateCurve(), UpdateCurve()

    @property
    def byte_count(self) -> int:
        """What the curves take."""
        return sum(curve.byte_count for curve in (self.norms, self.clipped_norms, self.rates))

    def forget_after(self, step: int) -> None:
        """The run was put back to after update ``step``, or goes on from there in another way."""
        for curve in (self.norms, self.clipped_norms, self.rates):
            curve.put(min(step, len(curve.values)), np.empty(0))

    def add(self, step: int, count: int, updates: UpdateSeries) -> None:
        """Take in the updates ``step - count + 1 … step``; a message that does not tell of them leaves them unknown."""
        for curve, values in ((self.norms, updates.norms), (self.clipped_norms, updates.clipped_norms), (self.rates, updates.rates)):
            curve.put(step - count, values if len(values) == count else np.full(count, np.nan))

    def clipped_share(self, last: int) -> float:
        """Share of the last so many known updates whose gradient was shortened, 0…1; NaN where none is known."""
        before, after = self.norms.values[-last:], self.clipped_norms.values[-last:]
        is_known = np.isfinite(before) & np.isfinite(after)
        return float(np.mean(after[is_known] < before[is_known])) if is_known.any() else float("nan")
