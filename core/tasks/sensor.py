"""Sensor: watch the channels of a machine, and say at each step whether something is wrong with one of them.

The machine is that of core/tasks/machine.py: waves that go through all channels, and spikes, drifts, stuck values and channels that go
against the others. The answer at a step may use what came before it only: an alarm must come at once. For a table of a person's own every
channel is scaled to mean 0 and variance 1 over the first four fifths of the rows, which training sees; the rest is held out.

The line is the loss of a logistic regression on the present values of the channels, their squares and their products, fitted to
``FITTED`` steps (to all training rows of a table) by Newton's method. It is a plain predictor without memory, not the
best one: at the default settings it gets 0.35 nats, boosted trees on the same values 0.31.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import column, file, integer, number
from core.prediction import Answer, Prediction, SensorPrediction
from core.readers.channels import Channels, read_channels, read_channels_named
from core.readers.recognition import Recognition
from core.readers.series import read_numbers
from core.readers.table import SUFFIXES, is_table_path
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.f1 import f1_percent
from core.tasks.logistic import logistic_loss
from core.tasks.machine import STRETCH, run
from core.tasks.user_data import UserData
from core.tasks.windows import Windows

TRAIN_SHARE = 0.8
ALARM = 0.5
SOLVED_PERCENT = 90.0
FITTED = 20_000
MOST_TYPED = 10_000


@dataclass(frozen=True)
class SensorSettings:
    """Which machine, and how hard it is to hear it."""

    seq_len: int = integer(60, STRETCH, 500, "Length", "Steps the network watches in one go.", unit="steps", scale="log", is_live=True)
    noise: float = number(0.05, 0.0, 1.0, "Noise", "Standard deviation of the noise; the waves have a height of about 1.", is_live=True)
    channels: int = integer(4, 2, 16, "Channels", "How many sensors the machine has; a table of your own brings its own number.")
    file: str = file(
        (".csv", ".tsv"),
        "Table",
        "A table of your own: a column for each channel, and one with 1 where something was wrong, else 0; empty: an invented machine.",
        holds="channels",
    )
    label_column: str = column("Label column", "The column with 0 and 1; automatic: found by name or content.", holds="labels")


@dataclass(frozen=True)
class Recording:
    """A table as the network sees it: inputs (N, C) scaled, labels (N,)."""

    inputs: NDArray[np.float32]
    labels: NDArray[np.float32]


class Sensor(Task):
    """Channels of a machine → how likely something is wrong, at every step."""

    name = "sensor"
    title = "Sensor"
    summary = "Watch the sensors of a machine and raise the alarm when one goes wrong."
    card = (
        "In goes what the sensors of a machine show, step by step. Out must come, at every step, whether something is wrong: a spike, "
        "a drift, a stuck value, or a channel that goes against the others. What makes it hard: the waves have another height, "
        "speed and level each time, so that a value alone is neither right nor wrong; one must know how it got there. "
        "All three cells learn it: the GRU with the fewest updates, then the LSTM; the simple RNN needs several times as many."
    )
    order = 120
    topology = "sequence_to_sequence"
    loss = "binary_cross_entropy"
    loss_unit = "nats per step"
    # An F1 of at least 90 % on held-out steps; the first steps of a drift hardly show.
    solved_metric = SOLVED_PERCENT
    baseline_label = "logistic regression on present values"
    answer_files = SUFFIXES
    input_example = (
        "0.0 0.7 1.0 0.7; 0.3 0.9 1.0 0.5; 0.5 1.0 0.9 0.3; 0.7 1.0 0.7 0.0; 0.9 1.0 0.5 -0.3; "
        "1.0 0.9 0.3 -0.5; 1.0 0.7 0.0 -0.7; 1.0 0.5 -0.3 -0.9; 0.9 2.3 -0.5 -1.0; 0.7 0.0 -0.7 -1.0"
    )
    is_causal = True
    Settings = SensorSettings

    def __init__(self, settings: SensorSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._recording: UserData[Recording] | None = None
        self._known_baseline: float | None = None
        self._names = tuple(f"ch {k + 1}" for k in range(settings.channels))
        self._means, self._scales = np.zeros(settings.channels), np.ones(settings.channels)
        if settings.file:
            self._read(settings.file, settings.label_column, vocabulary)

    @classmethod
    def recognise(cls, settings: SensorSettings) -> Recognition | None:
        """How the table was read, its channels, and how often something is wrong; None for the invented machine."""
        if not settings.file:
            return None
        return read_channels(settings.file, settings.label_column).recognition

    def _read(self, path: str, label_column: str, vocabulary: dict[str, Any] | None) -> None:
        table = UserData(lambda: read_channels(path, label_column), may_miss=bool(vocabulary))
        if vocabulary:
            self._names = tuple(str(name) for name in vocabulary["names"])
            self._means, self._scales = np.array(vocabulary["means"], float), np.array(vocabulary["scales"], float)
            self._known_baseline = float(vocabulary["baseline_loss"])
            if not len(self._names) == len(self._means) == len(self._scales) or not np.all((self._scales > 0) & (self._scales < np.inf)):
                raise ValueError("names, means and scales of the channels don't fit each other")
        else:
            known = table.get()
            train = slice(round(TRAIN_SHARE * len(known.labels)))
            self._names = known.names
            self._means, self._scales = known.values[train].mean(axis=0), known.values[train].std(axis=0)
            still = np.flatnonzero(self._scales <= 1e-12 * np.abs(known.values).max(axis=0))
            if len(still):
                raise InputError(
                    f"{path}: column {known.names[still[0]]!r} never changes in the first four fifths of the rows: leave it out"
                )
            for part, where, use in ((train, "first four fifths", "learns from"), (slice(train.stop, None), "last fifth", "is tested on")):
                if len(set(known.labels[part].tolist())) < 2:
                    raise InputError(f"{path}: the {where} of the rows, which it {use}, must hold both 0 and 1 as labels")
        self._recording = UserData(lambda: self._scaled(table.get(), path), may_miss=bool(vocabulary))

    def _scaled(self, table: Channels, path: str) -> Recording:
        if table.names != self._names:
            raise InputError(f"{path}: its channels are {', '.join(table.names)}; the network was trained for {', '.join(self._names)}")
        return Recording(self._inputs(table.values), table.labels.astype(np.float32))

    def _inputs(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        return ((values - self._means) / self._scales).astype(np.float32)

    @property
    def input_size(self) -> int:
        """Channels."""
        return len(self._names)

    @property
    def output_size(self) -> int:
        """Whether something is wrong."""
        return 1

    @property
    def output_names(self) -> tuple[str, ...]:
        """Whether something is wrong."""
        return ("something wrong",)

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random stretches of time: inputs (T, count, C), targets (T, count, 1). Raises InputError without the table."""
        if self._recording is not None:
            recording = self._recording.get()
            return self._windowed(recording, self._windows(recording).draw(rng, count), None)
        inputs, labels = run(rng, self.settings.seq_len, count, self.input_size, self.settings.noise)
        return Batch(inputs, labels[..., None], None, np.full(count, self.settings.seq_len))

    def held_out(self, count: int) -> Batch:
        """Of a table windows over its last fifth, of the invented machine runs that training never draws."""
        if self._recording is None:
            return self.sample(np.random.default_rng(HELD_OUT_SEED), count)
        recording = self._recording.get()
        return self._windowed(recording, *self._windows(recording).held_out(count))

    def _windows(self, recording: Recording) -> Windows:
        count = len(recording.labels)
        return Windows(count, round(TRAIN_SHARE * count), self.settings.seq_len)

    def _windowed(self, recording: Recording, steps: NDArray[np.int64], mask: NDArray[np.float64] | None) -> Batch:
        return Batch(recording.inputs[steps], recording.labels[steps][..., None], mask, np.full(steps.shape[1], len(steps)))

    def _compute_baseline_loss(self) -> float:
        if self._known_baseline is not None:
            return self._known_baseline
        if self._recording is not None:
            recording = self._recording.get()
            train = slice(self._windows(recording).train_count)
            return logistic_loss(recording.inputs[train], recording.labels[train])
        # Of another seed than what is held out.
        sample = self.sample(np.random.default_rng(HELD_OUT_SEED + 1), -(-FITTED // self.settings.seq_len))
        return logistic_loss(sample.inputs.reshape(-1, self.input_size), sample.targets.ravel())

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """F1 of the steps with an alarm, from a probability of one half on; 0 where all is well and there is no alarm."""
        is_counted = np.ones(answers.shape[:2], bool) if batch.mask is None else batch.mask > 0
        is_alarm, is_wrong = answers[is_counted] >= ALARM, batch.targets[is_counted] > 0
        counts = (int(np.count_nonzero(each)) for each in (is_alarm & is_wrong, is_alarm, is_wrong))
        return Metric("F1 of the alarms", f1_percent(*counts), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The values of the channels, in their own unit; of more than three only the first."""
        values = inputs[:, :3] * self._scales[:3] + self._means[:3]
        more = " …" if inputs.shape[1] > 3 else ""
        return tuple(" ".join(f"{value:.3g}" for value in row) + more for row in values)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The channels of the probe, where something is wrong, and how likely the network thinks it."""
        is_wrong = probe.targets[: trace.seq_len, 0, 0] > 0
        channels = (trace.inputs * self._scales + self._means).T
        return SensorPrediction(self._names, channels, intervals(is_wrong), trace.outputs[:, 0], ALARM)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """How likely something is wrong at each step of the values typed (or of the table of that name, .csv or .tsv)."""
        inputs = self._inputs(self._typed_values(text))
        shares = forward(inputs[:, None], np.array([len(inputs)]))[:, 0, 0]
        alarms = [f"{a + 1}" if a == b else f"{a + 1} to {b + 1}" for a, b in intervals(shares >= ALARM)]
        top = f"{100 * float(shares.max()):.0f} %"
        shown = (
            f"something is wrong at step {', '.join(alarms)} (up to {top} sure)" if alarms else f"all is well (at most {top} for an alarm)"
        )
        return Answer(tuple(map(float, shares)), None, shown)

    def _typed_values(self, text: str) -> NDArray[np.float64]:
        if is_table_path(text.strip()):
            return read_channels_named(text.strip(), self._names)
        needed = f"steps with {self.input_size} numbers each are needed, a semicolon between them, for example {self._example()}"
        steps = [read_numbers(step, self._example()) for step in text.split(";") if step.strip()]
        if not 1 <= len(steps) <= MOST_TYPED:
            raise InputError(f"{len(steps)} steps can't be judged: 1 to {MOST_TYPED} {needed}")
        wrong = next((k for k, step in enumerate(steps) if len(step) != self.input_size), None)
        if wrong is not None:
            raise InputError(f"step {wrong + 1} has {len(steps[wrong])} numbers: {needed}")
        return np.array(steps)

    def _example(self) -> str:
        steps = [self._means + shift * self._scales for shift in (0.0, 0.5)]
        return "; ".join(" ".join(f"{value:.3g}" for value in step) for step in steps)

    def vocabulary(self) -> dict[str, Any]:
        """Of a table the channels, how they are scaled, and the baseline."""
        if self._recording is None:
            return {}
        return {
            "names": list(self._names),
            "means": self._means.tolist(),
            "scales": self._scales.tolist(),
            "baseline_loss": self.baseline_loss,
        }


def intervals(is_wrong: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """First and last step, from 0, of each run of True in ``is_wrong`` (T,)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_wrong, [False])).astype(np.int8)))
    return tuple((int(first), int(end) - 1) for first, end in zip(edges[::2], edges[1::2], strict=True))


TASK = Sensor
