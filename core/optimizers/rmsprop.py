"""RMSprop (Tieleman & Hinton 2012, lecture 6.5), with α = 0.99 and ε = 1e-8 as PyTorch has them.

v ← α v + (1 − α) g²,  θ ← θ − η g / (√v + ε).

The coefficients are computed in float64 and then rounded, as in Adam.
"""

import numpy as np

from core.kernel import kernel
from core.optimizer import Optimizer

ALPHA, EPSILON = 0.99, 1e-8


@kernel
def update(parameters, gradient, slots, count, learning_rate):  # type: ignore[no-untyped-def]
    """See Optimizer.update."""
    real = parameters.dtype.type
    rate, alpha, share, epsilon = real(learning_rate), real(ALPHA), real(1 - ALPHA), real(EPSILON)
    mean_square = slots[0]
    for i in range(parameters.size):
        mean_square[i] = alpha * mean_square[i] + share * gradient[i] * gradient[i]
        parameters[i] -= rate * gradient[i] / (np.sqrt(mean_square[i]) + epsilon)


class RMSprop(Optimizer):
    """A rate for each weight, by the recent size of its gradient."""

    name = "rmsprop"
    title = "RMSprop"
    order = 26
    slot_names = ("mean_square",)
    update = staticmethod(update)

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        real = parameters.dtype.type
        mean_square = slots[0]
        mean_square[:] = real(ALPHA) * mean_square + real(1 - ALPHA) * gradient**2
        parameters -= real(learning_rate) * gradient / (np.sqrt(mean_square) + real(EPSILON))


OPTIMIZER = RMSprop()
