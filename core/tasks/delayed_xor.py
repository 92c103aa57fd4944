"""Delayed XOR: two bits far apart, are they different?

The first bit and the last are marked; ``lag`` steps lie from one to the other, and at each step between them stands a bit drawn at random
that means nothing. Asked is the exclusive or of the marked two. One example, lag 6::

    1* 0 0 1 1 0 0*      →  different

Without memory only the last bit is known, which is as often equal to the first as not: ln 2. Neither bit alone tells anything, so that
nothing pulls the network towards keeping the first one until it already makes something of it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.fields import integer, number
from core.prediction import Answer, ClassesPrediction, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.classes import class_answer, confusion, share_right
from core.tasks.parity import read_bits
from core.tasks.symbols import one_hot

SYMBOLS = ("0", "1", "0*", "1*")
MARKED = SYMBOLS.index("0*")
CLASSES = ("same", "different")
SOLVED_PERCENT = 99.0
CONFUSED = 200


@dataclass(frozen=True)
class DelayedXorSettings:
    """How hard it is."""

    lag: int = integer(
        20, 1, 1000, "Lag", "Steps from the first bit to the last: how long to remember.", unit="steps", scale="log", is_live=True
    )
    noise: float = number(
        1.0, 0.0, 1.0, "Noise", "Share of the steps in between that hold a random bit; the others hold 0.", is_live=True, is_important=False
    )


class DelayedXor(Task):
    """First bit, noise, last bit → the same or different."""

    name = "delayed_xor"
    title = "XOR"
    summary = "Are the first bit and the last one different?"
    card = (
        "In goes a row of bits, one a step, of which the first and the last carry a mark. Out must come, after the last one, whether "
        "these two are the same or different. What makes it hard: the first bit has to be kept while random bits go by, and "
        "neither bit alone tells anything: a network that keeps the first one, but does not compare it yet, is no better off "
        "than one that forgets it. An LSTM learns it over 20 steps if its forget gates begin open (forget bias 3); RNN and "
        "GRU stay at the line."
    )
    order = 250
    group = "classic"
    topology = "sequence_to_vector"
    loss = "cross_entropy"
    loss_unit = "nats per sequence"
    # At least 99 % of the held-out rows right.
    solved_metric = SOLVED_PERCENT
    input_example = "1001100"
    length_field = "lag"
    Settings = DelayedXorSettings

    @property
    def input_size(self) -> int:
        """Zero, one, and each of them with a mark."""
        return len(SYMBOLS)

    @property
    def output_size(self) -> int:
        """Same, different."""
        return len(CLASSES)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Same, different."""
        return CLASSES

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random bits: inputs (lag + 1, count, 4), targets (count,)."""
        bits = rng.integers(0, 2, (self.settings.lag + 1, count), np.int8)
        if self.settings.noise < 1:
            bits[1:-1] &= rng.random((len(bits) - 2, count), dtype=np.float32) < self.settings.noise
        labels = (bits[0] ^ bits[-1]).astype(np.int64)
        return Batch(_inputs(bits), labels, None, np.full(count, len(bits)))

    def _compute_baseline_loss(self) -> float:
        return float(np.log(len(CLASSES)))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the rows judged right."""
        return share_right("judged right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The bits, the marked ones with a star."""
        return tuple(SYMBOLS[k] for k in inputs.argmax(axis=1))

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The first step and the last."""
        return tuple(np.flatnonzero(inputs[:, MARKED:].any(axis=1)).tolist())

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The answer if asked after each bit of the probe, and how held-out rows are judged."""
        confused = confusion(forward, self.held_out(CONFUSED), len(CLASSES))
        return ClassesPrediction(CLASSES, trace.input_labels, trace.outputs, int(probe.targets[0]), confused)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """Same or different, for the first and the last of the bits typed, ``1001100``."""
        bits = read_bits(text)
        shares = forward(_inputs(bits[:, None]), np.array([len(bits)]))[-1, 0]
        return class_answer(CLASSES, shares, CLASSES[bits[0] ^ bits[-1]])


def _inputs(bits: NDArray[Any]) -> NDArray[np.float32]:
    """Bits (T, B) -> what goes in, (T, B, 4), the first and the last marked."""
    ids = bits.copy()
    ids[[0, -1]] += MARKED
    return one_hot(ids, len(SYMBOLS))


TASK = DelayedXor
