"""Stochastic gradient descent: θ ← θ − η g."""

import numpy as np

from core.kernel import kernel
from core.optimizer import Optimizer


@kernel
def update(parameters, gradient, slots, count, learning_rate):  # type: ignore[no-untyped-def]
    """See Optimizer.update."""
    rate = parameters.dtype.type(learning_rate)
    for i in range(parameters.size):
        parameters[i] -= rate * gradient[i]


class SGD(Optimizer):
    """Plain gradient descent."""

    name = "sgd"
    title = "SGD"
    order = 10
    update = staticmethod(update)

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        parameters -= parameters.dtype.type(learning_rate) * gradient


OPTIMIZER = SGD()
