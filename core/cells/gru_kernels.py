"""The kernels of the GRU in both forms.

Column blocks: r, z, then with the reset before the product: h̃; with the reset after it: U h + b' and W x + b, which becomes h̃.
``extra[0]`` keeps what the candidate sees of the past: r ⊙ h_{t-1} (reset before), or U h_{t-1} + b' (reset after); ``extra[1]`` is room
for the gradient of that.
"""

from typing import NamedTuple

from core.activations import sigmoid, tanh
from core.kernel import inner_kernel, kernel
from core.kernels.cell_kernels import GRADIENT_ROWS, CellKernels, forget
from core.kernels.products import add_outer_products, add_product
from core.kernels.row_products import add_input_outer_products, add_row_outer_products, input_product, row_product
from core.kernels.vectors import lanes, load, store
from core.kernels.views import at, stacked


class Parts(NamedTuple):
    """Whether the reset gate is applied after the matrix product."""

    reset_after: bool = False


@inner_kernel
def _named(parts):  # type: ignore[no-untyped-def]
    return Parts(parts[0])


@inner_kernel
def _candidate_at(parts, units):  # type: ignore[no-untyped-def]
    """The column where the block begins that becomes h̃."""
    return 3 * units if parts.reset_after else 2 * units


@kernel
def forward(products, parts, rows, gates, extra, weights, panels, is_sparse, first, last):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels."""
    parts = _named(parts)
    units = extra.shape[3]
    for t in range(first, last):
        row, a, kept = at(rows, t), at(gates, t), at(extra, 0, t)
        row_product(products, row, units, weights, panels, is_sparse, 0, 2 * units, a)
        if parts.reset_after:
            _recurrent_product(products, row, units, panels, kept)
            input_product(products, row, units, weights, panels, is_sparse, 3 * units, 4 * units, a)
        else:
            input_product(products, row, units, weights, panels, is_sparse, 2 * units, 3 * units, a)
        _step(parts, a, row, kept)
        if not parts.reset_after:
            add_product(products, kept, panels, 0, units, 2 * units, 3 * units, a, 2 * units, True)
        _new_state(parts, a, row, at(rows, t + 1), units)


@inner_kernel
def _recurrent_product(products, row, units, panels, kept):  # type: ignore[no-untyped-def]
    """``kept`` (B, Hp) = U h_{t-1} + b'; the bias stands in the last row of the third column block."""
    size = row.shape[1]
    add_product(products, row, panels, 0, units, 2 * units, 3 * units, kept, 0, False)
    add_product(products, row, panels, size - 1, size, 2 * units, 3 * units, kept, 0, True)


@inner_kernel
def _step(parts, gates, h_prev, kept):  # type: ignore[no-untyped-def]
    """Values of r and z, and what becomes of the candidate by r."""
    units = kept.shape[1]
    for b in range(kept.shape[0]):
        for j in range(0, units, lanes(kept)):
            r, z = sigmoid(load(gates, b, j)), sigmoid(load(gates, b, units + j))
            store(gates, b, j, r)
            store(gates, b, units + j, z)
            if parts.reset_after:
                store(gates, b, 3 * units + j, load(gates, b, 3 * units + j) + r * load(kept, b, j))
            else:
                store(kept, b, j, r * load(h_prev, b, j))


@inner_kernel
def _new_state(parts, gates, h_prev, h, units):  # type: ignore[no-untyped-def]
    """h̃ and h of one step."""
    of_candidate = _candidate_at(parts, units)
    for b in range(gates.shape[0]):
        for j in range(0, units, lanes(gates)):
            candidate = tanh(load(gates, b, of_candidate + j))
            before = load(h_prev, b, j)
            store(gates, b, of_candidate + j, candidate)
            store(h, b, j, before + load(gates, b, units + j) * (candidate - before))


