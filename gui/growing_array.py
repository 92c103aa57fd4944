"""An array that grows at its end."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class GrowingArray:
    """A one-dimensional array that grows by doubling, so that appending costs constant time."""

    def __init__(self) -> None:
        self._memory = np.empty(1024)
        self._size = 0

    @property
    def values(self) -> Floats:
        """A read-only view (n,) of what was appended."""
        view = self._memory[: self._size]
        view.setflags(write=False)
        return view

    @property
    def byte_count(self) -> int:
        """What it takes, with the room that is left in it."""
        return self._memory.nbytes

    def __len__(self) -> int:
        return self._size

    def extend(self, values: Floats) -> None:
        """Append ``values`` (k,)."""
        needed = self._size + len(values)
        if needed > len(self._memory):
            grown = np.empty(max(needed, 2 * len(self._memory)))
            grown[: self._size] = self._memory[: self._size]
            self._memory = grown
        self._memory[self._size : needed] = values
        self._size = needed

    def truncate(self, size: int) -> None:
        """Keep the first ``size`` values."""
        self._size = min(self._size, size)
