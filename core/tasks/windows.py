"""Windows over one long series of steps, its end kept from training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Windows:
    """Where windows of at most ``wanted_len`` steps lie in a series of ``step_count`` steps, of which training sees ``train_count``.

    Training windows lie wholly in the first ``train_count`` steps, and are shorter than wanted where there are fewer. Held-out
    windows lie wholly in the rest; where that is shorter than a window, the one there is begins earlier, so that the network
    has something to go on, and only its steps in the rest count.
    """

    step_count: int
    train_count: int
    wanted_len: int

    @property
    def train_len(self) -> int:
        """Steps of a training window."""
        return min(self.wanted_len, self.train_count)

    @property
    def held_out_len(self) -> int:
        """Steps of a held-out window."""
        return min(self.wanted_len, self.step_count)

    def draw(self, rng: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Steps of ``count`` training windows, (T, count)."""
        starts = rng.integers(0, self.train_count - self.train_len + 1, count)
        return np.arange(self.train_len)[:, None] + starts

    def stream(self, position: int, count: int) -> tuple[NDArray[np.int64], bool]:
        """Steps (T, count) of ``count`` streams, each an equal part of the training steps, ``position`` steps after their start.

        And whether they go on there; at the end of their parts all begin again, the last steps that fill no window left out. Where the
        parts are shorter than a window T is their length; where there are fewer steps than streams, streams share them.
        """
        part = max(self.train_count // count, 1)
        length = min(self.train_len, part)
        first = position % self._round_len(count)
        starts = np.arange(count) * part % (self.train_count - part + 1)
        return np.arange(first, first + length)[:, None] + starts, first > 0

    def round_of(self, position: int, count: int) -> int:
        """How often ``count`` streams have begun again, ``position`` steps after their start."""
        return position // self._round_len(count)

    def _round_len(self, count: int) -> int:
        """Steps after which ``count`` streams begin again."""
        part = max(self.train_count // count, 1)
        return part - part % min(self.train_len, part)

    def held_out(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
        """Steps of ``count`` held-out windows evenly spread, (T, count), and the mask (T, count) of those that count; None: all."""
        last = self.step_count - self.held_out_len
        starts = np.linspace(min(self.train_count, last), last, count).round().astype(np.int64)
        steps = np.arange(self.held_out_len)[:, None] + starts
        return steps, None if starts[0] >= self.train_count else (steps >= self.train_count).astype(np.float64)
