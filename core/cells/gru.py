"""Gated recurrent unit (Cho et al. 2014).

z_t = σ(W_z [h_{t-1}, x_t] + b_z)                 the share that is written
r_t = σ(W_r [h_{t-1}, x_t] + b_r)                 how much of the past the candidate sees
h̃_t = tanh(W_h [r_t ⊙ h_{t-1}, x_t] + b_h)
h_t = (1 − z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t

Here z is the share that is written; PyTorch, Keras and cuDNN use z for the share that is kept, and apply the reset after the
matrix product. Option ``reset_after`` gives that second form, with a recurrent bias of its own:
h̃_t = tanh(W x_t + b + r_t ⊙ (U h_{t-1} + b')).

Column blocks of the engine: r, z, then with the reset before: h̃; with the reset after: U h + b' and W x + b.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.activations import sigmoid, tanh
from core.cell import Cell, LayerArrays, Parameters, Step, StepGradient, Tangents
from core.fields import flag
from core.kernel import inner_kernel, kernel
from core.matrix_products import add_outer_products, add_product, add_transposed_product
from core.signal import Signal

RESET, UPDATE, CANDIDATE = 0, 1, 2


@dataclass(frozen=True)
class GRUOptions:
    """Options of the GRU."""

    reset_after: bool = flag(
        False, "Reset after product", "Apply the reset gate after the matrix product, as PyTorch and cuDNN do.", is_important=False
    )
    use_bias: bool = flag(True, "Biases", "Add a learned constant to every gate.", is_important=False)


@kernel
def _forward(rows, gates, extra, weights, is_reset_after, first, last):  # type: ignore[no-untyped-def]
    """``extra[0]`` keeps r ⊙ h_{t-1} (reset before), or U h_{t-1} + b' (reset after)."""
    batch_size, columns = gates.shape[1:]
    size = rows.shape[2]
    units = columns // 4 if is_reset_after else columns // 3
    for t in range(first, last):
        pre = gates[t]
        pre[:] = 0
        add_product(rows[t], weights, 0, size, 0, 2 * units, pre)
        if is_reset_after:
            _add_parts(rows[t], weights, pre)
        else:
            add_product(rows[t], weights, units, size, 2 * units, 3 * units, pre)
        kept = extra[0, t]
        for b in range(batch_size):
            r = pre[b, :units]
            z = pre[b, units : 2 * units]
            for j in range(units):
                r[j] = sigmoid(r[j])
                z[j] = sigmoid(z[j])
            if is_reset_after:
                candidate = pre[b, 3 * units :]
                for j in range(units):
                    kept[b, j] = pre[b, 2 * units + j]
                    candidate[j] += r[j] * kept[b, j]
            else:
                for j in range(units):
                    kept[b, j] = r[j] * rows[t, b, j]
        if not is_reset_after:
            add_product(kept, weights, 0, units, 2 * units, 3 * units, pre)
        for b in range(batch_size):
            z = pre[b, units : 2 * units]
            candidate = pre[b, columns - units :]
            h_prev = rows[t, b]
            h = rows[t + 1, b]
            for j in range(units):
                candidate[j] = tanh(candidate[j])
                h[j] = h_prev[j] + z[j] * (candidate[j] - h_prev[j])


@inner_kernel
def _add_parts(row, weights, out):  # type: ignore[no-untyped-def]
    """Reset after: U h_{t-1} + b' into the third column block, W x_t + b into the fourth."""
    size = row.shape[1]
    units = out.shape[1] // 4
    add_product(row, weights, 0, units, 2 * units, 3 * units, out)
    add_product(row, weights, size - 1, size, 2 * units, 3 * units, out)
    add_product(row, weights, units, size, 3 * units, 4 * units, out)


