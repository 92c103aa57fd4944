"""What the network can do now, in the form that suits its task: plain data, drawn by gui/panels/prediction views."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.legal import are_legal_alone_above, are_legal_likelier, legal_lead, name_sets
from core.tunes import Note, Tune

Floats = NDArray[np.float64]
CLEAR_LEAD = 1.5
"""So many times as likely as any illegal symbol a legal one must be to be found for certain."""


@dataclass(frozen=True)
class NumberPrediction:
    """One number at the end of a sequence (adding).

    ``answers`` (T,) is the answer if asked at t, ``running_targets`` (T,) the right one so far; ``held_out_targets`` and
    ``held_out_answers`` (N,) are for the scatter plot; ``tolerance`` is the error that still counts as right.
    """

    answers: Floats
    running_targets: Floats
    held_out_targets: Floats
    held_out_answers: Floats
    tolerance: float


@dataclass(frozen=True)
class SymbolsPrediction:
    """A symbol at every step (copy). ``wanted[t]`` is "" where the output does not count; ``probabilities`` (T, K), NaN without answer.

    ``picture`` (rows, columns), 0…1, is what the symbols are about (captioning); None: there is none. ``legal`` (T, K) says which
    symbols may come where several may (reber), ``wanted`` then names them all; None: one is right. With ``threshold`` each
    symbol is a yes or no of its own, yes above it (counting).
    """

    symbols: tuple[str, ...]
    inputs: tuple[str, ...]
    wanted: tuple[str, ...]
    probabilities: Floats
    picture: Floats | None = None
    legal: NDArray[np.bool_] | None = None
    threshold: float | None = None

    def answers(self) -> tuple[str, ...]:
        """The likeliest symbol of every step, or as many as may come there, or all above the threshold; "" without an answer."""
        shares = self.probabilities
        if self.threshold is not None:
            is_answered = shares > self.threshold
        else:
            count = 1 if self.legal is None else np.maximum(self.legal.sum(axis=1, keepdims=True), 1)
            rank = np.argsort(np.argsort(-shares, axis=1, kind="stable"), axis=1)
            is_answered = rank < count
        return name_sets(self.symbols, is_answered & np.isfinite(shares).all(axis=1, keepdims=True))

    def is_right(self) -> NDArray[np.bool_]:
        """For every step (T,) whether the answer is right, as the task's metric counts it; False where none is asked for."""
        is_asked = np.array([symbol != "" for symbol in self.wanted], np.bool_)
        if self.legal is None:
            return is_asked & np.array([a == w for a, w in zip(self.answers(), self.wanted, strict=True)], np.bool_)
        if self.threshold is not None:
            return is_asked & are_legal_alone_above(self.legal, self.probabilities, self.threshold)
        return is_asked & are_legal_likelier(self.legal, self.probabilities)

    def is_close(self) -> NDArray[np.bool_]:
        """For every step (T,) whether it is right, but an illegal symbol is nearly as likely as a legal one: luck rather than knowledge."""
        if self.legal is None or self.threshold is not None:
            return np.zeros(len(self.wanted), np.bool_)
        least_legal, most_illegal = legal_lead(self.legal, self.probabilities)
        is_close: NDArray[np.bool_] = self.is_right() & (least_legal < CLEAR_LEAD * most_illegal)
        return is_close


@dataclass(frozen=True)
class TextPrediction:
    """A text read symbol by symbol, and continued.

    ``read`` are the T symbols of a passage (characters, or words) and ``surprise`` (T,) the bits each one cost, 0 for the
    first. ``prompt`` is continued: ``next_symbols`` with ``next_probabilities`` are the likeliest successors, best first;
    ``continuations`` are (temperature, text) pairs. ``is_words`` tells words from characters; ``uniform_surprise`` is the
    bits per symbol without any knowledge.
    """

    read: tuple[str, ...]
    surprise: Floats
    prompt: str
    next_symbols: tuple[str, ...]
    next_probabilities: Floats
    continuations: tuple[tuple[float, str], ...]
    is_words: bool
    uniform_surprise: float


