"""What each answer of one sequence depends on: ‖∂y_t/∂x_τ‖ of everything that was read, for many output steps at once.

Madsen, "Visualizing memorization in RNNs", Distill 2019. There it is the gradient of the wanted symbol's logit; here of y itself, after the
head's activation: of all its entries, or, where these are many, of the largest alone (the likeliest symbol's share).

One copy of the sequence stands for each (output step, entry); a single backward pass through all copies gives all rows.
"""

from dataclasses import dataclass

import numpy as np

from core.batch import Batch
from core.cell import LayerArrays
from core.counted import alone
from core.kernel_engine import KernelEngine
from core.kernel_stack import turned
from core.kernels.denormals import flushed
from core.layout import Level
from core.network import Network
from core.topology import ENCODER_DECODER, VECTOR_TO_SEQUENCE

# Derivatives by it lose nothing to cancellation, however small it is.
_IMAGINARY_STEP = 1e-30


@dataclass(frozen=True)
class InputNorms:
    """Of R rows, each the gradient of one entry of one output.

    Attributes
    ----------
    encoder : (R, T) by what the network reads; by an encoder's input; (R, 1) by the vector of vector_to_sequence
    fed_back : (R, T') by the previous outputs that a decoder reads; None without one
    """

    encoder: np.ndarray
    fed_back: np.ndarray | None


def multiplications(network: Network, seq_len: int) -> int:
    """How many multiplications one row takes, nearly: forward, back, and by the weights of what is read."""
    layout = network.layout
    by_step = sum(3 * layout.columns * layout.row_size(layer) for layer in layout.layers)
    return max(1, seq_len * (by_step + layout.columns * min(layout.columns, layout.input_size)))


def largest_entries(network: Network, batch: Batch, member: int) -> np.ndarray:
    """Which entry of the output is the largest after each step of one sequence, (T,); a decoder is fed with the right outputs."""
    own = alone(batch, member, network.topology)
    outputs = network.engine.outputs_taught(network.flat, own) if network.has_decoder else network.engine.outputs(network.flat, own.inputs)
    largest: np.ndarray = outputs[:, 0].argmax(axis=1)
    return largest


def input_norms(network: Network, batch: Batch, member: int, steps: np.ndarray, entries: np.ndarray) -> InputNorms:
    """Norms over the entries of x_τ of ∂y_{step, entry}/∂x_τ, in sequence ``member`` of ``batch``.

    Parameters
    ----------
    steps, entries : (R,) which output, in the decoder's own count where there is one, and which of its entries
    """
    copies = alone(batch, member, network.topology, len(steps))
    engine, flat = network.engine, network.flat
    if isinstance(engine, KernelEngine):
        with flushed():
            return _by_kernels(network, engine, copies, steps, entries)
    parameters = network.layout.unpack(flat)
    run = engine.run(parameters, copies)
    rows = np.arange(len(steps))
    dy = np.zeros_like(run.y)
    dy[steps, rows] = _slopes(network, run.y[steps, rows], entries)
    gradients = engine.backward(parameters, run, dy, 0)
    return InputNorms(_norms(gradients.inputs), _norms(gradients.fed_back) if network.has_decoder else None)


def _by_kernels(network: Network, engine: KernelEngine, copies: Batch, steps: np.ndarray, entries: np.ndarray) -> InputNorms:
    layout, flat = network.layout, network.flat
    rows = np.arange(len(steps))
    run = engine.run(flat, copies, (), None, None)
    dy = np.ascontiguousarray(_slopes(network, engine.answers(flat, run, steps, rows), entries), dtype=network.dtype)
    engine.backward(flat, run, steps, rows, dy, np.empty_like(flat), 0)

    def read_by(level: Level, arrays: list[LayerArrays], order: np.ndarray | None) -> np.ndarray:
        """‖∂y/∂x_τ‖ (R, T) from the gradients that the lowest level's gates were left with."""
        gates = [a.gates[..., : layout.columns] for a in arrays]
        in_order = [turned(own, order) if layer.is_backward else own for layer, own in zip(level, gates, strict=True)]
        weights = [layout.layer_weights(flat, layer)[layout.units : layout.units + layer.input_size] for layer in level]
        side_by_side = np.concatenate(weights, axis=1)
        g = np.concatenate(in_order, axis=2)
        if side_by_side.shape[0] > side_by_side.shape[1]:
            # ‖W g‖² = g·WᵀW g: many symbols cost no more than there are gates.
            squares = np.einsum("trc,trc->rt", g @ (side_by_side.T @ side_by_side), g)
            norms: np.ndarray = np.sqrt(np.maximum(squares, 0).astype(np.float64))
            return norms
        return _norms(g @ side_by_side.T)

    of_stack = read_by(layout.stack[0], run.stack[0], run.reversal)
    if layout.topology == ENCODER_DECODER:
        return InputNorms(read_by(layout.encoder[0], run.encoder[0], None), of_stack)
    if layout.topology == VECTOR_TO_SEQUENCE:
        d_states = engine.stack.start_gradients(run.stack)
        weights = layout.start_weights(flat)[:, :-1]
        dv = np.einsum("kbh,kdh->bd", d_states.reshape(len(weights), len(rows), -1), weights)
        return InputNorms(_norms(dv[None]), of_stack)
    return InputNorms(of_stack, None)


def _slopes(network: Network, y: np.ndarray, entries: np.ndarray) -> np.ndarray:
    """∂(activated y)_entry/∂y (R, O) of outputs y (R, O) before activation; the Jacobian of every activation here is symmetric."""
    moved = y.astype(np.complex128)
    moved[np.arange(len(y)), entries] += 1j * _IMAGINARY_STEP
    slopes: np.ndarray = network.loss_spec.activate(moved).imag / _IMAGINARY_STEP
    return slopes


def _norms(dx: np.ndarray) -> np.ndarray:
    """(T, R, D) -> (R, T) float64."""
    wide = dx.astype(np.float64)
    norms: np.ndarray = np.sqrt(np.einsum("trd,trd->rt", wide, wide))
    return norms
