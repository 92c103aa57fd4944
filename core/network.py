"""Input -> stack of recurrent layers -> linear head -> activation: parameters, outputs, loss and gradients."""

import numpy as np

from core import registry
from core.batch import Batch
from core.cell import Parameters
from core.counted import counted_outputs
from core.errors import InputError
from core.initialization import initial_value
from core.kernel_engine import DropoutMasks, KernelEngine
from core.layout import Layout
from core.losses import LOSSES
from core.recording import Recording
from core.reference_engine import ReferenceEngine
from core.settings import NetworkSettings
from core.task import Task

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
        cell = registry.cells()[settings.cell]
        self.layout = Layout(cell, settings.options, task.input_size, settings.hidden_size, settings.num_layers, task.output_size)
        self.dtype = np.dtype(dtype)
        self.topology = task.topology
        self.loss_spec = LOSSES[task.loss]
        self.engine: Engine = ENGINES[engine](self.layout, self.loss_spec, self.topology, self.dtype)
        self.flat = np.zeros(self.layout.size, self.dtype)

    def initialize(self, rule: str, rng: np.random.Generator) -> None:
        """Draw all parameters anew; the head as ``rule`` says, with its bias 0."""
        parameters: dict[str, np.ndarray] = {}
        hidden_size = self.layout.hidden_size
        for name, shape in self.layout.shapes().items():
            short = name.rpartition(".")[2]
            drawn = initial_value(rule, rng, short, shape, hidden_size)
            if name == "head.b":
                drawn = np.zeros(shape)
            elif short.startswith("b"):
                drawn = self.layout.cell.initial_bias(self.layout.options, short, drawn)
            parameters[name] = drawn
        self.set_parameters(parameters)

    def parameters(self) -> dict[str, np.ndarray]:
        """Copies of all parameters in the canonical layout."""
        return self.layout.unpack(self.flat)

    def set_parameters(self, parameters: Parameters) -> None:
        """Take over parameters in the canonical layout. Raises InputError for a wrong name or shape."""
        self.layout.pack(parameters, self.flat)

    def outputs_at_every_step(self, x: np.ndarray) -> np.ndarray:
        """Outputs after the head's activation: x (T, B, D) -> (T, B, O). Raises InputError for a wrong shape."""
        self._check_inputs(x)
        return self.loss_spec.activate(self.engine.outputs(self.flat, x))

    def forward(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """Outputs after the head's activation: x (T, B, D) -> (T, B, O), or (B, O) for sequence_to_vector.

        ``lengths`` (B) are the valid steps of each sequence; None: all.
        """
        outputs = self.outputs_at_every_step(x)
        if self.topology == "sequence_to_sequence":
            return outputs
        last = np.full(x.shape[1], x.shape[0]) if lengths is None else np.asarray(lengths)
        at_end: np.ndarray = outputs[last - 1, np.arange(x.shape[1])]
        return at_end

    def loss(self, batch: Batch) -> float:
        """Mean loss of ``batch``, without gradients."""
        counted = counted_outputs(batch, self.topology, self.dtype, self.loss_spec.has_labels)
        y = self.engine.outputs(self.flat, batch.inputs)[counted.steps, counted.members]
        return float(self.loss_spec.reference(y.astype(np.float64), counted.targets, np.empty(y.shape)))

    def loss_and_gradients(self, batch: Batch, dropout: DropoutMasks = (), truncate: int = 0) -> tuple[float, dict[str, np.ndarray]]:
        """Mean loss of ``batch`` and its gradient with respect to every parameter, by the names of ``parameters()``."""
        self._check_inputs(batch.inputs)
        gradient = np.empty_like(self.flat)
        loss = self.engine.loss_and_gradient(self.flat, batch, gradient, dropout, truncate)
        return loss, self.layout.unpack(gradient)

    def record(self, batch: Batch, truncate: int = 0) -> Recording:
        """Everything that goes on inside for ``batch``, forward and backward."""
        return self.engine.record(self.flat, batch, truncate)

    def _check_inputs(self, x: np.ndarray) -> None:
        if x.ndim != 3 or x.shape[2] != self.layout.input_size or x.shape[0] == 0:
            raise InputError(f"inputs have shape {x.shape}: they should be (T, B, {self.layout.input_size}) with T at least 1")
