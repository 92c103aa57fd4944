"""What is known of every update: gradient norms before and after clipping, learning rates, and how far it moved."""

import numpy as np
import pytest

from core.settings import Settings
from core.trainer import Trainer
from core.update_log import MOST_UPDATES, UpdateLog

CLIPPING = {"training.clip_norm": 0.05}


def test_both_engines_say_the_same(settings: Settings) -> None:
    for changes in (CLIPPING, {"training.clip_value": 0.01, **CLIPPING}, {"training.clip_value": 0.01, "training.clip_norm": 0.0}):
        found = []
        for engine in ("kernels", "numpy"):
            trainer = Trainer(settings.with_changes({"training.dtype": "float64", "training.warmup": 4, **changes}), engine)
            trainer.train(12)
            found.append(trainer.snapshot().updates)
        for series in ("norms", "clipped_norms", "rates"):
            np.testing.assert_allclose(getattr(found[0], series), getattr(found[1], series), rtol=1e-9, err_msg=f"{series} with {changes}")


def test_norms_are_those_of_the_gradient(settings: Settings, engine: str) -> None:
    trainer = Trainer(settings.with_changes({"training.dtype": "float64", "training.clip_norm": 0.3}), engine)
    twin = Trainer(settings.with_changes({"training.dtype": "float64", "training.clip_norm": 0.3}), engine)
    trainer.train(6)
    updates = trainer.snapshot().updates
    for norm, clipped in zip(updates.norms, updates.clipped_norms, strict=True):
        batch = twin.draws.batch(twin.settings.training, twin.task)
        _, gradients = twin.network.loss_and_gradients(batch)
        right = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
        assert norm == pytest.approx(right, rel=1e-9)
        assert clipped == pytest.approx(min(right, 0.3), rel=1e-9)
        twin.train(1)


def test_every_update_once(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(5)
    assert len(trainer.snapshot().updates.norms) == 5
    assert len(trainer.snapshot().updates.norms) == 0
    trainer.train(2)
    snapshot = trainer.snapshot()
    assert len(snapshot.updates.norms) == len(snapshot.losses) == 2
    assert snapshot.updates.norms[-1] == trainer.gradient_norm
    assert not snapshot.updates.norms.flags.writeable


def test_updates_before_a_session_are_not_known(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(4)
    reopened = Trainer(trainer.settings, state=trainer.state())
    reopened.train(1)
    updates = reopened.snapshot().updates
    assert np.isnan(updates.norms[:4]).all() and np.isfinite(updates.norms[4]) and len(updates.norms) == 5


def test_second_order_has_no_rate(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"training.optimizer": "lbfgs"}))
    trainer.train(2)
    updates = trainer.snapshot().updates
    assert np.isnan(updates.rates).all() and np.array_equal(updates.norms, updates.clipped_norms)


def test_memory_is_bounded() -> None:
    log = UpdateLog()
    for start in range(0, 5 * MOST_UPDATES, MOST_UPDATES // 2):
        block = np.arange(start, start + MOST_UPDATES // 2, dtype=float)
        log.add(block, block, block)
    assert max(len(series) for series in log._all) <= 2 * MOST_UPDATES
    taken = log.take(5 * MOST_UPDATES)
    assert np.isnan(taken.norms[: 3 * MOST_UPDATES]).all()
    assert np.array_equal(taken.norms[-MOST_UPDATES:], np.arange(4 * MOST_UPDATES, 5 * MOST_UPDATES))


def test_last_move(settings: Settings, engine: str) -> None:
    trainer = Trainer(settings, engine)
    assert trainer.last_move() is None
    trainer.train(4)
    before = trainer.network.parameters()
    trainer.train(1)
    move = trainer.last_move()
    assert move is not None
    assert all(np.array_equal(move[0][name], before[name]) for name in before)
    assert all(np.array_equal(move[1][name], value) for name, value in trainer.network.parameters().items())
    assert not np.array_equal(move[0]["head.W"], move[1]["head.W"])


def test_last_move_is_not_an_edit(settings: Settings, engine: str) -> None:
    trainer = Trainer(settings, engine)
    trainer.train(3)
    before, after = trainer.last_move()
    moved = after["layers.0.W_h"] - before["layers.0.W_h"]
    moved[0, 1, 2] = 0
    trainer.edit_weight("layers.0.W_h", (0, 1, 2), 50.0)
    before, after = trainer.last_move()
    assert np.array_equal(after["layers.0.W_h"] - before["layers.0.W_h"], moved)


def test_last_move_is_not_known_after_a_restart(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(3)
    assert Trainer(trainer.settings, state=trainer.state()).last_move() is None
    trainer.apply({"network.hidden_size": 6})
    assert trainer.last_move() is None
    trainer.train(1)
    trainer.apply({"training.optimizer": "sgd"})
    assert trainer.last_move() is None
