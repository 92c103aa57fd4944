"""How far the last update moved the weights, against how large they are."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.look import Focus, Look
from core.snapshot import Trace
from core.trainer import Trainer


@dataclass(frozen=True)
class UpdateSizes:
    """After ``step`` updates: ‖Δθ‖ / ‖θ‖ of the last one, by canonical parameter, θ before it; NaN where θ was 0."""

    step: int
    ratios: Mapping[str, float]


class UpdatesLook(Look):
    """The update-to-weight ratio of every matrix and bias."""

    name = "updates"

    def take(self, trainer: Trainer, trace: Trace, focus: Focus) -> UpdateSizes:
        """See Look."""
        move = trainer.last_move()
        if move is None:
            raise InputError("the next update will show how far the weights move")
        before, after = move
        return UpdateSizes(trainer.step_count, {name: _ratio(before[name], after[name]) for name in before})


def _ratio(before: np.ndarray, after: np.ndarray) -> float:
    size = float(np.linalg.norm(before.astype(np.float64)))
    moved = float(np.linalg.norm(after.astype(np.float64) - before))
    return moved / size if size > 0 else float("nan")


LOOK = UpdatesLook()
