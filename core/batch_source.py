"""Where training batches come from: drawn for many updates at once, and handed out one by one.

Drawing a few numbers costs as much as drawing many, so small batches are drawn many at a time. How many depends on the settings
only, never on who asks for how many updates: a run is the same however it is cut into pieces.
"""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.batch import Batch
from core.counted import members
from core.task import Task

MOST_UPDATES = 256
# Numbers of inputs and outputs in a chunk: one or two megabytes.
MOST_NUMBERS = 2**18
# Sequences by whose longest the size of a chunk is chosen.
LOOKED_AT = 64


@dataclass(frozen=True)
class Chunk:
    """Training sequences of ``updates`` updates, side by side in one batch."""

    sequences: Batch
    batch_size: int
    topology: str

    @property
    def updates(self) -> int:
        """How many batches there are."""
        return self.sequences.size // self.batch_size

    def batch(self, number: int) -> Batch:
        """Batch ``number``, as long as its longest sequence."""
        return members(self.sequences, number * self.batch_size, (number + 1) * self.batch_size, self.topology)


class BatchSource:
    """Draws chunks from a task.

    Parameters
    ----------
    task, batch_size : what to draw
    rng : the generator; the state it had before the present chunk, with ``position``, says what comes next
    position : how many batches of the next chunk have been used already, where a saved run stood
    """

    def __init__(self, task: Task, batch_size: int, rng: np.random.Generator, position: int = 0) -> None:
        self._task = task
        self._batch_size = batch_size
        self._rng = rng
        self._state_before = rng.bit_generator.state
        self._chunk: Chunk | None = None
        self._updates = 0
        self.position = position

    def place(self) -> tuple[dict[str, Any], int]:
        """What it takes to go on from here: the generator's state before the chunk of the next batch, and that batch's place in it."""
        self._drop_used_up()
        return copy.deepcopy(dict(self._state_before if self._chunk is not None else self._rng.bit_generator.state)), self.position

    def chunk(self) -> Chunk:
        """The chunk of the next batch, which is its number ``position``."""
        self._drop_used_up()
        while self._chunk is None:
            self._state_before = self._rng.bit_generator.state
            self._updates = self._updates or self._fitting_updates()
            sequences = self._task.sample(self._rng, self._updates * self._batch_size)
            self._chunk = Chunk(sequences, self._batch_size, self._task.topology)
            # A saved run may stand beyond its end, where the person's file has changed since.
            self._drop_used_up()
        return self._chunk

    def rest(self) -> None:
        """Let go of the present chunk: the same is drawn again when its next batch is asked for."""
        self._drop_used_up()
        if self._chunk is not None:
            self._rng.bit_generator.state = self._state_before
            self._chunk = None

    def leave(self) -> None:
        """Put the generator to the end of what was used, for another source to go on from: the same for a run that was saved meanwhile."""
        self._drop_used_up()
        if self.position > 0:
            self.chunk()
        elif self._chunk is not None:
            self._rng.bit_generator.state = self._state_before
        self._chunk, self.position = None, 0

    def _drop_used_up(self) -> None:
        if self._chunk is not None and self.position >= self._chunk.updates:
            self._chunk, self.position = None, 0

    def _fitting_updates(self) -> int:
        some = self._task.held_out(LOOKED_AT)
        output_steps = len(some.targets) if some.output_lengths is not None else len(some.inputs)
        numbers = self._batch_size * (len(some.inputs) * self._task.input_size + output_steps * self._task.output_size)
        return max(1, min(MOST_UPDATES, MOST_NUMBERS // numbers))
