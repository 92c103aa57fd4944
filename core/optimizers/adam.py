"""Adam (Kingma & Ba 2015), with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.

m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
θ ← θ − η · m / (1 − β₁ᵏ) / (√(v / (1 − β₂ᵏ)) + ε) in update k.

The coefficients are computed in float64 and then rounded: 1 − 0.999 in float32 is off by 5e-5.
"""

import math

import numpy as np

from core.kernel import kernel
from core.optimizer import Optimizer

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@kernel
def update(parameters, gradient, slots, count, learning_rate):  # type: ignore[no-untyped-def]
    """See Optimizer.update."""
    real = parameters.dtype.type
    rate = real(learning_rate / (1 - BETA_1**count))
    root_scale = real(1 / math.sqrt(1 - BETA_2**count))
    beta_1, beta_2, share_1, share_2, epsilon = real(BETA_1), real(BETA_2), real(1 - BETA_1), real(1 - BETA_2), real(EPSILON)
    m, v = slots[0], slots[1]
    for i in range(parameters.size):
        m[i] = beta_1 * m[i] + share_1 * gradient[i]
        v[i] = beta_2 * v[i] + share_2 * gradient[i] * gradient[i]
        parameters[i] -= rate * m[i] / (np.sqrt(v[i]) * root_scale + epsilon)


class Adam(Optimizer):
    """Adaptive moments."""

    name = "adam"
    title = "Adam"
    order = 30
    slot_names = ("first_moment", "second_moment")
    update = staticmethod(update)

    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """See Optimizer."""
        real = parameters.dtype.type
        m, v = slots
        m[:] = real(BETA_1) * m + real(1 - BETA_1) * gradient
        v[:] = real(BETA_2) * v + real(1 - BETA_2) * gradient**2
        rate = real(learning_rate / (1 - BETA_1**count))
        parameters -= rate * m / (np.sqrt(v) * real(1 / math.sqrt(1 - BETA_2**count)) + real(EPSILON))


OPTIMIZER = Adam()
