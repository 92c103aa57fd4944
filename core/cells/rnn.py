"""Simple recurrent network (Elman 1990).

h_t = f(W_hh h_{t-1} + W_xh x_t + b_h), with f = tanh or ReLU.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cell import LayerArrays, Parameters, Step, StepGradient
from core.cells import rnn_kernels
from core.cells.rnn_anatomy import RNNAnatomy
from core.fields import choice, flag
from core.signal import Signal

RECTIFIED = Signal("hidden", "h", "hidden", 0.0, 1.0, is_gate=False, has_fixed_scale=False)


@dataclass(frozen=True)
class RNNOptions:
    """Options of the simple RNN."""

    activation: str = choice(
        "tanh", ("tanh", "relu"), "Activation", "How the sum becomes the new state. ReLU does not saturate, but may explode."
    )
    use_bias: bool = flag(True, "Biases", "Add a learned constant to every unit.", is_important=False)


class RNN(RNNAnatomy):
    """The simple RNN; its one "gate" is the new state itself."""

    name = "rnn"
    title = "RNN"
    order = 10
    Options = RNNOptions
    gates = ("hidden",)
    signals = (Signal("hidden", "h", "hidden", -1.0, 1.0, is_gate=False),)
    kernels = rnn_kernels.KERNELS

    def shown_signals(self, options: RNNOptions) -> tuple[Signal, ...]:
        """The state, which with ReLU is never below 0 and has no upper end."""
        return (RECTIFIED,) if options.activation == "relu" else self.signals

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

    def parts(self, options: RNNOptions) -> np.ndarray:
        """See Cell."""
        return np.array(rnn_kernels.Parts(relu=options.activation == "relu"))

    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """See Cell."""
        return {"hidden": arrays.rows[1:, :, :hidden_size]}


CELL = RNN()
