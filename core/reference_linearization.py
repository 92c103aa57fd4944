"""The derivative of a network run by NumPy steps: products of its Gauss–Newton matrix with vectors."""

import numpy as np

from core.batch import Batch
from core.counted import counted_outputs
from core.kernel_stack import DropoutMasks
from core.reference_engine import ReferenceEngine
from core.reference_forward import LevelRun

# Derivatives by it lose nothing to cancellation, however small it is.
IMAGINARY_STEP = 1e-30


class ReferenceLinearization:
    """See KernelLinearization: here J v is the imaginary part of a forward pass with complex parameters."""

    def __init__(self, engine: ReferenceEngine, flat: np.ndarray, batch: Batch, dropout: DropoutMasks, states: np.ndarray | None) -> None:
        self._engine, self._batch, self._dropout, self._states = engine, batch, dropout, states
        layout = engine.layout
        self._wide = ReferenceEngine(layout, engine.loss_spec, np.dtype(np.float64))
        self._parameters = layout.unpack(flat.astype(np.float64))
        self._run = self._wide.run(self._parameters, batch, dropout, None, states)

    def gauss_newton_product(self, direction: np.ndarray, product: np.ndarray, state_damping: float = 0.0) -> None:
        """See KernelLinearization."""
        wide, layout, batch = self._wide, self._engine.layout, self._batch
        along = layout.unpack(direction.astype(np.float64))
        moved = {name: value + 1j * IMAGINARY_STEP * along[name] for name, value in self._parameters.items()}
        tangent = wide.run(moved, batch, self._dropout, None, self._states)
        counted = counted_outputs(batch, layout.topology, np.dtype(np.float64), wide.loss_spec.has_labels)
        at = (counted.steps, counted.members)
        dy = np.zeros_like(self._run.y)
        dy[at] = wide.loss_spec.curvature(self._run.y[at], tangent.y.imag[at] / IMAGINARY_STEP)
        extra = (
            None
            if state_damping == 0
            else [self._extra(runs, number, state_damping) for number, runs in enumerate((tangent.encoder, tangent.stack))]
        )
        layout.pack(wide.backward(self._parameters, self._run, dy, 0, extra).parameters, product)

    def _extra(self, runs: list[LevelRun], number: int, state_damping: float) -> list[np.ndarray]:
        batch = self._batch
        lengths = batch.output_lengths if number == 1 and batch.output_lengths is not None else batch.lengths
        scale = state_damping / batch.size / IMAGINARY_STEP
        return [scale * run.outputs.imag * (np.arange(len(run.outputs))[:, None] < lengths)[..., None] for run in runs]
