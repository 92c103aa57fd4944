"""The loss of a logistic regression: what can be said about a label from a handful of numbers, without memory.

Newton's method (iteratively reweighted least squares; Hastie, Tibshirani & Friedman 2009, section 4.4.1) on the numbers, their squares
and products, with a weak penalty on the squares of the weights, so that it ends where labels can be told apart without error.
"""

import numpy as np

from core.activations import sigmoid

PENALTY = 1e-3
MOST_ITERATIONS = 50
SMALL_STEP = 1e-8
# Beyond this many numbers their products would be too many.
MOST_WITH_PRODUCTS = 16


def quadratic_features(x: np.ndarray) -> np.ndarray:
    """1, the numbers x (N, D), and the products of each two of them, of itself too: (N, 1 + D + D (D + 1) / 2)."""
    first, second = np.triu_indices(x.shape[1])
    products = x[:, first] * x[:, second] if x.shape[1] <= MOST_WITH_PRODUCTS else x**2
    return np.hstack([np.ones((len(x), 1)), x, products])


def logistic_loss(x: np.ndarray, labels: np.ndarray) -> float:
    """Mean binary cross-entropy, in nats, of the regression fitted to x (N, D) and labels (N,) of 0 and 1, on the same."""
    features, targets = quadratic_features(x.astype(np.float64)), labels.astype(np.float64)
    weights = np.zeros(features.shape[1])
    loss = _penalized(features @ weights, targets, weights)
    for _ in range(MOST_ITERATIONS):
        share = sigmoid(features @ weights)
        gradient = features.T @ (share - targets) + PENALTY * weights
        curvature = (features * (share * (1 - share))[:, None]).T @ features + PENALTY * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        scale = 1.0
        # Far from the minimum a whole step may go too far.
        while (trial := _penalized(features @ (weights - scale * step), targets, weights - scale * step)) > loss and scale > SMALL_STEP:
            scale /= 2
        weights = weights - scale * step
        is_done = loss - trial <= SMALL_STEP * loss
        loss = trial
        if is_done:
            break
    return _cross_entropy(features @ weights, targets) / len(targets)


def _cross_entropy(y: np.ndarray, targets: np.ndarray) -> float:
    return float(np.sum(np.maximum(y, 0) - y * targets + np.log1p(np.exp(-np.abs(y)))))


def _penalized(y: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    return _cross_entropy(y, targets) + PENALTY / 2 * float(weights @ weights)
