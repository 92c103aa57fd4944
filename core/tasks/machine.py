"""A machine with sensors: slow waves that go through all its channels, and what can go wrong with one of them.

Channel c of C shows at step t ::

    x_c(t) = b_c + a sin(2π (t / P + c / LAG) + φ) + σ ε

a wave of period P and height a that reaches each channel a little later than the one before it, about a level b_c at which the channel
happens to stand, with noise ε of variance 1. P, a, φ and b_c are drawn anew for each sequence. In each stretch of ``STRETCH`` steps one
channel goes wrong with a chance of ``CHANCE``, for some steps, in one of four ways:

spike        it jumps away, by more than the height of the wave, for 1 to 3 steps
drift        it moves away, a little further with every step, and comes back all at once
stuck        it goes on showing the value of the step before, which was sound: nobody could know that it would stay
correlation  it goes against the others: its wave is turned over
"""

import numpy as np
from numpy.typing import NDArray

from core.tasks.noise import uniform_noise

SPIKE, DRIFT, STUCK, CORRELATION = KINDS = range(4)
STRETCH = 40
CHANCE = 0.7
# Steps of a stretch that are always sound, before anything goes wrong.
SOUND = 8
SHORTEST, LONGEST = 10, 24
LONGEST_SPIKE = 3
PERIODS = (16.0, 32.0)
HEIGHTS = (0.8, 1.2)
LEVEL = 0.7
LAG = 8.0
SPIKES = (1.5, 2.5)
SLOPES = (0.15, 0.3)

Floats = NDArray[np.float32]


def sound_and_wave(rng: np.random.Generator, seq_len: int, count: int, channels: int) -> tuple[Floats, Floats]:
    """Levels (count, C) and waves (T, count, C) about them of a machine that is sound."""
    period, height, phase = (rng.uniform(low, high, (count, 1)) for low, high in (PERIODS, HEIGHTS, (0, 2 * np.pi)))
    shift = phase + 2 * np.pi / LAG * np.arange(channels)
    # Rows with all channels of all machines side by side: numpy works row by row.
    waves = np.outer(np.arange(seq_len, dtype=np.float32), _repeated(2 * np.pi / period, channels))
    waves += shift.astype(np.float32).ravel()
    np.sin(waves, out=waves)
    waves *= _repeated(height, channels)
    return rng.uniform(-LEVEL, LEVEL, (count, channels)).astype(np.float32), waves.reshape(seq_len, count, channels)


def _repeated(numbers: NDArray[np.float64], channels: int) -> Floats:
    return np.repeat(numbers.astype(np.float32).ravel(), channels)


def run(rng: np.random.Generator, seq_len: int, count: int, channels: int, noise: float) -> tuple[Floats, Floats]:
    """What ``count`` machines show: channels (T, count, C), and 1 where one of them is wrong, else 0 (T, count)."""
    levels, waves = sound_and_wave(rng, seq_len, count, channels)
    values = waves + levels
    values += uniform_noise(rng, noise, values.shape)
    is_wrong = np.zeros((seq_len, count), np.float32)
    # One event for each stretch of each machine; those that don't happen have no steps.
    size = -(-seq_len // STRETCH) * count
    stretch, machine = np.divmod(np.arange(size), count)
    kinds, wrong_channels = rng.integers(0, len(KINDS), size), rng.integers(0, channels, size)
    lengths = np.where(kinds == SPIKE, rng.integers(1, LONGEST_SPIKE + 1, size), rng.integers(SHORTEST, LONGEST + 1, size))
    starts = STRETCH * stretch + rng.integers(SOUND, STRETCH - lengths + 1)
    signs = 2 * rng.integers(0, 2, size) - 1
    jumps, slopes = signs * rng.uniform(*SPIKES, size), signs * rng.uniform(*SLOPES, size)
    lengths = np.where(rng.random(size) < CHANCE, np.clip(seq_len - starts, 0, lengths), 0)

    # Places in rows of numbers: of a machine at a step, and of its wrong channel.
    first_cells = starts * count + machine
    shown, wave, is_wrong_cell = values.reshape(-1), waves.reshape(-1), is_wrong.reshape(-1)
    for kind in KINDS:
        own = np.flatnonzero(kinds == kind)
        event = np.repeat(own, lengths[own])
        elapsed = np.arange(len(event)) - np.repeat(np.cumsum(lengths[own]) - lengths[own], lengths[own])
        cells = first_cells[event] + elapsed * count
        places = cells * channels + wrong_channels[event]
        is_wrong_cell[cells] = 1
        if kind == SPIKE:
            shown[places] += jumps[event]
        elif kind == DRIFT:
            shown[places] += slopes[event] * (elapsed + 1)
        elif kind == STUCK:
            shown[places] = shown[places - (elapsed + 1) * count * channels]
        else:
            shown[places] -= 2 * wave[places]
    return values, is_wrong
