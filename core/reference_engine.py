"""Runs a network with the cells' NumPy steps: slow, readable, and there before the kernels are compiled.

Nothing here is shared with the kernels but the cells' equations, so that each checks the other.
"""

from collections.abc import Sequence

import numpy as np

from core.batch import Batch
from core.cell import Parameters
from core.counted import counted_outputs
from core.decoding import Choose, taught_inputs
from core.kernel_stack import DropoutMasks
from core.layout import Layout
from core.losses import LossSpec
from core.optimizer import Optimizer, norm_in_numpy
from core.recording import Recording
from core.reference_backward import Gradients, ReferenceBackward
from core.reference_forward import ReferenceForward, Run
from core.topology import HAS_DECODER


class ReferenceEngine:
    """The same calls as KernelEngine, in NumPy."""

    def __init__(self, layout: Layout, loss: LossSpec, dtype: np.dtype) -> None:
        self.layout = layout
        self.loss_spec = loss
        self._dtype = dtype
        self._forward, self._backward = ReferenceForward(layout, loss, dtype), ReferenceBackward(layout)
        self._last_states: np.ndarray | None = None

    def rest(self) -> None:
        """It keeps no arrays, but for the states of its last batch, which are small."""

    def outputs(self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The head's outputs before activation, at every step: inputs (T, B, D) -> (T, B, O). Not for networks with a decoder."""
        lengths = np.full(inputs.shape[1], len(inputs)) if lengths is None else lengths
        return self._forward.read(self.layout.unpack(flat), inputs, lengths, (), None).y

    def generate(
        self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray, output_len: int, choose: Choose | None = None
    ) -> np.ndarray:
        """What a decoder writes when it reads its own output: its head's outputs before activation, (output_len, B, O)."""
        never = np.zeros((output_len, inputs.shape[1]), bool)
        taught = np.zeros((output_len, inputs.shape[1], self.layout.output_size), self._dtype)
        always_valid = np.full(inputs.shape[1], output_len)
        return self._forward.decode(self.layout.unpack(flat), inputs, lengths, always_valid, taught, never, (), choose).y

    def outputs_taught(self, flat: np.ndarray, batch: Batch) -> np.ndarray:
        """A decoder's outputs before activation where it reads the right previous output: (T', B, O)."""
        return self.run(self.layout.unpack(flat), batch).y

    def loss(self, flat: np.ndarray, batch: Batch, dropout: DropoutMasks = (), states: np.ndarray | None = None) -> float:
        """Mean loss of ``batch`` alone, a decoder taught; see ``loss_and_gradient``."""
        return self._loss_at(self.run(self.layout.unpack(flat), batch, dropout, None, states), batch)[0]

    def loss_and_gradient(
        self,
        flat: np.ndarray,
        batch: Batch,
        gradient: np.ndarray,
        dropout: DropoutMasks = (),
        truncate: int = 0,
        is_taught: np.ndarray | None = None,
        states: np.ndarray | None = None,
    ) -> float:
        """See KernelEngine."""
        parameters = self.layout.unpack(flat)
        run = self.run(parameters, batch, dropout, is_taught, states)
        loss, dy = self._loss_at(run, batch)
        self.layout.pack(self.backward(parameters, run, dy, truncate).parameters, gradient)
        self._last_states = self._forward.states_after(run.stack, batch.lengths) if self.layout.topology not in HAS_DECODER else None
        return loss

    def final_states(self) -> np.ndarray:
        """See KernelEngine."""
        assert self._last_states is not None
        return self._last_states

    def record(self, flat: np.ndarray, batch: Batch, truncate: int) -> Recording:
        """Run ``batch`` forward and backward and keep all that went by."""
        parameters = self.layout.unpack(flat)
        run = self.run(parameters, batch)
        loss, dy = self._loss_at(run, batch)
        back = self.backward(parameters, run, dy, truncate)
        return Recording(loss, run.y, back.layers, back.encoder)

    def update(
        self, optimizer: Optimizer, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float
    ) -> None:
        """One update of ``optimizer``, in NumPy."""
        optimizer.update_in_numpy(parameters, gradient, slots, count, learning_rate)

    def norm(self, vector: np.ndarray) -> float:
        """Euclidean norm of a flat vector."""
        return norm_in_numpy(vector)

    def run(
        self,
        parameters: Parameters,
        batch: Batch,
        dropout: DropoutMasks = (),
        is_taught: np.ndarray | None = None,
        states: np.ndarray | None = None,
    ) -> Run:
        """A forward pass with canonical, perhaps complex, ``parameters``."""
        if self.layout.topology not in HAS_DECODER:
            return self._forward.read(parameters, batch.inputs, batch.lengths, dropout, states)
        taught = self.stack_inputs(batch)
        always = np.ones(taught.shape[:2], bool) if is_taught is None else is_taught
        assert batch.output_lengths is not None
        return self._forward.decode(parameters, batch.inputs, batch.lengths, batch.output_lengths, taught, always, dropout, None)

    def stack_inputs(self, batch: Batch) -> np.ndarray:
        """What the layers below the head read, (T, B, D): the inputs, or of a decoder the right previous outputs."""
        if self.layout.topology not in HAS_DECODER:
            return batch.inputs.astype(self._dtype)
        return taught_inputs(batch.targets, self.loss_spec, self.layout.output_size, self._dtype)

    def _loss_at(self, run: Run, batch: Batch) -> tuple[float, np.ndarray]:
        """Loss, and its derivative by the head's outputs, (T, B, O)."""
        counted = counted_outputs(batch, self.layout.topology, self._dtype, self.loss_spec.has_labels)
        y = run.y[counted.steps, counted.members]
        counted_dy = np.empty_like(y)
        loss = self.loss_spec.reference(y, counted.targets, counted_dy)
        dy = np.zeros_like(run.y)
        dy[counted.steps, counted.members] = counted_dy
        return loss, dy

    def input_gradient(self, parameters: Parameters, run: Run, dy: np.ndarray) -> np.ndarray:
        """∂L/∂x (T, B, D), or (1, B, D) of a vector, from ``dy`` (T, B, O)."""
        return self.backward(parameters, run, dy, 0).inputs

    def backward(
        self, parameters: Parameters, run: Run, dy: np.ndarray, truncate: int, dh_extra: Sequence[list[np.ndarray]] | None = None
    ) -> Gradients:
        """See ReferenceBackward."""
        return self._backward.backward(parameters, run, dy, truncate, dh_extra)
