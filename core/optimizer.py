"""The contracts of the optimizers, clipping and weight decay. Each file in core/optimizers/ exports one as OPTIMIZER.

All of them work on flat vectors: parameters (n), their gradient (n), and ``slot_names`` further vectors of their own (slots, n).
First-order ones see one gradient and are kernels; second-order ones may ask the batch's objective for more.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numba import types

from core.kernel import inner_kernel, kernel
from core.kernels.kernel_pointer import Signature, array
from core.objective import Objective


class AnyOptimizer:
    """What first- and second-order optimizers have in common. Stateless itself: slots and memory are handed in.

    ``slot_names`` name the vectors and ``memory_defaults`` the numbers that it keeps from one update to the next, as they stand in
    session files; the vectors begin as zeros. ``decouples_weight_decay`` says that the weights shrink apart from the gradient.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int] = 100
    slot_names: ClassVar[tuple[str, ...]] = ()
    memory_defaults: ClassVar[Mapping[str, float]] = MappingProxyType({})
    is_second_order: ClassVar[bool] = False
    uses_learning_rate: ClassVar[bool] = True
    decouples_weight_decay: ClassVar[bool] = False


class Optimizer(AnyOptimizer, ABC):
    """A first-order rule: it moves parameters by their gradient alone.

    ``update(parameters, gradient, slots, count, learning_rate)`` is a kernel that does update number ``count`` (from 1); ``parameters`` and
    ``slots`` are modified in place.
    """

    update: ClassVar[Any]

    @abstractmethod
    def update_in_numpy(self, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float) -> None:
        """The same as ``update``, readable, in NumPy."""


def update_signature(dtype: np.dtype) -> Signature:
    """Types of the arguments of ``Optimizer.update``."""
    vector = array(dtype, 1)
    return (vector, vector, array(dtype, 2), types.int64, types.float64)


class SecondOrderOptimizer(AnyOptimizer, ABC):
    """A rule that also asks for losses, gradients and curvature at other parameters, on the same batch.

    It finds the length of its steps by itself: there is no learning rate, and gradients are not clipped. Weight decay is part of
    the objective that it is given.
    """

    is_second_order = True
    uses_learning_rate = False

    @abstractmethod
    def improve(
        self,
        objective: Objective,
        parameters: np.ndarray,
        loss: float,
        gradient: np.ndarray,
        slots: np.ndarray,
        memory: dict[str, float],
    ) -> None:
        """Do one update; ``parameters``, ``slots`` and ``memory`` are modified in place.

        ``loss`` and ``gradient`` are the objective's at ``parameters``, both finite. Parameters at which the loss is not finite are
        never taken; where no better ones are found, they stay as they are.
        """


@inner_kernel
def norm_of(vector):  # type: ignore[no-untyped-def]
    """``norm``, for kernels."""
    total = 0.0
    for i in range(vector.size):
        # In kernels np.float64 widens, float does not.
        x = np.float64(vector[i])
        total += x * x
    return np.sqrt(total)


@kernel
def _norm(vector):  # type: ignore[no-untyped-def]
    return norm_of(vector)


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


def clip_by_value(gradient: np.ndarray, clip_value: float) -> bool:
    """Cut every entry of ``gradient`` in place to ±``clip_value``; 0: never. Returns whether any was larger."""
    if clip_value == 0:
        return False
    bound = gradient.dtype.type(clip_value)
    is_clipped = bool(np.max(np.abs(gradient), initial=0) > bound)
    np.clip(gradient, -bound, bound, out=gradient)
    return is_clipped


def decay_weights(parameters: np.ndarray, learning_rate: float, weight_decay: float) -> None:
    """Shrink ``parameters`` in place by the factor 1 − rate·decay, apart from the gradient (Loshchilov & Hutter 2019)."""
    if weight_decay > 0:
        parameters *= parameters.dtype.type(1 - learning_rate * weight_decay)


def add_weight_decay(gradient: np.ndarray, parameters: np.ndarray, weight_decay: float) -> None:
    """Add to ``gradient`` in place that of the penalty λ/2 · ‖θ‖²: g ← g + λθ."""
    if weight_decay > 0:
        gradient += gradient.dtype.type(weight_decay) * parameters
