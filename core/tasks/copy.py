"""The copy task: read some symbols, wait, and write them down again from memory.

Hochreiter & Schmidhuber (1997) in the form of Arjovsky, Shah & Bengio (2016). With lag T: the symbols, T − 1 blanks, a delimiter, and as
many blanks as symbols; wanted are blanks, and at last the symbols. Here 3 symbols and T = 4::

    in      C  A  F  ·  ·  ·  ▸  ·  ·  ·
    out     ·  ·  ·  ·  ·  ·  ·  C  A  F

Without memory the best is to write blanks, then to guess: M ln K / (T + 2M) for M symbols of an alphabet of K, all outputs counted.
"""

import re
from dataclasses import dataclass, replace
from string import ascii_uppercase

import numpy as np

from core.batch import Batch
from core.errors import InputError
from core.fields import integer
from core.prediction import Answer, Prediction, SymbolsPrediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.symbols import one_hot

BLANK, DELIMITER = "·", "▸"
SOLVED_PERCENT = 99.0
MOST_SYMBOLS = 50


@dataclass(frozen=True)
class CopySettings:
    """How hard it is."""

    lag: int = integer(
        20,
        1,
        1000,
        "Lag",
        "Steps between the last symbol and the first it must write: how long to remember.",
        unit="steps",
        scale="log",
        is_live=True,
    )
    symbol_count: int = integer(10, 1, MOST_SYMBOLS, "Symbols to remember", "How much must be remembered.", unit="symbols", is_live=True)
    alphabet: int = integer(8, 2, len(ascii_uppercase), "Alphabet", "Different symbols there are.", unit="symbols", is_important=False)


class Copy(Task):
    """Symbols, a long wait, a delimiter → the same symbols again."""

    name = "copy"
    title = "Copy"
    summary = "Repeat a string of symbols after a long wait."
    card = (
        "In goes a string of letters, then blanks, then a delimiter. Out must come blanks all the time and, after the "
        "delimiter, the letters in their order. What makes it hard: all the letters must be kept apart in memory during the "
        "wait, where nothing reminds of them. Everybody learns the blanks within seconds; the line is what one gets by then "
        "guessing the letters. With a short lag the GRU gets below it first, then the LSTM; the simple RNN stays at it."
    )
    order = 220
    group = "classic"
    topology = "sequence_to_sequence"
    loss = "cross_entropy"
    loss_unit = "nats per step"
    # At least 99 % of the recalled symbols right.
    solved_metric = SOLVED_PERCENT
    input_example = "ABCAHG"
    is_causal = True
    Settings = CopySettings

    def longer(self, factor: int) -> "Copy":
        """As many symbols after a wait so long that the whole is ``factor`` times as long: with a short lag most of it is symbols."""
        steps = self.settings.lag + 2 * self.settings.symbol_count
        return Copy(replace(self.settings, lag=factor * steps - 2 * self.settings.symbol_count))

    @property
    def letters(self) -> str:
        """The alphabet."""
        return ascii_uppercase[: self.settings.alphabet]

    @property
    def input_size(self) -> int:
        """Letters, blank, delimiter."""
        return int(self.settings.alphabet) + 2

    @property
    def output_size(self) -> int:
        """Letters, blank."""
        return int(self.settings.alphabet) + 1

    @property
    def output_names(self) -> tuple[str, ...]:
        """Letters, blank."""
        return tuple(self.letters + BLANK)

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random letters: inputs (T + 2M, count, K + 2), targets (T + 2M, count)."""
        letters = rng.integers(0, self.settings.alphabet, (self.settings.symbol_count, count))
        ids = self._input_ids(letters)
        targets = np.full(ids.shape, self.settings.alphabet)
        targets[-len(letters) :] = letters
        return Batch(one_hot(ids, self.input_size), targets, None, np.full(count, len(ids)))

    def _input_ids(self, letters: np.ndarray) -> np.ndarray:
        """Letters (M, B) -> what goes in, (T + 2M, B)."""
        symbol_count, batch_size = letters.shape
        blank, delimiter = self.settings.alphabet, self.settings.alphabet + 1
        ids = np.full((self.settings.lag + 2 * symbol_count, batch_size), blank)
        ids[:symbol_count] = letters
        ids[-symbol_count - 1] = delimiter
        return ids

    def _compute_baseline_loss(self) -> float:
        guessed = self.settings.symbol_count
        return float(guessed * np.log(self.settings.alphabet) / (self.settings.lag + 2 * guessed))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the recalled symbols that are right."""
        recalled = slice(-self.settings.symbol_count, None)
        is_right = answers[recalled].argmax(axis=2) == batch.targets[recalled]
        return Metric("symbols right", 100 * float(is_right.mean()), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """Letters, blanks and the delimiter."""
        names = self.letters + BLANK + DELIMITER
        return tuple(names[k] for k in inputs.argmax(axis=1))

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The delimiter's step."""
        return tuple(np.flatnonzero(inputs[:, -1]).tolist())

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """What it writes at every step of the probe; wanted are the letters, for to wait is no art."""
        symbols = (*self.letters, BLANK)
        targets = probe.targets[: trace.seq_len, 0]
        return SymbolsPrediction(
            symbols=symbols,
            inputs=trace.input_labels,
            wanted=tuple(symbols[k] if symbols[k] != BLANK else "" for k in targets),
            probabilities=trace.outputs,
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The letters typed, ``ABCAHG``, as the network recalls them after the lag."""
        typed = re.sub(r"[\s,;]", "", text).upper()
        wrong = [letter for letter in typed if letter not in self.letters]
        if wrong or not typed or len(typed) > MOST_SYMBOLS:
            example = (self.letters * 3)[: min(6, self.settings.symbol_count)]
            what = f"{wrong[0]!r} is not in the alphabet" if wrong else f"{len(typed)} letters can't be copied"
            raise InputError(
                f"{what}: 1 to {MOST_SYMBOLS} letters {self.letters[0]} to {self.letters[-1]} are needed, for example {example}"
            )
        letters = np.array([[self.letters.index(letter)] for letter in typed])
        ids = self._input_ids(letters)
        answers = forward(one_hot(ids, self.input_size), np.array([len(ids)]))
        recalled = tuple((self.letters + BLANK)[k] for k in answers[-len(typed) :, 0].argmax(axis=1))
        right = sum(a == b for a, b in zip(recalled, typed, strict=True))
        return Answer(recalled, None, f"{''.join(recalled)} ({right} of {len(typed)} right)")


TASK = Copy
