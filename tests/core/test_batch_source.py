"""Data are drawn in chunks, and a run is the same however it is cut, saved and changed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import session
from core.batch import Batch
from core.batch_source import LOOKED_AT, MOST_NUMBERS, MOST_UPDATES, BatchSource
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run


class UnevenTask:
    """Sequences of other lengths; the first held-out one is short."""

    topology, input_size, output_size = "sequence_to_vector", 3, 1

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        return self._batch(np.append(rng.integers(1, self.longest, count - 1), self.longest))

    def held_out(self, count: int) -> Batch:
        return self._batch(np.append(1, np.full(count - 1, self.longest)))

    def _batch(self, lengths: Any) -> Batch:
        return Batch(np.zeros((lengths.max(), len(lengths), 3)), np.zeros((len(lengths), 1)), None, lengths)


def source_of(longest: int, batch_size: int, position: int = 0) -> BatchSource:
    return BatchSource(UnevenTask(longest), batch_size, np.random.default_rng(0), position)  # type: ignore[arg-type]


@pytest.mark.parametrize(("longest", "batch_size"), [(2, 1), (100, 8), (400, 32), (400, 1000)])
def test_size_of_a_chunk(longest: int, batch_size: int) -> None:
    """One short sequence says nothing of the others; and there is one batch at least."""
    chunk = source_of(longest, batch_size).chunk()
    assert 1 <= chunk.updates <= MOST_UPDATES
    numbers = chunk.sequences.inputs.size + len(chunk.sequences.inputs) * chunk.sequences.size
    assert chunk.updates == 1 or numbers <= MOST_NUMBERS
    assert LOOKED_AT > 1


def test_place_beyond_the_chunk() -> None:
    """The person's file has longer texts by now, so that fewer of them are drawn at once."""
    source = source_of(400, 8, position=200)
    assert 0 < source.chunk().updates < 200 and source.position == 0


@pytest.mark.parametrize("changes", [{"training.batch_size": 3}, {"training.batch_size": 3, "training.learning_rate": 0.1}], ids=str)
@pytest.mark.parametrize("count", [0, 5])
def test_change_after_reopening(settings: Settings, path: Path, count: int, changes: dict[str, Any]) -> None:
    """In mid-chunk: what the run that was not saved does too."""
    trainer = Trainer(settings)
    trainer.train(count)
    session.save(path, trainer.state())
    reopened = session.load(path)
    for each in (trainer, reopened):
        each.apply(changes)
        each.train(4)
    assert_same_run(reopened, trainer)


def test_change_after_a_chunk_was_only_drawn(settings: Settings) -> None:
    trainer, twin = Trainer(settings), Trainer(settings)
    trainer.draws.source.chunk()
    for each in (trainer, twin):
        each.apply({"training.batch_size": 3})
        each.train(4)
    assert_same_run(trainer, twin)


def test_saving_changes_nothing(settings: Settings) -> None:
    trainer, twin = Trainer(settings), Trainer(settings)
    updates = trainer.draws.source.chunk().updates
    for count in (3, updates - 3, updates, 2):
        trainer.train(count)
        trainer.state()
    twin.train(2 * updates + 2)
    assert_same_run(trainer, twin)


@pytest.mark.parametrize("count", [0, 3, 40])
def test_rest_changes_nothing(settings: Settings, count: int) -> None:
    """Wherever it is in its chunk."""
    trainer, twin = Trainer(settings), Trainer(settings)
    for each in (trainer, twin):
        each.train(count)
    twin.rest()
    assert twin.draws.moment() == trainer.draws.moment()
    twin.rest()
    for each in (trainer, twin):
        each.train(5)
    assert_same_run(trainer, twin)
