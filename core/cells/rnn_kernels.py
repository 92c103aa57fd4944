"""The kernels of the simple RNN: one column block, which only the way back needs: the new state is made in its own place."""

from typing import NamedTuple

from core.activations import tanh
from core.kernel import inner_kernel, kernel
from core.kernels.cell_kernels import GRADIENT_ROWS, CellKernels, forget
from core.kernels.products import add_product
from core.kernels.row_products import add_row_outer_products, row_product
from core.kernels.vectors import lanes, load, store, where_positive
from core.kernels.views import at, stacked


class Parts(NamedTuple):
    """What f is: ReLU, or else tanh."""

    relu: bool = False


@inner_kernel
def _named(parts):  # type: ignore[no-untyped-def]
    return Parts(parts[0])


@kernel
def forward(products, parts, rows, gates, extra, weights, panels, is_sparse, first, last):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels."""
    parts = _named(parts)
    units = weights.shape[1]
    for t in range(first, last):
        h = at(rows, t + 1)
        row_product(products, at(rows, t), units, weights, panels, is_sparse, 0, units, h)
        for b in range(h.shape[0]):
            for j in range(0, units, lanes(h)):
                a_j = load(h, b, j)
                store(h, b, j, where_positive(a_j, a_j) if parts.relu else tanh(a_j))


@kernel
def backward(products, parts, rows, gates, extra, weights, back_panels, dh, dc, gradient, is_sparse, truncate, has_start):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels."""
    parts = _named(parts)
    seq_len, batch_size, _ = gates.shape
    units = weights.shape[1]
    is_added = dh.shape[0] > seq_len
    done = seq_len
    for t in range(seq_len - 1, -1, -1):
        da, h, dh_t, dh_prev = at(gates, t), at(rows, t + 1), at(dh, (t + 1) % dh.shape[0]), at(dh, t % dh.shape[0])
        for b in range(batch_size):
            for j in range(0, units, lanes(da)):
                h_j, dh_j = load(h, b, j), load(dh_t, b, j)
                store(da, b, j, where_positive(h_j, dh_j) if parts.relu else dh_j * (1 - h_j * h_j))
        if has_start if t == 0 else truncate == 0 or t % truncate != 0:
            add_product(products, da, back_panels, 0, units, 0, units, dh_prev, 0, is_added)
        else:
            forget(dh_prev, is_added)
        if t == 0 or (done - t) * batch_size >= GRADIENT_ROWS:
            row, d = stacked(rows, t, done), stacked(gates, t, done)
            add_row_outer_products(products, row, units, d, is_sparse, 0, units, gradient)
            done = t


@kernel
def tangent(products, parts, rows, gates, extra, weights, panels, R_rows, R_gates, R_extra, direction, direction_panels):  # type: ignore[no-untyped-def]
    """See core.kernels.cell_kernels. The prefix R_ stands for R{…}, the derivative along the direction."""
    parts = _named(parts)
    units, size = weights.shape[1], rows.shape[2]
    for t in range(gates.shape[0]):
        add_product(products, at(R_rows, t), panels, 0, size, 0, units, R_gates, 0, False)
        add_product(products, at(rows, t), direction_panels, 0, size, 0, units, R_gates, 0, True)
        h, R_h = at(rows, t + 1), at(R_rows, t + 1)
        for b in range(h.shape[0]):
            for j in range(0, units, lanes(h)):
                h_j, R_a = load(h, b, j), load(R_gates, b, j)
                store(R_h, b, j, where_positive(h_j, R_a) if parts.relu else R_a * (1 - h_j * h_j))


KERNELS = CellKernels(forward, backward, tangent)
