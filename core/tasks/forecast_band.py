"""How far a forecast may be trusted: a band about it, made from the errors of the network on data that training never saw.

*Residuals*: forecasts from held-out places are compared with what came there. At a distance of k steps the band is twice the root of their
mean squared error on either side, and never narrower than nearer by.

*Sampling*: many paths are forecast; at each step each takes the network's answer and adds one of its one-step errors, drawn at random. The
band holds the paths between the 5 % and the 95 % quantile (a residual bootstrap: Hyndman & Athanasopoulos, Forecasting, section 5.5).
"""

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch

Floats = NDArray[np.float64]

RESIDUALS, SAMPLING = "residuals", "sampling"
BANDS = (RESIDUALS, SAMPLING)
ERRORS_WIDE = 2.0
PATHS = 100
QUANTILES = (0.05, 0.95)


def residual_widths(errors: Floats, steps: int) -> Floats:
    """Half the band's width (steps,) from the errors (K, N) of N forecasts at distances of 1 … K.

    Further than K it grows with the root of the distance, as the sum of independent errors does.
    """
    distances = np.arange(1, steps + 1)
    known: Floats = ERRORS_WIDE * np.maximum.accumulate(np.sqrt(np.mean(errors**2, axis=1)))
    reach = len(known)
    widths: Floats = known[np.minimum(distances, reach) - 1] * np.sqrt(np.maximum(distances / reach, 1.0))
    return widths


def one_step_errors(answers: NDArray[np.floating], batch: Batch) -> Floats:
    """What came minus the answers (T, B, 1), as (N,): of steps that count, and of these of the later half of the windows.

    There the network has read something to go by, as it has where a forecast begins.
    """
    errors = (batch.targets - answers)[..., 0].astype(np.float64)
    counts = np.ones(errors.shape, bool) if batch.mask is None else batch.mask > 0
    is_late = counts & (np.arange(len(errors)) >= len(errors) // 2)[:, None]
    found: Floats = errors[is_late if is_late.any() else counts]
    return found


def drawn_errors(errors: Floats, steps: int, rng: np.random.Generator) -> Floats:
    """The errors (steps, 1 + PATHS) that paths take on their way; the first path takes none."""
    drawn: Floats = np.concatenate([np.zeros((steps, 1)), rng.choice(errors, (steps, PATHS))], axis=1)
    return drawn


def path_quantiles(paths: Floats) -> tuple[Floats, Floats]:
    """Low and high (steps,) of paths (steps, P)."""
    low, high = np.quantile(paths, QUANTILES, axis=1)
    return low, high
