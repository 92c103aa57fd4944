"""What a run continues from: the trainer gives and takes it, session files hold it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.settings import Settings
from core.snapshot import Evaluation, Mark


@dataclass(frozen=True)
class TrainerState:
    """Everything that a run continues from, bit for bit.

    ``parameters`` and each entry of ``moments`` are in the canonical layout; ``optimizer_memory`` are the optimizer's numbers, those
    that are left out as it begins with; ``random_states`` are the bit generators' states by stream, that of the data before
    the present chunk, of which ``chunk_position`` batches have been used; ``stream_position`` and ``carried`` (L, S, B, H) say where a run
    with carried states stands; ``vocabulary`` is what the task must know where the user's file is gone.
    """

    settings: Settings
    parameters: dict[str, np.ndarray]
    moments: dict[str, dict[str, np.ndarray]]
    moment_count: int
    optimizer_memory: dict[str, float]
    step_count: int
    random_states: dict[str, Any]
    chunk_position: int
    stream_position: int
    carried: np.ndarray | None
    losses: np.ndarray
    evaluations: tuple[Evaluation, ...]
    marks: tuple[Mark, ...]
    solved_at: int | None
    vocabulary: dict[str, Any]
