"""Runs a network with the compiled kernels, in arrays made once for each batch size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.assistant import assistance
from core.batch import Batch
from core.cell import LayerArrays
from core.counted import all_outputs, backward_steps, counted_outputs, reversal
from core.decoding import Choose, own_inputs, taught_inputs
from core.head import add_answer_gradients, add_answers
from core.kernel_stack import Arrays, DropoutMasks, KernelStack, turned
from core.kernels.denormals import flushed
from core.kernels.matrix_products import outer_products_kernel
from core.kernels.sparse_products import sparse_product_kernel
from core.layout import Layout, Stack
from core.losses import LossSpec
from core.optimizer import Optimizer, norm
from core.recording import LayerRecording, Recording
from core.topology import ENCODER_DECODER, HAS_DECODER, VECTOR_TO_SEQUENCE

# So many sequences are run in two halves, each by a thread of its own where there are two.
SHARED_SEQUENCES = 64


@dataclass(frozen=True)
class Run:
    """What a forward pass left behind, for the way back.

    ``lengths`` (B) of the inputs, ``output_lengths`` (B) of the stack below the head; ``start_rows`` (B, D + 1) is [v | 1] of
    vector_to_sequence; ``dropout`` is split between encoder and stack.
    """

    encoder: Arrays
    stack: Arrays
    lengths: np.ndarray
    output_lengths: np.ndarray
    reversal: np.ndarray | None
    start_rows: np.ndarray | None
    encoder_dropout: DropoutMasks
    dropout: DropoutMasks


class KernelEngine:
    """Forward, backward and recording by kernels. Arrays are kept for each batch size and grown when sequences are longer.

    Parameters
    ----------
    layout, loss : the network
    dtype : float32 or float64; ``flat`` everywhere is a vector of it in the layout's order
    """

    def __init__(self, layout: Layout, loss: LossSpec, dtype: np.dtype) -> None:
        self.layout = layout
        self.loss_spec = loss
        self.dtype = dtype
        self.encoder = KernelStack(layout, layout.encoder, dtype)
        self.stack = KernelStack(layout, layout.stack, dtype)
        self._has_decoder = layout.topology in HAS_DECODER
        self._last_run: Run | None = None
        self._other: KernelEngine | None = None

    def rest(self) -> None:
        """Let go of all arrays but those of the weights."""
        self._last_run = self._other = None
        self.encoder.rest()
        self.stack.rest()

    @flushed()
    def outputs(self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The head's outputs before activation, at every step: inputs (T, B, D) -> (T, B, O). Not for networks with a decoder."""
        seq_len, batch_size = inputs.shape[:2]
        lengths = np.full(batch_size, seq_len) if lengths is None else lengths
        if batch_size < SHARED_SEQUENCES:
            return self._outputs(flat, inputs, lengths)
        # Always in halves: that there is a second thread must make no difference.
        half = batch_size // 2
        self._other = self._other or KernelEngine(self.layout, self.loss_spec, self.dtype)
        rest = self._other, flat, inputs[:, half:], lengths[half:]
        try:
            with assistance() as start:
                second = None if start is None else start(KernelEngine._outputs_of_half, *rest)
                first_half = self._outputs(flat, inputs[:, :half], lengths[:half])
                is_left = second is None or second.cancel()
                other_half = None if is_left or second is None else second.result()
            if other_half is None:
                other_half = KernelEngine._outputs_of_half(*rest)
        except BaseException:
            # The other thread may be at work in its arrays for some time yet.
            self._other = None
            raise
        return np.concatenate([first_half, other_half], axis=1)

    @flushed()
    def _outputs_of_half(self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        return self._outputs(flat, inputs, lengths)

    def _outputs(self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        seq_len, batch_size = inputs.shape[:2]
        run = self._read(flat, inputs, lengths, (), None)
        return self.answers(flat, run, *all_outputs(seq_len, batch_size)).reshape(seq_len, batch_size, -1)

    @flushed()
    def generate(
        self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray, output_len: int, choose: Choose | None = None
    ) -> np.ndarray:
        """What a decoder writes when it reads its own output: its head's outputs before activation, (output_len, B, O)."""
        run = self._start_decoder(flat, inputs, lengths, np.full(inputs.shape[1], output_len), output_len, ())
        return self._write(flat, run, output_len, lambda t, y: own_inputs(y, self.loss_spec, choose))

    @flushed()
    def outputs_taught(self, flat: np.ndarray, batch: Batch) -> np.ndarray:
        """A decoder's outputs before activation where it reads the right previous output: (T', B, O)."""
        run = self.run(flat, batch, (), None, None)
        output_len = len(batch.targets)
        return self.answers(flat, run, *all_outputs(output_len, batch.size)).reshape(output_len, batch.size, -1)

    @flushed()
    def loss(self, flat: np.ndarray, batch: Batch, dropout: DropoutMasks = (), states: np.ndarray | None = None) -> float:
        """Mean loss of ``batch`` alone, a decoder taught; see ``loss_and_gradient``."""
        run = self.run(flat, batch, dropout, None, states)
        counted = counted_outputs(batch, self.layout.topology, self.dtype, self.loss_spec.has_labels)
        y = self.answers(flat, run, counted.steps, counted.members)
        return float(self.loss_spec.kernel(y, counted.targets, np.empty_like(y)))

    @flushed()
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
        """Mean loss of ``batch``; ``gradient`` (flat layout) is overwritten.

        Parameters
        ----------
        dropout : masks between the levels, the encoder's first
        truncate : the gradient goes back at most this many steps; 0: to the start
        is_taught : (T', B) bool
            Where a decoder reads the right previous output; elsewhere its own likeliest one, through which no gradient goes
            (Bengio et al. 2015); None: everywhere.
        states : (L, S, B, H) initial states, taken as constant; None: zeros
        """
        run = self.run(flat, batch, dropout, is_taught, states)
        counted = counted_outputs(batch, self.layout.topology, self.dtype, self.loss_spec.has_labels)
        y = self.answers(flat, run, counted.steps, counted.members)
        dy = np.empty_like(y)
        loss = float(self.loss_spec.kernel(y, counted.targets, dy))
        self.backward(flat, run, counted.steps, counted.members, dy, gradient, truncate)
        self._last_run = run
        return loss

    def final_states(self) -> np.ndarray:
        """The states (L, S, B, H) that the batch of the last ``loss_and_gradient`` ended with, as copies."""
        assert self._last_run is not None
        return self.stack.states_after(self._last_run.stack, self._last_run.output_lengths)[..., : self.layout.hidden_size]

    @flushed()
    def record(self, flat: np.ndarray, batch: Batch, truncate: int) -> Recording:
        """Run ``batch`` forward and backward and copy out all that went by."""
        run = self.run(flat, batch, (), None, None)
        seq_len = len(run.stack[0][0].gates)
        y = self.answers(flat, run, *all_outputs(seq_len, batch.size))
        values = [self._read_signals(arrays) for arrays in (run.encoder, run.stack)]
        counted = counted_outputs(batch, self.layout.topology, self.dtype, self.loss_spec.has_labels)
        counted_y = self.answers(flat, run, counted.steps, counted.members)
        dy = np.empty_like(counted_y)
        loss = float(self.loss_spec.kernel(counted_y, counted.targets, dy))
        above: tuple[list[list[np.ndarray]], list[list[np.ndarray]]] = ([], [])
        self.backward(flat, run, counted.steps, counted.members, dy, np.empty_like(flat), truncate, from_above=above)
        encoder = self._layer_recordings(self.layout.encoder, run.encoder, values[0], above[0], None)
        layers = self._layer_recordings(self.layout.stack, run.stack, values[1], above[1], run.reversal)
        return Recording(loss, y.reshape(seq_len, batch.size, -1), layers, encoder)

    @flushed()
    def update(
        self, optimizer: Optimizer, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float
    ) -> None:
        """One update of ``optimizer``, by its kernel."""
        optimizer.update(parameters, gradient, slots, count, learning_rate)

    @flushed()
    def norm(self, vector: np.ndarray) -> float:
        """Euclidean norm of a flat vector."""
        return norm(vector)

    def run(self, flat: np.ndarray, batch: Batch, dropout: DropoutMasks, is_taught: np.ndarray | None, states: np.ndarray | None) -> Run:
        """A forward pass; see ``loss_and_gradient``. The arrays of the last one of the same batch size are written over."""
        if not self._has_decoder:
            return self._read(flat, batch.inputs, batch.lengths, dropout, states)
        assert batch.output_lengths is not None
        output_len = len(batch.targets)
        run = self._start_decoder(flat, batch.inputs, batch.lengths, batch.output_lengths, output_len, dropout)
        taught = taught_inputs(batch.targets, self.loss_spec, self.layout.output_size, self.dtype)
        if is_taught is None or is_taught.all():
            self.stack.forward(flat, run.stack, taught, run.dropout, None)
        else:
            self._write(
                flat,
                run,
                output_len,
                lambda t, y: np.where(is_taught[t, :, None], taught[t], own_inputs(y, self.loss_spec)),
            )
        self.stack.clear_padding(run.stack, batch.output_lengths)
        return run

    def _read(self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray, dropout: DropoutMasks, states: np.ndarray | None) -> Run:
        """Run the one stack of a network without a decoder."""
        seq_len, batch_size = inputs.shape[:2]
        arrays = self.stack.arrays_for(seq_len, batch_size)
        self.stack.pack(flat)
        order = reversal(seq_len, lengths) if self.layout.is_bidirectional else None
        self.stack.set_start(arrays, None if states is None else self._padded(states))
        self.stack.forward(flat, arrays, inputs, dropout, order)
        self.stack.clear_padding(arrays, lengths)
        return Run([], arrays, lengths, lengths, order, None, (), dropout)

    def _start_decoder(
        self,
        flat: np.ndarray,
        inputs: np.ndarray,
        lengths: np.ndarray,
        output_lengths: np.ndarray,
        output_len: int,
        dropout: DropoutMasks,
    ) -> Run:
        """Read the input, or map the vector, to the decoder's initial states; the decoder has not run yet."""
        batch_size = inputs.shape[1]
        stack = self.stack.arrays_for(output_len, batch_size)
        self.stack.pack(flat)
        if self.layout.topology == ENCODER_DECODER:
            own, rest = dropout[: self.layout.num_layers - 1], dropout[self.layout.num_layers - 1 :]
            encoder = self.encoder.arrays_for(len(inputs), batch_size)
            self.encoder.pack(flat)
            self.encoder.set_start(encoder, None)
            self.encoder.forward(flat, encoder, inputs, own, None)
            self.encoder.clear_padding(encoder, lengths)
            self.stack.set_start(stack, self.encoder.states_after(encoder, lengths))
            return Run(encoder, stack, lengths, output_lengths, None, None, own, rest)
        rows = np.ones((batch_size, self.layout.input_size + 1), self.dtype)
        rows[:, :-1] = inputs[0]
        self.stack.set_start(stack, self.start_states(rows, self.layout.start_weights(flat)))
        return Run([], stack, lengths, output_lengths, None, rows, (), dropout)

    def start_states(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """[v | 1] (B, D + 1) mapped to the initial states (L, S, B, Hp)."""
        states = np.zeros((len(weights), len(rows), self.layout.units), self.dtype)
        for state, of_state in zip(states, weights, strict=True):
            sparse_product_kernel(rows, of_state, 0, len(of_state), 0, self.layout.units, state, False)
        return states.reshape(self.layout.num_layers, self.layout.states, *states.shape[1:])

    def _padded(self, states: np.ndarray) -> np.ndarray:
        wide = np.zeros((*states.shape[:3], self.layout.units), self.dtype)
        wide[..., : self.layout.hidden_size] = states
        return wide

    def _write(self, flat: np.ndarray, run: Run, output_len: int, next_inputs: Callable[[int, np.ndarray], np.ndarray]) -> np.ndarray:
        """Run the decoder step by step; ``next_inputs(t, y)`` (B, O) is what it reads at step t ≥ 1, y (B, O) what it answered before."""
        batch_size = len(run.lengths)
        members = np.arange(batch_size)
        y = np.empty((output_len, batch_size, self.layout.output_size), self.dtype)
        x = np.zeros((batch_size, self.layout.output_size), self.dtype)
        for t in range(output_len):
            self.stack.forward(flat, run.stack, x[None], run.dropout, None, first=t)
            y[t] = self.answers(flat, run, np.full(batch_size, t), members)
            if t + 1 < output_len:
                x = next_inputs(t + 1, y[t])
        return y

    def top(self, run: Run, steps: np.ndarray, members: np.ndarray) -> list[tuple[int, LayerArrays, np.ndarray]]:
        """For each direction of the top level: its number, its arrays, and at which of its own steps the head reads it."""
        top = run.stack[-1]
        own_steps = [steps]
        if len(top) > 1:
            own_steps.append(backward_steps(steps, members, run.lengths, self.layout.topology))
        return [(d, a, own) for d, (a, own) in enumerate(zip(top, own_steps, strict=True))]

    def answers(self, flat: np.ndarray, run: Run, steps: np.ndarray, members: np.ndarray) -> np.ndarray:
        """The head's outputs (N, O) before activation after the given steps of the given sequences."""
        layout = self.layout
        y = np.empty((len(steps), layout.output_size), self.dtype)
        y[:] = layout.head_bias(flat)
        for d, a, own in self.top(run, steps, members):
            add_answers(a.rows, own, members, layout.head_weights(flat), d * layout.units, layout.units, y)
        return y

    def backward(
        self,
        flat: np.ndarray,
        run: Run,
        steps: np.ndarray,
        members: np.ndarray,
        dy: np.ndarray,
        gradient: np.ndarray,
        truncate: int,
        from_above: tuple[list[list[np.ndarray]], list[list[np.ndarray]]] | None = None,
        add_to_states: Callable[[int, Arrays], None] | None = None,
    ) -> None:
        """From ``dy`` (N, O) at the outputs (steps, members) to ``gradient``, which is overwritten.

        ``add_to_states(number, arrays)`` may add to ∂L/∂h of the encoder's (0) and the stack's (1) layers before they are passed back.
        """
        layout = self.layout
        gradient[:] = 0
        self.stack.clear_gradients(run.stack)
        layout.head_bias(gradient)[:] = dy.sum(axis=0)
        for d, a, own in self.top(run, steps, members):
            head, d_head = layout.head_weights(flat), layout.head_weights(gradient)
            add_answer_gradients(a.rows, own, members, head, d * layout.units, layout.units, dy, a.dh, d_head)
        if add_to_states is not None:
            add_to_states(1, run.stack)
        above = (None, None) if from_above is None else from_above
        self.stack.backward(flat, run.stack, gradient, run.dropout, run.reversal, truncate, self._has_decoder, above[1])
        if layout.topology == VECTOR_TO_SEQUENCE:
            self._start_gradient(run, layout.start_weights(gradient))
        if run.encoder:
            self.encoder.clear_gradients(run.encoder)
            if add_to_states is not None:
                add_to_states(0, run.encoder)
            d_final = (run.lengths, self.stack.start_gradients(run.stack))
            self.encoder.backward(flat, run.encoder, gradient, run.encoder_dropout, None, truncate, False, above[0], d_final)

    def _start_gradient(self, run: Run, gradient: np.ndarray) -> None:
        """Adds to ``gradient`` (L·S, D + 1, Hp) of the map to the initial states."""
        assert run.start_rows is not None
        d_states = self.stack.start_gradients(run.stack)
        for d, of_state in zip(d_states.reshape(-1, *d_states.shape[2:]), gradient, strict=True):
            outer_products_kernel(run.start_rows, d, 0, len(of_state), 0, self.layout.units, of_state)

    def _read_signals(self, arrays: Arrays) -> list[list[dict[str, np.ndarray]]]:
        cell, options, size = self.layout.cell, self.layout.options, self.layout.hidden_size
        return [[{name: v.copy() for name, v in cell.read_signals(options, a, size).items()} for a in level] for level in arrays]

    def _layer_recordings(
        self,
        levels: Stack,
        arrays: Arrays,
        values: list[list[dict[str, np.ndarray]]],
        above: list[list[np.ndarray]],
        order: np.ndarray | None,
    ) -> tuple[LayerRecording, ...]:
        size, has_c = self.layout.hidden_size, self.layout.cell.has_cell_state
        recordings = []
        for level, of_level, values_of_level, above_level in zip(levels, arrays, values, reversed(above), strict=True):
            for layer, a, v, from_above in zip(level, of_level, values_of_level, above_level, strict=True):
                parts = [*v.values(), a.dh[1:, :, :size], from_above[..., :size], *([a.dc[1:, :, :size]] if has_c else [])]
                parts = [turned(part, order) if layer.is_backward else part.copy() for part in parts]
                dh, from_above_in_order, *dc = parts[len(v) :]
                of_signals = dict(zip(v, parts, strict=False))
                recordings.append(LayerRecording(of_signals, dh, dc[0] if has_c else None, from_above_in_order, layer.is_backward))
        return tuple(recordings)
