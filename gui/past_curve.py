"""The curve of a past run, to be drawn behind the present one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 200


@dataclass(frozen=True)
class PastCurve:
    """Run ``run_id`` of the library: at ``updates`` (n,) its ``losses`` (n,), means over equal stretches on a log scale.

    ``end`` is its last update.
    """

    run_id: int
    title: str
    task: str
    updates: NDArray[np.float64]
    losses: NDArray[np.float64]
    end: int


def at_middles(logs: NDArray[np.float32], updates: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means of log10 losses over equal stretches of ``updates`` updates, as points: the stretches' middles, and losses."""
    edges = np.linspace(0, updates, len(logs) + 1)
    return (edges[:-1] + edges[1:] + 1) / 2, 10.0 ** logs.astype(np.float64)
