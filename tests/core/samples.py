"""Small hand-made networks, batches and tasks, so that the tests of the core need none of the bundled tasks."""

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import registry
from core.batch import Batch
from core.cell import Cell
from core.errors import InputError
from core.fields import fields_of, file, integer
from core.losses import LOSSES
from core.network import Network
from core.prediction import Answer, NumberPrediction, Prediction
from core.sampling import Sampling
from core.settings import NetworkSettings
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task

TOPOLOGIES = ("sequence_to_sequence", "sequence_to_vector")
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Variant:
    """A registered cell with one combination of its flags and choices."""

    cell: Cell
    options: Any

    def __str__(self) -> str:
        switched = {name: getattr(self.options, name) for name in _switches(self.cell)}
        return ",".join([self.cell.name, *(f"{k}={v}" for k, v in switched.items() if v != getattr(self.cell.Options(), k))])


def _switches(cell: Cell) -> dict[str, tuple[Any, ...]]:
    """Flag or choice -> the values that are not its default."""
    infos = {name: info for name, info in fields_of(cell.Options).items() if info.kind in ("flag", "choice")}
    values = {name: (False, True) if info.kind == "flag" else info.choices for name, info in infos.items()}
    return {name: tuple(value for value in values[name] if value != infos[name].default) for name in infos}


def _possible(cell: Cell, switched: Iterable[dict[str, Any]]) -> Iterator[Variant]:
    """Those of the combinations that don't contradict themselves."""
    for changes in switched:
        with contextlib.suppress(InputError):
            yield Variant(cell, cell.Options(**changes))


def _with_switched(cell: Cell, count: int) -> Iterator[Variant]:
    """Each choice of ``count`` flags and choices, set to what is not their default."""
    switches = _switches(cell)
    for names in itertools.combinations(switches, count):
        values = itertools.product(*(switches[name] for name in names))
        yield from _possible(cell, (dict(zip(names, each, strict=True)) for each in values))


def _with_everything(cell: Cell) -> Variant:
    """As much switched at once as goes together; the later ones, which are the more special, before the earlier ones."""
    changes: dict[str, Any] = {}
    for name, values in reversed(_switches(cell).items()):
        if list(_possible(cell, [changes | {name: values[-1]}])):
            changes[name] = values[-1]
    return Variant(cell, cell.Options(**changes))


def variants() -> list[Variant]:
    """Every registered cell with its flags and choices, so that a new cell is tested by itself.

    Every combination where there are at most eight; else each flag alone, each pair of flags, and everything that goes together.
    """
    found: list[Variant] = []
    for cell in registry.cells().values():
        switches = _switches(cell)
        is_full = np.prod([1 + len(values) for values in switches.values()]) <= 8
        for count in range(len(switches) + 1 if is_full else 3):
            found += _with_switched(cell, count)
        found.append(_with_everything(cell))
    return list(dict.fromkeys(found))


def few_variants() -> list[Variant]:
    """Every registered cell as it is by default, and with flags switched that keep long sequences within bounds.

    Of a few flags each alone and all together; of many the last two together, those of another kind of gate.
    """
    found: list[Variant] = []
    for cell in registry.cells().values():
        found += _with_switched(cell, 0)
        if len(_switches(cell)) <= 3:
            found += [*_with_switched(cell, 1), _with_everything(cell)]
        else:
            found += list(_with_switched(cell, 2))[-1:]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Problem:
    """As much of a task as a network needs to be built."""

    topology: str
    loss: str
    input_size: int = 2
    output_size: int = 2


@dataclass(frozen=True)
class Shape:
    """Sizes of one network and its batch."""

    seq_len: int
    batch_size: int
    num_layers: int = 1
    hidden_size: int = 3


def make_network(variant: Variant, problem: Any, shape: Shape, dtype: str = "float64", engine: str = "kernels", seed: int = 0) -> Network:
    """A network whose parameters, biases too, are random, all different, and exact in float32.

    Where nothing squashes the state they are small, as it explodes otherwise.
    """
    settings = NetworkSettings(variant.cell.name, shape.hidden_size, shape.num_layers, options=variant.options)
    network = Network(settings, problem, dtype, engine)
    rng = np.random.default_rng([seed, 1])
    is_squashed = all(signal.high == 1 for signal in variant.cell.shown_signals(variant.options) if signal.role == "hidden")
    deviation = 0.5 if is_squashed else 0.3
    network.set_parameters({name: _single(deviation * rng.standard_normal(size)) for name, size in network.layout.shapes().items()})
    return network


def make_batch(problem: Any, shape: Shape, is_masked: bool = False, is_ragged: bool = False, seed: int = 0) -> Batch:
    """Random sequences; with lengths below T where ``is_ragged``, with some outputs left out where ``is_masked``."""
    rng = np.random.default_rng([seed, 2])
    seq_len, batch_size = shape.seq_len, shape.batch_size
    inputs = _single(rng.standard_normal((seq_len, batch_size, problem.input_size)))
    lengths = rng.integers(1, seq_len + 1, batch_size) if is_ragged else np.full(batch_size, seq_len)
    mask = None
    outputs: tuple[int, ...] = (batch_size,)
    if problem.topology == "sequence_to_sequence":
        outputs = (seq_len, batch_size)
        if is_masked:
            mask = (rng.random(outputs) < 0.5).astype(np.float64)
            mask[0, 0] = 1  # an empty batch has no loss
    return Batch(inputs, _targets(problem, outputs, rng), mask, lengths)


