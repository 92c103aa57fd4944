"""Arithmetic: read a sum or a difference digit by digit, and write what it comes to.

Both numbers have up to ``digits`` digits: first how many is drawn for each, then a number that has as many. One example::

    in      4 7 + 8 5
    out     1 3 2 ■             from its last digit:  2 3 1 ■

A fifth of the problems, chosen by their check sum, is held out; a sum and the same sum the other way round are held out together, so
that what is measured is no sum learned by heart.

Without reading the best is to know how often each result comes, of all problems, and what is written of it so far: the entropy of the
results, over their symbols and the end. Beyond DIGITS digits, where only a network that has learned shorter numbers is tested, results
are too many to list: there it is the mean surprise at DRAWN of them.
"""

import re
from dataclasses import dataclass
from itertools import product
from string import digits as figures
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import choice, flag, integer
from core.prediction import Answer, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.check_sum import is_held_out
from core.tasks.reading import Reading
from core.tasks.writing import NOTHING, Writing

PLUS, MINUS = "+", "-"
OPERATIONS = ("plus", "plus and minus")
READ = Reading(figures + PLUS + MINUS)
SYMBOLS = figures + MINUS
DIGITS = 4
DRAWN = 20_000
SOLVED_PERCENT = 95.0
# Sums of numbers with more digits do not fit into 64 bits.
LONGEST_TYPED = 17


@dataclass(frozen=True)
class ArithmeticSettings:
    """How hard it is."""

    digits: int = integer(
        2, 1, DIGITS, "Digits", "Most digits of each number. With every digit there are a hundred times as many sums.", is_live=True
    )
    operations: str = choice("plus", OPERATIONS, "Operations", "Only sums, or sums and differences.", is_live=True)
    is_from_last_digit: bool = flag(
        False,
        "Result from its last digit",
        "The result is written from right to left, as on paper: what is carried goes to the next digit. "
        "The other way round the first digit already depends on all that follow.",
        is_live=True,
    )


