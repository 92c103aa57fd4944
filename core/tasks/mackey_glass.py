"""Mackey–Glass: a chaotic series, of which the next value is asked for at every step (Mackey & Glass 1977).

    ẋ(t) = 0.2 x(t − τ) / (1 + x(t − τ)¹⁰) − 0.1 x(t)        τ = 17

sampled once a unit of time (see ``delay_equation``) after it has swung in. The network sees the values less their mean, divided by their
standard deviation. Training sees the first 3,000 values; held out are 1,500 that come later.

The line is to say the same value again (persistence): an NRMSE of 0.146 at one step for τ = 17, computed over the training values.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.fields import integer
from core.tasks.delay_equation import mackey_glass
from core.tasks.next_value import NextValue, next_values
from core.tasks.windows import Windows

SWUNG_IN = 300
TRAIN_COUNT, HELD_OUT_COUNT = 3000, 1500
SOLVED_NRMSE = 1.0


@dataclass(frozen=True)
class MackeyGlassSettings:
    """How hard it is."""

    delay: int = integer(
        17,
        17,
        30,
        "Delay",
        "τ, how far back the equation looks. Below 17 the series would repeat, from there on it is chaotic; at 19 alone it settles "
        "into repeating after some thousand steps.",
        unit="steps",
        is_live=True,
    )
    seq_len: int = integer(50, 2, 300, "Length", "Values the network reads in one go.", unit="steps", scale="log", is_live=True)


class MackeyGlass(NextValue):
    """Values of a chaotic series → the next one, at every step."""

    name = "mackey_glass"
    title = "Chaos"
    summary = "Forecast a series that never repeats."
    # An NRMSE below 1 %.
    solved_metric = SOLVED_NRMSE
    card = (
        "In goes a series that an equation with a delay makes (Mackey–Glass), value by value. Out must come, at every step, the next "
        "value. Fed with its own answers the network forecasts further. What makes it hard: the next value depends on one of long ago, "
        "seventeen steps if the delay is left as it is, and the series never repeats: two that are nearly the same drift apart, so "
        "that every forecast fails in the end. The LSTM is the first to be right within 1 %, then the GRU. The line is to say the "
        "same value again."
    )
    order = 310
    group = "classic"
    has_stream = True
    input_example = "1.08, 1.11, 1.13, 1.13, 1.10, 1.05, 0.97, 0.89, 0.81, 0.73, 0.67, 0.61, 0.55, 0.50, 0.46, 0.43, 0.42, 0.43, 0.47, 0.55"
    lowest, highest = 0.0, 2.0
    Settings = MackeyGlassSettings

    def __init__(self, settings: MackeyGlassSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        values = mackey_glass(settings.delay, SWUNG_IN + TRAIN_COUNT + HELD_OUT_COUNT)[SWUNG_IN:]
        train = values[:TRAIN_COUNT]
        self.center, self.unit_size = float(train.mean()), float(train.std())
        self._inputs: NDArray[np.float64] = (values - self.center) / self.unit_size

    def _windows(self, length: int) -> Windows:
        """Where pieces of ``length`` values lie, and the value after each is still on the same side."""
        return Windows(len(self._inputs) - 1, TRAIN_COUNT - 1, length)

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random pieces of the training values: inputs and targets (seq_len, count, 1)."""
        return self._batch(self._windows(self.settings.seq_len).draw(rng, count))

    def stream(self, rng: np.random.Generator, position: int, count: int) -> Batch:
        """The training values read from ``count`` places on, piece after piece."""
        steps, does_continue = self._windows(self.settings.seq_len).stream(position, count)
        return replace(self._batch(steps), continues=np.full(count, does_continue))

    def _batch(self, steps: NDArray[np.int64]) -> Batch:
        return next_values(self._inputs[np.vstack([steps, steps[-1:] + 1])])

    def held_out_paths(self, length: int, count: int) -> NDArray[np.float64]:
        """Pieces evenly spread over the held-out values."""
        starts = np.linspace(TRAIN_COUNT, len(self._inputs) - length, count).round().astype(np.int64)
        paths: NDArray[np.float64] = self._inputs[np.arange(length)[:, None] + starts]
        return paths

    def going_on(self, inputs: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """The series after the place where ``inputs`` lies in it."""
        windows = np.lib.stride_tricks.sliding_window_view(self._inputs, len(inputs))
        end = int(((windows - inputs) ** 2).sum(axis=1).argmin()) + len(inputs)
        future = np.full(steps, np.nan)
        known = self._inputs[end : end + steps]
        future[: len(known)] = known
        return future

    def _compute_baseline_loss(self) -> float:
        train = self._inputs[:TRAIN_COUNT]
        return float(np.mean(np.diff(train) ** 2))


TASK = MackeyGlass
