"""Where the loss has got to and whether it falls, told from the noise of its batches."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW = 200
"""Updates whose mean is compared with that of as many before; a run that is younger is halved."""
CLEARLY_LOWER = 0.9
"""Of what it was: less noise would be taken for progress."""
ERRORS = 3.0
"""Standard errors that a difference must exceed."""


@dataclass(frozen=True)
class LossTrend:
    """Means of the newest losses and of as many before, and the standard error of the newest mean; NaN where there are none."""

    now: float
    before: float
    error: float

    @property
    def is_falling(self) -> bool:
        """Whether it is clearly lower than it was, not by chance."""
        return self.now < min(CLEARLY_LOWER * self.before, self.before - ERRORS * self.error)


def standard_error(losses: NDArray[np.float64]) -> float:
    """Of the mean of the finite ones among ``losses`` (n,); NaN where there are none."""
    finite = losses[np.isfinite(losses)]
    return float(finite.std() / math.sqrt(len(finite))) if len(finite) else math.nan


def mean_loss(losses: NDArray[np.float64]) -> float:
    """Mean of the finite ones among ``losses`` (n,); NaN where there are none."""
    finite = losses[np.isfinite(losses)]
    return float(finite.mean()) if len(finite) else math.nan


def loss_trend(losses: NDArray[np.float64]) -> LossTrend:
    """The trend of ``losses`` (n,), one an update; NaN where one is unknown."""
    count = min(WINDOW, len(losses) // 2)
    newest, older = losses[len(losses) - count :], losses[len(losses) - 2 * count : len(losses) - count]
    return LossTrend(mean_loss(newest), mean_loss(older), standard_error(newest))
