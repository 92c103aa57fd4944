"""What one run has shown so far: every loss, evaluation and mark, and the gradient norms over training, bounded.

The window owns one and adds every snapshot to it, so that a panel that was hidden misses nothing. Nothing is thrown away but
gradient rows that lie closer than a screen could show.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.branch import Branch
from core.snapshot import Divergence, Evaluation, Mark, Snapshot, Trace
from gui.growing_array import GrowingArray
from gui.update_history import UpdateHistory

Floats = NDArray[np.float64]
BLOCK = 64
"""Losses summarised together for drawing long curves."""
NOW_UPDATES = 4
"""Width (standard deviation) of the smoothing of the present loss: the curve's least one."""
MAX_ROWS = 400
"""Gradient rows kept; beyond it every second one goes."""


@dataclass(frozen=True)
class LossBins:
    """Losses in ``n`` neighbouring groups: middle update, smallest, largest, mean of log10; NaN where a group has none."""

    updates: Floats
    low: Floats
    high: Floats
    mean_log: Floats


class GradientRows:
    """‖∂L/∂C_t‖ (or h) of one layer at many moments of training: at most MAX_ROWS rows of T values, evenly spread.

    A row that comes sooner than ``_spacing`` updates after the last kept one replaces the newest, so that the newest moment is
    always there; when the rows are full every second one goes and the spacing doubles.
    """

    def __init__(self) -> None:
        self._steps: list[int] = []
        self._rows: list[Floats] = []
        self._spacing = 0.0

    @property
    def steps(self) -> list[int]:
        """The updates after which the rows were taken, ascending."""
        return self._steps

    @property
    def rows(self) -> list[Floats]:
        """The rows; their lengths differ where the sequence length was changed in mid-run."""
        return self._rows

    def add(self, step: int, row: Floats) -> None:
        """Take in the norms (T,) after update ``step``; a later moment than this is forgotten (the run was rewound)."""
        self.forget_after(step - 1)
        if len(self._steps) >= 2 and self._steps[-1] - self._steps[-2] < self._spacing:
            self._steps.pop()
            self._rows.pop()
        self._steps.append(step)
        self._rows.append(row)
        if len(self._steps) > MAX_ROWS:
            newest = self._steps[-1], self._rows[-1]
            self._steps, self._rows = self._steps[:-1:2], self._rows[:-1:2]
            self._steps.append(newest[0])
            self._rows.append(newest[1])
            self._spacing = (self._steps[-1] - self._steps[0]) / len(self._steps)

    def forget_after(self, step: int) -> None:
        """Forget rows of later moments: the run was rewound."""
        while self._steps and self._steps[-1] > step:
            self._steps.pop()
            self._rows.pop()


