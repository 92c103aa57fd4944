"""What an answer depends on: ∂y/∂x_τ of every input that was read, by backpropagation."""

import numpy as np

from core.batch import Batch
from core.counted import alone
from core.network import Network
from core.reference_engine import ReferenceEngine

# Derivatives by it lose nothing to cancellation, however small it is.
_IMAGINARY_STEP = 1e-30


def input_gradients(network: Network, batch: Batch, member: int, step: int) -> np.ndarray:
    """∂y_step/∂x_τ of one sequence of ``batch``: (O, T, D), y after the head's activation, at its parameters now.

    ``step`` counts the outputs; with a decoder they are its own steps, and it is fed with the right previous outputs. T is the
    length of the input.
    """
    engine = ReferenceEngine(network.layout, network.loss_spec, np.dtype(np.float64))
    parameters = network.layout.unpack(network.flat.astype(np.float64))
    size = network.layout.output_size
    copies = alone(batch, member, network.topology, size)
    run = engine.run(parameters, copies)
    slopes = network.loss_spec.activate(run.y[step, :1] + 1j * _IMAGINARY_STEP * np.eye(size)).imag / _IMAGINARY_STEP
    dy = np.zeros_like(run.y)
    # Row i of the copies asks for y_i; slopes[k, i] is ∂y_i by the head's output k before its activation.
    dy[step] = slopes.T
    dx = engine.input_gradient(parameters, run, dy)
    return dx.transpose(1, 0, 2)


def input_saliency(network: Network, batch: Batch, member: int, step: int) -> np.ndarray:
    """‖∂y_step/∂x_τ‖ over outputs and input entries (Frobenius), for each τ: (T,)."""
    norms: np.ndarray = np.linalg.norm(input_gradients(network, batch, member, step), axis=(0, 2))
    return norms
