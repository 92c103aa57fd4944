"""How one step of a cell stretches and shrinks small changes of its state.

J_t = ∂s_t / ∂s_{t-1} with s = h, or s = [h, C] for cells with a cell state. Its singular values say what a step does to gradients
on their way back: all below 1, they vanish; some above 1, they may explode (Pascanu, Mikolov & Bengio 2013).
"""

from typing import Any

import numpy as np

from core.batch import Batch
from core.cell import Cell, Parameters
from core.counted import alone
from core.network import Network
from core.reference_engine import ReferenceEngine

# Steps times the cube of the state's size: a few seconds.
WORK_AT_MOST = 2e9


def step_jacobian(
    cell: Cell, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None
) -> np.ndarray:
    """J_t (S·H, S·H) of one step with input x (D), from the state h_prev (H), and c_prev (H) for cells with a cell state.

    Row j is the gradient of entry j of the new state; ``parameters`` are those of one layer, by their short names.
    """
    hidden_size = len(h_prev)
    size = hidden_size if c_prev is None else 2 * hidden_size
    c = None if c_prev is None else np.tile(c_prev, (size, 1))
    step = cell.step(options, parameters, np.tile(x, (size, 1)), np.tile(h_prev, (size, 1)), c)
    wanted = np.eye(size, dtype=step.h.dtype)
    dc = None if c is None else wanted[:, hidden_size:]
    back = cell.step_gradient(options, parameters, step, wanted[:, :hidden_size], dc)
    return back.dh_prev if back.dc_prev is None else np.hstack([back.dh_prev, back.dc_prev])


def jacobian_steps(seq_len: int, size: int) -> np.ndarray:
    """Which steps t of 1 … T−1 to look at: all of them where matrices of ``size`` are small, else some at equal distances."""
    most = max(4, int(WORK_AT_MOST / size**3))
    return np.unique(np.linspace(1, seq_len - 1, min(most, seq_len - 1)).round().astype(np.int64)) if seq_len > 1 else np.zeros(0, np.int64)


def step_singular_values(network: Network, batch: Batch, member: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each layer below the head: steps t (N,) ≥ 1 in its order of reading, and the singular values of J_t there, (N, S·H).

    Largest first; NaN where J_t is not finite. A decoder is fed with the right previous outputs, and its layers alone are looked at.
    """
    layout = network.layout
    engine = ReferenceEngine(layout, network.loss_spec, np.dtype(np.float64))
    parameters = layout.unpack(network.flat.astype(np.float64))
    sequence = alone(batch, member, network.topology)
    run = engine.run(parameters, sequence)
    size = layout.states * layout.hidden_size
    found = []
    x = engine.stack_inputs(sequence)
    for level, of_level in zip(layout.stack, run.stack, strict=True):
        for layer, steps in zip(level, of_level.steps, strict=True):
            own = layout.layer_parameters(parameters, layer)
            read = x[::-1] if layer.is_backward else x
            chosen = jacobian_steps(len(steps), size)
            values = np.full((len(chosen), size), np.nan)
            for row, t in zip(values, chosen, strict=True):
                before = steps[t - 1]
                jacobian = step_jacobian(
                    layout.cell, layout.options, own, read[t, 0], before.h[0], None if before.c is None else before.c[0]
                )
                if np.isfinite(jacobian).all():
                    row[:] = singular_values(jacobian)
            found.append((chosen, values))
        x = of_level.outputs
    return found


def singular_values(jacobians: np.ndarray) -> np.ndarray:
    """Of each matrix (…, N, N), largest first: (…, N)."""
    values: np.ndarray = np.linalg.svd(jacobians.astype(np.float64), compute_uv=False)
    return values
