"""What the network answers at each step of the shown sequence, and what would be right, as short texts."""

from dataclasses import dataclass, replace

import numpy as np

from core.prediction import (
    ClassesPrediction,
    MelodyPrediction,
    NumberPrediction,
    Prediction,
    SensorPrediction,
    SeriesPrediction,
    SymbolsPrediction,
    TagsPrediction,
    TextPrediction,
    WavePrediction,
)
from core.snapshot import Trace
from gui.plots.numbers import share_text, value_text

SENSED = "fine", "wrong"


@dataclass(frozen=True)
class Answers:
    """``given`` and ``wanted`` are a text for each step, "" where there is none; ``is_each_step``: there is an answer at every step.

    Otherwise there is one, at the end, and those before are what it would be if it were asked for earlier.
    """

    given: tuple[str, ...]
    wanted: tuple[str, ...]
    is_each_step: bool


def answers_of(trace: Trace, prediction: Prediction | None, is_each_step: bool) -> Answers:
    """Texts for the T steps of ``trace``; empty ones where the prediction is of another sequence, or none is there yet."""
    pairs = _pairs(trace, prediction)
    length = trace.seq_len
    if len(pairs) != length:
        pairs = [("", "")] * length
    return Answers(tuple(given for given, _ in pairs), tuple(wanted for _, wanted in pairs), is_each_step)


def _number(value: float) -> str:
    return value_text(value, 3) if np.isfinite(value) else "–"


def _pairs(trace: Trace, prediction: Prediction | None) -> list[tuple[str, str]]:
    outputs = trace.outputs
    match prediction:
        case NumberPrediction():
            targets = _cut(prediction.running_targets, outputs)
            return [(_number(given), _number(wanted)) for given, wanted in zip(outputs[:, 0], targets, strict=True)]
        case ClassesPrediction():
            truth = prediction.classes[prediction.truth]
            return [(name, truth) for name in _likeliest(outputs, prediction.classes)]
        case SymbolsPrediction():
            if prediction.probabilities.shape != outputs.shape:
                return []
            return list(zip(replace(prediction, probabilities=outputs).answers(), prediction.wanted, strict=True))
        case TagsPrediction():
            return list(zip(_likeliest(outputs, prediction.tags), prediction.wanted, strict=False))
        case SensorPrediction():
            is_wrong = np.zeros(len(outputs), dtype=bool)
            for first, last in prediction.wanted:
                is_wrong[first : last + 1] = True
            return [(share_text(float(share)), SENSED[int(wrong)]) for share, wrong in zip(outputs[:, 0], is_wrong, strict=True)]
        case TextPrediction():
            shares = [share_text(float(2.0 ** -prediction.surprise[step])) for step in range(1, len(prediction.read))]
            return [*zip(shares, prediction.read[1:], strict=True), ("", "")]
        case MelodyPrediction():
            shares = [share_text(float(share)) for share in prediction.shares[1:]]
            return [*zip(shares, trace.input_labels[1:], strict=False), ("", "")]
        case SeriesPrediction():
            given = [*prediction.one_step[1:], *prediction.forecast[:1]]
            wanted = [*prediction.past[1:], *prediction.future[:1]]
            return [(_number(float(a)), _number(float(b))) for a, b in zip(given, wanted, strict=False)]
        case WavePrediction():
            return [(_number(float(a)), _number(float(b))) for a, b in zip(outputs[:, 0], prediction.wanted, strict=False)]
    return []


def _cut(values: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return values if len(values) == len(outputs) else np.full(len(outputs), np.nan)


def _likeliest(outputs: np.ndarray, names: tuple[str, ...]) -> list[str]:
    """The likeliest name of every step; of a single output, the second name where it is above a half; "" without an answer."""
    if outputs.shape[1] == 1:
        return [names[int(share > 0.5)] if np.isfinite(share) else "" for share in outputs[:, 0]]
    return [names[int(row.argmax())] if np.isfinite(row).all() else "" for row in outputs]
