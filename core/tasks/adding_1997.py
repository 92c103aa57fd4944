"""The adding task as it was first set: values from −1 to 1, lengths that vary, marks early in the sequence, a scaled sum.

Hochreiter & Schmidhuber (1997), experiment 4. A sequence has a random length from T to T + T/10. Each step is a pair: a value drawn evenly
from −1 to 1, and a mark. One of the first ten pairs is marked 1, its value is X1; then one of the first T/2 − 1 pairs that are still
unmarked, its value is X2. The first and the last pair have mark −1, all others 0. One example, T = 20, in part::

    value   0.63  −0.12  0.50 …  0.91  0.07 …  −0.33
    mark     −1      1     0  …    1     0  …    −1       →  0.5 + (−0.12 + 0.91) / 4 = 0.6975

The paper sets X1 to 0 "in the rare case where the first pair of the sequence gets marked". As its mark stays −1, which tells nothing of
it, the same is done here where the second choice falls on it. An answer is right within 0.04. Published: with T = 100 a network of 93
weights needed 74,000 sequences (table 7, mean of 10 trials).

Without memory the best answer is always 0.5; its mean squared error is the variance of (X1 + X2) / 4 for two values that count, 1/24.
(Where the rare case is counted in it is a little less, 0.039 with T = 100.)
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer
from core.prediction import Answer, NumberPrediction, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.spread import spread_pairs

LOWEST, HIGHEST = -1.0, 1.0
MARKED, UNMARKED, BORDER = 1.0, 0.0, -1.0
MARKED_COUNT = 2
FIRST_PAIRS = 10
MIDDLE, SCALE = 0.5, 4.0
LONGER_PERCENT = 10
TOLERANCE = 0.04
SOLVED_PERCENT = 99.0
SCATTERED = 100


@dataclass(frozen=True)
class Adding1997Settings:
    """How hard it is."""

    seq_len: int = integer(
        100,
        2 * FIRST_PAIRS,
        1000,
        "Length",
        "Numbers in the shortest sequence; the longest has a tenth more.",
        unit="steps",
        scale="log",
        is_live=True,
    )


class Adding1997(Task):
    """Two marked numbers of a sequence → their sum, scaled to 0…1."""

    name = "adding_1997"
    title = "Adding 1997"
    summary = "The first form of the adding task: a scaled sum."
    card = (
        "In goes a sequence of random numbers between −1 and 1, one a step, each with a mark: 1 at two numbers of the first half, "
        "−1 at the first and the last, 0 at the others. Out must come, after the last step, 0.5 and a quarter of the sum of the "
        "two that are marked 1. What makes it hard: both lie in the first half, so that their sum has to be kept for as long as "
        "the second half takes, within 0.04, while other numbers go by. LSTM and GRU learn it over 50 numbers, if the LSTM's forget "
        "gates begin open; a simple RNN stays at the line."
    )
    order = 330
    group = "classic"
    topology = "sequence_to_vector"
    loss = "squared_error"
    loss_unit = "squared error"
    # At least 99 % of the held-out sequences right within 0.04.
    solved_metric = SOLVED_PERCENT
    input_example = "0.2 -0.5* 0.9 0.7* 0.1"
    Settings = Adding1997Settings

    def __init__(self, settings: Adding1997Settings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._scattered = self.held_out(SCATTERED)

    @property
    def input_size(self) -> int:
        """Value and mark."""
        return 2

    @property
    def output_size(self) -> int:
        """The scaled sum."""
        return 1

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random values and marks: inputs (T, count, 2), targets (count, 1)."""
        return self._drawn(rng, count)

    def held_out(self, count: int) -> Batch:
        """The marked numbers lie evenly: else a few sequences would be easier, or harder, than the task, and so would its baseline."""
        return self._drawn(np.random.default_rng(HELD_OUT_SEED), count, LOWEST + (HIGHEST - LOWEST) * spread_pairs(count))

    def _drawn(self, rng: np.random.Generator, count: int, marked: NDArray[np.float64] | None = None) -> Batch:
        """``marked``: the numbers that are to be added, (2, count), where they are not random, too."""
        seq_len = self.settings.seq_len
        sequences = np.arange(count)
        lengths = rng.integers(seq_len, seq_len + seq_len * LONGER_PERCENT // 100 + 1, count)
        inputs = np.zeros((int(lengths.max()), count, 2), np.float32)
        values = inputs[..., 0]
        values[:] = rng.random(values.shape, dtype=np.float32)
        values *= HIGHEST - LOWEST
        values += LOWEST
        first = rng.integers(0, FIRST_PAIRS, count)
        second = rng.integers(0, seq_len // 2 - 1, count)
        # Counted among the pairs that are still unmarked.
        second += second >= first
        for steps in (first, second):
            inputs[steps, sequences, 1] = MARKED
        if marked is not None:
            values[(first, second), sequences] = marked
        inputs[0, :, 1] = BORDER
        inputs[lengths - 1, sequences, 1] = BORDER
        for step in range(seq_len, len(inputs)):
            inputs[step, lengths <= step] = 0
        sums = sum(np.where(steps > 0, values[steps, sequences], 0.0) for steps in (first, second))
        return Batch(inputs, _scaled(np.asarray(sums))[:, None], None, lengths)

    def _compute_baseline_loss(self) -> float:
        variance_of_uniform = (HIGHEST - LOWEST) ** 2 / 12
        return MARKED_COUNT * variance_of_uniform / SCALE**2

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the answers that are right within 0.04."""
        is_right = np.abs(answers - batch.targets) < TOLERANCE
        return Metric(f"right within {TOLERANCE:g}", 100 * float(is_right.mean()), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The values, the marked ones with a star."""
        return tuple(f"{value:.2f}{'*' if mark == MARKED else ''}" for value, mark in inputs)

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The steps whose mark is 1."""
        return tuple(np.flatnonzero(inputs[:, 1] == MARKED).tolist())

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The answer as it forms, and held-out targets against answers."""
        held_out = self._scattered
        answers = forward(held_out.inputs, held_out.lengths)[held_out.lengths - 1, np.arange(held_out.size), 0]
        return NumberPrediction(
            answers=trace.outputs[:, 0],
            running_targets=_scaled(np.cumsum(trace.inputs[:, 0] * (trace.inputs[:, 1] == MARKED))),
            held_out_targets=held_out.targets[:, 0],
            held_out_answers=np.asarray(answers, dtype=np.float64),
            tolerance=TOLERANCE,
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The scaled sum for numbers typed as ``0.2 -0.5* 0.9 0.7* 0.1``: each −1 to 1, a star behind the two that count."""
        values, is_marked = _read_numbers(text)
        marks = np.where(is_marked, MARKED, UNMARKED)
        marks[[0, -1]] = BORDER
        found = float(forward(np.stack([values, marks], axis=1)[:, None], np.array([len(values)]))[-1, 0, 0])
        right = float(_scaled(values[is_marked].sum()))
        return Answer((found,), None, f"{found:.3f} (right is {right:.3f})")


def _scaled(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """X1 + X2 from −2…2 to 0…1."""
    return MIDDLE + sums / SCALE


def _read_numbers(text: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values and which of them are marked, (T,) each."""
    form = "numbers from -1 to 1 are needed, a star behind two between the first and the last, for example 0.2 -0.5* 0.9 0.7* 0.1"
    words = [word for word in re.split(r"[\s,;]+", text.strip().replace(" *", "*").replace("−", "-")) if word]
    for word in words:
        if not re.fullmatch(r"[+-]?(?:0?\.\d+|[01](?:\.\d*)?)\*?", word, re.ASCII) or abs(float(word.rstrip("*"))) > HIGHEST:
            raise InputError(f"{word[:40]!r} is not right: {form}")
    is_marked = np.array([word.endswith("*") for word in words], dtype=bool)
    if is_marked.sum() != MARKED_COUNT:
        raise InputError(f"{int(is_marked.sum())} numbers have a star: {form}")
    if is_marked[0] or is_marked[-1]:
        raise InputError(f"the {'first' if is_marked[0] else 'last'} number has a star: {form}")
    return np.array([float(word.rstrip("*")) for word in words]), is_marked


TASK = Adding1997
