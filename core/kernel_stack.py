"""Runs a stack of layers with the compiled kernels, in arrays made once for each batch size."""

from collections.abc import Sequence

import numpy as np

from core.cell import LayerArrays, Tangents, spaced
from core.kernels.layer_weights import LayerWeights, aligned_zeros, make_panels
from core.kernels.matrix_products import product_kernel
from core.layout import Layer, Layout, Stack

Arrays = list[list[LayerArrays]]
"""By level, bottom first, then by direction."""

# Training, the probe, held-out sequences, and what a person asks.
KEPT_SIZES = 6

DropoutMasks = Sequence[np.ndarray]
"""Masks above all levels but the last, (T, B, directions·H) each; empty: no dropout."""


MOSTLY_ZERO = 8


def are_mostly_zero(inputs: np.ndarray) -> bool:
    """Whether inputs (T, B, D) are long vectors of which at most one number in eight is not 0, such as one-hot ones."""
    return inputs.shape[2] >= MOSTLY_ZERO and bool(np.count_nonzero(inputs) * MOSTLY_ZERO <= inputs.size)


class KernelStack:
    """Levels of layers over one sequence: an encoder, a decoder, or all that a network has.

    Throughout, ``reversal`` (T, B) says which step the backward direction reads; None where there is no such direction.
    """

    def __init__(self, layout: Layout, levels: Stack, dtype: np.dtype) -> None:
        self._layout = layout
        self._levels = levels
        self._dtype = dtype
        self._made: dict[int, Arrays] = {}
        self._are_inputs_sparse = False
        self._weights = [[self._make_weights(layer, k > 0) for layer in level] for k, level in enumerate(levels)]

    def arrays_for(self, seq_len: int, batch_size: int) -> Arrays:
        """Arrays for sequences of ``seq_len`` steps; what an earlier run left in them is lost."""
        made = self._made.get(batch_size)
        known_len = 0 if made is None else made[0][0].gates.shape[0]
        if made is None or known_len < seq_len:
            room = max(seq_len, 2 * known_len)
            made = [[self._make_arrays(layer, room, batch_size) for layer in level] for level in self._levels]
        self._made.pop(batch_size, None)
        self._made[batch_size] = made
        if len(self._made) > KEPT_SIZES:
            del self._made[next(iter(self._made))]
        return [[a.first_steps(seq_len) for a in level] for level in made]

    def rest(self) -> None:
        """Let go of the arrays of all batch sizes."""
        self._made.clear()

    def _make_weights(self, layer: Layer, has_input_gradient: bool) -> tuple[np.ndarray, np.ndarray]:
        layout, row_size = self._layout, self._layout.row_size(layer)
        return make_panels(row_size, layout.columns, row_size - 1 if has_input_gradient else layout.units, self._dtype)

    def pack(self, flat: np.ndarray) -> list[list[LayerWeights]]:
        """Bring the panels of all layers to the weights in ``flat``; to be called before anything else when these have changed."""
        packed = self.packed(flat, self._weights)
        for level in packed:
            for weights in level:
                weights.pack()
        return packed

    def packed(self, flat: np.ndarray, panels: list[list[tuple[np.ndarray, np.ndarray]]] | None = None) -> list[list[LayerWeights]]:
        """The weights in ``flat`` with ``panels``, those of this stack unless others are given."""
        return [
            [LayerWeights(self._layout.layer_weights(flat, layer), *own) for layer, own in zip(level, of_level, strict=True)]
            for level, of_level in zip(self._levels, panels or self._weights, strict=True)
        ]

    def _make_arrays(self, layer: Layer, seq_len: int, batch_size: int) -> LayerArrays:
        layout = self._layout
        units = layout.units
        rows = aligned_zeros((seq_len + 1, batch_size, layout.row_size(layer)), self._dtype)
        rows[:, :, -1] = 1 if layout.options.use_bias else 0
        return LayerArrays(
            rows,
            aligned_zeros((seq_len, batch_size, spaced(layout.columns)), self._dtype),
            aligned_zeros((layout.cell.extra_count, seq_len + 1, batch_size, units), self._dtype),
            aligned_zeros((seq_len + 1, batch_size, units), self._dtype),
            aligned_zeros((seq_len + 1, batch_size, units), self._dtype),
        )

    def set_start(self, arrays: Arrays, states: np.ndarray | None) -> None:
        """Set the initial states (L, S, B, Hp); None: zeros. Only stacks without a backward direction start from others."""
        for k, level in enumerate(arrays):
            for a in level:
                a.rows[0, :, : self._layout.units] = 0 if states is None else states[k, 0]
                if self._layout.cell.has_cell_state:
                    a.extra[0, 0] = 0 if states is None else states[k, 1]

    def states_after(self, arrays: Arrays, lengths: np.ndarray) -> np.ndarray:
        """Copies of the states of each sequence after its ``lengths`` (B) steps: (L, S, B, Hp)."""
        members = np.arange(len(lengths))
        units, has_c = self._layout.units, self._layout.cell.has_cell_state
        return np.stack(
            [
                np.stack([a.rows[lengths, members, :units], *([a.extra[0, lengths, members]] if has_c else [])])
                for a in (level[0] for level in arrays)
            ]
        )

    def forward(
        self, flat: np.ndarray, arrays: Arrays, inputs: np.ndarray, dropout: DropoutMasks, reversal: np.ndarray | None, first: int = 0
    ) -> None:
        """Run over ``inputs`` (n, B, D), the steps ``first … first + n − 1``; only stacks without a backward direction run in parts."""
        layout = self._layout
        last = first + len(inputs)
        x = inputs
        if first == 0:
            self._are_inputs_sparse = are_mostly_zero(x)
        for k, (level, of_level, packed) in enumerate(zip(self._levels, arrays, self.packed(flat), strict=True)):
            outputs = []
            for layer, a, weights in zip(level, of_level, packed, strict=True):
                a.rows[first:last, :, layout.units : -1] = turned(x, reversal) if layer.is_backward else x
                layout.cell.forward(layout.options, a, weights, self._are_inputs_sparse and k == 0, first, last)
                h = a.rows[first + 1 : last + 1, :, : layout.hidden_size]
                outputs.append(turned(h, reversal) if layer.is_backward else h)
            x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=2)
            if k < len(dropout):
                x = x * dropout[k][first:last]

    def clear_padding(self, arrays: Arrays, lengths: np.ndarray) -> None:
        """Put 0 for all that went by after the ``lengths`` (B) valid steps: an unbounded state may have grown beyond all numbers there."""
        seq_len, units = len(arrays[0][0].gates), self._layout.units
        if (lengths >= seq_len).all():
            return
        is_padding = np.arange(seq_len)[:, None] >= lengths
        for level in arrays:
            for a in level:
                a.rows[1:, :, :units][is_padding] = 0
                a.rows[:-1, :, units:-1][is_padding] = 0
                a.gates[is_padding] = 0
                for number, extra in enumerate(a.extra):
                    is_state = number == 0 and self._layout.cell.has_cell_state
                    extra[is_state : seq_len + is_state][is_padding] = 0

    def clear_gradients(self, arrays: Arrays) -> None:
        """Begin a backward pass: ∂L/∂h and ∂L/∂C from outside are 0 until they are set."""
        for level in arrays:
            for a in level:
                a.dh[:] = 0
                if self._layout.cell.has_cell_state:
                    a.dc[:] = 0

    def backward(
        self,
        flat: np.ndarray,
        arrays: Arrays,
        gradient: np.ndarray,
        dropout: DropoutMasks,
        reversal: np.ndarray | None,
        truncate: int,
        has_start: bool,
        from_above: list[list[np.ndarray]] | None = None,
        d_final: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        """Backpropagate what stands in each layer's ``dh`` and ``dc``; ``gradient`` (flat layout) is added to.

        ``d_final`` are lengths (B) and the gradient (L, S, B, Hp) of the states after them, where a decoder goes on from there.
        ``from_above`` collects, top level first and by direction, ∂L/∂h_t (T, B, Hp) as far as it comes from outputs and upper layers.
        """
        layout = self._layout
        for k in range(len(arrays) - 1, -1, -1):
            if from_above is not None:
                from_above.append([a.dh[1:].copy() for a in arrays[k]])
            if d_final is not None:
                self._add_final(arrays[k][0], *d_final, k)
            dx: np.ndarray | None = None
            is_sparse = self._are_inputs_sparse and k == 0
            for layer, a, weights in zip(self._levels[k], arrays[k], self.packed(flat)[k], strict=True):
                d_weights = layout.layer_weights(gradient, layer)
                layout.cell.backward(layout.options, a, weights, d_weights, is_sparse, truncate, has_start)
                if k > 0:
                    own = self._input_gradient(a.gates, weights)[..., : layer.input_size]
                    own = turned(own, reversal) if layer.is_backward else own
                    dx = own if dx is None else dx + own
            if dx is not None:
                self._pass_down(dx * dropout[k - 1] if len(dropout) else dx, k - 1, arrays, reversal)

    def _input_gradient(self, gate_gradients: np.ndarray, weights: LayerWeights) -> np.ndarray:
        """∂L/∂x (T, B, D padded to full vectors) of a layer."""
        seq_len, batch_size, row_size = gate_gradients.shape
        units, columns = self._layout.units, self._layout.columns
        strips, _, width = weights.back_panels.shape
        dx = np.empty((seq_len, batch_size, strips * width - units), self._dtype)
        of_gates, rows = gate_gradients.reshape(-1, row_size), dx.reshape(seq_len * batch_size, -1)
        # The strips for x come after those for h.
        product_kernel(of_gates, weights.back_panels, 0, columns, units, units + rows.shape[1], rows, 0, False)
        return dx

    def _add_final(self, a: LayerArrays, lengths: np.ndarray, d_states: np.ndarray, k: int) -> None:
        members = np.arange(len(lengths))
        a.dh[lengths, members] += d_states[k, 0]
        if self._layout.cell.has_cell_state:
            a.dc[lengths, members] += d_states[k, 1]

    def start_gradients(self, arrays: Arrays) -> np.ndarray:
        """∂L/∂(initial states) (L, S, B, Hp) as ``backward`` left it."""
        has_c = self._layout.cell.has_cell_state
        return np.stack([np.stack([a.dh[0], *([a.dc[0]] if has_c else [])]) for a in (level[0] for level in arrays)])

    def _pass_down(self, dx: np.ndarray, k: int, arrays: Arrays, reversal: np.ndarray | None) -> None:
        """Add ∂L/∂x (T, B, directions·H) of the level above to ``dh`` of level ``k``."""
        size = self._layout.hidden_size
        for d, (layer, a) in enumerate(zip(self._levels[k], arrays[k], strict=True)):
            own = dx[:, :, d * size : (d + 1) * size]
            a.dh[1:, :, :size] += turned(own, reversal) if layer.is_backward else own

    def make_tangents(self, arrays: Arrays) -> list[list[Tangents]]:
        """Room for the derivatives of ``arrays`` along a direction, all 0."""
        return [[Tangents(np.zeros_like(a.rows), np.zeros_like(a.gates[0]), np.zeros_like(a.extra)) for a in level] for level in arrays]

    def tangent(
        self,
        flat: np.ndarray,
        arrays: Arrays,
        tangents: list[list[Tangents]],
        direction: np.ndarray,
        inputs: np.ndarray | None,
        dropout: DropoutMasks,
        reversal: np.ndarray | None,
    ) -> None:
        """Derivative of ``forward`` along ``direction`` (flat layout), with the tangents of ``inputs`` (T, B, D); None: constant."""
        layout = self._layout
        x = inputs
        along = self.packed(direction, [[self._make_weights(layer, k > 0) for layer in level] for k, level in enumerate(self._levels)])
        for k, (level, of_level, packed) in enumerate(zip(self._levels, arrays, self.pack(flat), strict=True)):
            outputs = []
            for d, (layer, a, tangent) in enumerate(zip(level, of_level, tangents[k], strict=True)):
                if x is not None:
                    tangent.rows[:-1, :, layout.units : -1] = turned(x, reversal) if layer.is_backward else x
                along[k][d].pack()
                layout.cell.tangent(layout.options, a, packed[d], tangent, along[k][d])
                h = tangent.rows[1:, :, : layout.hidden_size]
                outputs.append(turned(h, reversal) if layer.is_backward else h)
            x = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=2)
            if k < len(dropout):
                x = x * dropout[k]


def turned(x: np.ndarray, reversal: np.ndarray | None) -> np.ndarray:
    """``x`` (T, B, …) with each sequence read from its end."""
    assert reversal is not None
    in_turn: np.ndarray = x[reversal, np.arange(x.shape[1])]
    return in_turn
