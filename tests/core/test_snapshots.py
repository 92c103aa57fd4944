"""What watches a run: snapshots without a loss dropped or doubled, and the same run again on another engine."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import registry
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run, exploded
from tests.core.samples import echo_task


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.booleans()), min_size=1, max_size=8))
@hypothesis_settings(max_examples=20, deadline=None)
def test_no_loss_is_dropped_or_doubled(chunks: list[tuple[int, bool, bool]]) -> None:
    registry.tasks()["echo"] = echo_task()
    try:
        settings = Settings.from_dict(
            {"task": {"name": "echo"}, "network": {"hidden_size": 3, "cell": "rnn"}, "training": {"batch_size": 2}}
        )
        trainer = Trainer(settings)
        snapshots = []
        for number, (count, has_trace, has_prediction) in enumerate(chunks):
            trainer.train_to(trainer.step_count + count)
            trainer.apply({"training.learning_rate": 0.001 * (number + 1)})
            snapshots.append(trainer.snapshot(7, has_trace, has_prediction))
    finally:
        del registry.tasks()["echo"]
    np.testing.assert_array_equal(np.concatenate([snapshot.losses for snapshot in snapshots]), trainer.losses)
    assert tuple(evaluation for snapshot in snapshots for evaluation in snapshot.evaluations) == trainer.evaluations
    assert tuple(mark for snapshot in snapshots for mark in snapshot.marks) == trainer.state().marks
    assert [snapshot.step for snapshot in snapshots] == list(np.cumsum([count for count, _, _ in chunks]))
    for snapshot, (count, has_trace, has_prediction) in zip(snapshots, chunks, strict=True):
        assert snapshot.run_id == 7 and len(snapshot.losses) == count
        assert (snapshot.trace is not None) >= has_trace and (snapshot.prediction is not None) == has_prediction
        assert snapshot.is_replaced == (snapshot.step == count)


def test_snapshot_is_read_only_and_stays(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(10)
    snapshot = trainer.snapshot()
    assert snapshot.trace is not None
    layer = snapshot.trace.layers[0]
    arrays = [snapshot.losses, snapshot.trace.inputs, snapshot.trace.outputs, layer.gradient_h, *layer.values.values()]
    copies = [array.copy() for array in arrays]
    trainer.train(10)
    trainer.snapshot()
    for array, copy in zip(arrays, copies, strict=True):
        np.testing.assert_array_equal(array, copy)
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.step = 3  # type: ignore[misc]


def test_snapshot_says_what_is(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"training.clip_norm": 1000.0}))
    trainer.train(4)
    trainer.apply({"training.clip_norm": 0.0})
    trainer.train(2)
    trainer.apply({"training.clip_norm": 1e-6})
    trainer.train(2)
    snapshot = trainer.snapshot()
    assert snapshot.settings is trainer.settings and snapshot.step == 8
    assert snapshot.baseline_loss == pytest.approx(1 / 3)
    assert snapshot.parameter_count == sum(value.size for value in trainer.network.parameters().values())
    assert snapshot.clipped_share == 2 / 8
    assert snapshot.gradient_norm == trainer.gradient_norm > 0
    assert trainer.snapshot().clipped_share == 0


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_replaying_on_kernels(settings: Settings, dropout: float) -> None:
    """After a start on the NumPy step the kernels' run is as if there had been nothing else, live changes included."""
    chosen = settings.with_changes({"network.num_layers": 2, "network.dropout": dropout})
    changes = {
        0: {"training.batch_size": 3},
        30: {"training.learning_rate": 0.1},
        50: {"task.seq_len": 9},
        77: {"training.optimizer": "momentum"},
    }
    first, only = Trainer(chosen, "numpy"), Trainer(chosen, "kernels")
    for trainer in (first, only):
        for step, change in changes.items():
            trainer.train_to(step)
            trainer.apply(change)
        trainer.train_to(123)
    twins = list(first.replaying("kernels"))
    assert len(twins) > 2 and all(twin is twins[0] for twin in twins)
    assert twins[0].engine == "kernels" and twins[0].step_count == 123
    assert_same_run(twins[0], only)
    for trainer in (twins[0], only):
        trainer.train_to(160)
    assert_same_run(twins[0], only)


def test_replaying_a_run_that_diverged(settings: Settings) -> None:
    trainer = exploded(settings)
    trainer.apply({"training.learning_rate": 1e-6, "training.clip_norm": 1.0})
    trainer.train(5)
    *_, twin = trainer.replaying("kernels")
    assert_same_run(twin, trainer)


def test_replaying_a_continued_run(settings: Settings) -> None:
    before = Trainer(settings)
    before.train_to(20)
    trainer = Trainer(settings, "kernels", before.state())
    trainer.train_to(33)
    *_, twin = trainer.replaying("kernels")
    before.train_to(33)
    assert_same_run(twin, before)
