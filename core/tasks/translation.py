"""Translation: read a date as people write it, letter by letter, and write it as a computer does.

All dates from 1950 to 2049, in up to six spellings. One example::

    in      m a r c h   1 2 ,   1 9 9 8
    out     1 9 9 8 - 0 3 - 1 2 ■

A fifth of the dates, always the same, is held out in all spellings, so that what is measured is no date learned by heart.

Without reading the best is to know which dates there are, how often each comes, and what is written so far: the entropy of the dates
that are trained on, over their symbols and the end.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from string import ascii_lowercase, digits
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
from core.tasks.dates import SPELLINGS, is_held_out, iso_dates, spelled_dates
from core.tasks.reading import Reading
from core.tasks.writing import NOTHING, Writing

CHARACTERS = " ,." + digits + ascii_lowercase
READ = Reading(CHARACTERS)
WRITTEN = Writing(digits + "-", len("1998-03-12"))
SHORTEST, LONGEST = 10, 26
LONGEST_TYPED = 60
SOLVED_PERCENT = 95.0


@dataclass(frozen=True)
class TranslationSettings:
    """How many ways to write a date there are."""

    spellings: int = integer(
        4,
        1,
        len(SPELLINGS),
        "Spellings",
        "In order: 12 march 1998; march 12, 1998; 12.3.1998; 1998 march 12; 12 mar 98; the 12th of march 1998.",
        unit="spellings",
        is_live=True,
    )
    longest: int = integer(
        LONGEST,
        SHORTEST,
        LONGEST,
        "Longest",
        "Longer texts are left out: at 10 characters there are the first days of May, in the first spelling, and shorter ones.",
        unit="characters",
        is_live=True,
        is_important=False,
    )


class Translation(Task):
    """A date in words → the date in figures."""

    name = "translation"
    title = "Translation"
    summary = "Read a date in words, write it in figures."
    card = (
        "In goes a date as people write it, letter by letter: march 12, 1998, or 12.3.1998. Out must come, after the last "
        "letter has been read, the same date in figures: 1998-03-12. One network reads, another goes on from what the first "
        "keeps in mind, and reads its own letters. What makes it hard: the whole date must pass from one to the other in a "
        "single state, and what comes first in one spelling comes last in another. LSTM and GRU learn it, also for dates they "
        "have never seen; a simple RNN gets few of them right."
    )
    order = 40
    topology = "encoder_decoder"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per symbol"
    # At least 95 % of the dates never seen.
    solved_metric = SOLVED_PERCENT
    input_example = "12 march 1998"
    baseline_label = "without reading"
    Settings = TranslationSettings

    def __init__(self, settings: TranslationSettings, vocabulary: dict[str, Any] | None = None, stretch: int = 1) -> None:
        super().__init__(settings, vocabulary)
        self._stretch = stretch

    def longer(self, factor: int) -> "Translation":
        """The same texts behind blanks that make each ``factor`` times as long: a date itself can't be longer."""
        return Translation(self.settings, stretch=factor * self._stretch)

    @property
    def input_size(self) -> int:
        """Characters."""
        return len(CHARACTERS)

    @property
    def output_size(self) -> int:
        """Digits, hyphen, end."""
        return len(WRITTEN.symbols)

    @property
    def output_len(self) -> int:
        """Ten characters and the end."""
        return WRITTEN.output_len

    @cached_property
    def _texts(self) -> NDArray[np.bytes_]:
        """All dates in the spellings in use, (spellings, N)."""
        return np.array([spelled_dates(k) for k in range(self.settings.spellings)])

    @cached_property
    def _is_short(self) -> NDArray[np.bool_]:
        """Which of the texts are short enough, (spellings, N)."""
        is_short: NDArray[np.bool_] = np.strings.str_len(self._texts) <= self.settings.longest
        return is_short

    @cached_property
    def _known(self) -> NDArray[np.int64]:
        """Spelling and date of all texts for training, (2, N)."""
        return np.array(np.nonzero(self._is_short & ~is_held_out()))

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random training texts: inputs (T, count, 39), targets (11, count)."""
        return self._batch(*self._known[:, rng.integers(0, self._known.shape[1], count)])

    def held_out(self, count: int) -> Batch:
        """Random texts of dates that training never draws."""
        unknown = np.array(np.nonzero(self._is_short & is_held_out()))
        return self._batch(*unknown[:, np.random.default_rng(HELD_OUT_SEED).integers(0, unknown.shape[1], count)])

    def _batch(self, spellings: NDArray[np.int64], dates: NDArray[np.int64]) -> Batch:
        targets, output_lengths = _all_targets()
        texts = self._texts[spellings, dates]
        inputs, lengths = READ.inputs(np.strings.rjust(texts, self._stretch * np.strings.str_len(texts)))
        return Batch(inputs, targets[:, dates], None, lengths, output_lengths=output_lengths[dates])

    def _compute_baseline_loss(self) -> float:
        often = np.bincount(self._known[1], minlength=len(iso_dates()))
        targets, lengths = _all_targets()
        return WRITTEN.surprise_without_reading(targets, lengths, often.astype(np.float64))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the dates that are written right to the last symbol."""
        return Metric("dates right", WRITTEN.exact_percent(answers, batch), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The characters; nothing for padding."""
        return READ.labels(inputs)

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        """Digits, hyphens and the end."""
        return WRITTEN.labels(targets)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """What it reads, and what it writes at every step after that."""
        return WRITTEN.shown(trace, probe, int(probe.lengths[0]))

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The date typed, ``12 march 1998``, in figures."""
        typed = " ".join(text.lower().split())
        wrong = READ.unknown(typed)
        if wrong or not 0 < len(typed) <= LONGEST_TYPED:
            reason = f"{wrong!r} is in no spelling" if wrong else f"{len(typed)} characters are too {'many' if typed else 'few'}"
            raise InputError(f"{reason}: a date is needed, for example {SPELLINGS[0](1998, 3, 12)}")
        written = WRITTEN.read(forward(*READ.inputs(np.array([typed], np.bytes_)))[:, 0])
        right = self._meant(typed)
        remark = "" if right is None else " (right)" if right == written else f" (right is {right})"
        return Answer(tuple(written), None, f"{written or NOTHING}{remark}")

    def _meant(self, text: str) -> str | None:
        """The date that ``text`` spells, in any of the spellings; None: there is none."""
        for spelling in range(len(SPELLINGS)):
            (found,) = np.nonzero(spelled_dates(spelling) == text.encode())
            if found.size:
                return iso_dates()[int(found[0])]
        return None


@cache
def _all_targets() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All dates in figures: targets (11, N) and lengths (N,)."""
    return WRITTEN.encoded(iso_dates())


TASK = Translation
