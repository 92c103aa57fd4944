"""Gradient descent with momentum (Polyak 1964; form of Sutskever et al. 2013): v ← 0.9 v + g, θ ← θ − η v."""

import numpy as np

from core.kernel import kernel
from core.optimizer import Optimizer

MOMENTUM = 0.9


@kernel
def update(parameters, gradient, slots, count, learning_rate):  # type: ignore[no-untyped-def]
    """See Optimizer.update."""
    rate, momentum = parameters.dtype.type(learning_rate), parameters.dtype.type(MOMENTUM)
    velocity = slots[0]
    for i in range(parameters.size):
        velocity[i] = momentum * velocity[i] + gradient[i]
        parameters[i] -= rate * velocity[i]


class Momentum(Optimizer):
    """Gradient descent that keeps its way."""

    name = "momentum"
    title = "Momentum"
    order = 20
    slot_names = ("velocity",)
    update = staticmethod(update)

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        real = parameters.dtype.type
        velocity = slots[0]
        velocity[:] = real(MOMENTUM) * velocity + gradient
        parameters -= real(learning_rate) * velocity


OPTIMIZER = Momentum()
