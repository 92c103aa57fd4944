"""Sigmoid, tanh and softmax: for kernels in both precisions, and for NumPy.

In float32 tanh is the rational function of degree 13/6 that Eigen and XLA use (relative error below 3e-7): unlike a call of
the C library it works on whole vectors, 0.5 ns an element against 25. In float64 the C library is called for each number: that
precision is there to be exact. NaN goes through both.
"""

import math

import numpy as np

from core.kernel import choose_by_precision, inner_kernel
from core.vectors import clamp, each_lane

# Beyond this argument tanh is 1 in float32.
_LIMIT = np.float32(7.90531110763549805)
_P = tuple(
    np.float32(value)
    for value in (
        4.89352455891786e-03,
        6.37261928875436e-04,
        1.48572235717979e-05,
        5.12229709037114e-08,
        -8.60467152213735e-11,
        2.00018790482477e-13,
        -2.76076847742355e-16,
    )
)
_P0, _P1, _P2, _P3, _P4, _P5, _P6 = _P
_Q0, _Q1, _Q2, _Q3 = (
    np.float32(value) for value in (4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06)
)
_HALF = np.float32(0.5)


def tanh(x: np.ndarray) -> np.ndarray:
    """Hyperbolic tangent, element-wise."""
    values: np.ndarray = np.tanh(x)
    return values


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logistic function 1 / (1 + exp(−x)), element-wise, without overflow."""
    shares: np.ndarray = 0.5 * np.tanh(0.5 * x) + 0.5
    return shares


def softmax(x: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    shares: np.ndarray = e / e.sum(axis=-1, keepdims=True)
    return shares


@inner_kernel
def _rational(x):  # type: ignore[no-untyped-def]
    s = x * x
    numerator = x * (_P0 + s * (_P1 + s * (_P2 + s * (_P3 + s * (_P4 + s * (_P5 + s * _P6))))))
    return numerator / (_Q0 + s * (_Q1 + s * (_Q2 + s * _Q3)))


def _tanh_single(x):  # type: ignore[no-untyped-def]
    return _rational(clamp(x, -_LIMIT, _LIMIT))


def _sigmoid_single(x):  # type: ignore[no-untyped-def]
    return _HALF * tanh(_HALF * x) + _HALF


@inner_kernel
def _tanh_of_number(x):  # type: ignore[no-untyped-def]
    return math.tanh(x)


_tanh_double = each_lane(_tanh_of_number)


def _sigmoid_double(x):  # type: ignore[no-untyped-def]
    return 0.5 * tanh(0.5 * x) + 0.5


choose_by_precision(tanh, _tanh_single, lambda x: _tanh_double(x))
choose_by_precision(sigmoid, _sigmoid_single, _sigmoid_double)
