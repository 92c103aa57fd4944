"""Counting: read aⁿbⁿ or aⁿbⁿcⁿ and say at every step which symbols may follow (Gers & Schmidhuber 2001).

S starts, T ends, n ≥ 1. The network learns from n up to ``longest`` and is then asked for longer strings: only who counts can go on.
Wanted is the set of the legal next symbols, a yes or no for each. One example, n = 2 of aⁿbⁿcⁿ::

    in      S    a    a    b    b    c    c
    out     a   a/b  a/b   b    c    c    T

A symbol is predicted where its output is above 0.5, a string is right where all its steps are. Held out are the strings with n from 1 to
one and a half times ``longest``; the task is solved when all of them are right: those learned from, and half as many longer ones. ``reach``
asks for more. Without memory the best is the share of its occurrences after which the present symbol allows each of the others, computed
over the strings that are learned from.
"""

import re
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer
from core.legal import name_sets
from core.prediction import Answer, Prediction, SymbolsPrediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.state_label import StateLabel
from core.task import Forward, Task
from core.tasks.symbols import one_hot

LETTERS = "abc"
START, END = "S", "T"
THRESHOLD = 0.5
HELD_OUT_FACTOR = 1.5
REACH_FACTOR = 5
LARGEST_TYPED = 500


@dataclass(frozen=True)
class CountingSettings:
    """How hard it is."""

    longest: int = integer(
        10, 2, 50, "Longest", "The largest n of the strings it learns from. It is asked for n half as large again.", unit="n", is_live=True
    )
    letters: int = integer(3, 2, len(LETTERS), "Letters", "2: as many b as a. 3: as many c, too.", unit="letters")


