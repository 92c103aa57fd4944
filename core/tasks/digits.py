"""Digits: read the small picture of a handwritten digit from its top, and say which one it is.

The pictures are the 1,797 that come with scikit-learn (8 × 8 pixels, 0 white to 16 black; the test set of Alpaydin & Kaynak 1998, "Optical
recognition of handwritten digits"). They are read row by row, 8 steps of 8 pixels, or pixel by pixel, 64 steps of one, each 0 to 1.

A fifth of the pictures, drawn by lot once, is held out. Without looking at them the best is to know how often each digit comes: the
entropy of the classes that are trained on, nearly ln 10.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import choice
from core.pads import PixelPad
from core.prediction import Answer, ClassesPrediction, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.classes import class_answer, confusion, share_right
from core.tasks.user_data import UserData

SIDE = 8
DARKEST = 16
CLASSES = tuple(str(digit) for digit in range(10))
BY_ROWS, BY_PIXELS = "rows", "pixels"
HELD_OUT_SHARE = 0.2
SOLVED_PERCENT = 95.0
INK = 0.5
SEVEN = "..####.. .....##. .....#.. ..#####. ....##.. ...##... ...#.... ..##...."


class Pictures(NamedTuple):
    """Pixels (N, 64), 0 to 1, from the top left, and the digits (N,)."""

    pixels: NDArray[np.float32]
    digits: NDArray[np.int64]


@cache
def read_pictures() -> tuple[Pictures, Pictures]:
    """Pictures for training, and held-out ones. Raises InputError where scikit-learn is not installed."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise InputError(
            "digits: its pictures come with scikit-learn, which is not installed: "
            'pip install "rnn-playground[data]" brings it, or pip install scikit-learn'
        ) from None
    pixels, digits = load_digits(return_X_y=True)
    order = np.random.default_rng(HELD_OUT_SEED).permutation(len(digits))
    count = round(HELD_OUT_SHARE * len(digits))
    shares = (pixels / DARKEST).astype(np.float32)
    held_out, known = (Pictures(shares[part], digits[part].astype(np.int64)) for part in (order[:count], order[count:]))
    return known, held_out


@dataclass(frozen=True)
class DigitsSettings:
    """How they are read."""

    reading: str = choice(
        BY_ROWS,
        (BY_ROWS, BY_PIXELS),
        "Read by",
        "Rows: 8 steps of 8 pixels. Pixels: 64 steps of a single one, so that the top must be kept in mind for far longer.",
    )


class Digits(Task):
    """A handwritten digit → which one it is."""

    name = "digits"
    title = "Digits"
    summary = "Read a handwritten digit from its top, say which one it is."
    card = (
        "In goes the picture of a handwritten digit from its top, one row a step, or one pixel a step. Out must come, after "
        "the last of them, which digit it is. What makes it hard: a row alone says little, and what its upper half looked "
        "like decides what the lower half means. Row by row all three cells learn it; pixel by pixel the top must be kept in "
        "mind for 64 steps, which takes an LSTM several times as many updates."
    )
    order = 320
    group = "classic"
    topology = "sequence_to_vector"
    loss = "cross_entropy"
    loss_unit = "nats"
    # At least 95 % of the held-out pictures right.
    solved_metric = SOLVED_PERCENT
    input_example = SEVEN
    baseline_label = "without looking"
    pad = PixelPad(SIDE, SIDE)
    Settings = DigitsSettings

    def __init__(self, settings: DigitsSettings, vocabulary: dict[str, Any] | None = None, blank_rows: int = 0) -> None:
        super().__init__(settings, vocabulary)
        self._blank_rows = blank_rows
        self._pictures = UserData(read_pictures, may_miss=bool(vocabulary))
        self._known_baseline = float(vocabulary["baseline_loss"]) if vocabulary else None

    def longer(self, factor: int) -> "Digits":
        """The same pictures below blank rows, ``factor`` times as high: a digit itself can't be longer."""
        blank_rows = factor * (SIDE + self._blank_rows) - SIDE
        return Digits(self.settings, self.vocabulary(), blank_rows)

    @property
    def input_size(self) -> int:
        """Pixels a step."""
        return SIDE if self.settings.reading == BY_ROWS else 1

    @property
    def output_size(self) -> int:
        """Digits."""
        return len(CLASSES)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Digits."""
        return CLASSES

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random training pictures: inputs (8, count, 8) or (64, count, 1), targets (count,). Raises InputError without scikit-learn."""
        known, _ = self._pictures.get()
        inputs, _ = self._as_read
        return self._batch(inputs, known.digits, rng.integers(0, len(known.digits), count))

    def held_out(self, count: int) -> Batch:
        """Held-out pictures in order, from the start again where there are fewer than ``count``."""
        _, held_out = self._pictures.get()
        _, inputs = self._as_read
        return self._batch(inputs, held_out.digits, np.arange(count) % len(held_out.digits))

    @cached_property
    def _as_read(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """All pictures for training and all held-out ones as they are read, (T, N, D) each."""
        known, held_out = self._pictures.get()
        return self._inputs(known.pixels), self._inputs(held_out.pixels)

    def _batch(self, inputs: NDArray[np.float32], digits: NDArray[np.int64], chosen: NDArray[np.int64]) -> Batch:
        return Batch(np.take(inputs, chosen, axis=1), digits[chosen], None, np.full(len(chosen), len(inputs)))

    def _inputs(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Pictures (B, 64) as they are read, (T, B, D), below the blank rows."""
        high = np.concatenate([np.zeros((len(pixels), SIDE * self._blank_rows), np.float32), pixels], axis=1)
        return np.ascontiguousarray(high.reshape(len(pixels), -1, self.input_size).swapaxes(0, 1))

    def _compute_baseline_loss(self) -> float:
        if self._known_baseline is not None:
            return self._known_baseline
        known, _ = self._pictures.get()
        shares = np.bincount(known.digits, minlength=len(CLASSES)) / len(known.digits)
        return -float((shares * np.log(shares)).sum())

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the digits that are recognized."""
        return share_right("digits right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """Each row as it would be drawn, ``..####..``; single pixels by their values."""
        if inputs.shape[1] == 1:
            return tuple(f"{pixel:.2f}" for pixel in inputs[:, 0])
        return tuple("".join("#" if pixel >= INK else "." for pixel in row) for row in inputs)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The answer as it forms from row to row, the picture, and how held-out digits are confused."""
        _, pictures = self._pictures.get()
        confused = confusion(forward, self.held_out(len(pictures.digits)), len(CLASSES))
        picture = trace.inputs.reshape(-1, SIDE)
        return ClassesPrediction(CLASSES, trace.input_labels, trace.outputs, int(probe.targets[0]), confused, picture)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """Which digit a picture shows, typed or drawn as eight rows of eight ``.`` or ``#``, with the probability of each."""
        typed = re.sub(r"[\s,;]", "", text)
        if not re.fullmatch(rf"[.#]{{{SIDE * SIDE}}}", typed):
            raise InputError(f"{text.strip()[:40]!r} is not right: eight rows of eight . or # are needed, for example {SEVEN}")
        inputs = self._inputs(np.array([[pixel == "#" for pixel in typed]], np.float32))
        return class_answer(CLASSES, forward(inputs, np.array([len(inputs)]))[-1, 0])

    def vocabulary(self) -> dict[str, Any]:
        """The baseline, which can't be computed where scikit-learn is not installed."""
        return {"baseline_loss": self.baseline_loss}


TASK = Digits
