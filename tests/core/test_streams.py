"""Training on a stream: each batch goes on where the last one ended, with the state that it left."""

from pathlib import Path

import numpy as np
import pytest

from core import session
from core.settings import Settings
from core.tasks.windows import Windows
from core.trainer import Trainer
from tests.core.runs import assert_same_run, saved

CARRYING = {
    "completion": {"network.hidden_size": 5, "training.batch_size": 16, "task.vocabulary_limit": 20},
    "prices": {"network.hidden_size": 5, "training.batch_size": 4},
}


@pytest.fixture(params=list(CARRYING))
def carrying(request: pytest.FixtureRequest) -> Settings:
    settings = Settings.preset(request.param).with_changes({"training.carry_state": True, "training.truncate": 6})
    return settings.with_changes(CARRYING[request.param] | {"network.dropout": 0.0})


def test_states_are_handed_on(carrying: Settings, engine: str) -> None:
    """The loss of the second batch is that from the states after the first, not that from zeros."""
    trainer = Trainer(carrying.with_changes({"training.dtype": "float64", "training.learning_rate": 1e-6}), engine)
    trainer.train(1)
    states = trainer.state().carried
    assert states is not None and np.abs(states).max() > 0.01
    batch = trainer.task.stream(np.random.default_rng(0), trainer.state().stream_position, carrying.training.batch_size)
    assert batch.continues is not None and batch.continues.all()
    # The words that are made unknown are drawn anew, so that only prices can be foretold.
    if carrying.task.name == "prices":
        expected = trainer.network.loss_and_gradients(batch, truncate=6, states=states)[0]
        assert trainer.train(1)[0] == pytest.approx(expected, rel=1e-12)
        assert trainer.network.loss_and_gradients(batch)[0] != pytest.approx(expected, rel=1e-6)


def test_it_goes_on_bit_for_bit(carrying: Settings, path: Path) -> None:
    """Saved in the middle of a stream, and beyond its end."""
    whole, first = Trainer(carrying), Trainer(carrying)
    whole.train_to(75)
    first.train_to(7)
    for stop in (40, 75):
        loaded = session.load(saved(first, path))
        assert_same_run(loaded, first)
        first = loaded
        first.train_to(stop)
    assert_same_run(first, whole)


def test_replay(carrying: Settings) -> None:
    """With changes on the way that alter what a state is for: batch size and length."""
    trainer = Trainer(carrying, "kernels")
    trainer.train_to(10)
    trainer.apply({"training.batch_size": 3})
    trainer.train_to(20)
    trainer.apply({"task.seq_len": 9})
    trainer.train_to(30)
    *_, twin = trainer.replaying("kernels")
    assert_same_run(twin, trainer)


def test_second_order_carries_too(carrying: Settings, engine: str) -> None:
    trainer = Trainer(carrying.with_changes({"training.optimizer": "hessian_free"}), engine)
    losses = trainer.train(3)
    assert np.isfinite(losses).all() and trainer.state().stream_position > 0 and trainer.divergence is None


def test_divergence_leaves_the_place_in_the_stream(carrying: Settings) -> None:
    trainer = Trainer(carrying)
    trainer.train(2)
    before = trainer.state()
    assert before.carried is not None
    trainer.draws.carried = np.full_like(before.carried, np.nan)
    trainer.train(1)
    assert trainer.divergence is not None and trainer.state().stream_position == before.stream_position
    assert trainer.state().random_states == before.random_states


@pytest.mark.parametrize("count", [1, 3, 7])
def test_windows_of_a_stream(count: int) -> None:
    """Side by side, one after the other, none of them beyond the training part."""
    windows = Windows(step_count=60, train_count=50, wanted_len=8)
    part = 50 // count
    position, seen = 0, []
    while True:
        steps, does_continue = windows.stream(position, count)
        if seen and not does_continue:
            break
        assert does_continue == bool(seen)
        seen.append(steps)
        position += len(steps)
    steps = np.concatenate(seen)
    length = min(8, part)
    assert len(steps) == part // length * length
    np.testing.assert_array_equal(steps, np.arange(len(steps))[:, None] + part * np.arange(count))
    assert steps.max() < 50


def test_more_streams_than_steps() -> None:
    steps, does_continue = Windows(step_count=6, train_count=4, wanted_len=8).stream(0, 9)
    assert steps.shape == (1, 9) and set(steps.ravel()) == {0, 1, 2, 3} and not does_continue


def test_other_pieces_begin_anew(carrying: Settings, path: Path) -> None:
    """After a live change of size no state goes on from elsewhere, and what is saved then opens."""
    for change in ({"training.batch_size": 3}, {"task.seq_len": 7}):
        trainer = Trainer(carrying)
        trainer.train(3)
        trainer.apply(change)
        assert trainer.state().carried is None and trainer.state().stream_position == 0
        loaded = session.load(saved(trainer, path))
        np.testing.assert_array_equal(loaded.train(4), trainer.train(4))