@kernel
def backward(products, parts, rows, gates, extra, weights, back_panels, dh, dc, gradient, is_sparse, truncate, has_start):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels."""
    parts = _named(parts)
    seq_len, batch_size, _ = gates.shape
    units, size = extra.shape[3], rows.shape[2]
    is_added = dh.shape[0] > seq_len
    done = seq_len
    for t in range(seq_len - 1, -1, -1):
        d, kept, d_kept = at(gates, t), at(extra, 0, t), at(extra, 1, t)
        is_carried = has_start if t == 0 else truncate == 0 or t % truncate != 0
        dh_prev = at(dh, t % dh.shape[0])
        _step_back(parts, d, at(rows, t), kept, at(dh, (t + 1) % dh.shape[0]), dh_prev, is_carried, is_added)
        if parts.reset_after:
            if is_carried:
                add_product(products, d, back_panels, 0, 3 * units, 0, units, dh_prev, 0, True)
        else:
            add_product(products, d, back_panels, 2 * units, 3 * units, 0, units, d_kept, 0, False)
            _reset_back(d, d_kept, at(rows, t), dh_prev, is_carried)
            if is_carried:
                add_product(products, d, back_panels, 0, 2 * units, 0, units, dh_prev, 0, True)
        if not is_carried:
            forget(dh_prev, is_added)
        if t == 0 or (done - t) * batch_size >= GRADIENT_ROWS:
            row, of_gates = stacked(rows, t, done), stacked(gates, t, done)
            add_row_outer_products(products, row, units, of_gates, is_sparse, 0, 2 * units, gradient)
            if parts.reset_after:
                add_outer_products(products, row, of_gates, 0, units, 2 * units, 3 * units, gradient)
                add_outer_products(products, row, of_gates, size - 1, size, 2 * units, 3 * units, gradient)
                add_input_outer_products(products, row, units, of_gates, is_sparse, 3 * units, 4 * units, gradient)
            else:
                seen = stacked(at(extra, 0), t, done)
                add_outer_products(products, seen, of_gates, 0, units, 2 * units, 3 * units, gradient)
                add_input_outer_products(products, row, units, of_gates, is_sparse, 2 * units, 3 * units, gradient)
            done = t


@inner_kernel
def _step_back(parts, d, h_prev, kept, dh, dh_prev, is_carried, is_added):  # type: ignore[no-untyped-def]
    """``d`` are the values of the gates and become their gradients before the activation: of z and h̃, and with the reset after of r."""
    units = kept.shape[1]
    of_candidate = _candidate_at(parts, units)
    for b in range(kept.shape[0]):
        for j in range(0, units, lanes(kept)):
            z, candidate, dh_j = load(d, b, units + j), load(d, b, of_candidate + j), load(dh, b, j)
            da_candidate = dh_j * z * (1 - candidate * candidate)
            store(d, b, of_candidate + j, da_candidate)
            store(d, b, units + j, dh_j * (candidate - load(h_prev, b, j)) * (z * (1 - z)))
            if is_carried:
                dh_before = dh_j * (1 - z)
                if is_added:
                    dh_before = load(dh_prev, b, j) + dh_before
                store(dh_prev, b, j, dh_before)
            if parts.reset_after:
                r = load(d, b, j)
                store(d, b, 2 * units + j, da_candidate * r)
                store(d, b, j, da_candidate * load(kept, b, j) * (r * (1 - r)))


@inner_kernel
def _reset_back(d, d_kept, h_prev, dh_prev, is_carried):  # type: ignore[no-untyped-def]
    """Reset before: from the gradient of r ⊙ h_{t-1} to those of r and h_{t-1}."""
    units = d_kept.shape[1]
    for b in range(d_kept.shape[0]):
        for j in range(0, units, lanes(d_kept)):
            r, d_seen = load(d, b, j), load(d_kept, b, j)
            if is_carried:
                store(dh_prev, b, j, load(dh_prev, b, j) + d_seen * r)
            store(d, b, j, d_seen * load(h_prev, b, j) * (r * (1 - r)))


@kernel
def tangent(products, parts, rows, gates, extra, weights, panels, R_rows, R_gates, R_extra, direction, direction_panels):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels. The prefix R_ stands for R{…}; ``R_extra[0]`` is that of what ``extra[0]`` keeps."""
    parts = _named(parts)
    units, size = extra.shape[3], rows.shape[2]
    for t in range(gates.shape[0]):
        kept, R_kept = at(extra, 0, t), at(R_extra, 0, t)
        add_product(products, at(R_rows, t), panels, 0, size, 0, 2 * units, R_gates, 0, False)
        add_product(products, at(rows, t), direction_panels, 0, size, 0, 2 * units, R_gates, 0, True)
        if parts.reset_after:
            _recurrent_product(products, at(R_rows, t), units, panels, R_kept)
            add_product(products, at(rows, t), direction_panels, 0, units, 2 * units, 3 * units, R_kept, 0, True)
            add_product(products, at(rows, t), direction_panels, size - 1, size, 2 * units, 3 * units, R_kept, 0, True)
        of_candidate = _candidate_at(parts, units)
        add_product(products, at(R_rows, t), panels, units, size, of_candidate, of_candidate + units, R_gates, of_candidate, False)
        add_product(products, at(rows, t), direction_panels, units, size, of_candidate, of_candidate + units, R_gates, of_candidate, True)
        _step_tangent(parts, at(gates, t), at(rows, t), kept, R_gates, at(R_rows, t), R_kept)
        if not parts.reset_after:
            add_product(products, R_kept, panels, 0, units, 2 * units, 3 * units, R_gates, of_candidate, True)
            add_product(products, kept, direction_panels, 0, units, 2 * units, 3 * units, R_gates, of_candidate, True)
        _new_state_tangent(parts, at(gates, t), at(rows, t), R_gates, at(R_rows, t), at(R_rows, t + 1), units)


@inner_kernel
def _step_tangent(parts, gates, h_prev, kept, R_gates, R_h_prev, R_kept):  # type: ignore[no-untyped-def]
    units = kept.shape[1]
    for b in range(kept.shape[0]):
        for j in range(0, units, lanes(kept)):
            r, z = load(gates, b, j), load(gates, b, units + j)
            R_r = load(R_gates, b, j) * (r * (1 - r))
            store(R_gates, b, j, R_r)
            store(R_gates, b, units + j, load(R_gates, b, units + j) * (z * (1 - z)))
            if parts.reset_after:
                of_candidate = 3 * units + j
                store(R_gates, b, of_candidate, load(R_gates, b, of_candidate) + R_r * load(kept, b, j) + r * load(R_kept, b, j))
            else:
                store(R_kept, b, j, R_r * load(h_prev, b, j) + r * load(R_h_prev, b, j))


@inner_kernel
def _new_state_tangent(parts, gates, h_prev, R_gates, R_h_prev, R_h, units):  # type: ignore[no-untyped-def]
    of_candidate = _candidate_at(parts, units)
    for b in range(gates.shape[0]):
        for j in range(0, units, lanes(gates)):
            z, candidate = load(gates, b, units + j), load(gates, b, of_candidate + j)
            R_z, R_candidate = load(R_gates, b, units + j), load(R_gates, b, of_candidate + j) * (1 - candidate * candidate)
            R_before = load(R_h_prev, b, j)
            store(R_h, b, j, (1 - z) * R_before + z * R_candidate + R_z * (candidate - load(h_prev, b, j)))


KERNELS = CellKernels(forward, backward, tangent)
