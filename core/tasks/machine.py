"""A machine with sensors: slow waves that go through all its channels, and what can go wrong with one of them.

Channel c of C shows at step t ::

    x_c(t) = b_c + a sin(2π (t / P + c / LAG) + φ) + σ ε

a wave of period P and height a that reaches each channel a little later than the one before it, about a level b_c at which the channel
happens to stand, with noise ε of variance 1. P, a, φ and b_c are drawn anew for each sequence. In each stretch of ``STRETCH`` steps one
channel goes wrong with a chance of ``CHANCE``, for some steps, in one of four ways:

spike        it jumps away, by more than the height of the wave, for 1 to 3 steps
drift        it moves away, a little further with every step, and comes back all at once
stuck        it shows the same value again and again
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
    period, height, phase = (rng.uniform(low, high, (count, 1)).astype(np.float32) for low, high in (PERIODS, HEIGHTS, (0, 1)))
    lag = np.arange(channels, dtype=np.float32) / np.float32(LAG)
    # Sines are what costs most: those of all channels come from one, and its cosine, by the sum of angles.
    angle = np.float32(2 * np.pi) * (np.arange(seq_len, dtype=np.float32)[:, None] / period[:, 0] + phase[:, 0])
    waves = np.sin(angle)[..., None] * (height * np.cos(np.float32(2 * np.pi) * lag))
    waves += np.cos(angle)[..., None] * (height * np.sin(np.float32(2 * np.pi) * lag))
    return rng.uniform(-LEVEL, LEVEL, (count, channels)).astype(np.float32), waves


def run(rng: np.random.Generator, seq_len: int, count: int, channels: int, noise: float) -> tuple[Floats, Floats]:
    """What ``count`` machines show: channels (T, count, C), and 1 where one of them is wrong, else 0 (T, count)."""
    levels, waves = sound_and_wave(rng, seq_len, count, channels)
    values = waves + levels
    values += uniform_noise(rng, noise, values.shape)
    stretches = -(-seq_len // STRETCH)
    size = (stretches, count)
    kinds = rng.integers(0, len(KINDS), size)
    wrong_channels = rng.integers(0, channels, size)
    lengths = np.where(kinds == SPIKE, rng.integers(1, LONGEST_SPIKE + 1, size), rng.integers(SHORTEST, LONGEST + 1, size))
    starts = STRETCH * np.arange(stretches)[:, None] + rng.integers(SOUND, STRETCH - lengths + 1)
    signs = rng.choice((-1.0, 1.0), size)
    jumps, slopes = rng.uniform(*SPIKES, size), rng.uniform(*SLOPES, size)
    lengths[rng.random(size) >= CHANCE] = 0

    stretch = np.arange(seq_len) // STRETCH
    since = np.arange(seq_len, dtype=np.int32)[:, None] - starts.astype(np.int32)[stretch]
    is_wrong = (since >= 0) & (since < lengths.astype(np.int32)[stretch])
    step, sequence = np.nonzero(is_wrong)
    event = (stretch[step], sequence)
    place = (step, sequence, wrong_channels[event])
    elapsed = since[step, sequence]
    kind = kinds[event]
    stuck_at = values[step - elapsed, sequence, wrong_channels[event]]
    values[place] = np.select(
        [kind == SPIKE, kind == DRIFT, kind == STUCK],
        [
            values[place] + signs[event] * jumps[event],
            values[place] + signs[event] * slopes[event] * (elapsed + 1),
            stuck_at,
        ],
        values[place] - 2 * waves[place],
    )
    return values, is_wrong.astype(np.float32)
