"""Delayed recall: one symbol, a number of others that mean nothing, and then the first one must come again.

Hochreiter & Schmidhuber (1997), experiment 2, in its form 2b "no local regularities": the first symbol is one of two, random symbols of
another alphabet follow, and what comes ``lag`` steps after the first symbol is that symbol again. The paper lets every next symbol be
predicted, of which only this last one can be; here only it is asked for. The paper has as many distractors to draw from as the lag; here
it is a setting. One example, lag 8::

    in      B  c  a  a  d  b  c  a      →  B

Without memory the last distractor tells nothing: ln 2 for two symbols. Published for lag 100 (task 2a, distractors in a fixed
order; table 2, 18 trials): LSTM always solved it, after 5,040 sequences on average; BPTT and real-time recurrent learning never did.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

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

SOLVED_PERCENT = 99.0
CONFUSED = 200
LONGEST_TYPED = 4000


@dataclass(frozen=True)
class DelayedRecallSettings:
    """How hard it is."""

    lag: int = integer(
        50,
        2,
        1000,
        "Lag",
        "Steps between the symbol and the moment at which it must come again: how long to remember.",
        unit="steps",
        scale="log",
        is_live=True,
    )
    symbols: int = integer(2, 2, 8, "Symbols to recall", "How many different symbols can come first.", unit="symbols")
    distractors: int = integer(
        4, 1, 16, "Distractors", "Different symbols that may come in between and mean nothing.", unit="symbols", is_important=False
    )


class DelayedRecall(Task):
    """The first symbol of a long string → itself."""

    name = "delayed_recall"
    title = "Recall"
    summary = "Say which symbol came first, long ago."
    card = (
        "In goes one capital letter, A or B, and then a long string of small letters drawn at random. Out must come, at the end, "
        "the capital. What makes it hard: it was seen once, at the very beginning; all that came after it means nothing, and must "
        "not wash it away. Whoever has forgotten it can only guess, which is the line. An LSTM whose forget gates begin open (forget "
        "bias 3) learns it over 50 letters within a hundred updates, a simple RNN within a thousand; a GRU, or an LSTM with a forget "
        "bias of 1, still stands at the line by then."
    )
    order = 240
    group = "classic"
    topology = "sequence_to_vector"
    loss = "cross_entropy"
    loss_unit = "nats per sequence"
    # At least 99 % of the held-out symbols recalled right.
    solved_metric = SOLVED_PERCENT
    input_example = "Bcaadbca"
    length_field = "lag"
    Settings = DelayedRecallSettings

    @property
    def classes(self) -> str:
        """The symbols that can come first."""
        return ascii_uppercase[: self.settings.symbols]

    @property
    def symbols(self) -> str:
        """All symbols in the order of their numbers."""
        return self.classes + ascii_lowercase[: self.settings.distractors]

    @property
    def input_size(self) -> int:
        """Symbols to recall, distractors."""
        return int(self.settings.symbols + self.settings.distractors)

    @property
    def output_size(self) -> int:
        """Symbols to recall."""
        return int(self.settings.symbols)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Symbols to recall."""
        return tuple(self.classes)

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random symbols and distractors: inputs (lag, count, symbols + distractors), targets (count,)."""
        ids = rng.integers(self.settings.symbols, self.input_size, (self.settings.lag, count), np.int32)
        labels = rng.integers(0, self.settings.symbols, count)
        ids[0] = labels
        return Batch(one_hot(ids, self.input_size), labels, None, np.full(count, self.settings.lag))

    def _compute_baseline_loss(self) -> float:
        return float(np.log(self.settings.symbols))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the symbols recalled right."""
        return share_right("recalled right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The symbols."""
        return tuple(self.symbols[k] for k in inputs.argmax(axis=1))

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The step of the symbol that is to be recalled."""
        return tuple(np.flatnonzero(inputs[:, : self.settings.symbols].any(axis=1)).tolist())

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The answer if asked after each symbol of the probe, and which symbols are taken for which."""
        confused = confusion(forward, self.held_out(CONFUSED), self.output_size)
        return ClassesPrediction(tuple(self.classes), trace.input_labels, trace.outputs, int(probe.targets[0]), confused)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The first symbol of a string typed, ``Bcaadbca``, as the network recalls it."""
        typed = "".join(text.split())
        ids = self._read(typed)
        return class_answer(self.classes, forward(one_hot(ids, self.input_size), np.array([len(ids)]))[-1, 0], typed[0])

    def _read(self, typed: str) -> NDArray[np.int64]:
        """Numbers of the symbols, (T, 1)."""
        distractors = self.symbols[len(self.classes) :]
        example = self.classes[1] + (distractors[::-1] * LONGEST_TYPED)[:7]
        needed = (
            f"a letter {self.classes[0]} to {self.classes[-1]}, then letters {distractors[0]} to {distractors[-1]}, for example {example}"
        )
        if not 0 < len(typed) <= LONGEST_TYPED:
            raise InputError(f"{len(typed)} symbols are too {'many' if typed else 'few'}: {needed}")
        for place, symbol in enumerate(typed):
            if symbol not in (distractors if place else self.classes):
                raise InputError(f"{symbol!r} can't stand in place {place + 1}: {needed}")
        return np.array([[self.symbols.index(symbol)] for symbol in typed])


TASK = DelayedRecall