class Counting(Task):
    """aⁿbⁿ(cⁿ) → the legal next symbols, at every step."""

    name = "counting"
    title = "Counting"
    summary = "After as many a, as many b and as many c."
    card = (
        "In goes a string of some a, as many b and as many c. Out must come, at every step, which symbols may follow: after an "
        "a another one or the first b, but after the last b only a c. What makes it hard: the network has to count, and to "
        "count on beyond the longest string it has learned from. An LSTM does it with a unit whose cell state climbs and falls "
        "step by step; GRU and simple RNN have nothing that can climb so far, and go wrong soon after what they know."
    )
    order = 290
    group = "classic"
    topology = "sequence_to_sequence"
    loss = "binary_cross_entropy"
    loss_unit = "nats per yes or no"
    # All held-out strings right, also those longer than any it learned from.
    solved_metric = 100.0
    input_example = "3"
    is_causal = True
    Settings = CountingSettings

    @property
    def symbols(self) -> str:
        """What is predicted: the letters and the end."""
        return LETTERS[: self.settings.letters] + END

    @property
    def input_size(self) -> int:
        """Start and letters."""
        return int(self.settings.letters) + 1

    @property
    def output_size(self) -> int:
        """Letters and end."""
        return int(self.settings.letters) + 1

    @property
    def output_names(self) -> tuple[str, ...]:
        """Letters and end."""
        return tuple(self.symbols)

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Strings with random n up to ``longest``: inputs and targets (T, count, letters + 1)."""
        return self.strings(rng.integers(1, self.settings.longest + 1, count))

    def longer(self, factor: int) -> Task:
        """Strings of which none was learned from: n beyond (``factor`` − 1) times ``longest``, up to ``factor`` times."""
        return Beyond(replace(self.settings, longest=factor * self.settings.longest), self.settings.longest)

    def held_out(self, count: int) -> Batch:
        """Strings with every n up to one and a half times ``longest``, in turn, beginning with the longest that is learned from."""
        largest = int(HELD_OUT_FACTOR * self.settings.longest)
        return self.strings((self.settings.longest - 1 + np.arange(count)) % largest + 1)

    def strings(self, n: NDArray[np.int64]) -> Batch:
        """The strings with these ``n`` (B,)."""
        letters = int(self.settings.letters)
        lengths = 1 + letters * n
        step = np.arange(int(lengths.max()))[:, None]
        block = np.where(step == 0, -1, np.minimum((step - 1) // n, letters - 1))
        is_last_of_block = (step == 0) | ((step - 1) % n == n - 1)
        is_present = step < lengths
        # After an a another a may follow or the first b, whichever comes; after others only what comes.
        following = np.where(is_last_of_block, block + 1, block)
        targets = one_hot(following, letters + 1, is_present)
        targets[(block == 0) & is_present, :2] = 1
        return Batch(one_hot(block + 1, letters + 1, is_present), targets, None, lengths)

    def _compute_baseline_loss(self) -> float:
        known = self.strings(np.arange(1, self.settings.longest + 1))
        counts = known.inputs.sum(axis=(0, 1), dtype=np.float64)
        share = np.einsum("tbi,tbo->io", known.inputs, known.targets, dtype=np.float64) / counts[:, None]
        surprise = sum(-p * np.log(np.maximum(p, 1e-300)) for p in (share, 1 - share))
        return float(np.average(np.mean(surprise, axis=1), weights=counts))

    def _is_right(self, answers: np.ndarray, batch: Batch) -> NDArray[np.bool_]:
        """Which outputs are on the right side of the threshold, those in the padding all: (T, B, O)."""
        is_padding = np.arange(len(batch.inputs))[:, None] >= batch.lengths
        is_right: NDArray[np.bool_] = ((answers > THRESHOLD) == (batch.targets > THRESHOLD)) | is_padding[..., None]
        return is_right

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the strings that are right at every step."""
        return Metric("strings right", 100 * float(self._is_right(answers, batch).all(axis=(0, 2)).mean()), "%")

    def reach(self, forward: Forward, most: int) -> int:
        """The largest n such that all strings up to it are right, looked for up to ``most``."""
        batch = self.strings(np.arange(1, most + 1))
        is_right = self._is_right(forward(batch.inputs, batch.lengths), batch).all(axis=(0, 2))
        return most if is_right.all() else int(is_right.argmin())

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """Start and letters; nothing for padding."""
        names = START + LETTERS
        return tuple(names[x.argmax()] if x.any() else "" for x in inputs)

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The last steps of the blocks after the first: there the count must be right."""
        labels = self.label_inputs(inputs)
        ends = np.cumsum([len(list(run)) for _, run in groupby(label for label in labels if label)])
        return tuple(int(end) - 1 for end in ends[2:])

    def state_labels(self, batch: Batch) -> tuple[StateLabel, ...]:
        """How many of the first letter were read, and of each later one how many are still to come: a counter up and down."""
        read = batch.inputs[:, :, 1:].astype(np.float64)
        count = read.cumsum(axis=0)
        block = read.argmax(axis=2)[..., None]
        in_block = np.take_along_axis(count, block, 2)[..., 0]
        return (StateLabel("Counter", np.where(block[..., 0] == 0, in_block, count[-1, :, 0] - in_block)),)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """How sure it is of each symbol at every step of the probe; wanted are all that may come, none in the padding."""
        legal = probe.targets[: trace.seq_len, 0] > THRESHOLD
        wanted = self._sets(legal)
        return SymbolsPrediction(tuple(self.symbols), trace.input_labels, wanted, trace.outputs, legal=legal, threshold=THRESHOLD)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """What it predicts along a string typed, ``aaabbbccc`` or its n, ``3``; and up to which n all strings are right."""
        batch = self.strings(np.array([self._read_n(text)]))
        answers = forward(batch.inputs, batch.lengths)
        predicted, legal = (self._sets(outputs[:, 0]) for outputs in (answers, batch.targets))
        wrong = [step for step, (found, right) in enumerate(zip(predicted, legal, strict=True)) if found != right]
        most = REACH_FACTOR * self.settings.longest
        sentence = "right at every step"
        if wrong:
            sentence = f"wrong at step {wrong[0] + 1}: {predicted[wrong[0]] or 'nothing'} instead of {legal[wrong[0]]}"
        return Answer(predicted, None, f"{sentence}; all strings right up to n = {self.reach(forward, most)} (of {most} tried)")

    def _sets(self, outputs: np.ndarray) -> tuple[str, ...]:
        """The symbols above the threshold at each step of (T, O): "a/b"."""
        return name_sets(self.symbols, outputs > THRESHOLD)

    def _read_n(self, text: str) -> int:
        letters = LETTERS[: self.settings.letters]
        typed = re.sub(r"\s", "", text)
        is_number = bool(re.fullmatch(r"\d{1,3}", typed, re.ASCII))
        n = int(typed) if is_number else len(typed) // len(letters)
        is_string = typed == "".join(letter * n for letter in letters)
        if not 1 <= n <= LARGEST_TYPED or not (is_string or is_number):
            example = "".join(letter * 3 for letter in letters)
            raise InputError(f"{typed[:40]!r} is not right: {example} is needed, or its n, here 3, from 1 to {LARGEST_TYPED}")
        return n


class Beyond(Counting):
    """Counting with the ``count_of_n`` largest n up to ``longest`` only."""

    def __init__(self, settings: CountingSettings, count_of_n: int) -> None:
        super().__init__(settings)
        self._count_of_n = count_of_n

    def held_out(self, count: int) -> Batch:
        """Strings with each of these n, in turn."""
        return self.strings(self.settings.longest - np.arange(count) % self._count_of_n)


TASK = Counting