@dataclass(frozen=True)
class ClassesPrediction:
    """One class for a sequence (sentiment).

    ``probabilities`` (T, K): the answer if asked after each word of ``tokens``; ``truth`` is the right class's index;
    ``confusion`` (K, K) counts held-out sequences, rows the truth, columns the answer. ``picture`` (rows, columns), 0…1, is what
    the sequence was made of (digits); None: there is none. ``spectrogram``
    (T, D), values from 0 up, the first at the bottom, is drawn instead of the tokens where they are no words (keyword).
    """

    classes: tuple[str, ...]
    tokens: tuple[str, ...]
    probabilities: Floats
    truth: int
    confusion: NDArray[np.int64]
    picture: Floats | None = None
    spectrogram: Floats | None = None


@dataclass(frozen=True)
class TagsPrediction:
    """A tag for each word of a sentence (tagging).

    ``words`` and the tags ``wanted`` (T,) belong together, ``probabilities`` (T, K) are those of ``tags``; ``plain_tag`` is the one
    of words that are nothing special. ``is_known`` (T,) tells words that training has seen.
    ``confusion`` (K, K) counts held-out words, rows the truth, columns the answer.
    """

    tags: tuple[str, ...]
    plain_tag: str
    words: tuple[str, ...]
    is_known: tuple[bool, ...]
    wanted: tuple[str, ...]
    probabilities: Floats
    confusion: NDArray[np.int64]


@dataclass(frozen=True)
class SensorPrediction:
    """Channels of a machine, and how likely something is wrong at each step (sensor).

    ``channels`` (C, T) are what is measured, ``names`` (C,) say which; ``wanted`` are the intervals (first, last), steps from 0 and
    both included, in which something is wrong; ``probabilities`` (T,) the network's; from ``threshold`` on it raises an alarm.
    """

    names: tuple[str, ...]
    channels: Floats
    wanted: tuple[tuple[int, int], ...]
    probabilities: Floats
    threshold: float


@dataclass(frozen=True)
class SeriesPrediction:
    """A series going on (prices), in the series' own unit.

    ``past`` (T,) are known values, ``one_step`` (T,) the network's guess of each from those before it (NaN where it has
    none), ``forecast`` (F,) the values it predicts by feeding itself, ``future`` (F,) what really came (NaN where unknown),
    ``low`` and ``high`` (F,) the band in which it may be trusted. ``column`` names the series.
    """

    past: Floats
    one_step: Floats
    forecast: Floats
    future: Floats
    low: Floats
    high: Floats
    column: str
    unit: str = ""


@dataclass(frozen=True)
class WavePrediction:
    """A wave written from a description (waveform).

    ``wanted`` and ``written`` (T,): what is right, and what the network writes when it reads its own numbers; ``taught`` (T,): what it
    says when it reads the right ones. ``described`` are pairs of what the vector says ("frequency", "2.0").
    """

    wanted: Floats
    written: Floats
    taught: Floats
    described: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MelodyPrediction:
    """A tune read note by note, and continued.

    ``notes`` are the T steps that were read, None where a tune ends and the next begins; ``shares`` (T,) how likely the network held
    each of them before it came, NaN for the first. After the first ``given`` of them it goes on by itself with ``continuation``;
    ``next_symbols`` with ``next_probabilities`` are the likeliest notes there, best first. ``bar`` is the length of a bar in
    twelfths of a beat, ``tempo`` in beats a minute.
    """

    notes: tuple[Note | None, ...]
    shares: Floats
    given: int
    continuation: tuple[Note | None, ...]
    next_symbols: tuple[str, ...]
    next_probabilities: Floats
    bar: int
    tempo: float


Prediction = (
    NumberPrediction
    | SymbolsPrediction
    | TextPrediction
    | ClassesPrediction
    | TagsPrediction
    | SensorPrediction
    | SeriesPrediction
    | WavePrediction
    | MelodyPrediction
)


@dataclass(frozen=True)
class Answer:
    """The network's answer to one input of the user's.

    ``output`` are labels, words, characters or numbers; ``probabilities`` maps labels to 0…1 where the task has them,
    ``text`` is the sentence a person reads. ``low`` and ``high``, as long as ``output``, are a band about a forecast; None without one.
    Where notes are written, ``tune`` has them behind the ``given`` ones.
    """

    output: tuple[str | float, ...]
    probabilities: dict[str, float] | None
    text: str
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    tune: Tune | None = None
    given: int = 0
