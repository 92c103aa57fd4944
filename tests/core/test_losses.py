"""The three losses: kernel, NumPy twin and the plain formula; value and gradient."""

import numpy as np
import pytest

from core.losses import LOSSES, LossSpec


def plain_loss(name: str, y: np.ndarray, targets: np.ndarray) -> float:
    """The formula as it stands in a book."""
    if name == "squared_error":
        return float(np.mean((y - targets) ** 2))
    if name == "cross_entropy":
        shares = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
        return float(np.mean([-np.log(shares[n, label]) for n, label in enumerate(targets)]))
    probability = 1 / (1 + np.exp(-y))
    return float(np.mean(-targets * np.log(probability) - (1 - targets) * np.log(1 - probability)))


def sample(spec: LossSpec, count: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([count, width])
    y = 2 * rng.standard_normal((count, width))
    if spec.has_labels:
        return y, rng.integers(0, width, count)
    # Soft targets between 0 and 1 suit both of the others.
    return y, rng.random((count, width))


@pytest.fixture
def spec(loss_name: str) -> LossSpec:
    return LOSSES[loss_name]


def functions(spec: LossSpec):  # type: ignore[no-untyped-def]
    return (spec.kernel, spec.reference)


@pytest.mark.parametrize(("count", "width"), [(1, 1), (1, 3), (7, 2), (40, 5)])
def test_value_and_gradient(spec: LossSpec, count: int, width: int) -> None:
    y, targets = sample(spec, count, width)
    right = plain_loss(spec.name, y, targets)
    gradient = np.empty_like(y)
    for index in np.ndindex(y.shape):
        above, below = y.copy(), y.copy()
        above[index] += 1e-5
        below[index] -= 1e-5
        gradient[index] = (plain_loss(spec.name, above, targets) - plain_loss(spec.name, below, targets)) / 2e-5
    for function in functions(spec):
        dy = np.full_like(y, np.nan)
        assert function(y, targets, dy) == pytest.approx(right, rel=1e-13, abs=1e-15)
        np.testing.assert_allclose(dy, gradient, rtol=1e-7, atol=1e-10)


def test_twins_in_single_precision(spec: LossSpec) -> None:
    y, targets = sample(spec, 30, 4)
    right = plain_loss(spec.name, y, targets)
    dy_right = np.empty_like(y)
    spec.reference(y, targets, dy_right)
    y = y.astype(np.float32)
    targets = targets if spec.has_labels else targets.astype(np.float32)
    for function in functions(spec):
        dy = np.empty_like(y)
        assert function(y, targets, dy) == pytest.approx(right, rel=1e-6)
        np.testing.assert_allclose(dy, dy_right, rtol=1e-5, atol=1e-8)


def test_far_from_the_target(spec: LossSpec, dtype: str) -> None:
    """Outputs in the thousands, far beyond what exp can take: the loss is large and finite, the gradient right."""
    y = np.array([[3000.0, -2000.0]], dtype)
    targets = np.array([1]) if spec.has_labels else np.array([[0.0, 1.0]], dtype)
    losses = {"squared_error": (3000**2 + 2001**2) / 2, "cross_entropy": 5000.0, "binary_cross_entropy": 2500.0}
    gradients = {"squared_error": [3000, -2001], "cross_entropy": [1, -1], "binary_cross_entropy": [0.5, -0.5]}
    for function in functions(spec):
        dy = np.empty_like(y)
        assert function(y, targets, dy) == pytest.approx(losses[spec.name], rel=1e-6)
        np.testing.assert_allclose(dy, [gradients[spec.name]], rtol=1e-6)


def test_right_answers_cost_nothing(spec: LossSpec, dtype: str) -> None:
    y = np.array([[800.0, -800.0]], dtype)
    targets = np.array([0]) if spec.has_labels else np.array([[1.0, 0.0]], dtype) if "binary" in spec.name else y.copy()
    for function in functions(spec):
        dy = np.empty_like(y)
        assert function(y, targets, dy) == 0
        np.testing.assert_array_equal(dy, 0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_not_finite_is_not_hidden(spec: LossSpec, dtype: str, bad: float, place: int) -> None:
    """Either the loss or its gradient shows it, except where an infinite output is the right answer."""
    y = np.zeros((3, 2), dtype)
    y[1, place] = bad
    # The worst case for hiding: the output in question counts against the target.
    wrong_way = 0.0 if bad > 0 else 1.0
    targets = np.full(3, 1 - place if bad > 0 else place) if spec.has_labels else np.full((3, 2), wrong_way, dtype)
    for function in functions(spec):
        dy = np.empty_like(y)
        with np.errstate(all="ignore"):
            loss = function(y, targets, dy)
        assert not np.isfinite(loss) or not np.isfinite(dy).all()


def test_activation_belongs_to_the_loss(spec: LossSpec) -> None:
    """∂L/∂y is (g(y) − target) times a constant, with the head's activation g: that is what makes the two a pair."""
    y, targets = sample(spec, 6, 3)
    dy = np.empty_like(y)
    spec.reference(y, targets, dy)
    wanted = np.eye(3)[targets] if spec.has_labels else targets
    difference = spec.activate(y) - wanted
    np.testing.assert_allclose(dy, difference * (dy[0, 0] / difference[0, 0]), rtol=1e-10)
    assert dy[0, 0] / difference[0, 0] > 0
