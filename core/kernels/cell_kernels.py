"""The contract of a cell's kernels.

Shapes as in core.cell.LayerArrays; all arrays are C-contiguous and of one precision. ``products`` are those of core.kernels.products;
``parts`` (bool) says which of a cell's options are on; each cell names its entries.

forward(products, parts, rows, gates, extra, weights, panels, is_sparse, first, last)
    Runs the steps ``first … last − 1``. ``weights`` (K + P, C·Hp), and packed in ``panels`` (core.kernels.layer_weights); ``is_sparse``
    says that x is mostly 0.
backward(products, parts, rows, gates, extra, weights, back_panels, dh, dc, gradient, is_sparse, truncate, has_start)
    ``back_panels`` holds the transpose of ``weights``; ``gradient`` (K + P, C·Hp) is added to. The gradient is cut between
    steps t−1 and t wherever t ≥ 1 is a multiple of ``truncate``; 0: never. Only where ``has_start`` it goes on to ``dh[0]`` and ``dc[0]``.
    ``dh`` (T + 1, B, Hp) holds what comes from above, and becomes the total. With fewer steps R it is a ring, in which step t has the place
    t mod R, and nothing comes from above but to the last step: memory that stays in the cache. The same with ``dc``.
tangent(products, parts, rows, gates, extra, weights, panels, R_rows, R_gates, R_extra, direction, direction_panels)
    Derivative of ``forward`` along ``direction``, packed too, and the tangents of inputs and initial state.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types

from core.kernel import inner_kernel
from core.kernels.kernel_pointer import Signature, array
from core.kernels.products import NO_PRODUCTS
from core.kernels.views import clear

Kernel = Callable[..., Any]
_PRODUCTS = numba.typeof(NO_PRODUCTS)
GRADIENT_ROWS = 128
"""Rows [h | x | 1] whose outer products are added to the weight gradient at once: while they are in the cache."""


@inner_kernel
def forget(gradient, is_added):  # type: ignore[no-untyped-def]
    """Where the gradient (B, Hp) of a state is cut: in a ring, there is nothing in its place that comes from above."""
    if not is_added:
        clear(gradient)


class CellKernels(NamedTuple):
    """The compiled functions of one cell."""

    forward: Kernel
    backward: Kernel
    tangent: Kernel


def forward_signature(dtype: np.dtype) -> Signature:
    """Types of the arguments of ``forward``."""
    rows, extra, weights = array(dtype, 3), array(dtype, 4), array(dtype, 2)
    return (_PRODUCTS, array(np.bool_, 1), rows, rows, extra, weights, rows, types.boolean, types.intp, types.intp)


def backward_signature(dtype: np.dtype) -> Signature:
    """Types of the arguments of ``backward``."""
    rows, extra, weights = array(dtype, 3), array(dtype, 4), array(dtype, 2)
    flags = (types.boolean, types.intp, types.boolean)
    return (_PRODUCTS, array(np.bool_, 1), rows, rows, extra, weights, rows, rows, rows, weights, *flags)
