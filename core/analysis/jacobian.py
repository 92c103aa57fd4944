"""How one step of a cell stretches and shrinks small changes of its state.

J_t = ∂s_t / ∂s_{t-1} with s = h, or s = [h, C] for cells with a cell state. Its singular values say what a step does to gradients
on their way back: all below 1, they vanish; some above 1, they may explode (Pascanu, Mikolov & Bengio 2013).
"""

from typing import Any

import numpy as np

from core.batch import Batch
from core.cell import Cell, Parameters
from core.counted import alone
from core.layout import Layer
from core.network import Network
from core.reference_engine import ReferenceEngine


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


def step_jacobians(network: Network, batch: Batch, member: int) -> list[tuple[Layer, np.ndarray]]:
    """For each layer below the head J_t of the steps t = 1 … T−1 of one sequence, (T−1, S·H, S·H), in the layer's order of reading.

    A decoder is fed with the right previous outputs.
    """
    layout = network.layout
    engine = ReferenceEngine(layout, network.loss_spec, np.dtype(np.float64))
    parameters = layout.unpack(network.flat.astype(np.float64))
    sequence = alone(batch, member, network.topology)
    run = engine.run(parameters, sequence)
    found = []
    x = engine.stack_inputs(sequence)
    for level, of_level in zip(layout.stack, run.stack, strict=True):
        for layer, steps in zip(level, of_level.steps, strict=True):
            own = layout.layer_parameters(parameters, layer)
            read = x[::-1] if layer.is_backward else x
            jacobians = [
                step_jacobian(layout.cell, layout.options, own, x_t[0], before.h[0], None if before.c is None else before.c[0])
                for x_t, before in zip(read[1:], steps, strict=False)
            ]
            size = layout.states * layout.hidden_size
            found.append((layer, np.array(jacobians).reshape(-1, size, size)))
        x = of_level.outputs
    return found


def singular_values(jacobians: np.ndarray) -> np.ndarray:
    """Of each matrix (…, N, N), largest first: (…, N)."""
    values: np.ndarray = np.linalg.svd(jacobians.astype(np.float64), compute_uv=False)
    return values
