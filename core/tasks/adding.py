"""The adding task: remember two marked numbers among many, and give their sum at the end.

Hochreiter & Schmidhuber (1997), experiment 4, in the form with values in 0…1 and marks 0 and 1. One example, T = 6::

    value   0.63  0.12  0.50  0.91  0.07  0.33
    mark    0     1     0     0     0     1        →  0.12 + 0.33 = 0.45

Without memory the best answer is always the mean, 1; its mean squared error is the variance of the sum, 1/6.
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
from core.state_label import StateLabel
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.spread import spread_pairs

MARKED = 2
TOLERANCE = 0.04
SOLVED_LOSS = 0.01
SCATTERED = 100


@dataclass(frozen=True)
class AddingSettings:
    """How hard it is."""

    seq_len: int = integer(
        50,
        2,
        1000,
        "Length",
        "Numbers in a sequence: how long the first marked one must be remembered.",
        unit="steps",
        scale="log",
        is_live=True,
    )


class Adding(Task):
    """Two marked numbers of a sequence → their sum."""

    name = "adding"
    title = "Adding"
    summary = "Add the two marked numbers of a long sequence."
    card = (
        "In goes a sequence of random numbers between 0 and 1, one a step. Two of them carry a mark: one in the first half, "
        "one in the second. Out must come, after the last step, the sum of these two. What makes it hard: the first marked "
        "number has to be kept in mind while dozens of others go by. An LSTM or a GRU learns it; a simple RNN stays at the "
        "line, because its gradient fades on the way back."
    )
    order = 210
    group = "classic"
    topology = "sequence_to_vector"
    loss = "squared_error"
    loss_unit = "squared error"
    input_example = "0.5* 0.2 0.9* 0.1"
    Settings = AddingSettings

    def __init__(self, settings: AddingSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._scattered = self.held_out(SCATTERED)

    @property
    def input_size(self) -> int:
        """Value and mark."""
        return 2

    @property
    def output_size(self) -> int:
        """The sum."""
        return 1

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random values, one mark in each half: inputs (T, count, 2), targets (count, 1)."""
        return self._marked(*self._drawn(rng, count))

    def held_out(self, count: int) -> Batch:
        """The marked numbers lie evenly: else a few sequences would be easier, or harder, than the task, and so would its baseline."""
        values, marked = self._drawn(np.random.default_rng(HELD_OUT_SEED), count)
        values[marked, np.arange(count)] = spread_pairs(count)
        return self._marked(values, marked)

    def _drawn(self, rng: np.random.Generator, count: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Values (T, count), and the steps that are marked, (2, count)."""
        seq_len = self.settings.seq_len
        values = rng.random((seq_len, count), dtype=np.float32)
        return values, np.stack([rng.integers(0, seq_len // 2, count), rng.integers(seq_len // 2, seq_len, count)])

    def _marked(self, values: NDArray[np.float32], marked: NDArray[np.int64]) -> Batch:
        seq_len, count = values.shape
        sequences = np.arange(count)
        inputs = np.zeros((seq_len, count, 2), np.float32)
        inputs[:, :, 0] = values
        sums = np.zeros(count)
        for steps in marked:
            inputs[steps, sequences, 1] = 1
            sums += values[steps, sequences]
        return Batch(inputs, sums[:, None], None, np.full(count, seq_len))

    def _compute_baseline_loss(self) -> float:
        variance_of_uniform = (1 - 0) ** 2 / 12
        return MARKED * variance_of_uniform

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of sums that are right within 0.04."""
        is_right = np.abs(answers - batch.targets) < TOLERANCE
        return Metric(f"right within {TOLERANCE:g}", 100 * float(is_right.mean()), "%")

    @property
    def solved_below(self) -> float:
        """Held-out mean squared error below 0.01."""
        return SOLVED_LOSS

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The values, the marked ones with a star."""
        return tuple(f"{value:.2f}{'*' if mark else ''}" for value, mark in inputs)

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The two marked steps."""
        return tuple(np.flatnonzero(inputs[:, 1]).tolist())

    def state_labels(self, batch: Batch) -> tuple[StateLabel, ...]:
        """The sum of the marked numbers so far."""
        return (StateLabel("Sum so far", np.cumsum(batch.inputs.prod(axis=2, dtype=np.float64), axis=0)),)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The answer as it forms, and held-out sums against answers."""
        held_out = self._scattered
        answers = forward(held_out.inputs, held_out.lengths)[-1, :, 0]
        return NumberPrediction(
            answers=trace.outputs[:, 0],
            running_targets=np.cumsum(trace.inputs[:, 0] * trace.inputs[:, 1]),
            held_out_targets=held_out.targets[:, 0],
            held_out_answers=np.asarray(answers, dtype=np.float64),
            tolerance=TOLERANCE,
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The sum for numbers typed as ``0.5* 0.2 0.9* 0.1``: each 0 to 1, a star behind the two that count."""
        values, marks = _read_numbers(text)
        inputs = np.stack([values, marks], axis=1)[:, None, :]
        total = float(forward(inputs, np.array([len(values)]))[-1, 0, 0])
        right = float((values * marks).sum())
        return Answer((total,), None, f"{total:.3f} (right is {right:.3f})")


def _read_numbers(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and marks, (T,) each."""
    form = "numbers from 0 to 1 with a star behind the two to add are needed, for example 0.5* 0.2 0.9* 0.1"
    words = [word for word in re.split(r"[\s,;]+", text.strip().replace(" *", "*")) if word]
    for word in words:
        if not re.fullmatch(r"(?:0?\.\d+|[01](?:\.\d*)?)\*?", word, re.ASCII) or float(word.rstrip("*")) > 1:
            raise InputError(f"{word[:40]!r} is not right: {form}")
    marks = np.array([float(word.endswith("*")) for word in words])
    if marks.sum() != MARKED:
        raise InputError(f"{int(marks.sum())} numbers have a star: {form}")
    return np.array([float(word.rstrip("*")) for word in words]), marks


TASK = Adding
