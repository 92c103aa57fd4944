"""Waveform: read once what a wave is like, and write it, one value a step.

In goes a vector of frequency f (waves in SPAN steps), phase φ (0 to 1, a share of a wave), amplitude a, and the shape, one-hot. Out must
come, for t = 0, 1, …, a·shape(f·t/SPAN + φ), where shape has period 1 and lies between −1 and 1. One example::

    in      frequency 2, phase 0.25, amplitude 1, square
    out     1  1  1  1  1 −1 −1 −1 −1 −1 …

Frequency, phase and amplitude are drawn evenly from their ranges, shapes evenly from those in use. Held out are other draws.

The best predictor that knows only the step writes the mean, which is 0 at every step, as every phase is as likely: its loss is the mean
square of the waves, computed from the shapes themselves. While it is taught, a network also reads the right last value; what it is worth
without that is told by the metric, for which it reads its own values.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer, number
from core.prediction import Answer, Prediction, WavePrediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task

Floats = NDArray[np.float64]

# By their share of a wave, 0 to 1; all begin like the sine, at 0 or above and not falling.
SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "sine": lambda turn: np.sin(2 * np.pi * turn),
    "triangle": lambda turn: 1 - 4 * np.abs((turn + 0.25) % 1 - 0.5),
    "sawtooth": lambda turn: 2 * ((turn + 0.5) % 1) - 1,
    "square": lambda turn: np.where(turn % 1 < 0.5, 1.0, -1.0),
}
SPAN = 40
LOWEST_FREQUENCY, SMALLEST_AMPLITUDE, LARGEST_AMPLITUDE = 1.0, 0.25, 1.0
NUMBERS = ("frequency", "phase", "amplitude")
FILLERS = ("a", "and", "of", "wave", "with")
# Points of a wave over which its mean square is taken.
FINE = 100_000
SOLVED_PERCENT = 10.0


@dataclass(frozen=True)
class WaveformSettings:
    """How hard it is."""

    seq_len: int = integer(
        SPAN,
        2,
        400,
        "Length",
        "Values to write. The longer, the further a small error in the frequency leads astray.",
        unit="steps",
        scale="log",
        is_live=True,
    )
    shapes: int = integer(4, 1, len(SHAPES), "Shapes", f"In order: {', '.join(SHAPES)}. The last two jump.", is_live=True)
    highest: float = number(
        2.0, LOWEST_FREQUENCY, 8.0, "Highest frequency", f"Waves in {SPAN} steps; the lowest is {LOWEST_FREQUENCY:g}.", is_live=True
    )


class Waveform(Task):
    """(frequency, phase, amplitude, shape) → the wave."""

    name = "waveform"
    title = "Waveform"
    summary = "Read what a wave is like, write it step by step."
    card = (
        "In goes, at once, what a wave is like: how many waves there are, where the first begins, how high they are, and "
        "whether they are sines, triangles, saw teeth or squares. Out must come the wave itself, one value a step. What makes "
        "it hard: the network goes by its own values, and a small error in one leads the next ones astray. Told the right "
        "values while it learns, it never has to find its way back; the preset therefore teaches none (teacher forcing 0). "
        "An LSTM learns it; a simple RNN stays more than twice as far off."
    )
    order = 100
    topology = "vector_to_sequence"
    loss = "squared_error"
    loss_unit = "squared error"
    # A mean error below 10 % of the amplitude, when the network goes by its own values.
    solved_metric = SOLVED_PERCENT
    input_example = "frequency 2, phase 0.25, amplitude 1, sine"
    baseline_label = "knowing only the step"
    Settings = WaveformSettings

    @property
    def input_size(self) -> int:
        """Frequency, phase, amplitude, and all shapes, whichever are in use."""
        return len(NUMBERS) + len(SHAPES)

    @property
    def output_size(self) -> int:
        """The value."""
        return 1

    @property
    def output_len(self) -> int:
        """All waves are as long."""
        return int(self.settings.seq_len)

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random descriptions and their waves: inputs (1, count, 7), targets (T, count, 1)."""
        frequency = rng.uniform(LOWEST_FREQUENCY, self.settings.highest, count)
        phase = rng.random(count)
        amplitude = rng.uniform(SMALLEST_AMPLITUDE, LARGEST_AMPLITUDE, count)
        shape = rng.integers(0, self.settings.shapes, count)
        return self._batch(frequency, phase, amplitude, shape)

    def _batch(self, frequency: Floats, phase: Floats, amplitude: Floats, shape: NDArray[np.int64]) -> Batch:
        turn = np.arange(self.output_len)[:, None] * frequency / SPAN + phase
        waves = np.empty_like(turn)
        for place, draw in enumerate(SHAPES.values()):
            chosen = shape == place
            waves[:, chosen] = amplitude[chosen] * draw(turn[:, chosen])
        count = len(shape)
        inputs = np.column_stack([frequency, phase, amplitude, np.eye(len(SHAPES))[shape]])
        return Batch(inputs[None], waves[..., None], None, np.ones(count, np.int64), output_lengths=np.full(count, self.output_len))

    def _compute_baseline_loss(self) -> float:
        phases = (np.arange(FINE) + 0.5) / FINE
        squares = [float(np.mean(draw(phases) ** 2)) for draw in SHAPES.values()][: self.settings.shapes]
        low, high = SMALLEST_AMPLITUDE, LARGEST_AMPLITUDE
        mean_square_amplitude = (low * low + low * high + high * high) / 3
        return mean_square_amplitude * float(np.mean(squares))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """How far off the values are, on average, as a share of the wave's amplitude."""
        steps = min(len(answers), len(batch.targets))
        errors = np.abs(answers[:steps] - batch.targets[:steps])[..., 0].mean(axis=0)
        return Metric(
            "mean error", 100 * float((errors / batch.inputs[0, :, NUMBERS.index("amplitude")]).mean()), "%", is_higher_better=False
        )

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """Each vector in words."""
        return tuple(", ".join(" ".join(pair).strip() for pair in _described(vector)) for vector in inputs)

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        """The values."""
        return tuple(f"{value:.2f}" for value in targets[:, 0])

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The wave that is wanted, and the one that it writes."""
        written = np.asarray(forward(probe.inputs[:, :1], probe.lengths[:1])[:, 0, 0], np.float64)
        return WavePrediction(probe.targets[:, 0, 0], written, trace.outputs[:, 0], _described(probe.inputs[0, 0]))

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The wave for ``frequency 2, phase 0.25, amplitude 1, sine``, in any order; what is left out is 1, 0, 1 and sine."""
        numbers, shape = read_description(text, self.settings.highest)
        frequency, phase, amplitude = (np.array([value]) for value in numbers)
        batch = self._batch(frequency, phase, amplitude, np.array([shape]))
        written = np.asarray(forward(batch.inputs, batch.lengths)[:, 0, 0], np.float64)
        error = self.measure(written[:, None, None], batch).value
        values = ", ".join(f"{value:.2f}" for value in written)
        return Answer(tuple(written.tolist()), None, f"{values} (off by {error:.1f} % of the amplitude on average)")


