"""The kernels of the LSTM and its variants.

Column blocks: i, f, C̃, o. ``extra[0]`` keeps C_t, ``extra[1]`` what the output gate shows: tanh C_t. The own row of the
weights holds the peepholes p_i, p_f and p_o in the blocks of their gates.

An absent gate is 1 in its block of ``gates``, so that the equations stay as they are and its gradient, which has the factor
i (1 − i), is 0.
"""

from typing import NamedTuple

from core.activations import gates_at_once, sigmoid, tanh
from core.kernel import inner_kernel, kernel
from core.kernels.cell_kernels import GRADIENT_ROWS, CellKernels, forget
from core.kernels.products import add_product
from core.kernels.row_products import add_row_outer_products, row_product
from core.kernels.vectors import constant_like, lanes, load, store
from core.kernels.views import at, stacked


class Parts(NamedTuple):
    """What an LSTM is made of: False where an option takes the part away."""

    input_gate: bool = True
    forget_gate: bool = True
    output_gate: bool = True
    input_activation: bool = True
    output_activation: bool = True
    coupling: bool = False
    peepholes: bool = False


@inner_kernel
def _named(parts):  # type: ignore[no-untyped-def]
    return Parts(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6])


@kernel
def forward(products, parts, rows, gates, extra, weights, panels, is_sparse, first, last):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels."""
    parts = _named(parts)
    units, columns = extra.shape[3], weights.shape[1]
    for t in range(first, last):
        row_product(products, at(rows, t), units, weights, panels, is_sparse, 0, columns, at(gates, t))
        _step(parts, at(gates, t), at(extra, 0, t), at(extra, 0, t + 1), at(extra, 1, t), at(rows, t + 1), weights)


@inner_kernel
def _step(parts, gates, c_prev, c, shown, h, weights):  # type: ignore[no-untyped-def]
    """All of one step (B, …) that follows the product; ``gates`` become their values."""
    units, p = c.shape[1], weights.shape[0] - 1
    has_all_gates = parts.input_gate and parts.forget_gate and parts.output_gate and parts.input_activation
    is_plain = has_all_gates and not parts.coupling and not parts.peepholes
    for b in range(c.shape[0]):
        for j in range(0, units, lanes(c)):
            of_i, of_f, of_candidate, of_o = j, units + j, 2 * units + j, 3 * units + j
            c_j = load(c_prev, b, j)
            one = constant_like(c_j, 1)
            i, f, candidate, o = load(gates, b, of_i), load(gates, b, of_f), load(gates, b, of_candidate), load(gates, b, of_o)
            if is_plain:
                i, f, candidate, o = gates_at_once(i, f, candidate, o)
            else:
                if parts.peepholes:
                    i = i + load(weights, p, of_i) * c_j
                    f = f + load(weights, p, of_f) * c_j
                i = sigmoid(i) if parts.input_gate else one
                f = 1 - i if parts.coupling else sigmoid(f) if parts.forget_gate else one
                if parts.input_activation:
                    candidate = tanh(candidate)
            c_j = f * c_j + i * candidate
            if not is_plain:
                if parts.peepholes:
                    o = o + load(weights, p, of_o) * c_j
                o = sigmoid(o) if parts.output_gate else one
            shown_j = tanh(c_j) if parts.output_activation else c_j
            store(gates, b, of_i, i)
            store(gates, b, of_f, f)
            store(gates, b, of_candidate, candidate)
            store(gates, b, of_o, o)
            store(c, b, j, c_j)
            store(shown, b, j, shown_j)
            store(h, b, j, o * shown_j)


@kernel
def backward(products, parts, rows, gates, extra, weights, back_panels, dh, dc, gradient, is_sparse, truncate, has_start):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels."""
    parts = _named(parts)
    seq_len, batch_size, _ = gates.shape
    units, columns = extra.shape[3], weights.shape[1]
    is_dh_added, is_dc_added = dh.shape[0] > seq_len, dc.shape[0] > seq_len
    done = seq_len
    for t in range(seq_len - 1, -1, -1):
        is_carried = has_start if t == 0 else truncate == 0 or t % truncate != 0
        dh_prev, dc_prev = at(dh, t % dh.shape[0]), at(dc, t % dc.shape[0])
        of_state = (at(extra, 0, t), at(extra, 0, t + 1), at(extra, 1, t), at(dh, (t + 1) % dh.shape[0]), at(dc, (t + 1) % dc.shape[0]))
        _step_back(parts, at(gates, t), of_state, dc_prev, weights, gradient, is_carried, is_dc_added)
        if is_carried:
            add_product(products, at(gates, t), back_panels, 0, columns, 0, units, dh_prev, 0, is_dh_added)
        else:
            forget(dh_prev, is_dh_added)
            forget(dc_prev, is_dc_added)
        if t == 0 or (done - t) * batch_size >= GRADIENT_ROWS:
            row, d = stacked(rows, t, done), stacked(gates, t, done)
            add_row_outer_products(products, row, units, d, is_sparse, 0, columns, gradient)
            done = t


