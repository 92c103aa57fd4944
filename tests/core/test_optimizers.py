"""Optimizers: kernel and NumPy twin, the formulas of the papers, clipping and decay."""

import numpy as np
import pytest

from core import registry
from core.optimizer import Optimizer, clip_by_norm, decay_weights, norm, norm_in_numpy

COUNT, RATE = 25, 0.05


@pytest.fixture
def optimizer(optimizer_name: str) -> Optimizer:
    found: Optimizer = registry.optimizers()[optimizer_name]
    return found


def gradients(dtype: str = "float64") -> np.ndarray:
    """(COUNT, n): of very different sizes, and one entry that is always 0, as in the padding."""
    values = np.random.default_rng(0).standard_normal((COUNT, 40)) * np.geomspace(1e-6, 1e3, 40)
    values[:, 7] = 0
    return values.astype(dtype)


def run(optimizer: Optimizer, dtype: str, in_numpy: bool) -> tuple[np.ndarray, np.ndarray]:
    parameters = np.linspace(-2, 2, 40).astype(dtype)
    parameters[7] = 0
    slots = np.zeros((len(optimizer.slot_names), 40), dtype)
    for count, gradient in enumerate(gradients(dtype), start=1):
        before = gradient.copy()
        (optimizer.update_in_numpy if in_numpy else optimizer.update)(parameters, gradient, slots, count, RATE)
        np.testing.assert_array_equal(gradient, before)
    return parameters, slots


def test_kernel_equals_numpy(optimizer: Optimizer, dtype: str) -> None:
    parameters, slots = run(optimizer, dtype, in_numpy=False)
    right_parameters, right_slots = run(optimizer, dtype, in_numpy=True)
    assert parameters.dtype == slots.dtype == np.dtype(dtype)
    unit = np.finfo(dtype).eps
    np.testing.assert_allclose(parameters, right_parameters, rtol=50 * unit, atol=50 * unit)
    for slot, right_slot in zip(slots, right_slots, strict=True):
        assert np.linalg.norm(slot - right_slot) < 50 * unit * np.linalg.norm(right_slot)


def test_single_precision_follows_double(optimizer: Optimizer) -> None:
    found, right = run(optimizer, "float32", in_numpy=False)[0], run(optimizer, "float64", in_numpy=False)[0]
    assert np.max(np.abs(found - right) / (1 + np.abs(right))) < 1e-5


def test_it_moves_against_the_gradient(optimizer: Optimizer) -> None:
    parameters, slots = np.zeros(4), np.zeros((len(optimizer.slot_names), 4))
    optimizer.update(parameters, np.array([1.0, -1.0, 5.0, -5.0]), slots, 1, RATE)
    assert np.all(np.sign(parameters) == [-1, 1, -1, 1])


def test_padding_stays_zero(optimizer: Optimizer, dtype: str) -> None:
    parameters, slots = run(optimizer, dtype, in_numpy=False)
    assert parameters[7] == 0 and np.all(slots[:, 7] == 0)
    assert np.all(np.delete(parameters, range(8)) != np.linspace(-2, 2, 40)[8:].astype(dtype))


def test_slots_are_all_used(optimizer: Optimizer) -> None:
    assert np.all(np.any(run(optimizer, "float64", in_numpy=False)[1] != 0, axis=1))


def test_sgd_formula() -> None:
    theta = np.linspace(-2, 2, 40)
    theta[7] = 0
    for g in gradients():
        theta = theta - RATE * g
    np.testing.assert_allclose(run(registry.optimizers()["sgd"], "float64", in_numpy=False)[0], theta, rtol=1e-13)


def test_momentum_formula() -> None:
    """The velocity is the sum of all gradients so far, each weighted by 0.9 for every update since."""
    theta = np.linspace(-2, 2, 40)
    theta[7] = 0
    for t in range(COUNT):
        theta = theta - RATE * sum(0.9 ** (t - s) * gradients()[s] for s in range(t + 1))
    np.testing.assert_allclose(run(registry.optimizers()["momentum"], "float64", in_numpy=False)[0], theta, rtol=1e-12)


def test_adam_formula() -> None:
    """Algorithm 1 of Kingma & Ba (2015), line by line."""
    alpha, beta_1, beta_2, epsilon = RATE, 0.9, 0.999, 1e-8
    theta, m, v = np.linspace(-2, 2, 40), np.zeros(40), np.zeros(40)
    theta[7] = 0
    for t, g in enumerate(gradients(), start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        m_hat = m / (1 - beta_1**t)
        v_hat = v / (1 - beta_2**t)
        theta = theta - alpha * m_hat / (np.sqrt(v_hat) + epsilon)
    parameters, slots = run(registry.optimizers()["adam"], "float64", in_numpy=False)
    np.testing.assert_allclose(parameters, theta, rtol=1e-12)
    np.testing.assert_allclose(slots, [m, v], rtol=1e-12)


@pytest.mark.parametrize("size", [0, 1, 5, 1000])
def test_norm(dtype: str, size: int) -> None:
    vector = np.random.default_rng(size).standard_normal(size).astype(dtype)
    right = np.sqrt(sum(float(x) ** 2 for x in vector))
    assert norm(vector) == pytest.approx(right, rel=1e-12)
    assert norm_in_numpy(vector) == pytest.approx(right, rel=1e-12)


def test_norm_of_extremes() -> None:
    """Squares that are too large or too small for float32 are summed all the same."""
    for vector, right in (
        (np.array([3e30, 4e30], np.float32), 5e30),
        (np.array([3e-30, 4e-30], np.float32), 5e-30),
    ):
        assert norm(vector) == pytest.approx(right, rel=1e-6)
        assert norm_in_numpy(vector) == pytest.approx(right, rel=1e-6)
    for bad in (np.nan, np.inf, -np.inf):
        assert not np.isfinite(norm(np.array([1.0, bad, 2.0])))
        assert not np.isfinite(norm_in_numpy(np.array([1.0, bad, 2.0])))


def test_clipping(dtype: str) -> None:
    gradient = np.array([3, 4], dtype)
    assert clip_by_norm(gradient, 5.0, 2.5)
    np.testing.assert_allclose(gradient, [1.5, 2.0], rtol=1e-7)
    assert gradient.dtype == np.dtype(dtype)


@pytest.mark.parametrize("clip_norm", [0, 5.0, 6.0])
def test_no_clipping(clip_norm: float) -> None:
    """Off, exactly at the limit, and below it."""
    gradient = np.array([3.0, 4.0])
    assert not clip_by_norm(gradient, 5.0, clip_norm)
    np.testing.assert_array_equal(gradient, [3, 4])


def test_weight_decay(dtype: str) -> None:
    parameters = np.array([2, -4], dtype)
    decay_weights(parameters, 0.1, 0.0)
    np.testing.assert_array_equal(parameters, [2, -4])
    decay_weights(parameters, 0.1, 0.5)
    np.testing.assert_allclose(parameters, [2 * 0.95, -4 * 0.95], rtol=1e-7)
    assert parameters.dtype == np.dtype(dtype)