def _described(vector: np.ndarray) -> tuple[tuple[str, str], ...]:
    """What a vector (7,) says, as pairs of a name and a number; the shape has a name only."""
    numbers = [(name, f"{value:.2f}") for name, value in zip(NUMBERS, vector, strict=False)]
    return (*numbers, (tuple(SHAPES)[int(vector[len(NUMBERS) :].argmax())], ""))


def read_description(text: str, highest: float) -> tuple[list[float], int]:
    """Frequency, phase and amplitude, and the number of the shape. Raises InputError that says what is wrong."""
    form = "what a wave is like is needed, in any order, for example frequency 2, phase 0.25, amplitude 1, square"
    ranges = {"frequency": (LOWEST_FREQUENCY, highest), "phase": (0.0, 1.0), "amplitude": (SMALLEST_AMPLITUDE, LARGEST_AMPLITUDE)}
    numbers = {"frequency": LOWEST_FREQUENCY, "phase": 0.0, "amplitude": LARGEST_AMPLITUDE}
    shape = 0
    given: set[str] = set()
    words = [word for word in re.split(r"[,;:=\s]+", text.lower()) if word and word not in FILLERS]
    parts = re.findall(r"(?:frequency|phase|amplitude) \S+|\S+", " ".join(words))
    for part in parts:
        name, _, value = part.partition(" ")
        what = "shape" if part in SHAPES else name
        if what in given:
            raise InputError(f"{part[:40]!r} is too much, there is a {what} already: {form}")
        given.add(what)
        if part in SHAPES:
            shape = tuple(SHAPES).index(part)
        elif name in ranges and re.fullmatch(r"\d*\.?\d+|\d+\.", value, re.ASCII):
            low, high = ranges[name]
            if not low <= float(value) <= high:
                raise InputError(f"{part!r} is out of range: {name} goes from {low:g} to {high:g}; {form}")
            numbers[name] = float(value)
        else:
            raise InputError(f"{part[:40]!r} is not right: {form}")
    if not parts:
        raise InputError(f"there is nothing to draw: {form}")
    return [numbers[name] for name in NUMBERS], shape


TASK = Waveform