@inner_kernel
def _step_back(parts, gates, of_state, dc_prev, weights, gradient, is_carried, is_dc_added):  # type: ignore[no-untyped-def]
    """One step (B, …): ``gates`` become their gradients before the activation; those of peepholes are added to ``gradient``."""
    c_prev, c, shown, dh, dc = of_state
    units, p = c.shape[1], weights.shape[0] - 1
    for b in range(c.shape[0]):
        for j in range(0, units, lanes(c)):
            of_i, of_f, of_candidate, of_o = j, units + j, 2 * units + j, 3 * units + j
            i, f, candidate, o = load(gates, b, of_i), load(gates, b, of_f), load(gates, b, of_candidate), load(gates, b, of_o)
            c_before, shown_j, dh_j = load(c_prev, b, j), load(shown, b, j), load(dh, b, j)
            da_o = dh_j * shown_j * (o * (1 - o))
            dc_j = dh_j * o
            if parts.output_activation:
                dc_j = dc_j * (1 - shown_j * shown_j)
            dc_j = load(dc, b, j) + dc_j
            if parts.peepholes:
                dc_j = dc_j + da_o * load(weights, p, of_o)
            da_i = dc_j * candidate * (i * (1 - i))
            da_f = dc_j * c_before * (f * (1 - f))
            if parts.coupling:
                # f = 1 − i: what comes to a_i by way of f is the negative of f's own.
                da_i = da_i - da_f
                da_f = constant_like(da_f, 0)
            da_candidate = dc_j * i
            if parts.input_activation:
                da_candidate = da_candidate * (1 - candidate * candidate)
            if is_carried:
                dc_before = dc_j * f
                if is_dc_added:
                    dc_before = load(dc_prev, b, j) + dc_before
                if parts.peepholes:
                    dc_before = dc_before + da_i * load(weights, p, of_i) + da_f * load(weights, p, of_f)
                store(dc_prev, b, j, dc_before)
            if parts.peepholes:
                store(gradient, p, of_i, load(gradient, p, of_i) + da_i * c_before)
                store(gradient, p, of_f, load(gradient, p, of_f) + da_f * c_before)
                store(gradient, p, of_o, load(gradient, p, of_o) + da_o * load(c, b, j))
            store(dc, b, j, dc_j)
            store(gates, b, of_i, da_i)
            store(gates, b, of_f, da_f)
            store(gates, b, of_candidate, da_candidate)
            store(gates, b, of_o, da_o)


@kernel
def tangent(products, parts, rows, gates, extra, weights, panels, R_rows, R_gates, R_extra, direction, direction_panels):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels. The prefix R_ stands for R{…}, the derivative along the direction; of the peepholes it is R_p."""
    parts = _named(parts)
    columns, size = weights.shape[1], rows.shape[2]
    for t in range(gates.shape[0]):
        add_product(products, at(R_rows, t), panels, 0, size, 0, columns, R_gates, 0, False)
        add_product(products, at(rows, t), direction_panels, 0, size, 0, columns, R_gates, 0, True)
        of_step = (at(gates, t), at(extra, 0, t), at(extra, 0, t + 1), at(extra, 1, t))
        _step_tangent(parts, of_step, R_gates, at(R_extra, 0, t), at(R_extra, 0, t + 1), at(R_rows, t + 1), weights, direction)


@inner_kernel
def _step_tangent(parts, of_step, R_gates, R_c_prev, R_c, R_h, weights, direction):  # type: ignore[no-untyped-def]
    gates, c_prev, c, shown = of_step
    units, p = c.shape[1], weights.shape[0] - 1
    for b in range(c.shape[0]):
        for j in range(0, units, lanes(c)):
            of_i, of_f, of_candidate, of_o = j, units + j, 2 * units + j, 3 * units + j
            i, f, candidate, o = load(gates, b, of_i), load(gates, b, of_f), load(gates, b, of_candidate), load(gates, b, of_o)
            c_before, c_j, shown_j, R_c_before = load(c_prev, b, j), load(c, b, j), load(shown, b, j), load(R_c_prev, b, j)
            R_i, R_f = load(R_gates, b, of_i), load(R_gates, b, of_f)
            R_candidate, R_o = load(R_gates, b, of_candidate), load(R_gates, b, of_o)
            if parts.peepholes:
                R_i = R_i + load(weights, p, of_i) * R_c_before + load(direction, p, of_i) * c_before
                R_f = R_f + load(weights, p, of_f) * R_c_before + load(direction, p, of_f) * c_before
            R_i = R_i * (i * (1 - i))
            R_f = 0 - R_i if parts.coupling else R_f * (f * (1 - f))
            if parts.input_activation:
                R_candidate = R_candidate * (1 - candidate * candidate)
            R_c_j = R_f * c_before + f * R_c_before + R_i * candidate + i * R_candidate
            if parts.peepholes:
                R_o = R_o + load(weights, p, of_o) * R_c_j + load(direction, p, of_o) * c_j
            R_o = R_o * (o * (1 - o))
            R_shown = R_c_j * (1 - shown_j * shown_j) if parts.output_activation else R_c_j
            store(R_c, b, j, R_c_j)
            store(R_h, b, j, R_o * shown_j + o * R_shown)


KERNELS = CellKernels(forward, backward, tangent)
