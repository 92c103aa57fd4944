"""What updates have done to the gradient, update by update, until somebody asks; bounded."""

from array import array
from dataclasses import dataclass

import numpy as np

# Of a run that nobody watches only so many of the last updates are remembered: 8 MB.
MOST_UPDATES = 2**18


@dataclass(frozen=True)
class UpdateSeries:
    """Of n updates in a row, NaN where it is not known: gradient norms before and after clipping, and learning rates, (n,) each."""

    norms: np.ndarray
    clipped_norms: np.ndarray
    rates: np.ndarray


NO_UPDATES = UpdateSeries(np.zeros(0), np.zeros(0), np.zeros(0))


class UpdateLog:
    """Takes in updates as they are done, and hands out those since the last time."""

    def __init__(self) -> None:
        self._norms, self._clipped_norms, self._rates = array("d"), array("d"), array("d")

    def add(self, norms: np.ndarray, clipped_norms: np.ndarray, rates: np.ndarray) -> None:
        """Take in (k,) updates."""
        for series, more in zip(self._all, (norms, clipped_norms, rates), strict=True):
            series.frombytes(np.ascontiguousarray(more, np.float64).tobytes())
            if len(series) > 2 * MOST_UPDATES:
                del series[:-MOST_UPDATES]

    @property
    def byte_count(self) -> int:
        """What it takes."""
        return sum(len(series) * series.itemsize for series in self._all)

    def clear(self) -> None:
        """Forget what was not handed out yet."""
        for series in self._all:
            del series[:]

    def take(self, count: int) -> UpdateSeries:
        """The last ``count`` updates, read-only; what is handed out is forgotten here."""
        found = []
        for series in self._all:
            values = np.full(count, np.nan)
            known = min(count, len(series))
            if known:
                values[-known:] = series[-known:]
            values.setflags(write=False)
            found.append(values)
            del series[:]
        return UpdateSeries(*found)

    @property
    def _all(self) -> tuple["array[float]", "array[float]", "array[float]"]:
        return self._norms, self._clipped_norms, self._rates
