"""L-BFGS (Nocedal & Wright 2006, algorithms 7.4 and 7.5) with a memory of 10 pairs.

Each pair is a step s = θ' − θ and what it changed in the gradient, y = g' − g. The two-loop recursion turns −g into the direction d
with the inverse Hessian that the pairs suggest, starting from (s·y / y·y) I of the newest one.

Deviations, for training on a new batch in each update:

- Both gradients of a pair are taken on the same batch (Schraudolph, Yu & Günter 2007; Berahas, Nocedal & Takáč 2016): the difference
  of two batches would be noise, not curvature.
- Pairs with s·y ≤ 1e-10 |s| |y| are left out, and the line search only asks for enough decrease (Armijo), not for Wolfe's second
  condition: halving from 1, or from min(1, 1/|g|) where no pair is known.
- Where no step along d is better, all pairs are forgotten and −g is tried; where that fails too, the parameters stay.
"""

import math

import numpy as np

from core.objective import Objective, dot
from core.optimizer import SecondOrderOptimizer

PAIRS = 10
PAIR_COUNT = "pair_count"
SUFFICIENT_DECREASE = 1e-4
MOST_HALVINGS = 20
LEAST_CURVATURE = 1e-10


class LBFGS(SecondOrderOptimizer):
    """Quasi-Newton: curvature guessed from how the gradient changed over the last steps.

    The first half of the slots are the steps s, the second the changes y, each a ring in which update k's pair stands at
    (k − 1) mod 10; ``pair_count`` counts the pairs since the ring was empty.
    """

    name = "lbfgs"
    title = "L-BFGS"
    order = 50
    slot_names = (*(f"step_{i}" for i in range(PAIRS)), *(f"change_{i}" for i in range(PAIRS)))
    memory_defaults = {PAIR_COUNT: 0.0}

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
        pairs = _pairs(slots, memory)
        found = None
        if pairs:
            found = _search(objective, parameters, loss, gradient, _two_loop_direction(gradient, pairs), 1.0)
        if found is None:
            slots[:] = 0
            memory[PAIR_COUNT] = 0.0
            length = math.sqrt(dot(gradient, gradient))
            first_step = min(1.0, 1 / length) if length > 0 else 1.0
            found = _search(objective, parameters, loss, gradient, -gradient.astype(np.float64), first_step)
        if found is None:
            return
        new_parameters, new_gradient = found
        _remember(new_parameters - parameters, new_gradient - gradient, slots, memory)
        parameters[:] = new_parameters


def _pairs(slots: np.ndarray, memory: dict[str, float]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pairs (s, y), newest first; places that hold zeros are empty."""
    places = [(int(memory[PAIR_COUNT]) - 1 - age) % PAIRS for age in range(PAIRS)]
    pairs = [(slots[place], slots[PAIRS + place]) for place in places]
    return [(s, y) for s, y in pairs if dot(s, y) > 0 and dot(y, y) > 0]


def _remember(s: np.ndarray, y: np.ndarray, slots: np.ndarray, memory: dict[str, float]) -> None:
    """Write a pair over the oldest one, if the curvature along it is positive."""
    if not dot(s, y) > LEAST_CURVATURE * math.sqrt(dot(s, s) * dot(y, y)):
        return
    place = int(memory[PAIR_COUNT]) % PAIRS
    slots[place], slots[PAIRS + place] = s, y
    memory[PAIR_COUNT] += 1


def _two_loop_direction(gradient: np.ndarray, pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """−H g by algorithm 7.4, in float64; ``pairs`` are (s, y), newest first."""
    q = gradient.astype(np.float64)
    alphas = []
    for s, y in pairs:
        alpha = dot(s, q) / dot(s, y)
        q -= alpha * y
        alphas.append(alpha)
    s, y = pairs[0]
    r = q * (dot(s, y) / dot(y, y))
    for (s, y), alpha in zip(reversed(pairs), reversed(alphas), strict=True):
        r += (alpha - dot(y, r) / dot(s, y)) * s
    return -r


def _search(
    objective: Objective, parameters: np.ndarray, loss: float, gradient: np.ndarray, direction: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Parameters along ``direction`` with enough decrease, and the gradient there; None where there are none."""
    slope = dot(gradient, direction)
    if not -math.inf < slope < 0:
        return None
    new_gradient = np.empty_like(gradient)
    for _ in range(MOST_HALVINGS + 1):
        new_parameters = (parameters + step * direction).astype(parameters.dtype)
        new_loss = objective.loss_and_gradient(new_parameters, new_gradient)
        is_finite = np.isfinite(new_parameters).all() and np.isfinite(new_gradient).all()
        if is_finite and -math.inf < new_loss <= loss + SUFFICIENT_DECREASE * step * slope:
            return new_parameters, new_gradient
        step /= 2
    return None


OPTIMIZER = LBFGS()
