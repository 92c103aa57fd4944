"""Runs a network with the compiled kernels, in arrays made once for each batch size."""

import numpy as np

from core.batch import Batch
from core.cell import LayerArrays
from core.counted import Counted, all_outputs, counted_outputs
from core.kernel import kernel
from core.layout import Layout
from core.losses import LossSpec
from core.optimizer import Optimizer, norm
from core.recording import LayerRecording, Recording

DropoutMasks = tuple[np.ndarray, ...]


@kernel
def _head_forward(rows, steps, members, weights, bias, y):  # type: ignore[no-untyped-def]
    """``y[n] = weights · h + bias`` with h (Hp) after step ``steps[n]`` of sequence ``members[n]``."""
    units = weights.shape[1]
    for n in range(steps.size):
        h = rows[steps[n] + 1, members[n]]
        for o in range(weights.shape[0]):
            w = weights[o]
            total = h[0] * w[0]
            for j in range(1, units):
                total += h[j] * w[j]
            y[n, o] = total + bias[o]


@kernel
def _head_backward(rows, steps, members, weights, dy, dh, d_weights, d_bias):  # type: ignore[no-untyped-def]
    """Adds to ``dh`` (T, B, Hp), ``d_weights`` (O, Hp) and ``d_bias`` (O)."""
    units = weights.shape[1]
    for n in range(steps.size):
        h = rows[steps[n] + 1, members[n]]
        dh_n = dh[steps[n], members[n]]
        for o in range(weights.shape[0]):
            d = dy[n, o]
            d_bias[o] += d
            w = weights[o]
            d_w = d_weights[o]
            for j in range(units):
                dh_n[j] += d * w[j]
                d_w[j] += d * h[j]


@kernel
def _input_gradient(gate_gradients, weights, first, last, dx):  # type: ignore[no-untyped-def]
    """``dx[t, b] = weights[first:last] · gate gradients``: dx (T, B, ≥ last − first), overwritten."""
    columns = weights.shape[1]
    for t in range(gate_gradients.shape[0]):
        for b in range(gate_gradients.shape[1]):
            d = gate_gradients[t, b]
            for k in range(first, last):
                w = weights[k]
                total = d[0] * w[0]
                for n in range(1, columns):
                    total += d[n] * w[n]
                dx[t, b, k - first] = total


