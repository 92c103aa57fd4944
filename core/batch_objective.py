"""A network's mean loss on one batch, as the second-order optimizers see it."""

import numpy as np

from core.batch import Batch
from core.kernel_engine import KernelEngine
from core.kernel_linearization import KernelLinearization
from core.kernel_stack import DropoutMasks
from core.reference_engine import ReferenceEngine
from core.reference_linearization import ReferenceLinearization


class BatchObjective:
    """See core/objective.py. Dropout masks and initial states are held fast; a decoder is taught; the gradient is not truncated."""

    def __init__(self, engine: KernelEngine | ReferenceEngine, batch: Batch, dropout: DropoutMasks, states: np.ndarray | None) -> None:
        self._engine, self._batch, self._dropout, self._states = engine, batch, dropout, states

    def loss(self, parameters: np.ndarray) -> float:
        """The loss at flat ``parameters``; not finite where it can't be computed."""
        return self._engine.loss(parameters, self._batch, self._dropout, self._states)

    def loss_and_gradient(self, parameters: np.ndarray, gradient: np.ndarray) -> float:
        """The loss; its gradient overwrites ``gradient``."""
        return self._engine.loss_and_gradient(parameters, self._batch, gradient, self._dropout, states=self._states)

    def linearize(self, parameters: np.ndarray) -> KernelLinearization | ReferenceLinearization:
        """The network's derivative at ``parameters``; what else the objective is asked leaves it valid."""
        engine, rest = self._engine, (parameters.copy(), self._batch, self._dropout, self._states)
        if isinstance(engine, ReferenceEngine):
            return ReferenceLinearization(engine, *rest)
        return KernelLinearization(KernelEngine(engine.layout, engine.loss_spec, engine.dtype), *rest)
