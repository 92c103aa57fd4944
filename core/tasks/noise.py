"""Noise that costs little: drawing it must not take longer than learning from it."""

import numpy as np
from numpy.typing import NDArray

LEVELS = 256
BYTES_AT_ONCE = 8


def uniform_noise(rng: np.random.Generator, deviation: float, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Noise of mean 0 and standard deviation ``deviation``, evenly distributed over 256 levels: each value costs a random byte."""
    count = int(np.prod(shape))
    # Eight bytes at once.
    drawn = rng.integers(0, 2**64 - 1, -(-count // BYTES_AT_ONCE), np.uint64, endpoint=True).view(np.int8)[:count].reshape(shape)
    noise = drawn.astype(np.float32)
    # From -128 … 127, whose mean is a half below 0.
    noise += np.float32(0.5)
    noise *= np.float32(deviation / np.sqrt((LEVELS**2 - 1) / 12))
    return noise