class KernelEngine:
    """Forward, backward and recording by kernels. Arrays are kept for each batch size and grown when sequences are longer."""

    def __init__(self, layout: Layout, loss: LossSpec, topology: str, dtype: np.dtype) -> None:
        self._layout = layout
        self._loss = loss
        self._topology = topology
        self._dtype = dtype
        self._arrays: dict[int, list[LayerArrays]] = {}

    def outputs(self, flat: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """The head's outputs before activation, at every step: inputs (T, B, D) -> (T, B, O)."""
        arrays = self._run_layers(flat, inputs, ())
        seq_len, batch_size = inputs.shape[:2]
        y = self._head_outputs(flat, arrays[-1], *all_outputs(seq_len, batch_size))
        return y.reshape(seq_len, batch_size, -1)

    def loss_and_gradient(self, flat: np.ndarray, batch: Batch, gradient: np.ndarray, dropout: DropoutMasks, truncate: int) -> float:
        """Mean loss of ``batch``; ``gradient`` (flat layout) is overwritten."""
        arrays = self._run_layers(flat, batch.inputs, dropout)
        counted = counted_outputs(batch, self._topology, self._dtype, self._loss.has_labels)
        return self._run_backward(flat, arrays, counted, gradient, dropout, truncate)

    def record(self, flat: np.ndarray, batch: Batch, truncate: int) -> Recording:
        """Run ``batch`` forward and backward and copy out all that went by."""
        layout = self._layout
        size = layout.hidden_size
        arrays = self._run_layers(flat, batch.inputs, ())
        seq_len, batch_size = batch.inputs.shape[:2]
        y = self._head_outputs(flat, arrays[-1], *all_outputs(seq_len, batch_size))
        values = [{name: value.copy() for name, value in layout.cell.read_signals(layout.options, a, size).items()} for a in arrays]
        from_above: list[np.ndarray] = []
        counted = counted_outputs(batch, self._topology, self._dtype, self._loss.has_labels)
        loss = self._run_backward(flat, arrays, counted, np.empty_like(flat), (), truncate, from_above)
        layers = tuple(
            LayerRecording(v, a.dh[..., :size].copy(), a.dc[..., :size].copy() if layout.cell.has_cell_state else None, above[..., :size])
            for v, a, above in zip(values, arrays, reversed(from_above), strict=True)
        )
        return Recording(loss, y.reshape(seq_len, batch_size, -1), layers)

    def update(
        self, optimizer: Optimizer, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float
    ) -> None:
        """One update of ``optimizer``, by its kernel."""
        optimizer.update(parameters, gradient, slots, count, learning_rate)

    def norm(self, vector: np.ndarray) -> float:
        """Euclidean norm of a flat vector."""
        return norm(vector)

    def _arrays_for(self, seq_len: int, batch_size: int) -> list[LayerArrays]:
        made = self._arrays.get(batch_size)
        known_len = 0 if made is None else made[0].gates.shape[0]
        if made is None or known_len < seq_len:
            room = max(seq_len, 2 * known_len)
            made = [self._make_arrays(layer, room, batch_size) for layer in range(self._layout.num_layers)]
            self._arrays[batch_size] = made
        return [layer.first_steps(seq_len) for layer in made]

    def _make_arrays(self, layer: int, seq_len: int, batch_size: int) -> LayerArrays:
        layout = self._layout
        units = layout.units
        rows = np.zeros((seq_len + 1, batch_size, layout.row_size(layer)), self._dtype)
        rows[:, :, -1] = 1 if layout.options.use_bias else 0
        return LayerArrays(
            rows,
            np.zeros((seq_len, batch_size, layout.columns), self._dtype),
            np.zeros((layout.cell.extra_count, seq_len + 1, batch_size, units), self._dtype),
            np.zeros((seq_len, batch_size, units), self._dtype),
            np.zeros((seq_len, batch_size, units), self._dtype),
        )

    def _run_layers(self, flat: np.ndarray, inputs: np.ndarray, dropout: DropoutMasks) -> list[LayerArrays]:
        layout = self._layout
        seq_len, batch_size = inputs.shape[:2]
        arrays = self._arrays_for(seq_len, batch_size)
        x = inputs
        for k, a in enumerate(arrays):
            a.rows[:seq_len, :, layout.units : -1] = x
            layout.cell.forward(layout.options, a, layout.layer_weights(flat, k))
            x = a.rows[1:, :, : layout.hidden_size]
            if dropout and k < len(dropout):
                x = x * dropout[k]
        return arrays

    def _head_outputs(self, flat: np.ndarray, top: LayerArrays, steps: np.ndarray, members: np.ndarray) -> np.ndarray:
        y = np.empty((len(steps), self._layout.output_size), self._dtype)
        _head_forward(top.rows, steps, members, self._layout.head_weights(flat), self._layout.head_bias(flat), y)
        return y

    def _run_backward(
        self,
        flat: np.ndarray,
        arrays: list[LayerArrays],
        counted: Counted,
        gradient: np.ndarray,
        dropout: DropoutMasks,
        truncate: int,
        from_above: list[np.ndarray] | None = None,
    ) -> float:
        """``from_above`` collects, top layer first, ∂L/∂h_t as far as it comes from outputs and upper layers."""
        layout = self._layout
        head, d_head, d_bias = layout.head_weights(flat), layout.head_weights(gradient), layout.head_bias(gradient)
        gradient[:] = 0
        top = arrays[-1]
        y = self._head_outputs(flat, top, counted.steps, counted.members)
        dy = np.empty_like(y)
        loss = float(self._loss.kernel(y, counted.targets, dy))
        top.dh[:] = 0
        _head_backward(top.rows, counted.steps, counted.members, head, dy, top.dh, d_head, d_bias)
        for k in range(layout.num_layers - 1, -1, -1):
            a = arrays[k]
            if from_above is not None:
                from_above.append(a.dh.copy())
            weights = layout.layer_weights(flat, k)
            layout.cell.backward(layout.options, a, weights, layout.layer_weights(gradient, k), truncate)
            if k > 0:
                below = arrays[k - 1]
                _input_gradient(a.gates, weights, layout.units, layout.units + layout.hidden_size, below.dh)
                # The padding would keep a NaN of an update that diverged.
                below.dh[..., layout.hidden_size :] = 0
                if dropout:
                    below.dh[..., : layout.hidden_size] *= dropout[k - 1]
        return loss