@kernel
def _backward(rows, gates, extra, weights, dh, gradient, is_reset_after, truncate, has_start):  # type: ignore[no-untyped-def]
    """``extra[1]`` is room for the gradient of what ``extra[0]`` keeps."""
    seq_len, batch_size, columns = gates.shape
    size = rows.shape[2]
    units = columns // 4 if is_reset_after else columns // 3
    one = rows.dtype.type(1)  # a whole number would make doubles of all that it meets
    for t in range(seq_len - 1, -1, -1):
        d = gates[t]
        kept = extra[0, t]
        is_carried = has_start if t == 0 else truncate == 0 or t % truncate != 0
        for b in range(batch_size):
            r = d[b, :units]
            z = d[b, units : 2 * units]
            candidate = d[b, columns - units :]
            h_prev = rows[t, b]
            dh_t = dh[t + 1, b]
            dh_prev = dh[t, b]
            for j in range(units):
                z_j, candidate_j = z[j], candidate[j]
                if is_carried:
                    dh_prev[j] += dh_t[j] * (one - z_j)
                z[j] = dh_t[j] * (candidate_j - h_prev[j]) * z_j * (one - z_j)
                candidate[j] = dh_t[j] * z_j * (one - candidate_j * candidate_j)
            if is_reset_after:
                for j in range(units):
                    r_j = r[j]
                    d[b, 2 * units + j] = candidate[j] * r_j
                    r[j] = candidate[j] * kept[b, j] * r_j * (one - r_j)
        if is_reset_after:
            add_outer_products(rows[t], d, 0, units, 0, 3 * units, gradient)
            add_outer_products(rows[t], d, units, size, 0, 2 * units, gradient)
            add_outer_products(rows[t], d, units, size, 3 * units, 4 * units, gradient)
            add_outer_products(rows[t], d, size - 1, size, 2 * units, 3 * units, gradient)
            if is_carried:
                add_transposed_product(d, weights, 0, units, 0, 3 * units, dh[t])
        else:
            d_kept = extra[1, t]
            d_kept[:] = 0
            add_transposed_product(d, weights, 0, units, 2 * units, 3 * units, d_kept)
            for b in range(batch_size):
                r = d[b, :units]
                h_prev = rows[t, b]
                dh_prev = dh[t, b]
                for j in range(units):
                    r_j = r[j]
                    if is_carried:
                        dh_prev[j] += d_kept[b, j] * r_j
                    r[j] = d_kept[b, j] * h_prev[j] * r_j * (one - r_j)
            add_outer_products(rows[t], d, 0, units, 0, 2 * units, gradient)
            add_outer_products(rows[t], d, units, size, 0, 3 * units, gradient)
            add_outer_products(kept, d, 0, units, 2 * units, 3 * units, gradient)
            if is_carried:
                add_transposed_product(d, weights, 0, units, 0, 2 * units, dh[t])


@kernel
def _tangent(rows, gates, extra, weights, R_rows, R_gates, R_extra, direction, is_reset_after):  # type: ignore[no-untyped-def]
    """The prefix R_ stands for R{…}, the derivative along the direction; ``R_extra[0]`` is that of what ``extra[0]`` keeps."""
    seq_len, batch_size, columns = gates.shape
    size = rows.shape[2]
    units = columns // 4 if is_reset_after else columns // 3
    one = rows.dtype.type(1)  # a whole number would make doubles of all that it meets
    for t in range(seq_len):
        R_gates[:] = 0
        add_product(R_rows[t], weights, 0, size, 0, 2 * units, R_gates)
        add_product(rows[t], direction, 0, size, 0, 2 * units, R_gates)
        if is_reset_after:
            _add_parts(R_rows[t], weights, R_gates)
            _add_parts(rows[t], direction, R_gates)
        else:
            add_product(R_rows[t], weights, units, size, 2 * units, 3 * units, R_gates)
            add_product(rows[t], direction, units, size, 2 * units, 3 * units, R_gates)
        kept, R_kept = extra[0, t], R_extra[0, t]
        for b in range(batch_size):
            r, R_r = gates[t, b, :units], R_gates[b, :units]
            z, R_z = gates[t, b, units : 2 * units], R_gates[b, units : 2 * units]
            h_prev, R_h_prev = rows[t, b], R_rows[t, b]
            for j in range(units):
                R_r[j] *= r[j] * (one - r[j])
                R_z[j] *= z[j] * (one - z[j])
            if is_reset_after:
                R_candidate = R_gates[b, 3 * units :]
                for j in range(units):
                    R_kept[b, j] = R_gates[b, 2 * units + j]
                    R_candidate[j] += R_r[j] * kept[b, j] + r[j] * R_kept[b, j]
            else:
                for j in range(units):
                    R_kept[b, j] = R_r[j] * h_prev[j] + r[j] * R_h_prev[j]
        if not is_reset_after:
            add_product(R_kept, weights, 0, units, 2 * units, 3 * units, R_gates)
            add_product(kept, direction, 0, units, 2 * units, 3 * units, R_gates)
        for b in range(batch_size):
            z, R_z = gates[t, b, units : 2 * units], R_gates[b, units : 2 * units]
            candidate, R_candidate = gates[t, b, columns - units :], R_gates[b, columns - units :]
            h_prev, R_h_prev = rows[t, b], R_rows[t, b]
            R_h = R_rows[t + 1, b]
            for j in range(units):
                R_candidate[j] *= one - candidate[j] * candidate[j]
                R_h[j] = (one - z[j]) * R_h_prev[j] + z[j] * R_candidate[j] + R_z[j] * (candidate[j] - h_prev[j])


