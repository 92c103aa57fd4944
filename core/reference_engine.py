"""Runs a network with the cells' NumPy steps: slow, readable, and there before the kernels are compiled.

Nothing here is shared with the kernels but the cells' equations, so that each checks the other.
"""

import numpy as np

from core.batch import Batch
from core.cell import Parameters, Step
from core.counted import counted_outputs
from core.kernel_engine import DropoutMasks
from core.layout import Layout
from core.losses import LossSpec
from core.optimizer import Optimizer, norm_in_numpy
from core.recording import LayerRecording, Recording

Run = list[list[Step]]


class ReferenceEngine:
    """The same calls as KernelEngine, in NumPy."""

    def __init__(self, layout: Layout, loss: LossSpec, topology: str, dtype: np.dtype) -> None:
        self._layout = layout
        self._loss = loss
        self._topology = topology
        self._dtype = dtype

    def outputs(self, flat: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """The head's outputs before activation, at every step: inputs (T, B, D) -> (T, B, O)."""
        parameters = self._layout.unpack(flat)
        return self._head(parameters, self._run_layers(parameters, inputs, ())[-1])

    def loss_and_gradient(self, flat: np.ndarray, batch: Batch, gradient: np.ndarray, dropout: DropoutMasks, truncate: int) -> float:
        """Mean loss of ``batch``; ``gradient`` (flat layout) is overwritten."""
        parameters = self._layout.unpack(flat)
        run = self._run_layers(parameters, batch.inputs, dropout)
        loss, gradients, _ = self._run_backward(parameters, run, batch, dropout, truncate)
        self._layout.pack(gradients, gradient)
        return loss

    def record(self, flat: np.ndarray, batch: Batch, truncate: int) -> Recording:
        """Run ``batch`` forward and backward and keep all that went by."""
        parameters = self._layout.unpack(flat)
        run = self._run_layers(parameters, batch.inputs, ())
        loss, _, layers = self._run_backward(parameters, run, batch, (), truncate)
        return Recording(loss, self._head(parameters, run[-1]), layers)

    def update(
        self, optimizer: Optimizer, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float
    ) -> None:
        """One update of ``optimizer``, in NumPy."""
        optimizer.update_in_numpy(parameters, gradient, slots, count, learning_rate)

    def norm(self, vector: np.ndarray) -> float:
        """Euclidean norm of a flat vector."""
        return norm_in_numpy(vector)

    def _run_layers(self, parameters: Parameters, inputs: np.ndarray, dropout: DropoutMasks) -> Run:
        layout = self._layout
        batch_size = inputs.shape[1]
        run: Run = []
        x = inputs.astype(self._dtype)
        for k in range(layout.num_layers):
            of_layer = layout.layer_parameters(parameters, k)
            h = np.zeros((batch_size, layout.hidden_size), self._dtype)
            c: np.ndarray | None = np.zeros_like(h) if layout.cell.has_cell_state else None
            steps = []
            for x_t in x:
                step = layout.cell.step(layout.options, of_layer, x_t, h, c)
                h, c = step.h, step.c
                steps.append(step)
            run.append(steps)
            x = np.stack([step.h for step in steps])
            if k < len(dropout):
                x = x * dropout[k]
        return run

    def _head(self, parameters: Parameters, steps: list[Step]) -> np.ndarray:
        h = np.stack([step.h for step in steps])
        y: np.ndarray = h @ parameters["head.W"].T + parameters["head.b"]
        return y

    def _run_backward(
        self, parameters: Parameters, run: Run, batch: Batch, dropout: DropoutMasks, truncate: int
    ) -> tuple[float, dict[str, np.ndarray], tuple[LayerRecording, ...]]:
        layout = self._layout
        counted = counted_outputs(batch, self._topology, self._dtype, self._loss.has_labels)
        y = self._head(parameters, run[-1])[counted.steps, counted.members]
        dy = np.empty_like(y)
        loss = self._loss.reference(y, counted.targets, dy)
        h = np.stack([step.h for step in run[-1]])
        gradients = {"head.W": dy.T @ h[counted.steps, counted.members], "head.b": dy.sum(axis=0)}
        dh_from_above = np.zeros_like(h)
        np.add.at(dh_from_above, (counted.steps, counted.members), dy @ parameters["head.W"])
        recordings = []
        for k in range(layout.num_layers - 1, -1, -1):
            of_layer = layout.layer_parameters(parameters, k)
            dx, of_layer_gradients, recording = self._layer_backward(of_layer, run[k], dh_from_above, truncate)
            gradients |= {f"layers.{k}.{name}": value for name, value in of_layer_gradients.items()}
            recordings.append(recording)
            dh_from_above = dx * dropout[k - 1] if dropout and k > 0 else dx
        return loss, gradients, tuple(reversed(recordings))

    def _layer_backward(
        self, parameters: Parameters, steps: list[Step], dh_from_above: np.ndarray, truncate: int
    ) -> tuple[np.ndarray, dict[str, np.ndarray], LayerRecording]:
        """Backpropagation through time of one layer: ∂L/∂x (T, B, D), the parameters' gradients, and what went by."""
        cell, options = self._layout.cell, self._layout.options
        gradients = {name: np.zeros_like(value) for name, value in parameters.items()}
        dh_later = np.zeros_like(dh_from_above[0])
        dc_later = np.zeros_like(dh_later) if cell.has_cell_state else None
        dh_total = np.empty_like(dh_from_above)
        dc_total = np.empty_like(dh_from_above) if cell.has_cell_state else None
        dx: list[np.ndarray] = []
        for t in range(len(steps) - 1, -1, -1):
            dh_total[t] = dh_from_above[t] + dh_later
            back = cell.step_gradient(options, parameters, steps[t], dh_total[t], dc_later)
            for name, value in back.parameters.items():
                gradients[name] += value
            dx.append(back.dx)
            if dc_total is not None:
                dc_total[t] = back.dc_total
            dh_later, dc_later = back.dh_prev, back.dc_prev
            if truncate and t % truncate == 0:
                dh_later = np.zeros_like(dh_later)
                dc_later = np.zeros_like(dh_later) if cell.has_cell_state else None
        values = {name: np.stack([step.values[name] for step in steps]) for name in steps[0].values}
        return np.stack(dx[::-1]), gradients, LayerRecording(values, dh_total, dc_total, dh_from_above)
