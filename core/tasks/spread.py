"""Pairs of numbers that fill a square evenly: few of them stand for all, where as many random ones would not.

The points of Korobov's lattice with the golden ratio, (k + ½)/n against the fraction of k/φ, in an order of their own, for its first
coordinate rises.
"""

import numpy as np
from numpy.typing import NDArray

GOLDEN_SHARE = (np.sqrt(5) - 1) / 2
ORDER_SEED = 20_242


def spread_pairs(count: int) -> NDArray[np.float64]:
    """``count`` points of the unit square, (2, count), always the same."""
    k = np.arange(count) + 0.5
    pairs = np.stack([k / count, (k * GOLDEN_SHARE) % 1])
    return pairs[:, np.random.default_rng(ORDER_SEED).permutation(count)]
