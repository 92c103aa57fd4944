"""Temporal order: tell in which order two (or three) rare symbols came, far apart in noise.

Hochreiter & Schmidhuber (1997), experiments 6a and 6b: E starts, B ends, between them random distractors a b c d, but for X or Y at two (or
three) random places. In the paper sequences have 100 to 110 symbols and the places lie at 10–20 and 50–60 (three: 10–20, 33–43 and 66–76);
here both are that share of ``seq_len``. One example, ``seq_len`` 12::

    E a X c b d Y a a c d B     →  XY

Without memory there is only the B at the end, the same for all: ln 4 (three symbols: ln 8). Published (table 9): two symbols in
31,390 sequences with 156 weights, three in 571,100 with 308.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer
from core.prediction import Answer, ClassesPrediction, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.classes import class_answer, confusion, share_right
from core.tasks.symbols import one_hot

SYMBOLS = "EBabcdXY"
START, END = SYMBOLS.index("E"), SYMBOLS.index("B")
DISTRACTORS = np.array([SYMBOLS.index(symbol) for symbol in "abcd"])
FIRST_MARK = SYMBOLS.index("X")
# Percent of the length between which each X or Y lies, both included.
PLACES = {2: ((10, 20), (50, 60)), 3: ((10, 20), (33, 43), (66, 76))}
LONGER_PERCENT = 10
SOLVED_PERCENT = 99.0
CONFUSED = 200
LONGEST_TYPED = 2000


@dataclass(frozen=True)
class TemporalOrderSettings:
    """How hard it is."""

    seq_len: int = integer(
        50,
        10,
        1000,
        "Length",
        "Symbols in the shortest sequence; the longest has a tenth more.",
        unit="steps",
        scale="log",
        is_live=True,
    )
    symbols: int = integer(2, 2, 3, "Symbols to order", "2: four orders to tell apart; 3: eight.", unit="symbols")


class TemporalOrder(Task):
    """X and Y in noise → their order."""

    name = "temporal_order"
    title = "Order"
    summary = "Say in which order two rare symbols came."
    card = (
        "In goes a long string of the letters a to d, with an X or a Y at two places far apart. Out must come, after the last "
        "letter, which they were and in which order: XX, XY, YX or YY. What makes it hard: nothing happens at the end that "
        "reminds of them, dozens of letters that mean nothing lie between, and XY and YX hold the same symbols. An LSTM or "
        "a GRU learns it; a simple RNN rarely does."
    )
    order = 230
    group = "classic"
    topology = "sequence_to_vector"
    loss = "cross_entropy"
    loss_unit = "nats per sequence"
    # At least 99 % of the held-out orders right.
    solved_metric = SOLVED_PERCENT
    input_example = "abXcddYca"
    Settings = TemporalOrderSettings

    def __init__(self, settings: TemporalOrderSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._classes = tuple("".join(marks) for marks in product("XY", repeat=settings.symbols))

    @property
    def input_size(self) -> int:
        """Start, end, four distractors, X and Y."""
        return len(SYMBOLS)

    @property
    def output_size(self) -> int:
        """Orders there are."""
        return len(self._classes)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Orders there are."""
        return self._classes

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random orders, places and distractors: inputs (T, count, 8), targets (count,)."""
        seq_len = self.settings.seq_len
        sequences = np.arange(count)
        lengths = rng.integers(seq_len, seq_len + seq_len * LONGER_PERCENT // 100 + 1, count)
        ids = DISTRACTORS[rng.integers(0, len(DISTRACTORS), (int(lengths.max()), count))]
        ids[0] = START
        labels = np.zeros(count, np.int64)
        for low, high in PLACES[self.settings.symbols]:
            marks = rng.integers(0, 2, count)
            ids[rng.integers(seq_len * low // 100, seq_len * high // 100 + 1, count), sequences] = FIRST_MARK + marks
            labels = 2 * labels + marks
        ids[lengths - 1, sequences] = END
        return Batch(self._inputs(ids, lengths), labels, None, lengths)

    def _inputs(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """Symbols (T, B) -> what goes in, (T, B, 8), nothing after the end."""
        return one_hot(ids, len(SYMBOLS), np.arange(len(ids))[:, None] < lengths)

    def _compute_baseline_loss(self) -> float:
        return float(np.log(self.output_size))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the sequences whose order is told right."""
        return share_right("orders right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The symbols; nothing for padding."""
        return tuple(SYMBOLS[x.argmax()] if x.any() else "" for x in inputs)

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The steps of X and Y."""
        return tuple(np.flatnonzero(inputs[:, FIRST_MARK:].any(axis=1)).tolist())

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The judgement after each symbol of the probe, and how held-out orders are confused."""
        confused = confusion(forward, self.held_out(CONFUSED), self.output_size)
        return ClassesPrediction(self._classes, trace.input_labels, trace.outputs, int(probe.targets[0]), confused)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The order of the X and Y in a string typed, ``abXcddYca``; E and B are put around it where they are missing."""
        typed, right = self._read(text)
        ids = np.array([[SYMBOLS.index(symbol)] for symbol in typed])
        lengths = np.array([len(ids)])
        return class_answer(self._classes, forward(self._inputs(ids, lengths), lengths)[-1, 0], right)

    def _read(self, text: str) -> tuple[str, str]:
        """The string from E to B, and its X and Y."""
        needed = f"a string of the letters a b c d with {self.settings.symbols} X or Y is needed, for example abXcddYca"
        if self.settings.symbols == max(PLACES):
            needed += "Xb"
        typed = "".join(text.split()).removeprefix("E").removesuffix("B").replace("x", "X").replace("y", "Y")
        wrong = [symbol for symbol in typed if symbol not in "abcdXY"]
        if wrong or len(typed) > LONGEST_TYPED:
            raise InputError(f"{f'{wrong[0]!r} is not right' if wrong else f'{len(typed)} symbols are too many'}: {needed}")
        marks = "".join(symbol for symbol in typed if symbol in "XY")
        if marks not in self._classes:
            raise InputError(f"there are {len(marks)} X or Y: {needed}")
        return f"E{typed}B", marks


TASK = TemporalOrder
