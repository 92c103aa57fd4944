"""What panels should show, computed again from a cell's NumPy step alone: no engine, no probe, no look, no backpropagation.

Derivatives are taken by complex steps (see tests/core/complex_step.py). For one layer that reads forwards and whose last state is
answered from, with the squared error.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.batch import Batch
from core.cell import Step
from core.trainer import Trainer

EPSILON = 1e-30


@dataclass(frozen=True)
class Nudge:
    """Add iε to entry ``unit`` of what ``what`` says, "h" (after the step), "c_prev" or "x" (before it), at time step ``at``."""

    what: str
    at: int
    unit: int

    def added_to(self, values: np.ndarray | None, what: str, t: int) -> np.ndarray | None:
        """``values`` (B, N), moved where it is their turn."""
        if values is None or (what, t) != (self.what, self.at):
            return values
        moved = values.astype(np.complex128)
        moved[:, self.unit] += 1j * EPSILON
        return moved


class Recomputed:
    """Batch ``batch`` on the weights that ``trainer`` has now."""

    def __init__(self, trainer: Trainer, batch: Batch) -> None:
        layout = trainer.network.layout
        self.cell, self.options, self.size = layout.cell, layout.options, layout.hidden_size
        self.every = trainer.network.parameters()
        self.own = {name.removeprefix("layers.0."): value for name, value in self.every.items() if name.startswith("layers.0.")}
        self.batch, self.seq_len = batch, len(batch.inputs)

    def steps(self, nudge: Nudge | None = None) -> list[Step]:
        """Every step of the layer."""
        h = np.zeros((self.batch.size, self.size))
        c = np.zeros_like(h) if self.cell.has_cell_state else None
        found = []
        for t, read in enumerate(self.batch.inputs.astype(np.float64)):
            x: np.ndarray | None = read
            if nudge is not None:
                x, c = nudge.added_to(x, "x", t), nudge.added_to(c, "c_prev", t)
            assert x is not None
            step = self.cell.step(self.options, self.own, x, h, c)
            h, c = step.h, step.c
            if nudge is not None:
                h = nudge.added_to(h, "h", t)  # type: ignore[assignment]
            found.append(Step(h, c, step.values, step.kept))
        return found

    def answers(self, steps: list[Step]) -> np.ndarray:
        """(T, B, O) of the head at every step."""
        return np.array([step.h @ self.every["head.W"].T + self.every["head.b"] for step in steps])

    def errors(self, steps: list[Step]) -> np.ndarray:
        """(B,) what each sequence adds to the loss."""
        last = self.answers(steps[-1:])[0]
        errors: np.ndarray = ((last - self.batch.targets.reshape(last.shape)) ** 2).mean(axis=1) / self.batch.size
        return errors

    @cached_property
    def plain(self) -> list[Step]:
        """The steps as they are."""
        return self.steps()

    def signal(self, name: str) -> np.ndarray:
        """A gate or state of the first sequence, (T, H)."""
        if name == "hidden":
            return np.array([step.h[0] for step in self.plain])
        if name == "cell state":
            return np.array([step.c[0] for step in self.plain if step.c is not None])
        return np.array([np.broadcast_to(step.values[name], step.h.shape)[0] for step in self.plain])

    def loss_gradient(self, what: str, t: int) -> np.ndarray:
        """(B, H) derivative of the loss by the state that ``what`` names at step ``t``."""
        by_unit = [self.errors(self.steps(Nudge(what, t, unit))).imag / EPSILON for unit in range(self.size)]
        return np.stack(by_unit, axis=1)

    def hidden_gradient_norms(self) -> np.ndarray:
        """‖∂L/∂h_t‖ (T,): of the whole batch's loss, mean over sequences."""
        return self.mean_norms([self.loss_gradient("h", t) for t in range(self.seq_len)])

    def cell_state_gradients(self) -> list[np.ndarray]:
        """∂L/∂C_t (T of (B, H)) of a cell without peepholes: C_t = f ⊙ C_{t-1} + …, so that moving C_{t-1} moves C_t f times as much."""
        return [self.loss_gradient("c_prev", t) / self.plain[t].values["forget"] for t in range(self.seq_len)]

    def alone(self, total: list[np.ndarray]) -> list[np.ndarray]:
        """What of ∂L/∂C_T comes back to every step by way of the cell state alone: ∏ f."""
        back = [total[-1]]
        for step in self.plain[:0:-1]:
            back.append(back[-1] * step.values["forget"])
        return back[::-1]

    @staticmethod
    def mean_norms(gradients: list[np.ndarray]) -> np.ndarray:
        """(T,) of T gradients (B, H)."""
        return np.array([np.linalg.norm(gradient, axis=1).mean() for gradient in gradients])

    def influences(self) -> np.ndarray:
        """‖∂y_t/∂x_τ‖ (T, T) of the first sequence: row τ, column t."""
        squares = np.zeros((self.seq_len, self.seq_len))
        for tau in range(self.seq_len):
            for entry in range(self.batch.inputs.shape[2]):
                moved = self.answers(self.steps(Nudge("x", tau, entry)))[:, 0].imag / EPSILON
                squares[tau] += (moved**2).sum(axis=1)
        return np.sqrt(squares)

    def step_jacobian(self, t: int) -> np.ndarray:
        """∂s_t/∂s_{t-1} of the first sequence, s = h or [h, C]."""
        before = self.plain[t - 1]
        start = before.h[0] if before.c is None else np.concatenate([before.h[0], before.c[0]])
        columns = []
        for entry in range(len(start)):
            moved = start.astype(np.complex128)
            moved[entry] += 1j * EPSILON
            c = None if before.c is None else moved[None, self.size :]
            step = self.cell.step(self.options, self.own, self.batch.inputs[t, :1].astype(np.float64), moved[None, : self.size], c)
            new = step.h[0] if step.c is None else np.concatenate([step.h[0], step.c[0]])
            columns.append(new.imag / EPSILON)
        return np.stack(columns, axis=1)
