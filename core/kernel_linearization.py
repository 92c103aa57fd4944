"""The derivative of a network run by kernels: products of its Gauss–Newton matrix with vectors."""

import numpy as np

from core.batch import Batch
from core.counted import counted_outputs
from core.head import add_answers
from core.kernel_engine import KernelEngine
from core.kernel_stack import Arrays, DropoutMasks
from core.kernels.denormals import flushed


class KernelLinearization:
    """The network's derivative at one point and on one batch: products of the Gauss–Newton matrix with vectors, by two passes each.

    G = Jᵀ H J with J the derivative of the head's outputs by the parameters and H the loss's second derivative by them
    (Schraudolph 2002); J v by the R-operator on the kernels, Jᵀ u by backpropagation. The gradient is not truncated here.
    """

    def __init__(self, engine: KernelEngine, flat: np.ndarray, batch: Batch, dropout: DropoutMasks, states: np.ndarray | None) -> None:
        layout = engine.layout
        self._engine, self._flat = engine, flat
        self._run = engine.run(flat, batch, dropout, None, states)
        self._counted = counted_outputs(batch, layout.topology, engine.dtype, engine.loss_spec.has_labels)
        self._y = engine.answers(flat, self._run, self._counted.steps, self._counted.members)
        # The way back writes over the gates.
        self._gates = [[a.gates.copy() for a in level] for level in (*self._run.encoder, *self._run.stack)]
        self._tangents = (engine.encoder.make_tangents(self._run.encoder), engine.stack.make_tangents(self._run.stack))

    @flushed()
    def gauss_newton_product(self, direction: np.ndarray, product: np.ndarray, state_damping: float = 0.0) -> None:
        """``product`` = G·direction + state_damping · (1/B) J_hᵀ J_h · direction, flat vectors; ``product`` is overwritten.

        J_h is the derivative of all hidden states of valid steps: the structural damping of Martens & Sutskever (2011), with
        squared distances.
        """
        engine, run, counted = self._engine, self._run, self._counted
        for level, kept in zip((*run.encoder, *run.stack), self._gates, strict=True):
            for a, gates in zip(level, kept, strict=True):
                a.gates[:] = gates
        tangent_y = self._tangent(direction)
        dy = engine.loss_spec.curvature(self._y, tangent_y).astype(engine.dtype, copy=False)
        add = None if state_damping == 0 else lambda number, arrays: self._add_states(number, arrays, state_damping)
        engine.backward(self._flat, run, counted.steps, counted.members, dy, product, 0, add_to_states=add)

    def _tangent(self, direction: np.ndarray) -> np.ndarray:
        """J·direction: the derivative of the outputs that count, (N, O)."""
        engine, run, layout = self._engine, self._run, self._engine.layout
        of_encoder, of_stack = self._tangents
        if run.encoder:
            engine.encoder.tangent(self._flat, run.encoder, of_encoder, direction, None, run.encoder_dropout, None)
            everyone = np.arange(len(run.lengths))
            for level, below in zip(of_encoder, of_stack, strict=True):
                below[0].rows[0, :, : layout.units] = level[0].rows[run.lengths, everyone, : layout.units]
                if layout.cell.has_cell_state:
                    below[0].extra[0, 0] = level[0].extra[0, run.lengths, everyone]
        elif run.start_rows is not None:
            starts = engine.start_states(run.start_rows, layout.start_weights(direction))
            for states, below in zip(starts, of_stack, strict=True):
                below[0].rows[0, :, : layout.units] = states[0]
                if layout.cell.has_cell_state:
                    below[0].extra[0, 0] = states[1]
        engine.stack.tangent(self._flat, run.stack, of_stack, direction, None, run.dropout, run.reversal)
        steps, members = self._counted.steps, self._counted.members
        y = np.empty_like(self._y)
        y[:] = layout.head_bias(direction)
        for d, a, own in engine.top(run, steps, members):
            left, units = d * layout.units, layout.units
            add_answers(a.rows, own, members, layout.head_weights(direction), left, units, y)
            add_answers(of_stack[-1][d].rows, own, members, layout.head_weights(self._flat), left, units, y)
        return y

    def _add_states(self, number: int, arrays: Arrays, state_damping: float) -> None:
        lengths = (self._run.lengths, self._run.output_lengths)[number]
        units = self._engine.layout.units
        for level, of_level in zip(arrays, self._tangents[number], strict=True):
            for a, tangent in zip(level, of_level, strict=True):
                is_valid = np.arange(len(a.gates))[:, None, None] < lengths[:, None]
                a.dh[1:] += a.dh.dtype.type(state_damping / len(lengths)) * is_valid * tangent.rows[1:, :, :units]
