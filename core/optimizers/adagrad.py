"""AdaGrad (Duchi, Hazan & Singer 2011, diagonal form), with ε = 1e-10 as PyTorch has it.

s ← s + g²,  θ ← θ − η g / (√s + ε): what has moved much moves ever less.
"""

import numpy as np

from core.kernel import kernel
from core.optimizer import Optimizer

EPSILON = 1e-10


@kernel
def update(parameters, gradient, slots, count, learning_rate):  # type: ignore[no-untyped-def]
    """See Optimizer.update."""
    rate, epsilon = parameters.dtype.type(learning_rate), parameters.dtype.type(EPSILON)
    squares = slots[0]
    for i in range(parameters.size):
        squares[i] += gradient[i] * gradient[i]
        parameters[i] -= rate * gradient[i] / (np.sqrt(squares[i]) + epsilon)


class Adagrad(Optimizer):
    """A rate for each weight, that only falls."""

    name = "adagrad"
    title = "AdaGrad"
    order = 24
    slot_names = ("sum_of_squares",)
    update = staticmethod(update)

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        real = parameters.dtype.type
        squares = slots[0]
        squares += gradient**2
        parameters -= real(learning_rate) * gradient / (np.sqrt(squares) + real(EPSILON))


OPTIMIZER = Adagrad()
