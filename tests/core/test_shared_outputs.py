"""Many sequences are run in two halves, by two threads where there are two: nothing in the outputs says so."""

import threading
from typing import Any

import numpy as np
import pytest

from core import assistant, registry
from core.kernel_engine import SHARED_SEQUENCES, KernelEngine
from core.settings import Settings
from core.topology import HAS_DECODER
from core.trainer import Trainer
from tests.tasks_here import names_here

MANY = SHARED_SEQUENCES + 7


@pytest.mark.parametrize("task_name", [name for name in names_here() if registry.tasks()[name].topology not in HAS_DECODER])
def test_threads_make_no_difference(task_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(Settings.preset(task_name).with_changes({"network.hidden_size": 7}))
    batch, network = trainer.task.sample(np.random.default_rng(0), MANY), trainer.network
    found = []
    for threads in (1, 2):
        monkeypatch.setattr(assistant, "core_count", lambda threads=threads: threads)
        found.append(network.engine.outputs(network.flat, batch.inputs, batch.lengths))
    np.testing.assert_array_equal(*found)
    # Each sequence has what it has alone.
    for b in (0, MANY // 2 - 1, MANY // 2, MANY - 1):
        alone = network.engine.outputs(network.flat, batch.inputs[:, b : b + 1], batch.lengths[b : b + 1])
        valid = batch.lengths[b]
        np.testing.assert_allclose(found[0][:valid, b], alone[:valid, 0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("is_busy", [False, True])
def test_half_that_nobody_began(settings: Settings, monkeypatch: pytest.MonkeyPatch, is_busy: bool) -> None:
    """Where the second thread has other things to do, the first one does all."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    trainer = Trainer(settings)
    inputs = trainer.task.sample(np.random.default_rng(0), MANY).inputs
    right = trainer.network.engine.outputs(trainer.network.flat, inputs)
    is_over = threading.Event()
    if is_busy:
        with assistant.assistance() as start:
            assert start is not None
            start(is_over.wait, 60)
    found = trainer.network.engine.outputs(trainer.network.flat, inputs)
    is_over.set()
    np.testing.assert_array_equal(found, right)


def test_failure_of_either_half_shows(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    trainer = Trainer(settings)
    inputs = trainer.task.sample(np.random.default_rng(0), MANY).inputs
    right = trainer.network.engine.outputs(trainer.network.flat, inputs)
    run = KernelEngine._outputs

    for failing in (MANY // 2, MANY - MANY // 2):

        def fail(engine: KernelEngine, flat: np.ndarray, x: np.ndarray, *rest: Any, failing: int = failing) -> np.ndarray:
            if x.shape[1] == failing:
                raise MemoryError("no room")
            return run(engine, flat, x, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(KernelEngine, "_outputs", fail)
            with pytest.raises(MemoryError, match="no room"):
                trainer.network.engine.outputs(trainer.network.flat, inputs)
            # The other thread may still be at work in the arrays that it had.
            assert trainer.network.engine._other is None
        np.testing.assert_array_equal(trainer.network.engine.outputs(trainer.network.flat, inputs), right)
