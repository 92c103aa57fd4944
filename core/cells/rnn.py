"""Simple recurrent network (Elman 1990).

h_t = f(W_hh h_{t-1} + W_xh x_t + b_h), with f = tanh or ReLU.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.activations import tanh
from core.cell import Cell, LayerArrays, Parameters, Step, StepGradient, Tangents
from core.fields import choice, flag
from core.kernel import kernel
from core.matrix_products import add_outer_products, add_product, add_transposed_product
from core.signal import Signal


@dataclass(frozen=True)
class RNNOptions:
    """Options of the simple RNN."""

    activation: str = choice(
        "tanh", ("tanh", "relu"), "Activation", "How the sum becomes the new state. ReLU does not saturate, but may explode."
    )
    use_bias: bool = flag(True, "Biases", "Add a learned constant to every unit.", is_important=False)


@kernel
def _forward(rows, gates, weights, is_relu, first, last):  # type: ignore[no-untyped-def]
    batch_size, units = gates.shape[1:]
    size = rows.shape[2]
    for t in range(first, last):
        pre = gates[t]
        pre[:] = 0
        add_product(rows[t], weights, 0, size, 0, units, pre)
        for b in range(batch_size):
            a = pre[b]
            h = rows[t + 1, b]
            if is_relu:
                for j in range(units):
                    h[j] = max(a[j], a.dtype.type(0))
            else:
                for j in range(units):
                    h[j] = tanh(a[j])


@kernel
def _backward(rows, gates, weights, dh, gradient, is_relu, truncate, has_start):  # type: ignore[no-untyped-def]
    seq_len, batch_size, units = gates.shape
    size = rows.shape[2]
    # Whole numbers would make doubles of all that they meet.
    zero, one = rows.dtype.type(0), rows.dtype.type(1)
    for t in range(seq_len - 1, -1, -1):
        da = gates[t]
        for b in range(batch_size):
            h = rows[t + 1, b]
            dh_t = dh[t + 1, b]
            if is_relu:
                for j in range(units):
                    da[b, j] = dh_t[j] if h[j] > 0 else zero * dh_t[j]
            else:
                for j in range(units):
                    da[b, j] = dh_t[j] * (one - h[j] * h[j])
        add_outer_products(rows[t], da, 0, size, 0, units, gradient)
        is_carried = has_start if t == 0 else truncate == 0 or t % truncate != 0
        if is_carried:
            add_transposed_product(da, weights, 0, units, 0, units, dh[t])


@kernel
def _tangent(rows, weights, R_rows, R_gates, direction, is_relu):  # type: ignore[no-untyped-def]
    """The prefix R_ stands for R{…}, the derivative along the direction."""
    batch_size, units = R_gates.shape
    size = rows.shape[2]
    # Whole numbers would make doubles of all that they meet.
    zero, one = rows.dtype.type(0), rows.dtype.type(1)
    for t in range(rows.shape[0] - 1):
        R_gates[:] = 0
        add_product(R_rows[t], weights, 0, size, 0, units, R_gates)
        add_product(rows[t], direction, 0, size, 0, units, R_gates)
        for b in range(batch_size):
            R_a = R_gates[b]
            h = rows[t + 1, b]
            R_h = R_rows[t + 1, b]
            if is_relu:
                for j in range(units):
                    R_h[j] = R_a[j] if h[j] > 0 else zero * R_a[j]
            else:
                for j in range(units):
                    R_h[j] = R_a[j] * (one - h[j] * h[j])


class RNN(Cell):
    """The simple RNN; its one "gate" is the new state itself."""

    name = "rnn"
    title = "RNN"
    order = 10
    Options = RNNOptions
    gates = ("hidden",)
    signals = (Signal("hidden", "h", "hidden", -1.0, 1.0, is_gate=False),)

    def equations(self, options: RNNOptions) -> tuple[str, ...]:
        """See Cell."""
        f = r"\mathrm{ReLU}" if options.activation == "relu" else r"\tanh"
        bias = " + b_h" if options.use_bias else ""
        return (rf"h_t = {f}(W_{{hh}}\,h_{{t-1}} + W_{{xh}}\,x_t{bias})",)

    def step(self, options: RNNOptions, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None) -> Step:
        """h_t = f(W_x x_t + W_h h_{t-1} + b)."""
        W_x, W_h = parameters["W_x"][0], parameters["W_h"][0]
        a = x @ W_x.T + h_prev @ W_h.T
        if options.use_bias:
            a = a + parameters["b"][0]
        h = np.maximum(a, 0) if options.activation == "relu" else np.tanh(a)
        return Step(h, None, {"hidden": h}, (x, h_prev, h))

    def step_gradient(self, options: RNNOptions, parameters: Parameters, step: Step, dh: np.ndarray, dc: np.ndarray | None) -> StepGradient:
        """da = dh ⊙ f'(a)."""
        x, h_prev, h = step.kept
        da = dh * (h > 0) if options.activation == "relu" else dh * (1 - h * h)
        gradients = {"W_x": (da.T @ x)[None], "W_h": (da.T @ h_prev)[None]}
        if options.use_bias:
            gradients["b"] = da.sum(axis=0)[None]
        return StepGradient(da @ parameters["W_x"][0], da @ parameters["W_h"][0], None, gradients)

    def forward(self, options: RNNOptions, arrays: LayerArrays, weights: np.ndarray, first: int, last: int) -> None:
        """See Cell."""
        _forward(arrays.rows, arrays.gates, weights, options.activation == "relu", first, last)

    def backward(
        self, options: RNNOptions, arrays: LayerArrays, weights: np.ndarray, gradient: np.ndarray, truncate: int, has_start: bool
    ) -> None:
        """See Cell."""
        _backward(arrays.rows, arrays.gates, weights, arrays.dh, gradient, options.activation == "relu", truncate, has_start)

    def tangent(self, options: RNNOptions, arrays: LayerArrays, weights: np.ndarray, tangents: Tangents, direction: np.ndarray) -> None:
        """See Cell."""
        _tangent(arrays.rows, weights, tangents.rows, tangents.gates, direction, options.activation == "relu")

    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """See Cell."""
        return {"hidden": arrays.rows[1:, :, :hidden_size]}


CELL = RNN()
