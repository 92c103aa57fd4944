"""Noise that costs little: drawing it must not take longer than learning from it."""

import numpy as np
from numpy.typing import NDArray

LEVELS = 256


def uniform_noise(rng: np.random.Generator, deviation: float, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Noise of mean 0 and standard deviation ``deviation``, evenly distributed over 256 levels: each value costs a random byte."""
    levels = np.arange(LEVELS) - (LEVELS - 1) / 2
    scaled = (deviation * levels / levels.std()).astype(np.float32)
    return np.take(scaled, np.frombuffer(rng.bytes(int(np.prod(shape))), np.uint8).reshape(shape))
