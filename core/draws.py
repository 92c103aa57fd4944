"""Everything random in a run: one stream of random numbers for each purpose, and what is drawn from them for an update."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.batch import Batch
from core.batch_source import BatchSource
from core.errors import InputError
from core.network import Network
from core.settings import TrainingSettings
from core.task import Task

STREAMS = ("initialization", "data", "dropout", "teaching")


@dataclass(frozen=True)
class DrawsMoment:
    """Where a run stands in its data, in the terms of TrainerState."""

    random_states: dict[str, Any]
    chunk_position: int
    stream_position: int
    carried: np.ndarray | None


class Draws:
    """Draws batches, masks of dropout and teaching.

    ``source`` gives batches that are drawn at random; ``stream_position`` says where a run that reads its data as a stream stands, and
    ``carried`` (L, S, B, H) the states that its last batch left.
    """

    def __init__(self, training: TrainingSettings, task: Task) -> None:
        seeds = np.random.SeedSequence(training.seed).spawn(len(STREAMS))
        self._random = {name: np.random.default_rng(seed) for name, seed in zip(STREAMS, seeds, strict=True)}
        self.source = BatchSource(task, training.batch_size, self._random["data"])
        self.stream_position = 0
        self.carried: np.ndarray | None = None

    @property
    def initialization(self) -> np.random.Generator:
        """The stream that the first weights are drawn from."""
        return self._random["initialization"]

    def batch(self, training: TrainingSettings, task: Task) -> Batch:
        """The next training sequences: drawn at random, or the next piece of the task's stream."""
        if training.carry_state:
            return task.stream(self._random["data"], self.stream_position, training.batch_size)
        return self.source.chunk().batch(self.source.position)

    def states_for(self, batch: Batch) -> np.ndarray | None:
        """The states (L, S, B, H) that ``batch`` goes on from: those the last one left, zeros where a sequence begins; None: all begin."""
        if batch.continues is None or self.carried is None:
            return None
        return self.carried * batch.continues[:, None]

    def dropout(self, network: Network, rate: float, batch: Batch) -> tuple[np.ndarray, ...]:
        """Masks between layers, 0 or 1/(1 − rate), (T, B, H) each; none where dropout is off or there is one layer."""
        if rate == 0:
            return ()
        is_kept = [self._random["dropout"].random(shape) >= rate for shape in network.dropout_shapes(batch)]
        return tuple((kept / (1 - rate)).astype(network.dtype) for kept in is_kept)

    def teaching(self, network: Network, rate: float, batch: Batch) -> np.ndarray | None:
        """At which steps (T', B) a decoder reads the right previous output rather than its own; None: at all."""
        if rate == 1 or not network.has_decoder:
            return None
        return self._random["teaching"].random(batch.targets.shape[:2]) < rate

    def note_used(self, batch: Batch, final_states: np.ndarray | None) -> None:
        """An update was made with ``batch``, which ended with ``final_states`` (None: its sequences are not gone on with)."""
        if final_states is not None:
            self.carried = final_states
            self.stream_position += len(batch.inputs)
        else:
            self.source.position += 1

    def turn_to(self, training: TrainingSettings, task: Task) -> None:
        """Other pieces of the data from now on: no sequence goes on where one of the last batch ended."""
        self.stream_position, self.carried = 0, None
        with suppress(InputError):
            # A reopened run whose old file is gone by now has no rest of a chunk to leave.
            self.source.leave()
        self.source = BatchSource(task, training.batch_size, self._random["data"])

    def states_before_update(self, training: TrainingSettings) -> dict[str, Any]:
        """Of the generators that an update draws from by itself: other data are drawn in chunks, and a batch of them stays the next."""
        names = ("dropout", "teaching", "data") if training.carry_state else ("dropout", "teaching")
        return {name: self._random[name].bit_generator.state for name in names}

    def take_back(self, states: Mapping[str, Any]) -> None:
        """Put generators back to ``states``."""
        for name, state in states.items():
            self._random[name].bit_generator.state = state

    def moment(self) -> DrawsMoment:
        """Where it stands, to be put back here by ``stand_at``."""
        data_state, chunk_position = self.source.place()
        states = {name: generator.bit_generator.state for name, generator in self._random.items()} | {"data": data_state}
        return DrawsMoment(states, chunk_position, self.stream_position, None if self.carried is None else self.carried.copy())

    def stand_at(self, moment: DrawsMoment, training: TrainingSettings, task: Task) -> None:
        """Go on from there. Sessions of older versions know fewer streams; the others stay."""
        for name, generator in self._random.items():
            generator.bit_generator.state = moment.random_states.get(name, generator.bit_generator.state)
        self.stream_position = moment.stream_position
        self.carried = moment.carried
        self.source = BatchSource(task, training.batch_size, self._random["data"], moment.chunk_position)
