"""How one step of a cell stretches and shrinks small changes of its state.

J_t = ∂s_t / ∂s_{t-1} with s = h, or s = [h, C] for cells with a cell state. Its singular values say what a step does to gradients
on their way back: all below 1, they vanish; some above 1, they may explode (Pascanu, Mikolov & Bengio 2013).
"""

from typing import Any

import numpy as np

from core.cell import Cell, Parameters


def step_jacobian(
    cell: Cell, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None
) -> np.ndarray:
    """J_t (S·H, S·H) of one step with input x (D), from the state h_prev (H), and c_prev (H) for cells with a cell state.

    Row j is the gradient of entry j of the new state; ``parameters`` are those of one layer, by their short names.
    """
    hidden_size = len(h_prev)
    size = hidden_size if c_prev is None else 2 * hidden_size
    copies = (np.tile(each, (size, 1)) for each in (x, h_prev))
    c = None if c_prev is None else np.tile(c_prev, (size, 1))
    step = cell.step(options, parameters, *copies, c)
    wanted = np.eye(size, dtype=step.h.dtype)
    dc = None if c is None else wanted[:, hidden_size:]
    back = cell.step_gradient(options, parameters, step, wanted[:, :hidden_size], dc)
    return back.dh_prev if back.dc_prev is None else np.hstack([back.dh_prev, back.dc_prev])


def singular_values(jacobians: np.ndarray) -> np.ndarray:
    """Of each matrix (…, N, N), largest first: (…, N)."""
    values: np.ndarray = np.linalg.svd(jacobians.astype(np.float64), compute_uv=False)
    return values
