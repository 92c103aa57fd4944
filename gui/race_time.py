"""What the training of one run of a race has taken so far."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RaceTime:
    """After ``updates``: the ``seconds`` of training that they took (see TrainingTime), those until it was solved, None before.

    ``is_slow``: on NumPy steps, as long as the kernels are compiled; their seconds are forgotten when the kernels have caught up.
    """

    updates: int
    seconds: float
    to_solved: float | None
    is_slow: bool = False
