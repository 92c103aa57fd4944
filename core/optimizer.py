"""The contract of an optimizer, and gradient clipping. Each file in core/optimizers/ exports one as OPTIMIZER.

All of them work on flat vectors: parameters (n), their gradient (n), and ``slots`` further vectors of their own (slots, n).
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from core.kernel import kernel


class Optimizer(ABC):
    """A rule that moves parameters against their gradient; stateless itself, its moments are handed in.

    ``slot_names`` name the moment vectors, as they stand in session files.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int] = 100
    slot_names: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def update(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """Do update number ``count`` (from 1) with a kernel; ``parameters`` and ``slots`` are modified in place."""

    @abstractmethod
    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """The same, readable, in NumPy."""


@kernel
def _norm(vector):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(vector.size):
        # In kernels np.float64 widens, float does not.
        x = np.float64(vector[i])
        total += x * x
    return np.sqrt(total)


def norm(vector: np.ndarray) -> float:
    """Euclidean norm, summed in float64; NaN or infinite where any entry is."""
    return float(_norm(vector))


def norm_in_numpy(vector: np.ndarray) -> float:
    """The same in NumPy."""
    return float(np.linalg.norm(vector.astype(np.float64)))


def clip_by_norm(gradient: np.ndarray, gradient_norm: float, clip_norm: float) -> bool:
    """Rescale ``gradient`` in place to ``clip_norm`` where it is longer (Pascanu, Mikolov & Bengio 2013); 0: never.

    Returns whether it was longer.
    """
    if clip_norm == 0 or gradient_norm <= clip_norm:
        return False
    gradient *= gradient.dtype.type(clip_norm / gradient_norm)
    return True


def decay_weights(parameters: np.ndarray, learning_rate: float, weight_decay: float) -> None:
    """Shrink ``parameters`` in place by the factor 1 − rate·decay, apart from the gradient (Loshchilov & Hutter 2019)."""
    if weight_decay > 0:
        parameters *= parameters.dtype.type(1 - learning_rate * weight_decay)
