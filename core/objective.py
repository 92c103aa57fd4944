"""What a second-order optimizer sees: the loss of one batch as a function of all parameters, with its gradient and curvature.

Parameters, gradients and directions are flat vectors (n) in the network's precision. The batch, its dropout and its truncation are
fixed, so the same parameters always have the same loss.
"""

from typing import Protocol

import numpy as np


class Linearization(Protocol):
    """The network at fixed parameters, to first order."""

    def gauss_newton_product(self, direction: np.ndarray, product: np.ndarray, state_damping: float) -> None:
        """Write G·v + ``state_damping`` / B · JₕᵀJₕ·v to ``product``, which is overwritten; v is ``direction``.

        G = Jᵀ H J is the Gauss–Newton matrix of the batch's mean loss (Schraudolph 2002): J the derivative of the head's outputs with
        respect to the parameters, H the Hessian of the loss with respect to these outputs. Jₕ is the derivative of the hidden states,
        whose change structural damping holds back (Martens & Sutskever 2011).
        """


class Objective(Protocol):
    """The mean loss of one batch."""

    def loss(self, parameters: np.ndarray) -> float:
        """The loss; NaN or infinite where it can't be computed."""

    def loss_and_gradient(self, parameters: np.ndarray, gradient: np.ndarray) -> float:
        """The loss; its gradient overwrites ``gradient``."""

    def linearize(self, parameters: np.ndarray) -> Linearization:
        """The curvature at ``parameters``; what the objective is asked later leaves it valid."""


class WeightDecay:
    """An objective plus the penalty λ/2 · ‖θ‖², whose gradient is λθ and whose curvature is λ.

    Parameters
    ----------
    objective : the loss without the penalty
    weight_decay : λ
    """

    def __init__(self, objective: Objective, weight_decay: float) -> None:
        self._objective = objective
        self._weight_decay = weight_decay

    def penalty(self, parameters: np.ndarray) -> float:
        """λ/2 · ‖θ‖², summed in float64."""
        return 0.5 * self._weight_decay * dot(parameters, parameters)

    def loss(self, parameters: np.ndarray) -> float:
        """See Objective."""
        return self._objective.loss(parameters) + self.penalty(parameters)

    def loss_and_gradient(self, parameters: np.ndarray, gradient: np.ndarray) -> float:
        """See Objective."""
        loss = self._objective.loss_and_gradient(parameters, gradient)
        gradient += gradient.dtype.type(self._weight_decay) * parameters
        return loss + self.penalty(parameters)

    def linearize(self, parameters: np.ndarray) -> Linearization:
        """See Objective."""
        return _DecayedLinearization(self._objective.linearize(parameters), self._weight_decay)


class _DecayedLinearization:
    def __init__(self, linearization: Linearization, weight_decay: float) -> None:
        self._linearization = linearization
        self._weight_decay = weight_decay

    def gauss_newton_product(self, direction: np.ndarray, product: np.ndarray, state_damping: float) -> None:
        """See Linearization."""
        self._linearization.gauss_newton_product(direction, product, state_damping)
        product += product.dtype.type(self._weight_decay) * direction


def dot(a: np.ndarray, b: np.ndarray) -> float:
    """a · b, summed in float64 and always in the same order: a BLAS may split it over threads."""
    return float(np.sum(np.multiply(a, b, dtype=np.float64)))
