"""The head and the loss of one part of a batch, as a kernel: step by step outputs, loss, and the gradient of all that leads there."""

from typing import NamedTuple

import numpy as np

from core.kernel import addressed_kernel, inner_kernel
from core.kernels.kernel_pointer import call_for_number
from core.kernels.products import add_outer_products, add_product
from core.kernels.vectors import constant_like, lanes, load, store
from core.kernels.views import at, between, clear, matrix_at


class Sequences(NamedTuple):
    """Training sequences of many updates, N = updates · B of them side by side.

    Attributes
    ----------
    inputs : (T, N, D)
    targets : (T' · N, O padded to full vectors), 0 rows for labels; T' is T, or 1 where only the last step is answered
    labels : (T' · N) int64, 0 of them for other targets
    is_counted : (T, N) uint8, whether the output after this step enters the loss
    lengths : (N) valid steps
    seq_lens, counts : (updates) steps of the longest sequence, and outputs that are counted, of each update
    """

    inputs: np.ndarray
    targets: np.ndarray
    labels: np.ndarray
    is_counted: np.ndarray
    lengths: np.ndarray
    seq_lens: np.ndarray
    counts: np.ndarray


@addressed_kernel
def head_gradient(  # type: ignore[no-untyped-def]
    products, loss_kernel, losses, part, first, count, seq_len, mean, data, rows, dh, y, dy, panels, back_panels, flat, gradient, outputs
):
    """The head y = W h + b and the loss at all steps that count; sets ∂L/∂h in ``dh`` and adds to the gradient of W and b.

    Parameters
    ----------
    loss_kernel : address of one of core.kernels.loss_rows
    losses : its entry ``part`` becomes the part's share of the mean loss
    first, count : the part's sequences in ``data``
    mean : share of one number in the loss
    rows, dh : of the top layer, (T + 1, B, K) and (T + 1, B, Hp), or where only the last step counts (2, B, Hp), a ring
    y, dy : room for one step, (B, O padded)
    panels, back_panels : of the head's transpose and of the head
    flat, gradient : all parameters, which end with W (O, Hp) and b (O)
    """
    units, start = dh.shape[2], flat.size - outputs
    bias, d_bias = between(flat, start, flat.size), between(gradient, start, flat.size)
    d_head = matrix_at(gradient, start - outputs * units, outputs, units)
    share = y.dtype.type(mean)
    loss = 0.0
    for t in range(seq_len):
        is_any_counted = _is_any_counted(data.is_counted, t, first, count)
        if not is_any_counted and dh.shape[0] > seq_len:
            clear(at(dh, t + 1))
        if not is_any_counted:
            continue
        h = at(rows, t + 1)
        add_product(products, h, panels, 0, units, 0, y.shape[1], y, 0, False)
        for b in range(y.shape[0]):
            if b < count and data.is_counted[t, first + b]:
                for o in range(outputs):
                    y[b, o] += bias[o]
                place = _place_of(t, first + b, data.lengths.size, max(data.labels.size, data.targets.shape[0]))
                loss += call_for_number(loss_kernel, (y, b, outputs, data.targets, data.labels, place, share, dy))
                for o in range(outputs):
                    d_bias[o] += dy[b, o]
            else:
                for o in range(0, dy.shape[1], lanes(dy)):
                    store(dy, b, o, constant_like(load(y, b, o), 0))
        add_product(products, dy, back_panels, 0, outputs, 0, units, at(dh, (t + 1) % dh.shape[0]), 0, False)
        add_outer_products(products, dy, h, 0, outputs, 0, units, d_head)
    losses[part] = loss * mean


@inner_kernel
def _is_any_counted(is_counted, t, first, count):  # type: ignore[no-untyped-def]
    for b in range(first, first + count):  # noqa: SIM110 - kernels know no any()
        if is_counted[t, b]:
            return True
    return False


@inner_kernel
def _place_of(t, member, members, targets):  # type: ignore[no-untyped-def]
    """Where the target after step ``t`` stands, or the only one of the sequence."""
    return member if targets == members else t * members + member
