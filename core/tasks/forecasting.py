"""How a network forecasts a series: by taking its own answers for true."""

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.sampling import Sampling
from core.task import Forward

LONGEST_FORECAST = 1000


def checked_length(sampling: Sampling) -> int:
    """Steps to forecast. Raises InputError for more than LONGEST_FORECAST."""
    if not 1 <= sampling.length <= LONGEST_FORECAST:
        raise InputError(f"{sampling.length} steps ahead can't be forecast: 1 to {LONGEST_FORECAST} can")
    return sampling.length


def fed_with_itself(
    forward: Forward, known: NDArray[np.float64], steps: int, context: int, errors: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    """What the network says comes after ``known`` (T, B), each answer being the next input: (steps, B).

    It sees ``context`` values back. ``errors`` (steps, B) are added to the answers on the way.
    """
    values = known
    added = np.broadcast_to(errors, (steps, known.shape[1]))
    for step in range(steps):
        seen = values[-context:]
        answer = forward(seen[..., None], np.full(seen.shape[1], len(seen)))[-1, :, 0]
        values = np.vstack([values, answer + added[step]])
    return values[len(known) :]
