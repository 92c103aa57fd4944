"""Nesterov's accelerated gradient (Nesterov 1983), in the form of Sutskever et al. 2013 as PyTorch writes it.

v ← 0.9 v + g,  θ ← θ − η (g + 0.9 v): momentum whose gradient is taken where the velocity is about to lead. θ here are the
parameters after that look ahead, so that the gradient is needed in one place only.
"""

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
        parameters[i] -= rate * (gradient[i] + momentum * velocity[i])


class Nesterov(Optimizer):
    """Momentum that looks where it is going."""

    name = "nesterov"
    title = "Nesterov"
    order = 22
    slot_names = ("velocity",)
    update = staticmethod(update)

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        real = parameters.dtype.type
        velocity = slots[0]
        velocity[:] = real(MOMENTUM) * velocity + gradient
        parameters -= real(learning_rate) * (gradient + real(MOMENTUM) * velocity)


OPTIMIZER = Nesterov()
