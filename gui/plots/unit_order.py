"""In which order units stand in a heatmap: by index, or the most active first, without jumping from frame to frame."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MEMORY = 0.8
"""Share of the old activity that is kept at every frame."""


class ActivityOrder:
    """Units by the variance of their state over time, largest first.

    The order is kept while units would only swap places with near neighbours: it is made anew when some unit belongs more than
    an eighth of all places (at least two) from where it stands.
    """

    def __init__(self) -> None:
        self._activity: Floats = np.empty(0)
        self._order: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def update(self, states: Floats) -> NDArray[np.intp]:
        """Take in ``states`` (T, H) of another frame; return the units from top to bottom, (H,)."""
        # States beyond all bounds have no variance.
        with np.errstate(invalid="ignore", over="ignore"):
            activity = np.nan_to_num(states.var(axis=0), nan=0.0, posinf=0.0)
        if len(activity) != len(self._activity):
            self._activity = activity
            self._order = np.argsort(-activity, kind="stable")
            return self._order
        self._activity = MEMORY * self._activity + (1 - MEMORY) * activity
        wanted = np.argsort(-self._activity, kind="stable")
        places = np.empty(len(wanted), dtype=np.intp)
        places[wanted] = np.arange(len(wanted))
        if np.abs(places[self._order] - np.arange(len(wanted))).max(initial=0) > max(2, len(wanted) // 8):
            self._order = wanted
        return self._order
