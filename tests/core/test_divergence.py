"""NaN and infinity are caught in the update in which they appear, and nothing of it is left."""

from typing import Any

import numpy as np
import pytest

from core import registry
from core.errors import InputError
from core.kernel import kernel
from core.kernels import training_kernel
from core.kernels.kernel_pointer import address_of
from core.kernels.training_kernel import GRADIENT, LOSS, MOMENTS, WEIGHTS, Bounds, Results, Rules
from core.optimizer import norm, norm_of, update_signature
from core.sampling import GREEDY
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import EXPLOSIVE, assert_same_run, exploded


def test_divergence_is_caught_at_once(settings: Settings, dtype: str, engine: str) -> None:
    """In the update in which it appears: all before have finite losses, the weights are those after the last good one."""
    trainer = exploded(settings, engine, **{"training.dtype": dtype})
    step = trainer.step_count
    assert trainer.divergence is not None and trainer.divergence.step == step + 1
    assert trainer.divergence.what in ("the loss", "the gradient", "the weights", "the optimizer's moments")
    assert np.isfinite(trainer.losses[:step]).all() and len(trainer.losses) == step + 1
    twin = Trainer(settings.with_changes(EXPLOSIVE | {"training.dtype": dtype}), engine)
    twin.train_to(step)
    assert twin.divergence is None
    assert np.isfinite(trainer.network.flat).all()
    assert_same_run(trainer, twin)


def test_an_answer_that_is_no_number_is_refused_in_words(settings: Settings) -> None:
    trainer = Trainer(settings)
    assert np.isfinite(trainer.answer("0.5,0.25", GREEDY).output).all()
    trainer.network.flat[:] = np.nan
    with pytest.raises(InputError, match="answers with NaN: its weights have grown too large") as raised:
        trainer.answer("0.5,0.25", GREEDY)
    assert len(str(raised.value).splitlines()) == 1


def test_nothing_happens_after_divergence(settings: Settings) -> None:
    trainer = exploded(settings)
    step, weights = trainer.step_count, trainer.network.flat.copy()
    assert trainer.train(10).shape == (0,)
    trainer.train_to(step + 100)
    assert trainer.step_count == step and np.array_equal(trainer.network.flat, weights)


def test_run_goes_on_after_a_change(settings: Settings, engine: str) -> None:
    """The weights overflowed, with a gradient that was finite still: clipped it does no harm."""
    changes = {"training.learning_rate": 100.0, "network.num_layers": 1, "training.dtype": "float64"}
    trainer = exploded(settings, engine, **changes)
    assert trainer.divergence is not None and trainer.divergence.what == "the weights"
    step = trainer.step_count
    trainer.apply({"training.learning_rate": 1e-6, "training.clip_norm": 1.0})
    assert trainer.divergence is None and len(trainer.losses) == step
    losses = trainer.train(20)
    assert trainer.divergence is None and trainer.step_count == step + 20
    assert len(losses) == 20 and np.isfinite(losses).all()


def test_snapshot_of_a_diverged_run(settings: Settings) -> None:
    trainer = exploded(settings)
    snapshot = trainer.snapshot()
    assert snapshot.divergence == trainer.divergence
    assert len(snapshot.losses) == snapshot.step == trainer.step_count
    assert np.isfinite(snapshot.losses).all()


@pytest.mark.parametrize(
    ("place", "what"),
    [("loss", "the loss"), ("gradient", "the gradient"), ("weights", "the weights"), ("moments", "the optimizer's moments")],
)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_anywhere(settings: Settings, monkeypatch: pytest.MonkeyPatch, place: str, what: str, bad: float) -> None:
    """Update by update; dropout keeps the run from the kernel that does many."""
    changes = {"training.clip_norm": 1e-6, "network.num_layers": 2, "network.dropout": 0.1}
    trainer, twin = (Trainer(settings.with_changes(changes)) for _ in range(2))
    for each in (trainer, twin):
        each.train(3)
    engine = trainer.network.engine
    loss_and_gradient, update = engine.loss_and_gradient, engine.update

    def bad_loss_and_gradient(flat: np.ndarray, batch: Any, gradient: np.ndarray, *rest: Any) -> float:
        loss = loss_and_gradient(flat, batch, gradient, *rest)
        if place == "gradient":
            gradient[5] = bad
        return bad if place == "loss" else loss

    def bad_update(optimizer: Any, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, *rest: Any) -> None:
        update(optimizer, parameters, gradient, slots, *rest)
        if place == "weights":
            parameters[5] = bad
        if place == "moments":
            slots[1, 5] = bad

    with monkeypatch.context() as patch:
        patch.setattr(engine, "loss_and_gradient", bad_loss_and_gradient)
        patch.setattr(engine, "update", bad_update)
        trainer.train(1)
    assert trainer.divergence is not None
    assert (trainer.divergence.step, trainer.divergence.what) == (4, what)
    assert_same_run(trainer, twin)
    # Nothing of it is left: after a change the run goes on as if it had not been.
    assert trainer.snapshot().clipped_share == 1
    for each in (trainer, twin):
        each.apply({"training.learning_rate": 0.001})
        each.train(5)
    assert_same_run(trainer, twin)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_not_finite(settings: Settings, monkeypatch: pytest.MonkeyPatch, optimizer_name: str, bad: float) -> None:
    """Caught in the update that meets them, whatever the optimizer; from the state before it the run goes on."""
    trainer, twin = (Trainer(settings.with_changes({"training.optimizer": optimizer_name})) for _ in range(2))
    sample, batch_size = trainer.task.sample, settings.training.batch_size

    def bad_sample(rng: np.random.Generator, count: int) -> Any:
        batch = sample(rng, count)
        if count > 2 * batch_size:
            batch.inputs[0, 2 * batch_size + 1, 0] = bad
        return batch

    with monkeypatch.context() as patch:
        patch.setattr(trainer.task, "sample", bad_sample)
        trainer.train(5)
    twin.train(2)
    assert trainer.divergence is not None and trainer.divergence.step == 3
    assert_same_run(trainer, twin)
    for each in (trainer, twin):
        each.apply({"training.batch_size": 5})
        each.train(2)
    assert_same_run(trainer, twin)