class GRU(Cell):
    """The GRU; canonical gate order reset, update, candidate."""

    name = "gru"
    title = "GRU"
    order = 40
    Options = GRUOptions
    gates = ("reset", "update", "candidate")
    signals = (
        Signal("update", "z", "input", 0.0, 1.0),
        Signal("reset", "r", "forget", 0.0, 1.0),
        Signal("candidate", "h̃", "candidate", -1.0, 1.0, is_gate=False),
        Signal("hidden", "h", "hidden", -1.0, 1.0, is_gate=False),
    )
    extra_count = 2

    def equations(self, options: GRUOptions) -> tuple[str, ...]:
        """See Cell; with the reset after the product, U_h and b'_h are what the candidate has for h_{t-1}."""
        b_z, b_r, b_h, b_u = (f" + {b}" if options.use_bias else "" for b in ("b_z", "b_r", "b_h", "b'_h"))
        before, after = rf"W_h\,[r_t \odot h_{{t-1}}, x_t]{b_h}", rf"W_h\,x_t{b_h} + r_t \odot (U_h\,h_{{t-1}}{b_u})"
        return (
            rf"z_t = \sigma(W_z\,[h_{{t-1}}, x_t]{b_z})",
            rf"r_t = \sigma(W_r\,[h_{{t-1}}, x_t]{b_r})",
            rf"\tilde{{h}}_t = \tanh({after if options.reset_after else before})",
            r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde{h}_t",
        )

    def shapes(self, options: GRUOptions, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """With ``reset_after`` also b_h (H), the candidate's recurrent bias."""
        shapes = super().shapes(options, input_size, hidden_size)
        if options.reset_after and options.use_bias:
            shapes["b_h"] = (hidden_size,)
        return shapes

    def column_blocks(self, options: GRUOptions) -> int:
        """Three, and a fourth that keeps the candidate's recurrent part apart where the reset comes after it."""
        return 4 if options.reset_after else 3

    def pack(self, options: GRUOptions, parameters: Parameters, weights: np.ndarray) -> None:
        """See Cell."""
        if not options.reset_after:
            super().pack(options, parameters, weights)
            return
        of_h, of_x = CANDIDATE, CANDIDATE + 1
        first_input = weights.shape[2]
        super().pack(options, parameters, weights[:, :of_x])
        weights[first_input:, of_x] = weights[first_input:, of_h]
        weights[first_input:, of_h] = 0
        if options.use_bias:
            weights[-1, of_h, : len(parameters["b_h"])] = parameters["b_h"]

    def unpack(self, options: GRUOptions, weights: np.ndarray, hidden_size: int) -> dict[str, np.ndarray]:
        """See Cell."""
        if not options.reset_after:
            return super().unpack(options, weights, hidden_size)
        from_h = super().unpack(options, weights[:, : CANDIDATE + 1], hidden_size)
        from_x = super().unpack(options, weights[:, [RESET, UPDATE, CANDIDATE + 1]], hidden_size)
        parameters = {"W_x": from_x["W_x"], "W_h": from_h["W_h"]}
        if options.use_bias:
            parameters |= {"b": from_x["b"], "b_h": from_h["b"][CANDIDATE]}
        return parameters

    def step(self, options: GRUOptions, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None) -> Step:
        """The equations of the module's docstring."""
        W_x, W_h = parameters["W_x"], parameters["W_h"]
        b = parameters["b"] if options.use_bias else np.zeros(len(self.gates), x.dtype)
        r = sigmoid(x @ W_x[RESET].T + h_prev @ W_h[RESET].T + b[RESET])
        z = sigmoid(x @ W_x[UPDATE].T + h_prev @ W_h[UPDATE].T + b[UPDATE])
        if options.reset_after:
            recurrent = h_prev @ W_h[CANDIDATE].T
            if options.use_bias:
                recurrent = recurrent + parameters["b_h"]
            candidate = np.tanh(x @ W_x[CANDIDATE].T + b[CANDIDATE] + r * recurrent)
        else:
            recurrent = r * h_prev
            candidate = np.tanh(x @ W_x[CANDIDATE].T + recurrent @ W_h[CANDIDATE].T + b[CANDIDATE])
        h = (1 - z) * h_prev + z * candidate
        return Step(h, None, {"update": z, "reset": r, "candidate": candidate, "hidden": h}, (x, h_prev, r, z, candidate, recurrent))

    def step_gradient(self, options: GRUOptions, parameters: Parameters, step: Step, dh: np.ndarray, dc: np.ndarray | None) -> StepGradient:
        """Backwards through the equations, line by line."""
        x, h_prev, r, z, candidate, recurrent = step.kept
        W_x, W_h = parameters["W_x"], parameters["W_h"]
        dh_prev = dh * (1 - z)
        da_z = dh * (candidate - h_prev) * z * (1 - z)
        da_candidate = dh * z * (1 - candidate**2)
        if options.reset_after:
            d_recurrent = da_candidate * r
            dr = da_candidate * recurrent
            dW_candidate = d_recurrent.T @ h_prev
            dh_prev = dh_prev + d_recurrent @ W_h[CANDIDATE]
        else:
            d_recurrent = da_candidate @ W_h[CANDIDATE]
            dr = d_recurrent * h_prev
            dW_candidate = da_candidate.T @ recurrent
            dh_prev = dh_prev + d_recurrent * r
        da_r = dr * r * (1 - r)
        dh_prev = dh_prev + da_r @ W_h[RESET] + da_z @ W_h[UPDATE]
        dx = da_r @ W_x[RESET] + da_z @ W_x[UPDATE] + da_candidate @ W_x[CANDIDATE]
        gradients = {
            "W_x": np.stack([da_r.T @ x, da_z.T @ x, da_candidate.T @ x]),
            "W_h": np.stack([da_r.T @ h_prev, da_z.T @ h_prev, dW_candidate]),
        }
        if options.use_bias:
            gradients["b"] = np.stack([da_r.sum(axis=0), da_z.sum(axis=0), da_candidate.sum(axis=0)])
            if options.reset_after:
                gradients["b_h"] = d_recurrent.sum(axis=0)
        return StepGradient(dx, dh_prev, None, gradients)

    def forward(self, options: GRUOptions, arrays: LayerArrays, weights: np.ndarray, first: int, last: int) -> None:
        """See Cell."""
        _forward(arrays.rows, arrays.gates, arrays.extra, weights, options.reset_after, first, last)

    def backward(
        self, options: GRUOptions, arrays: LayerArrays, weights: np.ndarray, gradient: np.ndarray, truncate: int, has_start: bool
    ) -> None:
        """See Cell."""
        _backward(arrays.rows, arrays.gates, arrays.extra, weights, arrays.dh, gradient, options.reset_after, truncate, has_start)

    def tangent(self, options: GRUOptions, arrays: LayerArrays, weights: np.ndarray, tangents: Tangents, direction: np.ndarray) -> None:
        """See Cell."""
        R_rows, R_gates, R_extra = tangents.rows, tangents.gates, tangents.extra
        _tangent(arrays.rows, arrays.gates, arrays.extra, weights, R_rows, R_gates, R_extra, direction, options.reset_after)

    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """See Cell."""
        by_column = arrays.gates.reshape(*arrays.gates.shape[:2], self.column_blocks(options), -1)[..., :hidden_size]
        return {
            "update": by_column[:, :, UPDATE],
            "reset": by_column[:, :, RESET],
            "candidate": by_column[:, :, -1],
            "hidden": arrays.rows[1:, :, :hidden_size],
        }


CELL = GRU()
