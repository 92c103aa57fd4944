"""What the network can do now, in the form that suits its task: plain data, drawn by gui/panels/prediction views."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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
    """A symbol at every step (copy). ``wanted[t]`` is "" where the output does not count; ``probabilities`` (T, K), NaN without answer."""

    symbols: tuple[str, ...]
    inputs: tuple[str, ...]
    wanted: tuple[str, ...]
    probabilities: Floats


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
    ``confusion`` (K, K) counts held-out sequences, rows the truth, columns the answer. ``picture`` (T, D) is drawn instead of the
    tokens where the input is one: values from 0 up, the first at the bottom.
    """

    classes: tuple[str, ...]
    tokens: tuple[str, ...]
    probabilities: Floats
    truth: int
    confusion: NDArray[np.int64]
    picture: Floats | None = None


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
    ``low`` and ``high`` (F,) the band of twice the held-out error, widened with the distance. ``column`` names the series.
    """

    past: Floats
    one_step: Floats
    forecast: Floats
    future: Floats
    low: Floats
    high: Floats
    column: str
    unit: str = ""


Prediction = (
    NumberPrediction | SymbolsPrediction | TextPrediction | ClassesPrediction | TagsPrediction | SensorPrediction | SeriesPrediction
)


@dataclass(frozen=True)
class Answer:
    """The network's answer to one input of the user's.

    ``output`` are labels, words, characters or numbers; ``probabilities`` maps labels to 0…1 where the task has them,
    ``text`` is the sentence a person reads.
    """

    output: tuple[str | float, ...]
    probabilities: dict[str, float] | None
    text: str
