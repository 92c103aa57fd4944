"""The two directions along which states differ most (principal component analysis, Pearson 1901, Hotelling 1933).

The principal axes are the right singular vectors of the centred states X (P, H): the eigenvectors of XᵀX. Their signs are anybody's
choice, and two axes of nearly the same variance may change places from one update to the next. Given the axes of a moment before,
signs and places are chosen so that a picture does not flip.
"""

from dataclasses import dataclass

import numpy as np

from core.errors import InputError

AXES = 2


@dataclass(frozen=True)
class PrincipalAxes:
    """Axes in the space of the states.

    Attributes
    ----------
    mean : (H,) of the states
    axes : (2, H) of length 1; zeros where there is no second direction
    shares : (2,) of the total variance along each, 0…1
    ranks : of each, 1 for the one of largest variance
    """

    mean: np.ndarray
    axes: np.ndarray
    shares: np.ndarray
    ranks: tuple[int, int]

    def project(self, states: np.ndarray) -> np.ndarray:
        """Coordinates (…, 2) of ``states`` (…, H) along the axes."""
        projected: np.ndarray = (states - self.mean) @ self.axes.T
        return projected


def principal_axes(states: np.ndarray, before: PrincipalAxes | None = None) -> PrincipalAxes:
    """Of ``states`` (P, H), as near as can be to those ``before``. Raises InputError where a state or its square is not finite."""
    if not np.isfinite(states).all():
        raise InputError("the states are not finite numbers any more: the run has diverged")
    wide = states.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = wide.mean(axis=0)
        centred = wide - mean
        covariance = centred.T @ centred
    if not np.isfinite(covariance).all():
        raise InputError("the states have grown so large that their variance is not a finite number any more")
    variances, vectors = np.linalg.eigh(covariance)
    size = wide.shape[1]
    axes, shares = np.zeros((AXES, size)), np.zeros(AXES)
    there = min(AXES, size)
    axes[:there] = vectors.T[::-1][:there]
    shares[:there] = variances[::-1][:there] / max(float(variances.sum()), np.finfo(np.float64).tiny)
    ranks = (1, 2)
    # The largest entry is positive at first.
    signs = np.sign(axes[np.arange(AXES), np.abs(axes).argmax(axis=1)])
    if before is not None and before.axes.shape == axes.shape:
        overlap = axes @ before.axes.T
        if abs(overlap[0, 1]) + abs(overlap[1, 0]) > abs(overlap[0, 0]) + abs(overlap[1, 1]):
            axes, shares, overlap, ranks = axes[::-1], shares[::-1], overlap[::-1], (2, 1)
        signs = np.sign(np.diag(overlap))
    axes = axes * np.where(signs == 0, 1, signs)[:, None]
    return PrincipalAxes(mean, axes, np.clip(shares, 0, 1), ranks)
