"""How a network forecasts a series: by taking its own answers for true."""

import numpy as np
from numpy.typing import NDArray

from core.task import Forward


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
