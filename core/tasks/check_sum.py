"""Which of too many problems to list training never sees: those whose check sum is small."""

import numpy as np
from numpy.typing import NDArray

HELD_OUT_SHARE = 0.2


def is_held_out(numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether the problems with these ``numbers`` (N,) are held out: always the same fifth of them, as if drawn by lot.

    The check sum is the finishing of SplitMix64 (Steele, Lea & Flood 2014), in which each bit depends on all bits of the number.
    """
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed < np.uint64(HELD_OUT_SHARE * 2**64)
