"""The loss of one output and its gradient, for kernels: core.losses a vector at a time.

``y`` holds outputs (B, O) before activation in rows of whole vectors; ``targets`` (n, O) do too, and ``labels`` (n) stand for them
where the loss has labels. ``dy`` gets ``share`` times the gradient of the loss of row ``b``, whose target is number ``place``, and 0 in
the places after the O-th. Returned is that loss, not yet divided by O.
"""

import numba
import numpy as np
from numba import types

from core.activations import exp, sigmoid
from core.kernel import addressed_kernel
from core.kernels.kernel_pointer import Signature, array
from core.kernels.vectors import constant_like, lanes, largest, load, only_first, peak, product, store, total


def signature(dtype: np.dtype) -> Signature:
    """Types of the arguments of all of them."""
    real, rows = numba.from_dtype(dtype), array(dtype, 2)
    return (rows, types.intp, types.intp, rows, array(np.int64, 1), types.intp, real, rows)


@addressed_kernel
def squared_error(y, b, outputs, targets, labels, place, share, dy):  # type: ignore[no-untyped-def]
    """Σ (y − target)²."""
    loss = 0.0
    for o in range(0, outputs, lanes(y)):
        error = only_first(load(y, b, o) - load(targets, place, o), outputs - o, 0)
        store(dy, b, o, 2 * share * error)
        loss += total(error * error)
    return loss


@addressed_kernel
def cross_entropy(y, b, outputs, targets, labels, place, share, dy):  # type: ignore[no-untyped-def]
    """−log softmax(y)[label]."""
    highest = y[b, 0]
    for o in range(0, outputs, lanes(y)):
        highest = max(highest, peak(only_first(load(y, b, o), outputs - o, highest)))
    norm = 0.0
    for o in range(0, outputs, lanes(y)):
        e = only_first(exp(load(y, b, o) - highest), outputs - o, 0)
        store(dy, b, o, e)
        norm += total(e)
    for o in range(0, outputs, lanes(y)):
        store(dy, b, o, load(dy, b, o) * (share / norm))
    label = labels[place]
    dy[b, label] -= share
    return np.log(norm) - np.float64(y[b, label] - highest)


@addressed_kernel
def binary_cross_entropy(y, b, outputs, targets, labels, place, share, dy):  # type: ignore[no-untyped-def]
    """−Σ t log σ(y) + (1 − t) log(1 − σ(y))."""
    loss = 0.0
    for o in range(0, outputs, lanes(y)):
        a, t = load(y, b, o), load(targets, place, o)
        zero = constant_like(a, 0)
        store(dy, b, o, only_first(share * (sigmoid(a) - t), outputs - o, 0))
        # Σ log(1 + e) is the logarithm of a product, which can't grow beyond bounds: e is at most 1.
        e = exp(0 - largest(a, 0 - a))
        loss += total(only_first(largest(a, zero) - a * t, outputs - o, 0)) + np.log(np.float64(product(only_first(1 + e, outputs - o, 1))))
    return loss


LOSS_ROWS = {"squared_error": squared_error, "cross_entropy": cross_entropy, "binary_cross_entropy": binary_cross_entropy}
