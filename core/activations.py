"""Sigmoid, tanh and softmax: for kernels in both precisions, and for NumPy.

In float32 tanh is the rational function of degree 13/6 that Eigen and XLA use (relative error below 3e-7): unlike a call of
the C library it works on whole vectors, 0.5 ns an element against 25. In float64 the C library is called for each number: that
precision is there to be exact. NaN goes through both.
"""

import math

import numpy as np

from core.kernel import choose_by_precision, inner_kernel
from core.kernels.vectors import clamp, constant_like, each_lane, times_power_of_two

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

# exp x = 2ⁿ exp r with n = round(x / ln 2), and the Taylor-like polynomial of Cephes for r; ln 2 in two parts, so that r is exact.
_EXP_LOW, _EXP_HIGH = np.float32(-87.3), np.float32(88.0)
_ROUNDING = np.float32(1.5 * 2**23)
_LOG2_E, _LN2_HIGH, _LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(-2.12194440e-4)
_E0, _E1, _E2, _E3, _E4, _E5 = (
    np.float32(value) for value in (5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4)
)


def tanh(x: np.ndarray) -> np.ndarray:
    """Hyperbolic tangent, element-wise."""
    values: np.ndarray = np.tanh(x)
    return values


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logistic function 1 / (1 + exp(−x)), element-wise, without overflow."""
    shares: np.ndarray = 0.5 * np.tanh(0.5 * x) + 0.5
    return shares


def exp(x: np.ndarray) -> np.ndarray:
    """Exponential function, element-wise. In kernels of float32 what is below e^−87 counts as that, and what is above e^88 too."""
    values: np.ndarray = np.exp(x)
    return values


def tanh_as_fraction(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of tanh; in kernels of float32 the latter lies in 0.0049 … 2."""
    return np.tanh(x), np.ones_like(x)


def softmax(x: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    shares: np.ndarray = e / e.sum(axis=-1, keepdims=True)
    return shares


def _fraction_single(x):  # type: ignore[no-untyped-def]
    x = clamp(x, -_LIMIT, _LIMIT)
    s = x * x
    numerator = x * (_P0 + s * (_P1 + s * (_P2 + s * (_P3 + s * (_P4 + s * (_P5 + s * _P6))))))
    return numerator, _Q0 + s * (_Q1 + s * (_Q2 + s * _Q3))


def _fraction_double(x):  # type: ignore[no-untyped-def]
    return tanh(x), constant_like(x, 1)


def _tanh_single(x):  # type: ignore[no-untyped-def]
    numerator, denominator = tanh_as_fraction(x)
    return numerator / denominator


def _sigmoid_single(x):  # type: ignore[no-untyped-def]
    return _HALF * tanh(_HALF * x) + _HALF


@inner_kernel
def _tanh_of_number(x):  # type: ignore[no-untyped-def]
    return math.tanh(x)


_tanh_double = each_lane(_tanh_of_number)


def _sigmoid_double(x):  # type: ignore[no-untyped-def]
    return 0.5 * tanh(0.5 * x) + 0.5


def _exp_single(x):  # type: ignore[no-untyped-def]
    x = clamp(x, _EXP_LOW, _EXP_HIGH)
    n = (x * _LOG2_E + _ROUNDING) - _ROUNDING
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    return times_power_of_two(1 + r + r * r * (_E0 + r * (_E1 + r * (_E2 + r * (_E3 + r * (_E4 + r * _E5))))), n)


@inner_kernel
def _exp_of_number(x):  # type: ignore[no-untyped-def]
    return math.exp(x)


_exp_double = each_lane(_exp_of_number)


choose_by_precision(tanh_as_fraction, _fraction_single, _fraction_double)
choose_by_precision(exp, _exp_single, lambda x: _exp_double(x))
choose_by_precision(tanh, _tanh_single, lambda x: _tanh_double(x))
choose_by_precision(sigmoid, _sigmoid_single, _sigmoid_double)


@inner_kernel
def gates_at_once(i, f, candidate, o):  # type: ignore[no-untyped-def]
    """σ(i), σ(f), tanh(candidate), σ(o) of vectors with one division for all, as it takes as long as ten products."""
    p_i, q_i = tanh_as_fraction(0.5 * i)
    p_f, q_f = tanh_as_fraction(0.5 * f)
    p_c, q_c = tanh_as_fraction(candidate)
    p_o, q_o = tanh_as_fraction(0.5 * o)
    q_if, q_co = q_i * q_f, q_c * q_o
    inverse = 1 / (q_if * q_co)
    inverse_if, inverse_co = inverse * q_co, inverse * q_if
    return (
        0.5 * (p_i * (inverse_if * q_f)) + 0.5,
        0.5 * (p_f * (inverse_if * q_i)) + 0.5,
        p_c * (inverse_co * q_o),
        0.5 * (p_o * (inverse_co * q_c)) + 0.5,
    )
