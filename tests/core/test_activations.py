"""tanh, sigmoid and softmax: how far off they are, and what becomes of NaN and infinity."""

import numpy as np
import pytest

from core.activations import exp, sigmoid, softmax, tanh
from core.kernel import kernel
from core.kernels.vectors import lanes, load, store


@kernel
def _tanh_of_each(x, out):  # type: ignore[no-untyped-def]
    for i in range(0, x.size, lanes(x)):
        store(out, 0, i, tanh(load(x, 0, i)))


@kernel
def _sigmoid_of_each(x, out):  # type: ignore[no-untyped-def]
    for i in range(0, x.size, lanes(x)):
        store(out, 0, i, sigmoid(load(x, 0, i)))


@kernel
def _exp_of_each(x, out):  # type: ignore[no-untyped-def]
    for i in range(0, x.size, lanes(x)):
        store(out, 0, i, exp(load(x, 0, i)))


def by_kernel(function, x: np.ndarray) -> np.ndarray:  # type: ignore[no-untyped-def]
    whole = np.zeros((1, -(-x.size // 16) * 16), x.dtype)
    whole[0, : x.size] = x
    out = np.empty_like(whole)
    function(whole, out)
    return out[0, : x.size]


def exact_sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x.astype(np.float64)))
    return np.where(x >= 0, 1, e) / (1 + e)


@pytest.fixture(scope="module")
def arguments() -> np.ndarray:
    """Every size of float32, densest where the functions bend, both signs."""
    sizes = np.concatenate([np.geomspace(1e-30, 3e38, 20_000), np.linspace(0, 12, 200_000), [7.905311, 7.9053116, 7.905312, 88, 104]])
    return np.concatenate([sizes, -sizes]).astype(np.float32)


def test_tanh_in_single_precision(arguments: np.ndarray) -> None:
    found, right = by_kernel(_tanh_of_each, arguments), np.tanh(arguments.astype(np.float64))
    assert found.dtype == np.float32
    is_zero = right == 0
    assert np.all(found[is_zero] == 0)
    assert np.max(np.abs(found - right)[~is_zero] / np.abs(right[~is_zero])) < 3e-7
    assert np.max(np.abs(found)) <= 1
    np.testing.assert_array_equal(found, -by_kernel(_tanh_of_each, -arguments))


def test_sigmoid_in_single_precision(arguments: np.ndarray) -> None:
    found = by_kernel(_sigmoid_of_each, arguments)
    assert np.max(np.abs(found - exact_sigmoid(arguments))) < 2e-7
    assert found.min() >= 0 and found.max() <= 1
    assert by_kernel(_sigmoid_of_each, np.zeros(1, np.float32)) == 0.5


def test_double_precision(arguments: np.ndarray) -> None:
    x = arguments.astype(np.float64)
    np.testing.assert_allclose(by_kernel(_tanh_of_each, x), np.tanh(x), rtol=5e-16)
    np.testing.assert_allclose(by_kernel(_sigmoid_of_each, x), exact_sigmoid(x), rtol=0, atol=3e-16)


def test_in_numpy(arguments: np.ndarray) -> None:
    x = arguments.astype(np.float64)
    np.testing.assert_array_equal(tanh(x), np.tanh(x))
    np.testing.assert_allclose(sigmoid(x), exact_sigmoid(x), rtol=0, atol=3e-16)
    assert sigmoid(arguments).dtype == np.float32


def test_ends_of_the_range(dtype: str) -> None:
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype)
    np.testing.assert_allclose(by_kernel(_tanh_of_each, x), [np.nan, 1, -1, 0, 0], rtol=3e-7)
    np.testing.assert_allclose(by_kernel(_sigmoid_of_each, x), [np.nan, 1, 0, 0.5, 0.5], atol=2e-7)
    np.testing.assert_array_equal(tanh(x), [np.nan, 1, -1, 0, 0])
    np.testing.assert_array_equal(sigmoid(x), [np.nan, 1, 0, 0.5, 0.5])


def test_tiny_arguments() -> None:
    """Denormal numbers, too, come out no larger than they went in, and never as NaN."""
    x = np.array([1e-45, 1e-40, 1e-38], np.float32)
    found = by_kernel(_tanh_of_each, x)
    assert np.all(found >= 0) and np.all(found <= 1.0001e-38)


def test_softmax() -> None:
    x = np.array([[0.0, np.log(2), np.log(5)], [1e4, 1e4, -1e4], [-1e300, 0.0, 1.0]])
    shares = softmax(x)
    e = np.exp(1)
    np.testing.assert_allclose(shares, [[1 / 8, 2 / 8, 5 / 8], [0.5, 0.5, 0], [0, 1 / (1 + e), e / (1 + e)]], rtol=1e-14)
    np.testing.assert_allclose(softmax(x[:2] + 7.5), shares[:2], rtol=1e-12)


def test_exp_in_single_precision() -> None:
    x = np.concatenate([np.linspace(-87, 87, 100_001), np.geomspace(1e-30, 1, 1000), -np.geomspace(1e-30, 1, 1000)]).astype(np.float32)
    found, right = by_kernel(_exp_of_each, x), np.exp(x.astype(np.float64))
    assert np.max(np.abs(found / right - 1)) < 2e-7
    ends = by_kernel(_exp_of_each, np.array([-np.inf, -1e30, np.nan, 0, np.inf], np.float32))
    assert ends[0] == ends[1] < 2e-38 and np.isnan(ends[2]) and ends[3] == 1 and ends[4] > 1e38


def test_exp_in_double_precision() -> None:
    x = np.linspace(-700, 700, 10_001)
    np.testing.assert_allclose(by_kernel(_exp_of_each, x), np.exp(x), rtol=1e-15)
