"""Reverse: read a string of letters, and write it from its end.

Lengths are drawn evenly from the shortest to the longest, letters from the first ``letters`` of the alphabet. One example::

    in      c a b d
    out     d b a c ■

A fifth of the strings, chosen by their check sum, is held out. Without reading nothing is known of a letter, whatever was written before
it, but that all are equally likely, and nothing of the end but that all lengths are: the entropy of letters and length, over the symbols
and the end.
"""

from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer
from core.prediction import Answer, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.check_sum import is_held_out
from core.tasks.reading import Reading
from core.tasks.symbols import one_hot
from core.tasks.writing import NOTHING, Writing

FEWEST_LETTERS, SHORTEST = 4, 2
LONGEST_TYPED = 200
SOLVED_PERCENT = 95.0


@dataclass(frozen=True)
class ReverseSettings:
    """How hard it is."""

    letters: int = integer(
        8, FEWEST_LETTERS, len(ascii_lowercase), "Letters", "How many letters of the alphabet there are.", unit="letters"
    )
    shortest: int = integer(
        SHORTEST,
        SHORTEST,
        50,
        "Shortest",
        "Letters of the shortest string. Where it is above the longest, the two change places.",
        unit="letters",
        is_live=True,
        is_important=False,
    )
    longest: int = integer(
        8, SHORTEST, 50, "Longest", "Letters of the longest string: how much must be kept in mind.", unit="letters", is_live=True
    )


class Reverse(Task):
    """abc → cba."""

    name = "reverse"
    title = "Reverse"
    summary = "Read a string of letters, write it backwards."
    card = (
        "In goes a string of letters, one a step. Out must come the same letters from the last to the first, and a sign that "
        "the string ends. What makes it hard: the whole string must be kept in mind in a single state, in order, and the "
        "letter that was read first must wait longest. All three cells learn it, LSTM and GRU in fewer updates than a simple "
        "RNN. What they learn holds for the lengths they know: strings twice as long break it."
    )
    order = 80
    topology = "encoder_decoder"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per letter"
    # At least 95 % of the strings never seen.
    solved_metric = SOLVED_PERCENT
    input_example = "abcd"
    baseline_label = "without reading"
    Settings = ReverseSettings

    def __init__(self, settings: ReverseSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._shortest, self._longest = sorted((settings.shortest, settings.longest))
        alphabet = ascii_lowercase[: settings.letters]
        self._read = Reading(alphabet)
        self._written = Writing(alphabet, self._longest)

    def longer(self, factor: int) -> "Reverse":
        """Strings of up to ``factor`` times the longest, and all of them longer than any that it has learned."""
        return Reverse(replace(self.settings, shortest=(factor - 1) * self._longest + 1, longest=factor * self._longest))

    @property
    def input_size(self) -> int:
        """Letters."""
        return int(self.settings.letters)

    @property
    def output_size(self) -> int:
        """Letters and end."""
        return len(self._written.symbols)

    @property
    def output_len(self) -> int:
        """The longest string and the end."""
        return self._written.output_len

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random training strings: inputs (T, count, letters), targets (longest + 1, count)."""
        return self._batch(*self._drawn(rng, count, is_wanted_held_out=False))

    def held_out(self, count: int) -> Batch:
        """Random strings that training never draws."""
        return self._batch(*self._drawn(np.random.default_rng(HELD_OUT_SEED), count, is_wanted_held_out=True))

    def _drawn(self, rng: np.random.Generator, count: int, is_wanted_held_out: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Letters (longest, count) and lengths (count,) of strings that are held out, or that are not: others are drawn again."""
        letters, lengths = self._any(rng, count)
        wrong = np.flatnonzero(_is_held_out(letters, lengths) != is_wanted_held_out)
        while len(wrong):
            letters[:, wrong], lengths[wrong] = again = self._any(rng, len(wrong))
            wrong = wrong[_is_held_out(*again) != is_wanted_held_out]
        return letters, lengths

    def _any(self, rng: np.random.Generator, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        letters = rng.integers(0, self.settings.letters, (self._longest, count))
        return letters, rng.integers(self._shortest, self._longest + 1, count)

    def _batch(self, letters: NDArray[np.int64], lengths: NDArray[np.int64]) -> Batch:
        step = np.arange(self.output_len)[:, None]
        backwards = np.take_along_axis(letters, np.clip(lengths - 1 - step, 0, None), axis=0)
        end = len(self._written.symbols) - 1
        targets = np.where(step < lengths, backwards, np.where(step == lengths, end, 0))
        read = letters[: lengths.max()]
        inputs = one_hot(read, self.input_size, step[: len(read)] < lengths)
        return Batch(inputs, targets, None, lengths, output_lengths=lengths + 1)

    def _compute_baseline_loss(self) -> float:
        lengths = np.arange(self._shortest, self._longest + 1)
        entropy = np.log(len(lengths)) + lengths.mean() * np.log(self.settings.letters)
        return float(entropy / (lengths.mean() + 1))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the strings that are written backwards to the end."""
        return Metric("strings right", self._written.exact_percent(answers, batch), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The letters; nothing for padding."""
        return self._read.labels(inputs)

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        """Letters and the end."""
        return self._written.labels(targets)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """What it reads, and what it writes at every step after that."""
        return self._written.shown(trace, probe, int(probe.lengths[0]))

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The string typed, ``abcd``, backwards; it may be longer than those that were learned from."""
        typed = "".join(text.lower().split())
        unknown = self._read.unknown(typed)
        if unknown or not 0 < len(typed) <= LONGEST_TYPED:
            reason = f"{unknown!r} is none of its letters" if unknown else f"{len(typed)} letters are too {'many' if typed else 'few'}"
            last = self._read.characters[-1]
            raise InputError(f"{reason}: up to {LONGEST_TYPED} letters from a to {last} are needed, for example {self.input_example}")
        inputs, lengths = self._read.inputs(np.array([typed], np.bytes_))
        written = self._written.read(forward(inputs, lengths, max(self.output_len, len(typed) + 1))[:, 0])
        right = typed[::-1]
        if written == right:
            return Answer(tuple(written), None, f"{written} (right)")
        same = next((place for place, (a, b) in enumerate(zip(written, right, strict=False)) if a != b), min(len(written), len(right)))
        return Answer(tuple(written), None, f"{written or NOTHING} (right is {right}; the first {same} agree)")


def _is_held_out(letters: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the strings training never sees, (N,): whatever the settings. letters (T, N), lengths (N,)."""
    numbers = np.zeros(len(lengths), np.uint64)
    base = np.uint64(len(ascii_lowercase) + 1)
    for step, letter in enumerate(letters.astype(np.uint64)):
        numbers = np.where(step < lengths, numbers * base + letter + np.uint64(1), numbers)
    return is_held_out(numbers)


TASK = Reverse
