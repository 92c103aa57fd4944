"""Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000).

i_t = σ(W_i [h_{t-1}, x_t] + b_i)         how much of the candidate is written
f_t = σ(W_f [h_{t-1}, x_t] + b_f)         how much of the old cell state is kept
C̃_t = tanh(W_C [h_{t-1}, x_t] + b_C)      what is proposed
o_t = σ(W_o [h_{t-1}, x_t] + b_o)         how much of the cell state is shown
C_t = f_t ⊙ C_{t-1} + i_t ⊙ C̃_t
h_t = o_t ⊙ tanh(C_t)

The forget gate's bias starts at 1 (Gers et al. 2000; Jozefowicz, Zaremba & Sutskever 2015), the others at their draw.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.activations import sigmoid, tanh
from core.cell import Cell, LayerArrays, Parameters, Step, StepGradient
from core.fields import flag, number
from core.kernel import kernel
from core.matrix_products import add_outer_products, add_product, add_transposed_product
from core.signal import Signal

CELL_STATE, TANH_CELL_STATE = 0, 1
FORGET = 1


@dataclass(frozen=True)
class LSTMOptions:
    """Options of the LSTM."""

    forget_bias: float = number(
        1.0, -10.0, 10.0, "Forget bias", "Start of the forget gate's bias. 1 or more: the cell remembers before it has learned to."
    )
    use_bias: bool = flag(True, "Biases", "Add a learned constant to every gate.", is_important=False)


@kernel
def _forward(rows, gates, extra, weights):  # type: ignore[no-untyped-def]
    seq_len, batch_size, columns = gates.shape
    size = weights.shape[0]
    units = columns // 4
    for t in range(seq_len):
        pre = gates[t]
        pre[:] = 0
        add_product(rows[t], weights, 0, size, 0, columns, pre)
        for b in range(batch_size):
            i = pre[b, :units]
            f = pre[b, units : 2 * units]
            candidate = pre[b, 2 * units : 3 * units]
            o = pre[b, 3 * units :]
            c_prev = extra[0, t, b]
            c = extra[0, t + 1, b]
            tanh_c = extra[1, t, b]
            h = rows[t + 1, b]
            for j in range(units):
                i[j] = sigmoid(i[j])
                f[j] = sigmoid(f[j])
                candidate[j] = tanh(candidate[j])
                o[j] = sigmoid(o[j])
                c[j] = f[j] * c_prev[j] + i[j] * candidate[j]
                tanh_c[j] = tanh(c[j])
                h[j] = o[j] * tanh_c[j]


@kernel
def _backward(rows, gates, extra, weights, dh, dc, gradient, truncate):  # type: ignore[no-untyped-def]
    seq_len, batch_size, columns = gates.shape
    size = weights.shape[0]
    units = columns // 4
    dc[seq_len - 1] = 0
    for t in range(seq_len - 1, -1, -1):
        d = gates[t]
        is_carried = t > 0 and (truncate == 0 or t % truncate != 0)
        for b in range(batch_size):
            i = d[b, :units]
            f = d[b, units : 2 * units]
            candidate = d[b, 2 * units : 3 * units]
            o = d[b, 3 * units :]
            c_prev = extra[0, t, b]
            tanh_c = extra[1, t, b]
            dh_t = dh[t, b]
            dc_t = dc[t, b]
            dc_prev = dc[t - 1, b]
            for j in range(units):
                i_j, f_j, candidate_j, o_j = i[j], f[j], candidate[j], o[j]
                dc_j = dc_t[j] + dh_t[j] * o_j * (1 - tanh_c[j] * tanh_c[j])
                dc_t[j] = dc_j
                i[j] = dc_j * candidate_j * i_j * (1 - i_j)
                f[j] = dc_j * c_prev[j] * f_j * (1 - f_j)
                candidate[j] = dc_j * i_j * (1 - candidate_j * candidate_j)
                o[j] = dh_t[j] * tanh_c[j] * o_j * (1 - o_j)
                if t > 0:
                    dc_prev[j] = dc_j * f_j if is_carried else 0
        add_outer_products(rows[t], d, 0, size, 0, columns, gradient)
        if is_carried:
            add_transposed_product(d, weights, 0, units, 0, columns, dh[t - 1])


class LSTM(Cell):
    """The LSTM; canonical gate order input, forget, candidate, output."""

    name = "lstm"
    title = "LSTM"
    order = 30
    Options = LSTMOptions
    gates = ("input", "forget", "candidate", "output")
    signals = (
        Signal("forget", "f", "forget", 0.0, 1.0),
        Signal("input", "i", "input", 0.0, 1.0),
        Signal("output", "o", "output", 0.0, 1.0),
        Signal("candidate", "C̃", "candidate", -1.0, 1.0, is_gate=False),
        Signal("cell state", "C", "cell_state", -4.0, 4.0, is_gate=False),
        Signal("hidden", "h", "hidden", -1.0, 1.0, is_gate=False),
    )
    equations = (
        r"f_t = \sigma(W_f\,[h_{t-1}, x_t] + b_f)",
        r"i_t = \sigma(W_i\,[h_{t-1}, x_t] + b_i)",
        r"\tilde{C}_t = \tanh(W_C\,[h_{t-1}, x_t] + b_C)",
        r"o_t = \sigma(W_o\,[h_{t-1}, x_t] + b_o)",
        r"C_t = f_t \odot C_{t-1} + i_t \odot \tilde{C}_t",
        r"h_t = o_t \odot \tanh(C_t)",
    )
    has_cell_state = True
    extra_count = 2

    def initial_bias(self, options: LSTMOptions, name: str, values: np.ndarray) -> np.ndarray:
        """The forget gate's bias starts at ``forget_bias``."""
        values[FORGET] = options.forget_bias
        return values

    def step(self, options: LSTMOptions, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None) -> Step:
        """The equations of the module's docstring."""
        assert c_prev is not None
        W_x, W_h = parameters["W_x"], parameters["W_h"]
        b = parameters["b"] if options.use_bias else np.zeros(len(self.gates), x.dtype)
        a_i, a_f, a_candidate, a_o = (x @ W_x[g].T + h_prev @ W_h[g].T + b[g] for g in range(len(self.gates)))
        i = sigmoid(a_i)
        f = sigmoid(a_f)
        candidate = np.tanh(a_candidate)
        o = sigmoid(a_o)
        c = f * c_prev + i * candidate
        tanh_c = np.tanh(c)
        h = o * tanh_c
        values = {"forget": f, "input": i, "output": o, "candidate": candidate, "cell state": c, "hidden": h}
        return Step(h, c, values, (x, h_prev, c_prev, i, f, candidate, o, tanh_c))

    def step_gradient(
        self, options: LSTMOptions, parameters: Parameters, step: Step, dh: np.ndarray, dc: np.ndarray | None
    ) -> StepGradient:
        """``dc`` is the total ∂L/∂C_t except for what comes through h_t of this step, which is added here."""
        x, h_prev, c_prev, i, f, candidate, o, tanh_c = step.kept
        dc_total = dc + dh * o * (1 - tanh_c**2)
        da = np.stack(
            [
                dc_total * candidate * i * (1 - i),
                dc_total * c_prev * f * (1 - f),
                dc_total * i * (1 - candidate**2),
                dh * tanh_c * o * (1 - o),
            ]
        )
        gradients = {"W_x": da.transpose(0, 2, 1) @ x, "W_h": da.transpose(0, 2, 1) @ h_prev}
        if options.use_bias:
            gradients["b"] = da.sum(axis=1)
        dx = (da @ parameters["W_x"]).sum(axis=0)
        dh_prev = (da @ parameters["W_h"]).sum(axis=0)
        return StepGradient(dx, dh_prev, dc_total * f, gradients, dc_total)

    def forward(self, options: LSTMOptions, arrays: LayerArrays, weights: np.ndarray) -> None:
        """See Cell."""
        _forward(arrays.rows, arrays.gates, arrays.extra, weights)

    def backward(self, options: LSTMOptions, arrays: LayerArrays, weights: np.ndarray, gradient: np.ndarray, truncate: int) -> None:
        """See Cell."""
        _backward(arrays.rows, arrays.gates, arrays.extra, weights, arrays.dh, arrays.dc, gradient, truncate)

    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """See Cell."""
        by_gate = arrays.gates.reshape(*arrays.gates.shape[:2], len(self.gates), -1)[..., :hidden_size]
        values = {name: by_gate[:, :, g] for g, name in enumerate(self.gates)}
        values["cell state"] = arrays.extra[CELL_STATE, 1 : len(arrays.rows), :, :hidden_size]
        values["hidden"] = arrays.rows[1:, :, :hidden_size]
        return values

    def cell_state_gradient_alone(self, values: Mapping[str, np.ndarray], dh_from_outputs: np.ndarray) -> np.ndarray:
        """What flows from outputs into C_t through o ⊙ tanh(C), and back along C through the forget gates only."""
        f, o, c = values["forget"], values["output"], values["cell state"]
        alone: np.ndarray = dh_from_outputs * o * (1 - np.tanh(c) ** 2)
        for t in range(len(alone) - 2, -1, -1):
            alone[t] += alone[t + 1] * f[t + 1]
        return alone


CELL = LSTM()
