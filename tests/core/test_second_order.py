"""L-BFGS and Hessian-free on hand-made objectives: known minima, the formulas written out as matrices, and what goes wrong."""

import numpy as np
import pytest

from core import registry
from core.objective import Objective, WeightDecay, dot
from core.optimizer import SecondOrderOptimizer
from core.optimizers import hessian_free, lbfgs
from tests.core.objectives import HandMade, double_well, linear, rosenbrock

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((30, 8)) * np.geomspace(0.3, 3, 8), RNG.standard_normal(30)


class Run:
    """An optimizer at work on one objective."""

    def __init__(self, name: str, objective: Objective, start: np.ndarray, dtype: str = "float64") -> None:
        self.optimizer: SecondOrderOptimizer = registry.optimizers()[name]
        self.objective = objective
        self.parameters = np.asarray(start, dtype)
        self.slots = np.zeros((len(self.optimizer.slot_names), self.parameters.size), dtype)
        self.memory = dict(self.optimizer.memory_defaults)
        self.losses = [objective.loss(self.parameters)]

    def improve(self, count: int = 1) -> "Run":
        for _ in range(count):
            gradient = np.empty_like(self.parameters)
            loss = self.objective.loss_and_gradient(self.parameters, gradient)
            before = gradient.copy()
            self.optimizer.improve(self.objective, self.parameters, loss, gradient, self.slots, self.memory)
            np.testing.assert_array_equal(gradient, before)
            self.losses.append(self.objective.loss(self.parameters))
        return self

    @property
    def is_all_finite(self) -> bool:
        return all(np.isfinite(values).all() for values in (self.parameters, self.slots, list(self.memory.values())))


def test_least_squares(second_order_name: str, dtype: str) -> None:
    run = Run(second_order_name, linear(A, B), np.zeros(8), dtype).improve(40)
    right = np.linalg.lstsq(A, B, rcond=None)[0]
    np.testing.assert_allclose(run.parameters, right, atol=1e-6 if dtype == "float64" else 1e-3)
    assert run.parameters.dtype == run.slots.dtype == np.dtype(dtype)


def test_rosenbrock(second_order_name: str, dtype: str) -> None:
    """From its usual start; plain gradient descent needs thousands of updates for the valley."""
    run = Run(second_order_name, rosenbrock(), np.array([-1.2, 1.0]), dtype).improve(80)
    np.testing.assert_allclose(run.parameters, [1, 1], atol=1e-6 if dtype == "float64" else 1e-2)


def test_where_the_curvature_is_negative(second_order_name: str, dtype: str) -> None:
    run = Run(second_order_name, double_well(), np.array([1e-3, 1.0]), dtype).improve(60)
    assert run.losses[-1] == pytest.approx(-0.25, abs=1e-4)
    assert np.abs(run.parameters) == pytest.approx([1, 0], abs=1e-2)


@pytest.mark.parametrize("objective", [linear(A[:, :2], B), rosenbrock(), double_well()], ids=["linear", "rosenbrock", "double well"])
def test_it_never_goes_uphill(second_order_name: str, objective: HandMade) -> None:
    run = Run(second_order_name, objective, np.array([-1.2, 1.0])).improve(60)
    assert np.all(np.diff(run.losses) <= 0) and run.losses[-1] < run.losses[0] and run.is_all_finite


def test_it_does_the_same_again(second_order_name: str, dtype: str) -> None:
    first, second = (Run(second_order_name, rosenbrock(), np.array([-1.2, 1.0]), dtype).improve(12) for _ in range(2))
    np.testing.assert_array_equal(first.parameters, second.parameters)
    np.testing.assert_array_equal(first.slots, second.slots)
    assert first.memory == second.memory and first.losses == second.losses


def test_at_a_minimum_nothing_moves(second_order_name: str) -> None:
    run = Run(second_order_name, rosenbrock(), np.ones(2)).improve(3)
    np.testing.assert_array_equal(run.parameters, [1, 1])
    assert run.is_all_finite


