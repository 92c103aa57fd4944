"""Stochastic gradient descent: θ ← θ − η g."""

import numpy as np

from core.kernel import kernel
from core.optimizer import Optimizer


@kernel
def _update(parameters, gradient, rate):  # type: ignore[no-untyped-def]
    for i in range(parameters.size):
        parameters[i] -= rate * gradient[i]


class SGD(Optimizer):
    """Plain gradient descent."""

    name = "sgd"
    title = "SGD"
    order = 10

    def update(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        _update(parameters, gradient, parameters.dtype.type(learning_rate))

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        parameters -= parameters.dtype.type(learning_rate) * gradient


OPTIMIZER = SGD()