class RunHistory:
    """Everything that was drawn of the current run. ``add`` takes in snapshots; a new run_id starts from nothing."""

    def __init__(self) -> None:
        # Where the run can go back to, and the curves that it left.
        self.earliest = 0
        self.branches: tuple[Branch, ...] = ()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.run_id: int | None = None
        self.step = 0
        self.baseline_loss = float("nan")
        self.solved_below: float | None = None
        self.solved_at: int | None = None
        self.divergence: Divergence | None = None
        self.trace: Trace | None = None
        self._looks: dict[str, Any] = {}
        self._gradient_rows: list[GradientRows] = []
        self.updates = UpdateHistory()
        self._forget_curves()

    def _forget_curves(self) -> None:
        self._losses = GrowingArray()
        self._block_low, self._block_high, self._block_log = GrowingArray(), GrowingArray(), GrowingArray()
        self.evaluations: list[Evaluation] = []
        self._evaluation_steps, self._evaluation_losses = GrowingArray(), GrowingArray()
        self.marks: list[Mark] = []

    def best_evaluation(self) -> Evaluation | None:
        """The one with the smallest held-out loss; None where there is none."""
        return min(self.evaluations, key=lambda evaluation: evaluation.loss, default=None)

    @property
    def byte_count(self) -> int:
        """What the curves take."""
        blocks = (self._losses, self._block_low, self._block_high, self._block_log, self._evaluation_steps, self._evaluation_losses)
        rows = sum(row.nbytes for layer in self._gradient_rows for row in layer.rows)
        return sum(array.byte_count for array in blocks) + self.updates.byte_count + rows

    def forget_inside(self) -> None:
        """Forget what the network looked like inside: the next snapshot tells."""
        self.trace = None
        self._looks = {}

    def look(self, name: str) -> Any:
        """The newest result of a look inside; None where it was not taken yet."""
        return self._looks.get(name)

    @property
    def loss_now(self) -> float:
        """The loss as the window says it: the newest ones, smoothed on a log axis like the curve; NaN where there is none."""
        newest = self._losses.values[-3 * NOW_UPDATES :]
        age = np.arange(len(newest))[::-1]
        is_known = np.isfinite(newest) & (newest > 0)
        if not is_known.any():
            return float("nan")
        weights = np.exp(-0.5 * (age[is_known] / NOW_UPDATES) ** 2)
        return float(np.exp(np.average(np.log(newest[is_known]), weights=weights)))

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; its losses belong to the updates ``step - n + 1 … step``."""
        if snapshot.run_id != self.run_id:
            self.clear()
            self.run_id = snapshot.run_id
        elif snapshot.is_replaced:
            self._forget_curves()
            self.updates.forget_after(snapshot.unchanged_until)
            for rows in self._gradient_rows:
                rows.forget_after(min(snapshot.unchanged_until, snapshot.step))
        self._add_losses(snapshot.step, snapshot.losses)
        self.updates.add(snapshot.step, len(snapshot.losses), snapshot.updates)
        self.step = snapshot.step
        self.baseline_loss, self.solved_at, self.divergence = snapshot.baseline_loss, snapshot.solved_at, snapshot.divergence
        self.solved_below = snapshot.solved_below
        self.marks.extend(snapshot.marks)
        for evaluation in snapshot.evaluations:
            self.evaluations.append(evaluation)
            self._evaluation_steps.extend(np.array([evaluation.step], dtype=float))
            self._evaluation_losses.extend(np.array([evaluation.loss]))
        if snapshot.trace is not None:
            self.trace = snapshot.trace
            self._add_gradients(snapshot.step, snapshot.trace)
        self._looks |= snapshot.looks

    @property
    def losses(self) -> Floats:
        """Training loss of the updates 1 … n, (n,); NaN where it is unknown or not finite."""
        return self._losses.values

    @property
    def evaluation_steps(self) -> Floats:
        """Updates after which held-out data was evaluated, (n,)."""
        return self._evaluation_steps.values

    @property
    def evaluation_losses(self) -> Floats:
        """Held-out losses, (n,)."""
        return self._evaluation_losses.values

    def gradient_rows(self, layer: int) -> GradientRows:
        """The rows of layer ``layer``, 0 at the bottom."""
        return self._gradient_rows[layer] if layer < len(self._gradient_rows) else GradientRows()

    def loss_bins(self, first: int, last: int, width: int) -> LossBins:
        """Summarise the losses of the updates ``first … last`` in groups of ``width`` updates, counted from update 1.

        Groups begin at fixed places, so that a growing curve does not flicker; wide groups are made of blocks that were summarised
        once, so that drawing a million losses costs what drawing a thousand does.
        """
        first, last = max(1, first), min(last, len(self._losses))
        if last < first:
            return LossBins(*(np.empty(0) for _ in range(4)))
        start = (first - 1) // width * width
        if width < 2 * BLOCK:
            losses = self.losses[start:last]
            low, high, mean_log, group = losses, losses, _log(losses), width
        else:
            width = width // BLOCK * BLOCK
            start = (first - 1) // width * width
            blocks = slice(start // BLOCK, last // BLOCK)
            low, high, mean_log = (array.values[blocks] for array in (self._block_low, self._block_high, self._block_log))
            group = width // BLOCK
        edges = np.arange(0, len(low), group)
        updates = start + 1 + np.minimum(np.arange(len(edges)) * width + (width - 1) / 2, last - 1 - start)
        return LossBins(updates, np.fmin.reduceat(low, edges), np.fmax.reduceat(high, edges), _nan_means(mean_log, edges))

    def _add_losses(self, step: int, losses: Floats) -> None:
        start = step - len(losses)
        if start < len(self._losses):  # rewound: what came later is another branch
            self._losses.truncate(start)
            for array in (self._block_low, self._block_high, self._block_log):
                array.truncate(start // BLOCK)
            kept = int(np.searchsorted(self.evaluation_steps, start, side="right"))
            del self.evaluations[kept:]
            self._evaluation_steps.truncate(kept)
            self._evaluation_losses.truncate(kept)
            self.marks = [mark for mark in self.marks if mark.step <= start]
        elif start > len(self._losses):  # a run that was loaded without its curve
            self._losses.extend(np.full(start - len(self._losses), np.nan))
        self._losses.extend(np.where(np.isfinite(losses), losses, np.nan))
        done, complete = len(self._block_low), len(self._losses) // BLOCK
        if complete > done:
            blocks = self.losses[done * BLOCK : complete * BLOCK]
            edges = np.arange(0, len(blocks), BLOCK)
            self._block_low.extend(np.fmin.reduceat(blocks, edges))
            self._block_high.extend(np.fmax.reduceat(blocks, edges))
            self._block_log.extend(_nan_means(_log(blocks), edges))

    def _add_gradients(self, step: int, trace: Trace) -> None:
        if len(self._gradient_rows) != len(trace.layers):
            self._gradient_rows = [GradientRows() for _ in trace.layers]
        for rows, layer in zip(self._gradient_rows, trace.layers, strict=True):
            rows.add(step, layer.gradient_h if layer.gradient_c is None else layer.gradient_c)


def _log(losses: Floats) -> Floats:
    """log10, with losses of 0 taken as the smallest positive number."""
    return np.log10(np.maximum(losses, np.finfo(np.float64).tiny))


def _nan_means(values: Floats, edges: NDArray[np.int64]) -> Floats:
    """Means of groups that begin at ``edges``, over their finite members; NaN for groups without any."""
    is_finite = np.isfinite(values)
    counts = np.add.reduceat(is_finite.astype(float), edges) if len(edges) else np.empty(0)
    sums = np.add.reduceat(np.where(is_finite, values, 0.0), edges) if len(edges) else np.empty(0)
    return np.divide(sums, counts, out=np.full(len(edges), np.nan), where=counts > 0)