def test_losses_that_are_not_finite_are_no_decrease(second_order_name: str, dtype: str) -> None:
    """The minimum lies beyond a cliff: it stays on this side and gets as far as it can."""
    objective = rosenbrock()
    objective.is_refusing = lambda theta: theta[0] > 0.5
    run = Run(second_order_name, objective, np.array([-1.2, 1.0]), dtype).improve(80)
    assert run.is_all_finite and np.isfinite(run.losses).all()
    assert run.parameters[0] <= 0.5 and run.losses[-1] < 0.5


def test_infinite_losses_are_no_decrease(second_order_name: str) -> None:
    """Not even those that are negative without bound."""
    objective = HandMade(lambda theta: -np.inf if theta[0] > 1 else -theta[0], lambda theta: np.array([-1.0]), lambda theta: np.eye(1))
    run = Run(second_order_name, objective, np.array([0.9])).improve(20)
    assert 0.9 < run.parameters[0] <= 1 and np.isfinite(run.losses).all()


def test_where_nothing_is_better_nothing_moves(second_order_name: str) -> None:
    objective = rosenbrock()
    run = Run(second_order_name, objective, np.array([-1.2, 1.0])).improve(5)
    before = run.parameters.copy()
    gradient = np.empty(2)
    loss = objective.loss_and_gradient(run.parameters, gradient)
    objective.is_refusing = lambda theta: True
    run.optimizer.improve(objective, run.parameters, loss, gradient, run.slots, run.memory)
    np.testing.assert_array_equal(run.parameters, before)
    assert not run.slots.any() and run.is_all_finite


def test_products_that_are_not_finite(second_order_name: str) -> None:
    objective = HandMade(lambda theta: float(theta @ theta) / 2, lambda theta: theta, lambda theta: np.full((2, 2), np.nan))
    run = Run(second_order_name, objective, np.array([1.0, 2.0])).improve(3)
    assert run.is_all_finite and np.all(np.diff(run.losses) <= 0)


def test_weight_decay_is_part_of_the_objective(second_order_name: str) -> None:
    """The minimum is that of ridge regression."""
    run = Run(second_order_name, WeightDecay(linear(A, B), 0.7), np.zeros(8)).improve(40)
    np.testing.assert_allclose(run.parameters, np.linalg.solve(A.T @ A + 0.7 * np.eye(8), A.T @ B), atol=1e-6)


def test_penalty_has_its_gradient_and_curvature(dtype: str) -> None:
    plain, decayed = linear(A, B), WeightDecay(linear(A, B), 0.7)
    theta, v = (np.random.default_rng(seed).standard_normal(8).astype(dtype) for seed in (1, 2))
    assert decayed.loss(theta) == pytest.approx(plain.loss(theta) + 0.35 * float(np.sum(theta.astype(float) ** 2)), rel=1e-12)
    gradients = np.empty((2, 8), dtype)
    plain.loss_and_gradient(theta, gradients[0])
    assert decayed.loss_and_gradient(theta, gradients[1]) == decayed.loss(theta)
    np.testing.assert_allclose(gradients[1] - gradients[0], 0.7 * theta, rtol=1e-3 if dtype == "float32" else 1e-10)
    products = np.empty((2, 8), dtype)
    plain.linearize(theta).gauss_newton_product(v, products[0], 0.5)
    decayed.linearize(theta).gauss_newton_product(v, products[1], 0.5)
    np.testing.assert_allclose(products[1] - products[0], 0.7 * v, rtol=1e-3 if dtype == "float32" else 1e-10)


def test_very_small_numbers(second_order_name: str) -> None:
    """Squares that are no numbers any more do not end in a division by zero."""
    for size in (1e-150, 1e-170, 1e-300):
        objective = HandMade(lambda theta: float(theta @ theta) / 2, lambda theta: theta, lambda theta: np.diag([1.0, 2.0]))
        assert Run(second_order_name, objective, np.array([size, 2 * size])).improve(20).is_all_finite


