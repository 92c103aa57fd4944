"""Gated recurrent unit (Cho et al. 2014).

z_t = σ(W_z [h_{t-1}, x_t] + b_z)                 the share that is written
r_t = σ(W_r [h_{t-1}, x_t] + b_r)                 how much of the past the candidate sees
h̃_t = tanh(W_h [r_t ⊙ h_{t-1}, x_t] + b_h)
h_t = (1 − z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t

Here z is the share that is written; PyTorch, Keras and cuDNN use z for the share that is kept, and apply the reset after the
matrix product. Option ``reset_after`` gives that second form, with a recurrent bias of its own:
h̃_t = tanh(W x_t + b + r_t ⊙ (U h_{t-1} + b')).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.activations import sigmoid
from core.cell import LayerArrays, Parameters, Step, StepGradient
from core.cells import gru_kernels
from core.cells.gru_anatomy import GRUAnatomy
from core.fields import flag
from core.signal import Signal

RESET, UPDATE, CANDIDATE = 0, 1, 2


@dataclass(frozen=True)
class GRUOptions:
    """Options of the GRU."""

    reset_after: bool = flag(
        False, "Reset after product", "Apply the reset gate after the matrix product, as PyTorch and cuDNN do.", is_important=False
    )
    use_bias: bool = flag(True, "Biases", "Add a learned constant to every gate.", is_important=False)


class GRU(GRUAnatomy):
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
    kernels = gru_kernels.KERNELS

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

    def parts(self, options: GRUOptions) -> np.ndarray:
        """See Cell."""
        return np.array(gru_kernels.Parts(options.reset_after))

    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """See Cell."""
        by_column = self.by_block(options, arrays)[..., :hidden_size]
        return {
            "update": by_column[:, :, UPDATE],
            "reset": by_column[:, :, RESET],
            "candidate": by_column[:, :, -1],
            "hidden": arrays.rows[1:, :, :hidden_size],
        }


CELL = GRU()