@dataclass(frozen=True)
class Problems:
    """``first`` plus ``second``, or minus where ``is_minus``: (N,) each."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    is_minus: NDArray[np.bool_]

    def __getitem__(self, chosen: Any) -> "Problems":
        return Problems(self.first[chosen], self.second[chosen], self.is_minus[chosen])

    @property
    def results(self) -> NDArray[np.int64]:
        """What they come to, (N,)."""
        return np.where(self.is_minus, self.first - self.second, self.first + self.second)

    @property
    def texts(self) -> NDArray[np.bytes_]:
        """How they are written, (N,)."""
        signs = np.where(self.is_minus, MINUS.encode(), PLUS.encode())
        first, second = self.first.astype(np.bytes_), self.second.astype(np.bytes_)
        return np.strings.add(np.strings.add(first, signs), second).astype(np.bytes_)

    @property
    def is_held_out(self) -> NDArray[np.bool_]:
        """Which of them training never sees, (N,): whatever the settings."""
        is_turned = ~self.is_minus & (self.first < self.second)
        larger, smaller = np.where(is_turned, (self.second, self.first), (self.first, self.second)).astype(np.uint64)
        return is_held_out(2 * (larger * np.uint64(10**DIGITS) + smaller) + self.is_minus.astype(np.uint64))


class Arithmetic(Task):
    """47+85 → 132."""

    name = "arithmetic"
    title = "Arithmetic"
    summary = "Read a sum digit by digit, write what it comes to."
    card = (
        "In goes a sum such as 47+85, digit by digit. Out must come, after the last digit has been read, what it comes to: 132, "
        "digit by digit, and a sign that it ends. What makes it hard: both numbers must be kept in mind in a single state, "
        "digits that stand below each other are added, and a one is carried to the next place; nobody says how. Written "
        "from the last digit, as the preset does it, all three cells learn it with two digits, LSTM and GRU in about half as "
        "many updates as a simple RNN. None of them finds the rule: numbers longer than those they know come out wrong."
    )
    order = 70
    topology = "encoder_decoder"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per symbol"
    # At least 95 % of the problems never seen.
    solved_metric = SOLVED_PERCENT
    input_example = "47+85"
    baseline_label = "without reading"
    length_field = "digits"
    Settings = ArithmeticSettings

    def __init__(self, settings: ArithmeticSettings, vocabulary: dict[str, Any] | None = None, stretch: int = 1) -> None:
        super().__init__(settings, vocabulary)
        most = stretch * settings.digits
        self._stretch = stretch
        # Asked for longer numbers, it is asked for none that it may have learned from.
        self._digits = np.arange(1 if stretch == 1 else most - settings.digits + 1, most + 1)
        self._written = Writing(SYMBOLS, most + 1)

    def longer(self, factor: int) -> "Arithmetic":
        """Numbers of up to ``factor`` times as many digits, and all of more than are trained on."""
        return Arithmetic(self.settings, stretch=factor * self._stretch)

    @property
    def input_size(self) -> int:
        """Digits and both signs, whichever are in use."""
        return len(READ.characters)

    @property
    def output_size(self) -> int:
        """Digits, minus, end."""
        return len(self._written.symbols)

    @property
    def output_len(self) -> int:
        """One digit or sign more than the numbers have, and the end."""
        return self._written.output_len

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random training problems: inputs (T, count, 12), targets (digits + 2, count)."""
        return self._batch(self._drawn(rng, count, is_wanted_held_out=False))

    def held_out(self, count: int) -> Batch:
        """Random problems that training never draws."""
        return self._batch(self._drawn(np.random.default_rng(HELD_OUT_SEED), count, is_wanted_held_out=True))

    def _drawn(self, rng: np.random.Generator, count: int, is_wanted_held_out: bool) -> Problems:
        """Problems that are held out, or that are not: others are drawn again."""
        problems = self._any(rng, count)
        wrong = np.flatnonzero(problems.is_held_out != is_wanted_held_out)
        while len(wrong):
            again = self._any(rng, len(wrong))
            for name in ("first", "second", "is_minus"):
                getattr(problems, name)[wrong] = getattr(again, name)
            wrong = wrong[again.is_held_out != is_wanted_held_out]
        return problems

    def _any(self, rng: np.random.Generator, count: int) -> Problems:
        lengths = rng.choice(self._digits, (2, count))
        low = np.where(lengths == 1, 0, 10 ** (lengths - 1))
        first, second = rng.integers(low, 10**lengths)
        has_minus = self.settings.operations != OPERATIONS[0]
        return Problems(first, second, rng.integers(0, 2, count) > 0 if has_minus else np.zeros(count, bool))

    def _batch(self, problems: Problems) -> Batch:
        inputs, lengths = READ.inputs(problems.texts)
        targets, output_lengths = self._encoded(problems.results)
        return Batch(inputs, targets, None, lengths, output_lengths=output_lengths)

    def _encoded(self, results: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Results (N,) as targets and their lengths, in the order in which they are written."""
        targets, lengths = self._written.encoded(results.astype(np.bytes_))
        if self.settings.is_from_last_digit:
            step = np.arange(len(targets))[:, None]
            targets = np.take_along_axis(targets, np.where(step < lengths - 1, lengths - 2 - step, step), axis=0)
        return targets, lengths

    def _compute_baseline_loss(self) -> float:
        most = 10 ** int(self._digits[-1])
        if self._digits[-1] > DIGITS:
            results = self._any(np.random.default_rng(HELD_OUT_SEED), DRAWN).results
            weights = np.full(DRAWN, 1 / DRAWN)
        else:
            results = np.arange(1 - most, 2 * most - 1)
            weights = self._shares(results)
        lengths = np.strings.str_len(results.astype(np.bytes_)) + 1
        surprise = -np.log(np.where(weights > 0, self._shares(results), 1))
        return float((weights * surprise).sum() / (weights * lengths).sum())

    def _shares(self, results: NDArray[np.int64]) -> NDArray[np.float64]:
        """How often each of ``results`` (N,) comes, of all problems, (N,)."""
        has_minus = self.settings.operations != OPERATIONS[0]
        shares = np.zeros(len(results))
        # Numbers of a given length are drawn evenly from low to below high.
        ranges = [(10 ** (length - 1) if length > 1 else 0, 10**length) for length in self._digits.tolist()]
        for (low, high), (second_low, second_high) in product(ranges, ranges):
            # What is taken off is a number added that lies below 0.
            for added_low, added_high in [(second_low, second_high), (1 - second_high, 1 - second_low)][: 1 + has_minus]:
                ways = np.minimum(high, results - added_low + 1) - np.maximum(low, results - added_high + 1)
                shares += np.maximum(ways, 0) / float((high - low) * (added_high - added_low))
        shares /= (1 + has_minus) * len(ranges) ** 2
        return shares

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the results that are right to the last digit."""
        return Metric("results right", self._written.exact_percent(answers, batch), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """Digits and signs; nothing for padding."""
        return READ.labels(inputs)

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        """Digits, minus and the end."""
        return self._written.labels(targets)

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """Where the sign stands."""
        return tuple(step for step, label in enumerate(READ.labels(inputs)) if label in (PLUS, MINUS))

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """What it reads, and what it writes at every step after that."""
        return self._written.shown(trace, probe, int(probe.lengths[0]))

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The result of ``47+85`` as it is read, from the first digit."""
        typed = "".join(text.split()).replace("−", MINUS).rstrip("=")
        found = re.fullmatch(rf"(\d{{1,{LONGEST_TYPED}}})([+-])(\d{{1,{LONGEST_TYPED}}})", typed, re.ASCII)
        if not found:
            form = f"two whole numbers of at most {LONGEST_TYPED} digits with + or - between them are needed, for example 47+85"
            raise InputError(f"{typed[:40]!r} is not right: {form}")
        first, sign, second = int(found[1]), found[2], int(found[3])
        right = str(first + second if sign == PLUS else first - second)
        inputs, lengths = READ.inputs(np.array([f"{first}{sign}{second}"], np.bytes_))
        longest = max(self.output_len, len(str(max(first, second))) + 2)
        written = self._written.read(forward(inputs, lengths, longest)[:, 0])
        if self.settings.is_from_last_digit:
            written = written[::-1]
        remark = "right" if written == right else f"right is {right}"
        return Answer(tuple(written), None, f"{written or NOTHING} ({remark})")


TASK = Arithmetic