@kernel
def finish(update, update_kernel, rules, bounds, gradient, flat, slots, backup, rate, count, results):  # type: ignore[no-untyped-def]
    return training_kernel._finish(update, update_kernel, rules, bounds, gradient, flat, slots, backup, rate, count, results)


def test_what_is_for_kernels_only_refuses_other_callers() -> None:
    """It has nothing that could take arguments from Python, also where it was compiled before."""
    vector = np.ones(3)
    assert norm(vector) == pytest.approx(np.sqrt(3))
    with pytest.raises(TypeError, match="norm_of is for kernels only"):
        norm_of(vector)


@pytest.mark.parametrize("what", [LOSS, GRADIENT, WEIGHTS, MOMENTS])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_update_that_is_not_finite(what: int, bad: float, dtype: str) -> None:
    """The end of an update in the kernel that does many: weights and moments are as before, and it says what was not finite."""
    flat, gradient, slots = (np.linspace(0.1, 1, size, dtype=dtype) for size in (20, 20, 40))
    slots = slots.reshape(2, 20)
    losses, rate = np.ones(3), 0.01
    if what == LOSS:
        losses[1] = bad
    if what == GRADIENT:
        gradient[7] = bad
    if what == WEIGHTS:
        rate = bad
    if what == MOMENTS:
        slots[0 if np.isnan(bad) else 1, 7] = np.abs(bad)
        if np.isnan(bad):
            what = WEIGHTS
    before = flat.copy(), slots.copy()
    results = Results(losses, np.zeros(3), np.zeros(3), np.zeros(3, np.uint8), np.zeros(2, np.int64))
    update = address_of(registry.optimizers()["adam"].update, update_signature(np.dtype(dtype)))
    backup = np.zeros((3, 20), dtype)
    found = finish(1, update, Rules(0, 0, 0), Bounds(0.0, 0.0, 0.0), gradient, flat, slots, backup, rate, 5, results)
    assert found == what
    np.testing.assert_array_equal(flat, before[0])
    np.testing.assert_array_equal(slots, before[1])


@pytest.mark.parametrize(("place", "what"), [("weights", "the weights"), ("slots", "the optimizer's moments")])
def test_second_order_that_leaves_what_is_not_finite(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, second_order_name: str, place: str, what: str
) -> None:
    """Its vectors and its numbers are put back with the weights."""
    trainer, twin = (Trainer(settings.with_changes({"training.optimizer": second_order_name})) for _ in range(2))
    for each in (trainer, twin):
        each.train(2)

    def bad_improve(objective: Any, parameters: np.ndarray, loss: float, gradient: np.ndarray, slots: np.ndarray, memory: Any) -> None:
        memory.update({name: value + 1 for name, value in memory.items()})
        slots += 1
        (parameters if place == "weights" else slots[0])[5] = np.nan

    with monkeypatch.context() as patch:
        patch.setattr(trainer._optimizer.rule, "improve", bad_improve)
        trainer.train(1)
    assert trainer.divergence is not None and (trainer.divergence.step, trainer.divergence.what) == (3, what)
    assert_same_run(trainer, twin)


def test_answers_beyond_all_bounds(settings: Settings) -> None:
    """The weights are finite, what they make of the held-out sequences is not: the run stops there, and goes on after a change."""
    trainer = Trainer(settings.with_changes({"network.cell": "rnn", "network.activation": "relu"}))
    trainer.train(2)
    weights = trainer.network.flat.copy()
    trainer.network.flat[:] = 1e30
    assert not np.isfinite(trainer.evaluate().loss)
    assert trainer.divergence is not None and trainer.divergence.what == "the held-out loss" and trainer.evaluations == ()
    assert trainer.train(1).size == 0
    trainer.network.flat[:] = weights
    trainer.apply({"training.learning_rate": 0.001})
    assert trainer.divergence is None and np.isfinite(trainer.train(2)).all()
