"""A run that nobody trains for now keeps what it can't make anew, and nothing else."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run

# What counts as large: the least array of numbers whose keeping would be noticed.
SOME_BYTES = 20_000
PRESETS = ("adding", "completion", "reverse", "copy")


def arrays_of(thing: Any, seen: set[int]) -> Iterator[np.ndarray]:
    """All arrays that a run of ours holds, each whole and once; of its task only what it learned of it."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        if isinstance(thing.base, np.ndarray):
            yield from arrays_of(thing.base, seen)
        else:
            yield thing
    elif isinstance(thing, dict):
        for name, each in thing.items():
            # Room for packed weights is as large as these, and bounded with them.
            if name != "_weights":
                yield from arrays_of(each, seen)
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from arrays_of(each, seen)
    elif type(thing).__module__.startswith("core.") and not type(thing).__module__.startswith("core.tasks."):
        yield from arrays_of(getattr(thing, "__dict__", {}), seen)


@pytest.mark.parametrize("preset", PRESETS)
def test_rest_lets_go_of_arrays_that_are_made_anew(preset: str, engine: str) -> None:
    trainer = Trainer(Settings.preset(preset).with_changes({"network.hidden_size": 8}), engine)
    trainer.train(2)
    trainer.evaluate()
    trainer.snapshot()
    trainer.is_stopping = lambda: True
    trainer.rest()
    large = sum(array.nbytes for array in arrays_of(trainer, set()))
    assert large < trainer.byte_count + SOME_BYTES
    assert not trainer.is_stopping()


@pytest.mark.parametrize("preset", PRESETS)
def test_run_goes_on_after_a_rest_as_if_there_had_been_none(preset: str) -> None:
    trainer, twin = (Trainer(Settings.preset(preset).with_changes({"network.hidden_size": 8}), "numpy") for _ in range(2))
    for each in (trainer, twin):
        each.train(2)
        each.snapshot()
    twin.rest()
    for each in (trainer, twin):
        each.train(2)
        each.evaluate()
    assert_same_run(trainer, twin)


@pytest.mark.parametrize("preset", PRESETS)
def test_run_goes_with_its_last_reference(preset: str) -> None:
    """Arrays that wait for the collector of cycles, which counts objects and not their bytes, wait long."""
    gc.collect()
    gc.disable()
    try:
        trainer = Trainer(Settings.preset(preset).with_changes({"network.hidden_size": 8}), "numpy")
        trainer.train(2)
        trainer.evaluate()
        trainer.snapshot()
        parts = [weakref.ref(part) for part in (trainer, trainer.network, trainer.network.engine, trainer.draws)]
        del trainer
        assert [part() for part in parts] == [None] * len(parts)
    finally:
        gc.enable()
