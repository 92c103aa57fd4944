"""The eigenvalues of recurrent weights."""

import numpy as np

from core.cell import Parameters


def spectral_radius(matrix: np.ndarray) -> float:
    """Largest absolute eigenvalue of a square matrix.

    Of a simple RNN's W_hh: above 1 the state can keep itself alive, and gradients may explode; below 1 both fade, tanh's slope
    helping (Pascanu, Mikolov & Bengio 2013).
    """
    values = matrix.astype(np.float64)
    return float(np.abs(np.linalg.eigvals(values)).max()) if np.isfinite(values).all() else float("nan")


def spectral_radii(parameters: Parameters) -> dict[str, np.ndarray]:
    """Name of every recurrent matrix W_h (G, H, H) -> (G,), one a gate in canonical order."""
    return {name: np.array([spectral_radius(of_gate) for of_gate in value]) for name, value in parameters.items() if name.endswith("W_h")}
