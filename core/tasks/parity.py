"""Parity: read a row of bits and say whether the ones among them are odd in number.

Each bit is a coin; a row has 2 up to ``seq_len`` of them, every length as likely as another. One example::

    1 0 1 1 0 0      →  odd

Without memory only the last bit is known, and it tells nothing as long as there is another one: ln 2. Two states and four transitions are
enough, so that networks with suitable weights are not rare: Hochreiter & Schmidhuber (1996, "Bridging long time lags by weight guessing
and long short-term memory") found that guessing weights at random solves it. It shows that a network can switch, not that it can remember.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer
from core.prediction import Answer, ClassesPrediction, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.state_label import StateLabel
from core.task import Forward, Task
from core.tasks.classes import class_answer, confusion, share_right
from core.tasks.symbols import one_hot

BITS = "01"
CLASSES = ("even", "odd")
SHORTEST = 2
SOLVED_PERCENT = 99.0
CONFUSED = 200
LONGEST_TYPED = 4000


@dataclass(frozen=True)
class ParitySettings:
    """How hard it is."""

    seq_len: int = integer(
        20,
        SHORTEST,
        500,
        "Longest",
        "Bits in the longest row. Short ones come too: they are what it learns from first.",
        unit="bits",
        scale="log",
        is_live=True,
    )


class Parity(Task):
    """Bits → odd or even."""

    name = "parity"
    title = "Parity"
    summary = "Say whether the ones in a row of bits are odd in number."
    card = (
        "In goes a row of bits, one a step. Out must come, after the last one, whether the ones among them are odd or even in "
        "number. What makes it hard: a single bit that is missed turns the answer round, and to know all of them but one is as good "
        "as to know none. Of the three cells the GRU learns it soonest. Don't take it for a proof of memory, though: guessing weights "
        "at random, without any learning, can solve it, for two states are enough."
    )
    order = 260
    group = "classic"
    topology = "sequence_to_vector"
    loss = "cross_entropy"
    loss_unit = "nats per sequence"
    # At least 99 % of the held-out rows right.
    solved_metric = SOLVED_PERCENT
    input_example = "101100"
    Settings = ParitySettings

    def __init__(self, settings: ParitySettings, vocabulary: dict[str, Any] | None = None, shortest: int = SHORTEST) -> None:
        super().__init__(settings, vocabulary)
        self._shortest = shortest

    def longer(self, factor: int) -> "Parity":
        """Rows of up to ``factor`` times the longest, and all of them longer than any that it has learned."""
        longest = self.settings.seq_len
        return Parity(replace(self.settings, seq_len=factor * longest), shortest=(factor - 1) * longest + 1)

    @property
    def input_size(self) -> int:
        """Zero, one."""
        return len(BITS)

    @property
    def output_size(self) -> int:
        """Even, odd."""
        return len(CLASSES)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Even, odd."""
        return CLASSES

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random bits: inputs (T, count, 2), targets (count,)."""
        lengths = rng.integers(self._shortest, self.settings.seq_len + 1, count)
        is_present = np.arange(int(lengths.max()))[:, None] < lengths
        bits = rng.integers(0, 2, is_present.shape, np.int8)
        labels = (bits & is_present).sum(axis=0) % 2
        return Batch(one_hot(bits, len(BITS), is_present), labels, None, lengths)

    def held_out(self, count: int) -> Batch:
        """Random rows, the longest first: the one that is shown is to have something to it."""
        batch = super().held_out(count)
        order = np.argsort(-batch.lengths, kind="stable")
        return Batch(batch.inputs[:, order], batch.targets[order], None, batch.lengths[order])

    def _compute_baseline_loss(self) -> float:
        return float(np.log(len(CLASSES)))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the rows judged right."""
        return share_right("judged right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The bits; nothing for padding."""
        return tuple(BITS[x.argmax()] if x.any() else "" for x in inputs)

    def state_labels(self, batch: Batch) -> tuple[StateLabel, ...]:
        """The parity of the bits so far: two states would be enough to hold it."""
        return (StateLabel("So far", batch.inputs[:, :, 1].cumsum(axis=0) % 2.0, CLASSES),)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The answer if asked after each bit of the probe, and how held-out rows are judged."""
        confused = confusion(forward, self.held_out(CONFUSED), len(CLASSES))
        return ClassesPrediction(CLASSES, trace.input_labels, trace.outputs, int(probe.targets[0]), confused)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """Odd or even for bits typed, ``101100``."""
        bits = read_bits(text)
        shares = forward(one_hot(bits[:, None], len(BITS)), np.array([len(bits)]))[-1, 0]
        return class_answer(CLASSES, shares, CLASSES[bits.sum() % 2])


def read_bits(text: str) -> NDArray[np.int64]:
    """Bits typed, (T,), of which there must be two. Raises InputError that says what is wrong."""
    typed = "".join(text.replace(",", " ").split())
    needed = f"{SHORTEST} to {LONGEST_TYPED} bits, 0 or 1, are needed, for example 101100"
    wrong = [symbol for symbol in typed if symbol not in BITS]
    if wrong:
        raise InputError(f"{wrong[0]!r} is no bit: {needed}")
    if not SHORTEST <= len(typed) <= LONGEST_TYPED:
        raise InputError(f"{len(typed)} bits are too {'many' if len(typed) > SHORTEST else 'few'}: {needed}")
    return np.array([BITS.index(symbol) for symbol in typed])


TASK = Parity
