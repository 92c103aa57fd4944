"""Input -> stack of recurrent layers -> linear head -> activation: parameters, outputs, loss and gradients."""

from collections.abc import Callable

import numpy as np

from core import registry
from core.batch import Batch
from core.batch_objective import BatchObjective
from core.cell import Parameters
from core.counted import Counted, counted_outputs
from core.decoding import Choose
from core.errors import InputError
from core.initialization import initial_value
from core.kernel_engine import KernelEngine
from core.kernel_stack import DropoutMasks
from core.layout import Layout
from core.losses import LOSSES
from core.recording import Recording
from core.reference_engine import ReferenceEngine
from core.settings import NetworkSettings
from core.task import Task
from core.topology import ENCODER_DECODER, HAS_DECODER, SEQUENCE_TO_SEQUENCE, VECTOR_TO_SEQUENCE

Engine = KernelEngine | ReferenceEngine
ENGINES: dict[str, type[KernelEngine] | type[ReferenceEngine]] = {"kernels": KernelEngine, "numpy": ReferenceEngine}


class Network:
    """A recurrent network for one task.

    Parameters
    ----------
    settings, task : what to build, and the sizes, topology and loss it is for
    dtype : "float32" or "float64"
    engine : "kernels" (compiled) or "numpy" (readable, slow, always there)
    """

    def __init__(self, settings: NetworkSettings, task: Task, dtype: str = "float32", engine: str = "kernels") -> None:
        self.layout = layout_for(settings, task)
        self.dtype = np.dtype(dtype)
        self.topology = task.topology
        self.loss_spec = LOSSES[task.loss]
        self.write_for(task)
        self.engine: Engine = ENGINES[engine](self.layout, self.loss_spec, self.dtype)
        self.flat = np.zeros(self.layout.size, self.dtype)

    def write_for(self, task: Task) -> None:
        """From now on a decoder writes as long as the longest output of ``task``, which has the same sizes."""
        self._output_len: Callable[[], int] = lambda: task.output_len

    def initialize(self, rule: str, rng: np.random.Generator, scale: float = 1.0) -> None:
        """Draw all parameters anew; see ``drawn_parameters``."""
        self.set_parameters(drawn_parameters(self.layout, rule, rng, scale))

    def parameters(self) -> dict[str, np.ndarray]:
        """Copies of all parameters in the canonical layout."""
        return self.layout.unpack(self.flat)

    def set_parameters(self, parameters: Parameters) -> None:
        """Take over parameters in the canonical layout. Raises InputError for a wrong name or shape."""
        self.layout.pack(parameters, self.flat)

    @property
    def has_decoder(self) -> bool:
        """Whether it writes its outputs by itself."""
        return self.topology in HAS_DECODER

    def outputs_at_every_step(self, x: np.ndarray, lengths: np.ndarray | None = None, output_len: int | None = None) -> np.ndarray:
        """Outputs after the head's activation: x (T, B, D) -> (T, B, O). Raises InputError for a wrong shape.

        Of a network with a decoder what it writes by itself, (T', B, O), as ``generate`` with the likeliest symbols.
        """
        if self.has_decoder:
            return self.generate(x, lengths, output_len)
        self._check_inputs(x)
        return self.loss_spec.activate(self.engine.outputs(self.flat, x, lengths))

    def generate(
        self, x: np.ndarray, lengths: np.ndarray | None = None, output_len: int | None = None, choose: Choose | None = None
    ) -> np.ndarray:
        """What a decoder writes, reading its own previous output: x (T, B, D), or (1, B, D) a vector -> (T', B, O) after activation.

        Parameters
        ----------
        lengths : (B,) valid steps of each input; None: all
        output_len : T'; None: the task's longest output. What comes after an end symbol means nothing.
        choose : shares (B, O) -> (B,) symbols that are read next; None: the likeliest
        """
        self._check_inputs(x)
        valid = np.full(x.shape[1], len(x)) if lengths is None else np.asarray(lengths)
        wanted = self._output_len() if output_len is None else output_len
        return self.loss_spec.activate(self.engine.generate(self.flat, x, valid, wanted, choose))

    def forward(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """Outputs after the head's activation: x (T, B, D) -> (T, B, O), or (B, O) for sequence_to_vector.

        ``lengths`` (B) are the valid steps of each sequence; None: all. A network with a decoder answers with what it writes by
        itself, (T', B, O).
        """
        outputs = self.outputs_at_every_step(x, lengths)
        if self.topology == SEQUENCE_TO_SEQUENCE or self.has_decoder:
            return outputs
        last = np.full(x.shape[1], x.shape[0]) if lengths is None else np.asarray(lengths)
        at_end: np.ndarray = outputs[last - 1, np.arange(x.shape[1])]
        return at_end

    def loss(self, batch: Batch) -> float:
        """Mean loss of ``batch``, without gradients."""
        counted = counted_outputs(batch, self.topology, self.dtype, self.loss_spec.has_labels)
        if self.has_decoder:
            outputs = self.engine.outputs_taught(self.flat, batch)
        else:
            outputs = self.engine.outputs(self.flat, batch.inputs, batch.lengths)
        return self._loss_of(outputs, counted)

    def loss_and_answers(self, batch: Batch) -> tuple[float, np.ndarray]:
        """What ``loss`` and ``forward`` give for ``batch``; without a decoder by one pass over it instead of two."""
        if self.has_decoder:
            return self.loss(batch), self.forward(batch.inputs, batch.lengths)
        self._check_inputs(batch.inputs)
        outputs = self.engine.outputs(self.flat, batch.inputs, batch.lengths)
        loss = self._loss_of(outputs, counted_outputs(batch, self.topology, self.dtype, self.loss_spec.has_labels))
        answers = self.loss_spec.activate(outputs)
        if self.topology == SEQUENCE_TO_SEQUENCE:
            return loss, answers
        at_end: np.ndarray = answers[batch.lengths - 1, np.arange(batch.inputs.shape[1])]
        return loss, at_end

    def _loss_of(self, outputs: np.ndarray, counted: Counted) -> float:
        y = outputs[counted.steps, counted.members]
        return float(self.loss_spec.reference(y.astype(np.float64), counted.targets, np.empty(y.shape)))

    def loss_and_gradients(
        self,
        batch: Batch,
        dropout: DropoutMasks = (),
        truncate: int = 0,
        is_taught: np.ndarray | None = None,
        states: np.ndarray | None = None,
    ) -> tuple[float, dict[str, np.ndarray]]:
        """Mean loss of ``batch`` and its gradient with respect to every parameter, by the names of ``parameters()``.

        ``dropout`` are masks as ``dropout_shapes`` says, ``truncate``, ``is_taught`` and ``states`` as in KernelEngine.
        """
        self._check_inputs(batch.inputs)
        gradient = np.empty_like(self.flat)
        loss = self.engine.loss_and_gradient(self.flat, batch, gradient, dropout, truncate, is_taught, states)
        return loss, self.layout.unpack(gradient)

    def dropout_shapes(self, batch: Batch) -> list[tuple[int, int, int]]:
        """Shapes (T, B, directions·H) of the masks above all levels but the last, the encoder's first."""
        between = self.layout.num_layers - 1
        width = self.layout.directions * self.layout.hidden_size
        read, written = (len(batch.inputs), batch.size, width), (len(batch.targets), batch.size, width)
        return {ENCODER_DECODER: [read] * between + [written] * between, VECTOR_TO_SEQUENCE: [written] * between}.get(
            self.topology, [read] * between
        )

    def objective(self, batch: Batch, dropout: DropoutMasks = (), states: np.ndarray | None = None) -> BatchObjective:
        """The mean loss of ``batch`` as a function of all parameters, for second-order optimizers; its gradient is not truncated."""
        return BatchObjective(self.engine, batch, dropout, states)

    def gauss_newton_product(self, batch: Batch, direction: Parameters, state_damping: float = 0.0) -> dict[str, np.ndarray]:
        """G·direction by the names of ``parameters()``; G is the Gauss–Newton matrix of the mean loss of ``batch``."""
        along, product = np.empty_like(self.flat), np.empty_like(self.flat)
        self.layout.pack(direction, along)
        self.objective(batch).linearize(self.flat).gauss_newton_product(along, product, state_damping)
        return self.layout.unpack(product)

    def record(self, batch: Batch, truncate: int = 0) -> Recording:
        """Everything that goes on inside for ``batch``, forward and backward."""
        return self.engine.record(self.flat, batch, truncate)

    def _check_inputs(self, x: np.ndarray) -> None:
        if x.ndim != 3 or x.shape[2] != self.layout.input_size or x.shape[0] == 0:
            raise InputError(f"inputs have shape {x.shape}: they should be (T, B, {self.layout.input_size}) with T at least 1")
        if self.topology == VECTOR_TO_SEQUENCE and len(x) != 1:
            raise InputError(f"inputs have shape {x.shape}: one vector makes a sequence here, so they should be (1, B, {x.shape[2]})")


def drawn_parameters(layout: Layout, rule: str, rng: np.random.Generator, scale: float = 1.0) -> dict[str, np.ndarray]:
    """Fresh parameters, times ``scale``; the head as ``rule`` says, with its bias 0. What a cell sets itself stays."""
    parameters: dict[str, np.ndarray] = {}
    for name, shape in layout.shapes().items():
        short = name.rpartition(".")[2]
        drawn = scale * initial_value(rule, rng, short, shape, layout.hidden_size)
        if name in ("head.b", "start.b"):
            drawn = np.zeros(shape)
        elif short.startswith("b"):
            drawn = layout.cell.initial_bias(layout.options, short, drawn)
        parameters[name] = drawn
    return parameters


def layout_for(settings: NetworkSettings, task: Task) -> Layout:
    """The layout of a network with ``settings`` for ``task``."""
    cell = registry.cells()[settings.cell]
    return Layout(
        cell,
        settings.options,
        task.input_size,
        settings.hidden_size,
        settings.num_layers,
        task.output_size,
        task.topology,
        settings.bidirectional,
    )
