"""Hand-made objectives in NumPy for the second-order optimizers: small, exact, with known minima."""

from collections.abc import Callable

import numpy as np

from core.objective import Linearization

Function = Callable[[np.ndarray], np.ndarray]


class Curvature:
    """A matrix in the place of G, and one in the place of JₕᵀJₕ."""

    def __init__(self, matrix: np.ndarray, state_matrix: np.ndarray, seen: list[np.ndarray]) -> None:
        self._matrix, self._state_matrix, self._seen = matrix, state_matrix, seen

    def gauss_newton_product(self, direction: np.ndarray, product: np.ndarray, state_damping: float) -> None:
        assert direction.dtype == product.dtype
        self._seen.append(direction.copy())
        v = direction.astype(np.float64)
        product[:] = self._matrix @ v + state_damping * (self._state_matrix @ v)


class HandMade:
    """A loss, its gradient and its curvature as functions of the parameters; ``state_matrix`` stands for JₕᵀJₕ.

    ``is_refusing`` says for each point that is asked for whether the loss there is NaN; ``directions`` are those of all products.
    """

    def __init__(
        self, loss: Callable[[np.ndarray], float], gradient: Function, curvature: Function, state_matrix: np.ndarray | None = None
    ) -> None:
        self._loss, self._gradient, self._curvature, self._state_matrix = loss, gradient, curvature, state_matrix
        self.is_refusing: Callable[[np.ndarray], bool] = lambda parameters: False
        self.directions: list[np.ndarray] = []

    def loss(self, parameters: np.ndarray) -> float:
        theta = parameters.astype(np.float64)
        return float("nan") if self.is_refusing(theta) else float(self._loss(theta))

    def loss_and_gradient(self, parameters: np.ndarray, gradient: np.ndarray) -> float:
        gradient[:] = self._gradient(parameters.astype(np.float64))
        return self.loss(parameters)

    def linearize(self, parameters: np.ndarray) -> Linearization:
        n = parameters.size
        state_matrix = np.zeros((n, n)) if self._state_matrix is None else self._state_matrix
        return Curvature(self._curvature(parameters.astype(np.float64)), state_matrix, self.directions)


def squares(residual: Function, jacobian: Function, state_matrix: np.ndarray | None = None) -> HandMade:
    """½ ‖r(θ)‖², with G = JᵀJ."""
    return HandMade(
        lambda theta: 0.5 * float(np.sum(residual(theta) ** 2)),
        lambda theta: jacobian(theta).T @ residual(theta),
        lambda theta: jacobian(theta).T @ jacobian(theta),
        state_matrix,
    )


def linear(A: np.ndarray, b: np.ndarray, state_matrix: np.ndarray | None = None) -> HandMade:
    """½ ‖Aθ − b‖²."""
    return squares(lambda theta: A @ theta - b, lambda theta: A, state_matrix)


def rosenbrock() -> HandMade:
    """½ (10 (y − x²))² + ½ (1 − x)²: a bent valley, its minimum 0 at (1, 1)."""
    return squares(
        lambda theta: np.array([10 * (theta[1] - theta[0] ** 2), 1 - theta[0]]),
        lambda theta: np.array([[-20 * theta[0], 10], [-1, 0]]),
    )


def double_well() -> HandMade:
    """¼ x⁴ − ½ x² + ½ y², with its true Hessian, indefinite near the saddle at 0; minima −¼ at (±1, 0)."""
    return HandMade(
        lambda theta: theta[0] ** 4 / 4 - theta[0] ** 2 / 2 + theta[1] ** 2 / 2,
        lambda theta: np.array([theta[0] ** 3 - theta[0], theta[1]]),
        lambda theta: np.diag([3 * theta[0] ** 2 - 1, 1.0]),
    )
