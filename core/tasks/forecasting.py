"""How a network forecasts a series: by taking its own answers for true, with a band from the error that such forecasts have."""

import numpy as np
from numpy.typing import NDArray

from core.task import Forward

# How many standard deviations of the error the band is wide, to either side.
BAND_WIDTH = 2.0


def fed_with_itself(forward: Forward, known: NDArray[np.float64], steps: int, context: int) -> NDArray[np.float64]:
    """What the network says comes after ``known`` (T, B), each answer being the next input: (steps, B). It sees ``context`` values back."""
    values = known
    for _ in range(steps):
        seen = values[-context:]
        answer = forward(seen[..., None], np.full(seen.shape[1], len(seen)))[-1, :, 0]
        values = np.vstack([values, answer])
    return values[len(known) :]


def error_band(forecasts: NDArray[np.float64], came: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the root of the mean squared error of forecasts (steps, N) against what came, never narrower than nearer by: (steps,)."""
    errors = np.sqrt(np.mean((forecasts - came) ** 2, axis=1))
    return BAND_WIDTH * np.maximum.accumulate(errors)
