"""Hessian-free optimization (Martens 2010), with structural damping (Martens & Sutskever 2011).

In each update conjugate gradients minimise the quadratic model

    q(p) = g·p + ½ p·(G + λ I + μ λ JₕᵀJₕ) p

of the loss's change over steps p; G is the Gauss–Newton matrix, of which only products are needed. Then, as in Martens 2010:

- They start from 0.95 times the previous solution, and stop in iteration i where the last k = max(10, 0.1 i) iterations have brought
  less than a share of 0.0005 k of q (section 4.4), or after 50.
- Of the iterates kept on the way, the loss chooses: from the last one back as long as the one before is better (section 4.6).
- The step is shortened until the loss has decreased enough (Armijo).
- λ follows the reduction ratio ρ of the loss's change to that of the undamped model (Levenberg–Marquardt): ρ > 3/4 makes it 2/3,
  ρ < 1/4 3/2 times as large (section 4.1).

Deviations: no preconditioner; curvature on the whole batch, not on a part of it; where 0.95 times the previous solution makes the model
worse than no step, they start from 0; λ stays within 1e-8 … 1e8; μ = 1/32 is this program's choice.
"""

import math

import numpy as np

from core.objective import Linearization, Objective, dot
from core.optimizer import SecondOrderOptimizer

DAMPING = "damping"
LEAST_DAMPING, MOST_DAMPING = 1e-8, 1e8
STRUCTURAL_SHARE = 1 / 32
DIRECTION_DECAY = 0.95
MOST_ITERATIONS = 50
LEAST_PROGRESS = 0.0005
SPACING = 1.3
SUFFICIENT_DECREASE = 0.01
SHORTENING = 0.8
MOST_SHORTENINGS = 40


class HessianFree(SecondOrderOptimizer):
    """Newton steps on the Gauss–Newton matrix, found by conjugate gradients."""

    name = "hessian_free"
    title = "Hessian-free"
    order = 60
    slot_names = ("direction",)
    memory_defaults = {DAMPING: 1.0}

    def improve(
        self,
        objective: Objective,
        parameters: np.ndarray,
        loss: float,
        gradient: np.ndarray,
        slots: np.ndarray,
        memory: dict[str, float],
    ) -> None:
        """See SecondOrderOptimizer."""
        step_gradient = gradient.astype(np.float64)
        damping = min(max(memory[DAMPING], LEAST_DAMPING), MOST_DAMPING)
        linearization = objective.linearize(parameters)
        model = _Model(linearization, step_gradient, parameters.dtype, damping)
        iterates = _conjugate_gradients(model, DIRECTION_DECAY * slots[0].astype(np.float64))
        slots[0] = iterates[-1] if iterates else 0
        is_moved, ratio = False, -math.inf
        if iterates:
            step, new_loss = _best_iterate(objective, parameters, iterates)
            undamped = _Model(linearization, step_gradient, parameters.dtype, 0.0)
            promised = undamped.value(step)
            if promised < 0:
                ratio = (new_loss - loss) / promised
            is_moved = _search(objective, parameters, loss, new_loss, dot(step_gradient, step), step)
        if not is_moved or not np.isfinite(slots[0]).all():
            slots[0] = 0
        if ratio > 3 / 4:
            damping *= 2 / 3
        elif not ratio >= 1 / 4:
            damping *= 3 / 2
        memory[DAMPING] = min(max(damping, LEAST_DAMPING), MOST_DAMPING)


class _Model:
    """q(p), with steps and products in float64 whatever the network's precision is."""

    def __init__(self, linearization: Linearization, gradient: np.ndarray, dtype: np.dtype, damping: float) -> None:
        self.gradient = gradient
        self._linearization = linearization
        self._dtype = dtype
        self._damping = damping
        self._product = np.empty(gradient.shape, dtype)

    def product(self, step: np.ndarray) -> np.ndarray:
        """(G + λ I + μ λ JₕᵀJₕ) p."""
        self._linearization.gauss_newton_product(step.astype(self._dtype), self._product, STRUCTURAL_SHARE * self._damping)
        return self._product + self._damping * step

    def value(self, step: np.ndarray) -> float:
        """q(p)."""
        return dot(self.gradient, step) + 0.5 * dot(step, self.product(step))


def _conjugate_gradients(model: _Model, start: np.ndarray) -> list[np.ndarray]:
    """Iterates kept on the way to the minimum of q, the last one included; none where the curvature is not positive at once."""
    x = start
    residual = -model.gradient - model.product(x)
    if not _value(model, x, residual) < 0:
        x, residual = np.zeros_like(start), -model.gradient
    direction, square = residual, dot(residual, residual)
    values, kept, next_kept = [_value(model, x, residual)], [], 1
    for i in range(1, MOST_ITERATIONS + 1):
        product = model.product(direction)
        curvature = dot(direction, product)
        if not 0 < curvature < math.inf or square == 0:
            break
        x = x + square / curvature * direction
        residual = residual - square / curvature * product
        values.append(_value(model, x, residual))
        if i >= next_kept:
            kept.append(x)
            next_kept = math.ceil(SPACING * next_kept)
        if _is_progress_small(values):
            break
        last_square, square = square, dot(residual, residual)
        direction = residual + square / last_square * direction
    return kept if len(values) == 1 or kept[-1] is x else [*kept, x]


def _value(model: _Model, x: np.ndarray, residual: np.ndarray) -> float:
    """q(x) from the residual −g − A x, without another product."""
    return 0.5 * dot(x, model.gradient - residual)


def _is_progress_small(values: list[float]) -> bool:
    """Section 4.4 of Martens 2010; ``values`` are q before and after each iteration."""
    i = len(values) - 1
    k = max(10, math.ceil(0.1 * i))
    return i > k and values[i] < 0 and (values[i] - values[i - k]) / values[i] < k * LEAST_PROGRESS


def _loss_after(objective: Objective, parameters: np.ndarray, step: np.ndarray) -> float:
    """The loss at θ + p; infinite where it or a parameter is not finite."""
    moved = (parameters + step).astype(parameters.dtype)
    loss = objective.loss(moved) if np.isfinite(moved).all() else math.inf
    return loss if math.isfinite(loss) else math.inf


def _best_iterate(objective: Objective, parameters: np.ndarray, iterates: list[np.ndarray]) -> tuple[np.ndarray, float]:
    """The iterate that the loss chooses, and the loss there; infinite where it is finite at none."""
    best, best_loss = iterates[-1], _loss_after(objective, parameters, iterates[-1])
    for iterate in reversed(iterates[:-1]):
        loss = _loss_after(objective, parameters, iterate)
        if loss > best_loss or (loss == best_loss and loss < math.inf):
            break
        best, best_loss = iterate, loss
    return best, best_loss


def _search(objective: Objective, parameters: np.ndarray, loss: float, new_loss: float, slope: float, step: np.ndarray) -> bool:
    """Move ``parameters`` in place by as much of ``step`` as brings enough decrease; False where none does.

    ``new_loss`` is the loss after the whole step, ``slope`` g·p.
    """
    if not slope < 0:
        return False
    share = 1.0
    for _ in range(MOST_SHORTENINGS):
        if new_loss <= loss + SUFFICIENT_DECREASE * share * slope:
            parameters[:] = parameters + share * step
            return True
        share *= SHORTENING
        new_loss = _loss_after(objective, parameters, share * step)
    return False


OPTIMIZER = HessianFree()
