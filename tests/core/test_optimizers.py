"""First-order optimizers: kernel and NumPy twin, the formulas of the papers, clipping and decay."""

import math

import numpy as np
import pytest

from core import registry
from core.optimizer import Optimizer, add_weight_decay, clip_by_norm, clip_by_value, decay_weights, norm, norm_in_numpy

COUNT, RATE = 25, 0.05


@pytest.fixture
def optimizer(first_order_name: str) -> Optimizer:
    found: Optimizer = registry.optimizers()[first_order_name]
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


def reach(optimizer: Optimizer) -> np.ndarray:
    """How far from 0 each parameter was on its way: rounding errors are in proportion to that."""
    parameters, slots = np.linspace(-2, 2, 40), np.zeros((len(optimizer.slot_names), 40))
    farthest = np.abs(parameters)
    for count, gradient in enumerate(gradients(), start=1):
        optimizer.update_in_numpy(parameters, gradient, slots, count, RATE)
        farthest = np.maximum(farthest, np.abs(parameters))
    return farthest


def test_kernel_equals_numpy(optimizer: Optimizer, dtype: str) -> None:
    parameters, slots = run(optimizer, dtype, in_numpy=False)
    right_parameters, right_slots = run(optimizer, dtype, in_numpy=True)
    assert parameters.dtype == slots.dtype == np.dtype(dtype)
    unit = np.finfo(dtype).eps
    assert np.all(np.abs(parameters - right_parameters) <= 50 * unit * reach(optimizer))
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


def sgd(theta: list[float], g: list[list[float]], t: int) -> list[float]:
    return [theta[i] - RATE * g[t][i] for i in range(len(theta))]


def velocity(g: list[list[float]], t: int, i: int) -> float:
    """The sum of all gradients so far, each weighted by 0.9 for every update since."""
    return math.fsum(0.9 ** (t - s) * g[s][i] for s in range(t + 1))


def momentum(theta: list[float], g: list[list[float]], t: int) -> list[float]:
    return [theta[i] - RATE * velocity(g, t, i) for i in range(len(theta))]


def nesterov(theta: list[float], g: list[list[float]], t: int) -> list[float]:
    """A whole step along the velocity's next value, seen from now: g_t + 0.9 v_t."""
    return [theta[i] - RATE * (g[t][i] + 0.9 * velocity(g, t, i)) for i in range(len(theta))]


def adagrad(theta: list[float], g: list[list[float]], t: int) -> list[float]:
    """Each entry by the root of the sum of all its squares so far."""
    roots = [math.sqrt(math.fsum(g[s][i] ** 2 for s in range(t + 1))) for i in range(len(theta))]
    return [theta[i] - RATE * g[t][i] / (roots[i] + 1e-10) for i in range(len(theta))]


def rmsprop(theta: list[float], g: list[list[float]], t: int) -> list[float]:
    """The mean of squares is a sum in which each weighs 1/100, and 0.99 of that for every update since."""
    means = [math.fsum(0.01 * 0.99 ** (t - s) * g[s][i] ** 2 for s in range(t + 1)) for i in range(len(theta))]
    return [theta[i] - RATE * g[t][i] / (math.sqrt(means[i]) + 1e-8) for i in range(len(theta))]


def adam(theta: list[float], g: list[list[float]], t: int) -> list[float]:
    """The last lines of algorithm 1 of Kingma & Ba (2015), with the moments written as sums."""
    k, moved = t + 1, []
    for i in range(len(theta)):
        m_hat = math.fsum(0.1 * 0.9 ** (t - s) * g[s][i] for s in range(k)) / (1 - 0.9**k)
        v_hat = math.fsum(0.001 * 0.999 ** (t - s) * g[s][i] ** 2 for s in range(k)) / (1 - 0.999**k)
        moved.append(theta[i] - RATE * m_hat / (math.sqrt(v_hat) + 1e-8))
    return moved


FORMULAS = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,
}


def test_formula(first_order_name: str, dtype: str, engine: str) -> None:
    """Of the papers, in plain Python: no state is carried, every update looks at all gradients so far."""
    g = gradients(dtype).astype(float).tolist()
    theta = np.linspace(-2, 2, 40).astype(dtype).astype(float).tolist()
    theta[7] = 0.0
    for t in range(COUNT):
        theta = FORMULAS[first_order_name](theta, g, t)
    optimizer = registry.optimizers()[first_order_name]
    found, _ = run(optimizer, dtype, in_numpy=engine == "numpy")
    assert np.all(np.abs(found - theta) <= 50 * np.finfo(dtype).eps * np.maximum(reach(optimizer), RATE))


def test_adam_moments() -> None:
    """They stand in session files: the first and second moment without the corrections."""
    m, v = np.zeros(40), np.zeros(40)
    for g in gradients():
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g**2
    np.testing.assert_allclose(run(registry.optimizers()["adam"], "float64", in_numpy=False)[1], [m, v], rtol=1e-12)


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


def test_penalty_of_the_weights(dtype: str) -> None:
    """λθ is the slope of λ/2 · ‖θ‖²."""
    parameters, gradient = np.array([2, -4], dtype), np.array([1, 1], dtype)
    add_weight_decay(gradient, parameters, 0.0)
    np.testing.assert_array_equal(gradient, [1, 1])
    add_weight_decay(gradient, parameters, 0.5)
    np.testing.assert_array_equal(gradient, [2, -1])
    assert gradient.dtype == np.dtype(dtype) and list(parameters) == [2, -4]


def test_only_adamw_decays_apart_from_the_gradient() -> None:
    assert [name for name, optimizer in registry.optimizers().items() if optimizer.decouples_weight_decay] == ["adamw"]


def test_clipping_of_values(dtype: str) -> None:
    gradient = np.array([3, -4, 0.5, 1], dtype)
    assert clip_by_value(gradient, 1.0)
    np.testing.assert_array_equal(gradient, [1, -1, 0.5, 1])
    assert gradient.dtype == np.dtype(dtype)


@pytest.mark.parametrize("clip_value", [0, 4.0, 5.0])
def test_no_clipping_of_values(clip_value: float) -> None:
    """Off, exactly at the limit, and below it."""
    gradient = np.array([3.0, -4.0])
    assert not clip_by_value(gradient, clip_value)
    np.testing.assert_array_equal(gradient, [3, -4])
