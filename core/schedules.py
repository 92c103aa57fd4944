"""How the learning rate changes over a run: a pure function of the settings and the number of the update.

η_k = η · k / W for the updates k = 1 … W of the warm-up (Goyal et al. 2017), then η · s(n) after n = k − W − 1 updates without it:

constant     s(n) = 1
step         s(n) = fᵐ, m = ⌊n / N⌋: every N updates the rate is multiplied by f
cosine       s(n) = f + (1 − f) (1 + cos(π n / N)) / 2 up to n = N, then f (Loshchilov & Hutter 2017, without restarts)
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.settings import TrainingSettings


def _constant(count: int, steps: int, factor: float) -> float:
    return 1.0


def _step(count: int, steps: int, factor: float) -> float:
    return float(factor ** (count // steps))


def _cosine(count: int, steps: int, factor: float) -> float:
    return factor + (1 - factor) * (1 + math.cos(math.pi * min(1.0, count / steps))) / 2


# Share of the set rate after ``count`` updates, with N = ``steps`` and f = ``factor``.
SCHEDULES: dict[str, Callable[[int, int, float], float]] = {"constant": _constant, "step": _step, "cosine": _cosine}


def learning_rate_at(training: "TrainingSettings", update: int) -> float:
    """The learning rate of update number ``update`` (from 1)."""
    if update <= training.warmup:
        return training.learning_rate * update / training.warmup
    share = SCHEDULES[training.schedule](update - training.warmup - 1, training.schedule_steps, training.schedule_factor)
    return training.learning_rate * share


def learning_rates(training: "TrainingSettings", first: int, count: int) -> np.ndarray:
    """The same of ``count`` updates from number ``first`` on: (count,)."""
    if training.schedule == "constant" and first > training.warmup:
        return np.full(count, float(training.learning_rate))
    return np.array([learning_rate_at(training, first + number) for number in range(count)])