def _targets(problem: Any, outputs: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if LOSSES[problem.loss].has_labels:
        return rng.integers(0, problem.output_size, outputs)
    numbers = rng.standard_normal((*outputs, problem.output_size))
    return _single(numbers) if problem.loss == "squared_error" else (numbers > 0).astype(np.float64)


def _single(values: np.ndarray) -> np.ndarray:
    """Rounded to float32, so that both precisions see the same numbers."""
    return values.astype(np.float32).astype(np.float64)


def make_dropout(shape: Shape, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Masks between the layers as the trainer draws them, with the exact rate 1/2."""
    rng = np.random.default_rng([seed, 3])
    size = (shape.num_layers - 1, shape.seq_len, shape.batch_size, shape.hidden_size)
    return tuple(2.0 * (rng.random(size) < 0.5))


def total_norm(arrays: Arrays) -> float:
    """Euclidean norm over all arrays."""
    return float(np.sqrt(sum(np.sum(np.square(value, dtype=np.float64)) for value in arrays.values())))


def largest_error(found: Arrays, right: Arrays) -> float:
    """Largest distance of two arrays of one name, relative to the norm of the right one; to a millionth of all norms where that is more."""
    assert list(found) == list(right)
    assert all(found[name].shape == right[name].shape for name in right)
    floor = 1e-6 * total_norm(right)
    errors = [np.linalg.norm(found[name].astype(np.float64) - right[name]) / max(np.linalg.norm(right[name]), floor) for name in right]
    return float(np.max(errors))


@dataclass(frozen=True)
class EchoSettings:
    """``seq_len`` may change while it runs, and ``width`` says so too, but it changes the inputs."""

    seq_len: int = integer(6, 2, 100, "Length", "Steps of a sequence.", unit="steps", is_live=True)
    width: int = integer(1, 1, 8, "Width", "Inputs of which only the first counts.", is_live=True)
    lag: int = integer(1, 1, 1, "Lag", "How far back.")
    file: str = file((".txt",), "File", "Any name is refused.", is_live=True)


class EchoTask(Task):
    """x_t + x_{t−1} of uniform numbers in ±1, and 0 before the first: one step of memory is enough, and needed.

    Squared error asks for the sum, binary cross-entropy whether it is positive, cross-entropy for the class 0 or 1 of that.
    Lengths differ where the sequence has one output.
    """

    name = "echo"
    title = "Echo"
    summary = "Add the last two numbers."
    card = "In go numbers, out comes the sum of the last two."
    topology = "sequence_to_vector"
    loss = "squared_error"
    loss_unit = "squared error"
    default_length = 1
    input_example = "0.1,0.5"
    Settings = EchoSettings

    def __init__(self, settings: EchoSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        if settings.file:
            raise InputError(f"{settings.file}: there is no such file")
        self._word = (vocabulary or {"word": "sum"})["word"]

    @property
    def input_size(self) -> int:
        return int(self.settings.width)

    @property
    def output_size(self) -> int:
        return 2 if LOSSES[self.loss].has_labels else 1

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        seq_len = self.settings.seq_len
        inputs = rng.uniform(-1, 1, (seq_len, count, self.input_size))
        sums = inputs[:, :, :1].copy()
        sums[1:] += inputs[:-1, :, :1]
        lengths = np.full(count, seq_len)
        if self.topology == "sequence_to_vector":
            lengths = rng.integers(1, seq_len + 1, count)
            sums = sums[lengths - 1, np.arange(count)]
        if self.loss == "squared_error":
            return Batch(inputs, sums, None, lengths)
        if LOSSES[self.loss].has_labels:
            return Batch(inputs, (sums[..., 0] > 0).astype(np.int64), None, lengths)
        return Batch(inputs, (sums > 0).astype(np.float64), None, lengths)

    def _compute_baseline_loss(self) -> float:
        return 1 / 3 if self.loss == "squared_error" else float(np.log(2)) / 2 + 0.25  # ∫ entropy of a share (1 + x) / 2

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        if LOSSES[self.loss].has_labels:
            return Metric("right", 100 * float(np.mean(answers.argmax(axis=-1) == batch.targets)), "%")
        return Metric("mean error", float(np.mean(np.abs(answers - batch.targets))), is_higher_better=False)

    def is_solved(self, loss: float, metric: Metric) -> bool:
        return loss < 0.02

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        return tuple(f"{x[0]:.2f}" for x in inputs)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        sums = np.zeros(trace.seq_len)
        return NumberPrediction(trace.outputs[:, 0], sums, sums, sums, tolerance=0.1)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        try:
            numbers = [float(word) for word in text.split(",")]
        except ValueError:
            raise InputError(f"{text!r} is not right: numbers with commas are needed, for example 0.1,0.5") from None
        inputs = np.zeros((len(numbers), 1, self.input_size))
        inputs[:, 0, 0] = numbers
        total = float(forward(inputs, None)[-1, 0, 0])
        return Answer((total,), None, f"{self._word} {total:.3f}")

    def vocabulary(self) -> dict[str, Any]:
        return {"word": self._word}


def echo_task(topology: str = "sequence_to_vector", loss: str = "squared_error") -> type[EchoTask]:
    """The task class in another topology and with another loss."""
    return type("EchoTask", (EchoTask,), {"topology": topology, "loss": loss})
