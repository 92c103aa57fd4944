"""The contract of a cell's kernels, and how a kernel for all cells finds those of one.

Every cell has a ``parts`` type, a named tuple of flags that says which of its options are on. Inside kernels ``forward(parts, …)``,
``backward(parts, …)`` and ``tangent(parts, …)`` mean those of the cell whose type ``parts`` has: the choice is made when compiling.

Shapes as in core.cell.LayerArrays; all arrays are C-contiguous and of one precision.

forward(parts, rows, gates, extra, weights, panels, is_sparse, first, last)
    Runs the steps ``first … last − 1``. ``weights`` (K + P, C·Hp), and packed in ``panels`` (core.matrix_products); ``is_sparse`` says
    that x is mostly 0.
backward(parts, rows, gates, extra, weights, back_panels, dh, dc, gradient, is_sparse, truncate, has_start)
    ``back_panels`` holds the transpose of ``weights``; ``gradient`` (K + P, C·Hp) is added to. The gradient is cut between
    steps t−1 and t wherever t ≥ 1 is a multiple of ``truncate``; 0: never. Only where ``has_start`` it goes on to ``dh[0]`` and ``dc[0]``.
tangent(parts, rows, gates, extra, weights, panels, R_rows, R_gates, R_extra, direction, direction_panels)
    Derivative of ``forward`` along ``direction``, packed too, and the tangents of inputs and initial state.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from core.kernel import choose_by_type

Kernel = Callable[..., Any]
GRADIENT_ROWS = 128
"""Rows [h | x | 1] whose outer products are added to the weight gradient at once: while they are in the cache."""


class CellKernels(NamedTuple):
    """The compiled functions of one cell."""

    forward: Kernel
    backward: Kernel
    tangent: Kernel


_by_parts: dict[type, CellKernels] = {}


def register(parts: type, kernels: CellKernels) -> CellKernels:
    """Let the functions below mean ``kernels`` for arguments of type ``parts``."""
    _by_parts[parts] = kernels
    return kernels


def forward(parts: Any, *arguments: Any) -> None:
    """Run a layer."""
    _by_parts[type(parts)].forward(parts, *arguments)


def backward(parts: Any, *arguments: Any) -> None:
    """Backpropagate through a layer."""
    _by_parts[type(parts)].backward(parts, *arguments)


def tangent(parts: Any, *arguments: Any) -> None:
    """Derivative of a layer."""
    _by_parts[type(parts)].tangent(parts, *arguments)


choose_by_type(forward, lambda parts: _by_parts[parts].forward)
choose_by_type(backward, lambda parts: _by_parts[parts].backward)