def test_dot_sums_in_double_precision() -> None:
    assert dot(np.array([1e30, 1.0], np.float32), np.array([1e30, 1.0], np.float32)) == pytest.approx(1e60, rel=1e-6)
    assert dot(np.full(1000, 0.1, np.float32), np.ones(1000, np.float32)) == pytest.approx(1000 * float(np.float32(0.1)), rel=1e-14)


# L-BFGS


def inverse_hessian(pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Formula 7.19 of Nocedal & Wright as matrices, oldest pair first."""
    s, y = pairs[-1]
    H = np.eye(len(s)) * (s @ y) / (y @ y)
    for s, y in pairs:
        V = np.eye(len(s)) - np.outer(y, s) / (y @ s)
        H = V.T @ H @ V + np.outer(s, s) / (y @ s)
    return H


@pytest.mark.parametrize("count", [1, 4, 10, 13, 27])
def test_two_loops_are_the_matrix(count: int) -> None:
    """Of the last ten steps, also after the ring has gone round: the next point lies along −H g."""
    run = Run("lbfgs", linear(A, B), np.ones(8))
    points = [run.parameters.copy()]
    for _ in range(count):
        run.improve()
        points.append(run.parameters.copy())
    gradients = [A.T @ (A @ theta - B) for theta in points]
    pairs = [(points[i + 1] - points[i], gradients[i + 1] - gradients[i]) for i in range(count)][-10:]
    found = lbfgs._two_loop_direction(gradients[-1], lbfgs._pairs(run.slots, run.memory))
    assert len(lbfgs._pairs(run.slots, run.memory)) == len(pairs)
    np.testing.assert_allclose(found, -inverse_hessian(pairs) @ gradients[-1], rtol=1e-5, atol=1e-12)


def test_first_step_is_short() -> None:
    """Of length 1 where the gradient is longer, else the gradient itself."""
    for size, length in ((50.0, 1.0), (0.3, 0.3)):
        objective = HandMade(lambda theta, size=size: -size * theta[0], lambda theta, size=size: np.array([-size]), lambda theta: np.eye(1))
        assert Run("lbfgs", objective, np.zeros(1)).improve().parameters[0] == pytest.approx(length)


def test_pairs_without_curvature_are_left_out() -> None:
    """On a straight slope the gradient does not change; on a hill it changes the wrong way."""
    for curvature in (0.0, -1.0):
        objective = HandMade(
            lambda theta, c=curvature: -theta[0] + 0.5 * c * theta[0] ** 2,
            lambda theta, c=curvature: np.array([-1 + c * theta[0]]),
            lambda theta: np.eye(1),
        )
        run = Run("lbfgs", objective, np.zeros(1)).improve(4)
        assert run.parameters[0] > 2 and not run.slots.any() and run.memory == {"pair_count": 0}


def test_restart_along_the_gradient() -> None:
    """Where the direction leads nowhere the pairs are forgotten; the step that follows gives the first new one."""
    objective = rosenbrock()
    run = Run("lbfgs", objective, np.array([-1.2, 1.0])).improve(6)
    assert run.memory["pair_count"] == 6
    gradient = np.empty(2)
    loss = objective.loss_and_gradient(run.parameters, gradient)
    asked = []

    def is_refusing_the_first_search(theta: np.ndarray) -> bool:
        asked.append(theta)
        return len(asked) <= 21

    objective.is_refusing = is_refusing_the_first_search
    before = run.parameters.copy()
    run.optimizer.improve(objective, run.parameters, loss, gradient, run.slots, run.memory)
    moved = run.parameters - before
    np.testing.assert_allclose(moved / np.linalg.norm(moved), -gradient / np.linalg.norm(gradient), rtol=1e-7)
    assert run.memory["pair_count"] == 1 and np.count_nonzero(run.slots.any(axis=1)) == 2


# Hessian-free


def test_conjugate_gradients_solve_the_damped_system() -> None:
    """With λ = 1 at the start, and a share of it for the states."""
    S = np.diag(np.arange(8.0) * 40)
    run = Run("hessian_free", linear(A, B, S), np.zeros(8)).improve()
    matrix = A.T @ A + np.eye(8) + hessian_free.STRUCTURAL_SHARE * S
    np.testing.assert_allclose(run.slots[0], np.linalg.solve(matrix, A.T @ B), rtol=1e-4, atol=1e-6)


def test_it_starts_from_the_last_direction() -> None:
    run = Run("hessian_free", rosenbrock(), np.array([-1.2, 1.0])).improve(3)
    assert isinstance(run.objective, HandMade)
    last = run.slots[0].copy()
    run.objective.directions.clear()
    run.improve()
    np.testing.assert_allclose(run.objective.directions[0], 0.95 * last, rtol=1e-12)


@pytest.mark.parametrize(("share", "factor"), [(1.0, 2 / 3), (0.79, 1.0), (2 / 3, 1.0), (0.55, 3 / 2), (0.2, 3 / 2)])
def test_damping_follows_the_reduction_ratio(share: float, factor: float) -> None:
    """Of a parabola whose curvature is given as ``share`` of the true one the loss falls 2 − 1/share times as much as promised.

    At 0.8 that is 3/4, at 4/7 it is 1/4; at 0.2 the step overshoots so far that the loss would grow.
    """
    objective = HandMade(lambda theta: float(theta[0] ** 2) / 2, lambda theta: theta, lambda theta: share * np.eye(1))
    run = Run("hessian_free", objective, np.array([3.0]))
    run.memory["damping"] = 1e-6
    run.improve()
    assert run.memory["damping"] == pytest.approx(1e-6 * factor)
    assert run.losses[1] < run.losses[0]


def test_damping_stays_within_bounds() -> None:
    objective = rosenbrock()
    run = Run("hessian_free", objective, np.array([-1.2, 1.0]))
    gradient = np.empty(2)
    loss = objective.loss_and_gradient(run.parameters, gradient)
    objective.is_refusing = lambda theta: True
    for _ in range(60):
        run.optimizer.improve(objective, run.parameters, loss, gradient, run.slots, run.memory)
    assert run.memory["damping"] == 1e8
    run = Run("hessian_free", linear(A, B), np.ones(8)).improve(60)
    assert run.memory["damping"] >= 1e-8


def test_iterations_stop_where_there_is_no_progress() -> None:
    """Martens' rule, by hand: over the last ten iterations the model gained less than half a percent."""
    gained = [0.0, *np.linspace(-0.5, -1, 5), *np.linspace(-1.0001, -1.001, 6)]
    assert [hessian_free._is_progress_small(gained[: i + 1]) for i in (9, 10)] == [False, False]
    slow = [-1.0 - 1e-5 * i for i in range(12)]
    assert not hessian_free._is_progress_small(slow[:11]) and hessian_free._is_progress_small(slow)
    assert not hessian_free._is_progress_small([-value for value in slow])


def test_the_loss_chooses_among_the_iterates() -> None:
    """Back from the last one as long as the one before is better."""
    objective = HandMade(lambda theta: abs(float(theta[0]) - 3.0), lambda theta: theta, lambda theta: np.eye(1))
    iterates = [np.array([value]) for value in (0.5, 3.2, 2.0, 3.4, 9.0)]
    best, loss = hessian_free._best_iterate(objective, np.zeros(1), iterates)
    assert best[0] == 3.4 and loss == pytest.approx(0.4)
    objective.is_refusing = lambda theta: theta[0] > 2.5
    best, loss = hessian_free._best_iterate(objective, np.zeros(1), iterates)
    assert best[0] == 2.0 and loss == 1
