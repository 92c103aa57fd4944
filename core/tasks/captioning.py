"""Captioning: look at the picture of a digit once, and write its name letter by letter.

A picture has 7 rows of 5 pixels, 0 or 1, of which a random share is flipped. One example, nothing flipped::

    #####
    ....#
    ...#.
    ..#..       →  s e v e n ■
    .#...
    .#...
    .#...

A picture has no length, and names are as long as they are: there is nothing to ask at twice the length.

Held out are other flips of the same ten digits. Without looking the best is to know the names, all equally likely, and what is written
so far: ln 10 a name, over its letters and its end, of which there are five on average.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import number
from core.pads import PixelPad
from core.prediction import Answer, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.writing import NOTHING, Writing

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ROWS, COLUMNS = 7, 5
# Each digit's rows, from the top.
DRAWN = (
    ".###. #...# #..## #.#.# ##..# #...# .###.",
    "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    ".###. #...# ....# ...#. ..#.. .#... #####",
    "##### ...#. ..#.. ...#. ....# #...# .###.",
    "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "##### #.... ####. ....# ....# #...# .###.",
    "..##. .#... #.... ####. #...# #...# .###.",
    "##### ....# ...#. ..#.. .#... .#... .#...",
    ".###. #...# #...# .###. #...# #...# .###.",
    ".###. #...# #...# .#### ....# ...#. .##..",
)
WRITTEN = Writing("".join(sorted(set("".join(NAMES)))), max(map(len, NAMES)))
SOLVED_PERCENT = 95.0


def read_picture(text: str) -> NDArray[np.float64] | None:
    """Pixels (35,) of seven rows of five ``.`` or ``#``, spaces, commas or line breaks between them; None where it is no picture."""
    pixels = re.sub(r"[\s,;]", "", text)
    return np.array([float(pixel == "#") for pixel in pixels]) if re.fullmatch(rf"[.#]{{{ROWS * COLUMNS}}}", pixels) else None


@dataclass(frozen=True)
class CaptioningSettings:
    """How clear the pictures are."""

    flipped: float = number(
        0.05,
        0.0,
        0.5,
        "Flipped pixels",
        "Share of the pixels that are turned from black to white or back. At 0.5 nothing is left of the digit.",
        is_live=True,
    )


class Captioning(Task):
    """The picture of a digit → its name."""

    name = "captioning"
    title = "Captioning"
    summary = "See the picture of a digit, write its name."
    card = (
        "In goes, at once, the small picture of a digit, with some pixels flipped. Out must come its name, one letter a step, "
        "and a sign that it ends. What makes it hard: the picture is seen only once, before the first letter; then the "
        "network has to keep in mind which digit it was and how far it has come with the name: after the e of seven come "
        "first a v and then an n. All three cells learn it, for names are short."
    )
    order = 90
    topology = "vector_to_sequence"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per letter"
    # At least 95 % of the held-out pictures named right.
    solved_metric = SOLVED_PERCENT
    input_example = "7"
    baseline_label = "without looking"
    pad = PixelPad(ROWS, COLUMNS)
    Settings = CaptioningSettings

    @property
    def input_size(self) -> int:
        """Pixels."""
        return ROWS * COLUMNS

    @property
    def output_size(self) -> int:
        """Letters and end."""
        return len(WRITTEN.symbols)

    @property
    def output_len(self) -> int:
        """The longest name and the end."""
        return WRITTEN.output_len

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random digits with random flips: inputs (1, count, 35), targets (6, count)."""
        digits = rng.integers(0, len(NAMES), count)
        is_flipped = rng.random((count, ROWS * COLUMNS)) < self.settings.flipped
        pictures = np.abs(PICTURES[digits] - is_flipped)
        targets, output_lengths = WRITTEN.encoded([NAMES[digit] for digit in digits])
        return Batch(pictures[None], targets, None, np.ones(count, np.int64), output_lengths=output_lengths)

    def _compute_baseline_loss(self) -> float:
        return WRITTEN.surprise_without_reading(*WRITTEN.encoded(NAMES), np.ones(len(NAMES)))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the names that are written right to the end."""
        return Metric("names right", WRITTEN.exact_percent(answers, batch), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The digit that each picture (1, 35) is nearest to."""
        return tuple(str(np.abs(PICTURES - picture).sum(axis=1).argmin()) for picture in inputs)

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        """Letters and the end."""
        return WRITTEN.labels(targets)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The picture, and what it writes, step by step."""
        return WRITTEN.shown(trace, probe, 0, trace.inputs[0].reshape(ROWS, COLUMNS))

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The name of a digit, ``7``, drawn without a flaw, or of a picture typed: seven rows of five ``.`` or ``#``."""
        typed = text.strip()
        picture = PICTURES[int(typed)] if re.fullmatch(r"\d", typed, re.ASCII) else read_picture(typed)
        if picture is None:
            raise InputError(f"{typed[:40]!r} is not right: a digit is needed, or seven rows of five . or #, for example {DRAWN[7]}")
        name = WRITTEN.read(forward(picture[None, None], np.array([1]))[:, 0])
        return Answer(tuple(name), None, name or NOTHING)


PICTURES = np.array([read_picture(drawn) for drawn in DRAWN])
TASK = Captioning
