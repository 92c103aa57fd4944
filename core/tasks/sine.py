"""Sine: see a wave and say at every step what comes next.

    x_t = sin(φ + δ t)        target_t = x_{t+1}        δ = 2π / period

The phase φ is drawn at random for each sequence. With a ``spread`` s above 0 so is the step: evenly from δ (1 − s) to δ (1 + s); then the
network has to find out how fast this wave is.

The line is to say the same value again (persistence). Its mean squared error over all phases is 1 − cos δ, and with a spread its mean over
the steps that are drawn, 1 − (sin δ₂ − sin δ₁) / (δ₂ − δ₁).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.fields import integer, number
from core.pads import CurvePad
from core.task import HELD_OUT_SEED
from core.tasks.next_value import NextValue, next_values

SOLVED_NRMSE = 1.0
DRAWN_STEPS = 50
SHORTEST = 5


@dataclass(frozen=True)
class SineSettings:
    """How hard it is."""

    period: float = number(25.0, 4.0, 200.0, "Period", "Steps from one crest to the next.", unit="steps", scale="log", is_live=True)
    spread: float = number(
        0.0,
        0.0,
        0.9,
        "Spread",
        "How much faster or slower a wave may be, as a share of its speed: then the network must find out which one it sees.",
        is_live=True,
    )
    seq_len: int = integer(50, SHORTEST, 500, "Length", "Values the network reads in one go.", unit="steps", scale="log", is_live=True)


class Sine(NextValue):
    """Values of a wave → the next one, at every step."""

    name = "sine"
    title = "Sine"
    summary = "See a wave and go on with it."
    # An NRMSE below 1 %.
    solved_metric = SOLVED_NRMSE
    card = (
        "In goes a wave, value by value. Out must come, at every step, the next value. Fed with its own answers the network goes on "
        "with the wave by itself. What makes it hard: one value does not tell whether the wave is rising or falling; the one before "
        "must be remembered. And when it feeds itself, every small error is carried on. All three "
        "cells learn it. The line is to say the same value again."
    )
    order = 300
    group = "classic"
    input_example = "0, 0.249, 0.482, 0.685, 0.844, 0.951, 0.998, 0.982, 0.905, 0.771, 0.588, 0.368"
    pad = CurvePad(DRAWN_STEPS, -1.0, 1.0)
    lowest, highest = -1.5, 1.5
    deviation = float(np.sqrt(1 / 2))
    Settings = SineSettings

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Waves of random phase: inputs and targets (seq_len, count, 1)."""
        return next_values(self._paths(rng, self.settings.seq_len + 1, count))

    def held_out_paths(self, length: int, count: int) -> NDArray[np.float64]:
        """Waves of other phases than those of training."""
        return self._paths(np.random.default_rng(HELD_OUT_SEED), length, count)

    def _paths(self, rng: np.random.Generator, length: int, count: int) -> NDArray[np.float64]:
        slowest, fastest = self._step_sizes()
        phases = rng.uniform(0, 2 * np.pi, count)
        step_sizes = rng.uniform(slowest, fastest, count)
        return np.sin(phases + step_sizes * np.arange(length)[:, None])

    def _step_sizes(self) -> tuple[float, float]:
        """δ₁ and δ₂, in radians."""
        step_size = 2 * np.pi / self.settings.period
        return step_size * (1 - self.settings.spread), step_size * (1 + self.settings.spread)

    def going_on(self, inputs: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """The same wave further on, by x_{t+1} = 2 cos δ x_t − x_{t−1}, with the δ that fits ``inputs``."""
        middle, beside = inputs[1:-1], inputs[2:] + inputs[:-2]
        twice_cosine = float(middle @ beside / (middle @ middle))
        path = [*inputs[-2:]]
        for _ in range(steps):
            path.append(twice_cosine * path[-1] - path[-2])
        return np.array(path[2:])

    def _compute_baseline_loss(self) -> float:
        slowest, fastest = self._step_sizes()
        if slowest == fastest:
            return float(1 - np.cos(slowest))
        return float(1 - (np.sin(fastest) - np.sin(slowest)) / (fastest - slowest))


TASK = Sine
