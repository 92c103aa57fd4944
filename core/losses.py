"""Loss functions: value and gradient with respect to the head's output before its activation.

N counted outputs (masked ones are left out before), O numbers each. All are means, so that learning rates keep their meaning:

squared_error          1/(N·O) Σ (y − target)²,                  y identity
cross_entropy          −1/N Σ log softmax(y)[label]              in nats
binary_cross_entropy   −1/(N·O) Σ t log σ(y) + (1−t) log(1−σ(y))
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.activations import sigmoid, softmax
from core.kernel import inner_kernel, kernel


@inner_kernel
def _mean(terms):  # type: ignore[no-untyped-def]
    """Mean of ``terms`` (N,), which are written over, as exact as a float64 can hold it: differences of losses are small.

    What is added are distances from the first term, and halves are added to each other, so that hardly anything is rounded away.
    """
    if terms.size == 0:
        return np.nan
    first = terms[0]
    for i in range(terms.size):
        terms[i] -= first
    size = terms.size
    while size > 1:
        half = (size + 1) // 2
        for i in range(size - half):
            terms[i] += terms[i + half]
        size = half
    return first + terms[0] / terms.size


@kernel
def _squared_error(y, targets, dy, terms):  # type: ignore[no-untyped-def]
    scale = 1.0 / y.size
    for n in range(y.shape[0]):
        terms[n] = 0
        for o in range(y.shape[1]):
            # In kernels np.float64 widens, float does not.
            error = np.float64(y[n, o]) - targets[n, o]
            terms[n] += error * error / y.shape[1]
            dy[n, o] = 2 * scale * error
    return _mean(terms)


@kernel
def _cross_entropy(y, labels, dy, terms):  # type: ignore[no-untyped-def]
    scale = 1.0 / y.shape[0]
    for n in range(y.shape[0]):
        top = y[n, 0]
        for o in range(1, y.shape[1]):
            top = max(top, y[n, o])
        norm = 0.0
        for o in range(y.shape[1]):
            e = np.exp(y[n, o] - top)
            dy[n, o] = e
            norm += e
        terms[n] = np.log(norm) - (y[n, labels[n]] - top)
        for o in range(y.shape[1]):
            dy[n, o] = dy[n, o] / norm * scale
        dy[n, labels[n]] -= scale
    return _mean(terms)


@kernel
def _binary_cross_entropy(y, targets, dy, terms):  # type: ignore[no-untyped-def]
    scale = 1.0 / y.size
    for n in range(y.shape[0]):
        terms[n] = 0
        for o in range(y.shape[1]):
            a = np.float64(y[n, o])
            terms[n] += (max(a, 0.0) - a * targets[n, o] + np.log1p(np.exp(-abs(a)))) / y.shape[1]
            dy[n, o] = scale * (1 / (1 + np.exp(-a)) - targets[n, o])
    return _mean(terms)


def _squared_error_in_numpy(y: np.ndarray, targets: np.ndarray, dy: np.ndarray) -> float:
    dy[:] = 2 * (y - targets) / y.size
    return float(np.mean((y.astype(np.float64) - targets) ** 2))


def _cross_entropy_in_numpy(y: np.ndarray, labels: np.ndarray, dy: np.ndarray) -> float:
    shares = softmax(y)
    rows = np.arange(len(y))
    log_shares = y - y.max(axis=1, keepdims=True)
    log_shares = log_shares - np.log(np.exp(log_shares).sum(axis=1, keepdims=True))
    shares[rows, labels] -= 1
    dy[:] = shares / len(y)
    return -float(np.mean(log_shares[rows, labels]))


def _binary_cross_entropy_in_numpy(y: np.ndarray, targets: np.ndarray, dy: np.ndarray) -> float:
    dy[:] = (sigmoid(y) - targets) / y.size
    return float(np.mean(np.maximum(y, 0) - y * targets + np.log1p(np.exp(-np.abs(y)))))


def _squared_error_curvature(y: np.ndarray, tangent: np.ndarray) -> np.ndarray:
    return 2 * tangent / y.size


def _cross_entropy_curvature(y: np.ndarray, tangent: np.ndarray) -> np.ndarray:
    shares = softmax(y)
    product: np.ndarray = shares * (tangent - (shares * tangent).sum(axis=1, keepdims=True)) / len(y)
    return product


def _binary_cross_entropy_curvature(y: np.ndarray, tangent: np.ndarray) -> np.ndarray:
    shares = sigmoid(y)
    product: np.ndarray = shares * (1 - shares) * tangent / y.size
    return product


LossFunction = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class LossSpec:
    """A loss: its kernel and its NumPy twin, both ``(y (N, O), targets, dy (N, O) modified in place) -> loss``.

    ``curvature(y, v)`` is its second derivative by y times v, both (N, O): positive semidefinite for all of them.
    ``activate`` is the head's activation g that belongs to it. ``has_labels``: targets are (N,) integers, else (N, O) floats.
    """

    name: str
    kernel: LossFunction
    reference: LossFunction
    curvature: Callable[[np.ndarray, np.ndarray], np.ndarray]
    activate: Callable[[np.ndarray], np.ndarray]
    has_labels: bool


def _with_room(function: Callable[..., float]) -> LossFunction:
    """A loss by a kernel, which allocates nothing: its last argument is room for a term of each output, (N,) float64."""
    return lambda y, targets, dy: function(y, targets, dy, np.empty(len(y)))


LOSSES = {
    spec.name: spec
    for spec in (
        LossSpec(
            "squared_error", _with_room(_squared_error), _squared_error_in_numpy, _squared_error_curvature, lambda y: y, has_labels=False
        ),
        LossSpec("cross_entropy", _with_room(_cross_entropy), _cross_entropy_in_numpy, _cross_entropy_curvature, softmax, has_labels=True),
        LossSpec(
            "binary_cross_entropy",
            _with_room(_binary_cross_entropy),
            _binary_cross_entropy_in_numpy,
            _binary_cross_entropy_curvature,
            sigmoid,
            has_labels=False,
        ),
    )
}
