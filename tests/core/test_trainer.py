"""The training loop: repeatable to the bit, changed while it runs, stopped where it diverges, watched without loss."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import registry
from core.errors import InputError
from core.settings import Settings, all_fields
from core.trainer import EVALUATE_EVERY, Trainer
from tests.core.samples import Variant, echo_task

# Nothing random about them: plain gradient descent with ReLU, a huge rate and no clipping explodes within a few updates.
EXPLOSIVE = {
    "network.cell": "rnn",
    "network.activation": "relu",
    "network.num_layers": 2,
    "training.optimizer": "sgd",
    "training.learning_rate": 10.0,
    "training.clip_norm": 0.0,
}


def assert_same_state(found: Trainer, right: Trainer) -> None:
    """Bit for bit: parameters, moments, random numbers, losses, evaluations, marks."""
    a, b = found.state(), right.state()
    for mine, other in ((a.parameters, b.parameters), *((a.moments[name], b.moments[name]) for name in b.moments)):
        assert list(mine) == list(other)
        for name in other:
            np.testing.assert_array_equal(mine[name], other[name])
    np.testing.assert_array_equal(a.losses, b.losses)
    for field in ("settings", "moment_count", "step_count", "random_states", "evaluations", "marks", "solved_at"):
        assert getattr(a, field) == getattr(b, field), field


def with_options(settings: Settings, variant: Variant) -> Settings:
    options = {f"network.{name}": value for name, value in vars(variant.options).items()}
    return settings.with_changes({"network.cell": variant.cell.name, **options})


def exploded(settings: Settings, engine: str = "kernels", **more: Any) -> Trainer:
    trainer = Trainer(settings.with_changes(EXPLOSIVE | more), engine)
    trainer.train_to(1000)
    assert trainer.divergence is not None
    return trainer


# Repeatable


def test_same_seed_same_bits(settings: Settings, variant: Variant, dtype: str, engine: str) -> None:
    chosen = with_options(settings, variant).with_changes({"training.dtype": dtype, "network.num_layers": 2, "network.dropout": 0.4})
    first, second = Trainer(chosen, engine), Trainer(chosen, engine)
    first.train_to(12)
    for step in (1, 2, 7, 12):
        second.train_to(step)
    assert_same_state(first, second)
    assert all(value.dtype == np.dtype(dtype) for value in first.network.parameters().values())


def test_other_seed_differs(settings: Settings) -> None:
    first, second = Trainer(settings), Trainer(settings.with_changes({"training.seed": 8}))
    assert any(not np.array_equal(first.network.parameters()[name], value) for name, value in second.network.parameters().items())
    assert not np.array_equal(first.train(3), second.train(3))


def test_streams_are_apart(settings: Settings) -> None:
    """The same data come whatever the network is: cells can be compared on one stream."""
    seen = []
    for changes in ({}, {"network.cell": "gru"}, {"network.hidden_size": 3}, {"network.init": "zeros"}):
        trainer = Trainer(settings.with_changes(changes))
        sample, batches = trainer.task.sample, []
        trainer.task.sample = lambda rng, count: batches.append(sample(rng, count)) or batches[-1]  # type: ignore[func-returns-value]  # noqa: B023
        trainer.train(3)
        seen.append(np.stack([batch.inputs for batch in batches]))
    assert all(np.array_equal(batches, seen[0]) for batches in seen)


def test_engines_agree(settings: Settings, variant: Variant, optimizer_name: str) -> None:
    chosen = with_options(settings, variant).with_changes({"training.optimizer": optimizer_name, "training.dtype": "float64"})
    kernels, numpy = Trainer(chosen, "kernels"), Trainer(chosen, "numpy")
    np.testing.assert_allclose(kernels.train(15), numpy.train(15), rtol=1e-9)
    for name, value in numpy.network.parameters().items():
        np.testing.assert_allclose(kernels.network.parameters()[name], value, rtol=1e-7, atol=1e-10)


def test_single_precision_is_near_double(settings: Settings) -> None:
    single, double = Trainer(settings), Trainer(settings.with_changes({"training.dtype": "float64"}))
    np.testing.assert_allclose(single.train(20), double.train(20), rtol=1e-3)


# Learning


def test_losses_are_returned_and_kept(settings: Settings) -> None:
    trainer = Trainer(settings)
    assert np.isnan(trainer.recent_loss)
    first, second = trainer.train(3), trainer.train(2)
    assert first.shape == (3,) and first.dtype == np.float64
    np.testing.assert_array_equal(trainer.losses, [*first, *second])
    assert trainer.step_count == 5
    assert trainer.recent_loss == pytest.approx(np.mean(trainer.losses))
    assert trainer.train(0).shape == (0,)
    trainer.train(200)
    assert trainer.recent_loss == pytest.approx(np.mean(trainer.losses[-100:]))


def test_one_update_is_what_it_should_be(settings: Settings) -> None:
    """Sample, gradient, clip, decay, step: written out once more."""
    changes = {"training.optimizer": "sgd", "training.dtype": "float64", "training.clip_norm": 0.05, "training.weight_decay": 0.2}
    trainer, twin = (Trainer(settings.with_changes(changes | {"training.learning_rate": 0.1})) for _ in range(2))
    loss, gradients = twin.network.loss_and_gradients(twin.task.sample(twin._random["data"], 4))
    length = np.sqrt(sum(np.sum(value**2) for value in gradients.values()))
    assert length > 0.05
    before = trainer.network.parameters()
    assert trainer.train(1)[0] == pytest.approx(loss, rel=1e-12)
    assert trainer.gradient_norm == pytest.approx(length, rel=1e-12)
    for name, value in trainer.network.parameters().items():
        right = before[name] * (1 - 0.1 * 0.2) - 0.1 * gradients[name] * 0.05 / length
        np.testing.assert_allclose(value, right, rtol=1e-11)
    assert trainer.snapshot().clipped_share == 1


def test_optimizer_is_told_the_number_of_the_update(settings: Settings, optimizer_name: str) -> None:
    """From 1, and from 1 again where the optimizer was changed: Adam's corrections hang on it."""
    chosen = settings.with_changes({"training.dtype": "float64", "training.clip_norm": 0.0, "training.optimizer": "sgd"})
    trainer, twin = Trainer(chosen), Trainer(chosen)
    for each in (trainer, twin):
        each.train(2)
    trainer.apply({"training.optimizer": optimizer_name})
    trainer.train(3)
    optimizer, layout = registry.optimizers()[optimizer_name], twin.network.layout
    flat, slots = twin.network.flat, np.zeros((len(optimizer.slot_names), layout.size))
    first = 3 if optimizer_name == "sgd" else 1
    for count in range(first, first + 3):
        gradient = np.zeros(layout.size)
        layout.pack(twin.network.loss_and_gradients(twin.task.sample(twin._random["data"], 4))[1], gradient)
        optimizer.update_in_numpy(flat, gradient, slots, count, 0.01)
    np.testing.assert_allclose(trainer.network.flat, flat, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("cell_name_of_learner", list(registry.cells()))
def test_learning_happens(settings: Settings, register_echo: Any, topology: str, loss_name: str, cell_name_of_learner: str) -> None:
    """Below a third of the loss that is to be had without memory, on sequences that training never saw."""
    register_echo(topology, loss_name)
    chosen = settings.with_changes({"network.cell": cell_name_of_learner, "network.hidden_size": 16, "training.batch_size": 32})
    trainer = Trainer(chosen.with_changes({"training.learning_rate": 0.02}))
    start = trainer.evaluate().loss
    trainer.train_to(400)
    end = trainer.evaluate().loss
    assert end < trainer.task.baseline_loss / 3 < trainer.task.baseline_loss < 1.2 * start


def test_adding_is_learnt() -> None:
    """The task of the defaults, short: better than any guess without memory."""
    changes = {"task.seq_len": 10, "network.hidden_size": 24, "training.learning_rate": 0.01}
    trainer = Trainer(Settings().with_changes(changes))
    trainer.train_to(600)
    assert trainer.evaluate().loss < trainer.task.baseline_loss / 3


def test_zeros_learn_nothing_but_the_mean(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"network.init": "zeros", "network.cell": "rnn"}))
    trainer.train_to(100)
    parameters = trainer.network.parameters()
    assert not parameters["layers.0.W_h"].any() and parameters["head.b"].any()


# Held-out sequences


@given(st.lists(st.integers(1, 70), min_size=1, max_size=8))
@hypothesis_settings(max_examples=15, deadline=None)
def test_evaluations_come_at_the_same_updates(chunks: list[int]) -> None:
    """Wherever one stops between them."""
    registry.tasks()["echo"] = echo_task()
    try:
        settings = Settings.from_dict(
            {"task": {"name": "echo"}, "network": {"hidden_size": 3, "cell": "rnn"}, "training": {"batch_size": 2}}
        )
        chunked, whole = Trainer(settings), Trainer(settings)
        for chunk in chunks:
            chunked.train_to(chunked.step_count + chunk)
        whole.train_to(sum(chunks))
    finally:
        del registry.tasks()["echo"]
    assert chunked.step_count == sum(chunks)
    assert [evaluation.step for evaluation in whole.evaluations] == list(range(EVALUATE_EVERY, sum(chunks) + 1, EVALUATE_EVERY))
    assert_same_state(chunked, whole)


def test_evaluation(settings: Settings) -> None:
    trainer = Trainer(settings)
    evaluation = trainer.evaluate()
    held_out = trainer.task.held_out(128)
    answers = trainer.network.forward(held_out.inputs, held_out.lengths)
    assert evaluation.loss == pytest.approx(np.mean((answers - held_out.targets) ** 2), rel=1e-5)
    assert evaluation.metric.value == pytest.approx(np.mean(np.abs(answers - held_out.targets)), rel=1e-5)
    assert (evaluation.step, evaluation.is_solved) == (0, False)
    assert trainer.evaluations == (evaluation,) and trainer.solved_at is None


def test_evaluating_changes_nothing(settings: Settings) -> None:
    watched, alone = Trainer(settings), Trainer(settings)
    for _ in range(5):
        watched.train(3)
        watched.evaluate()
        watched.snapshot()
        watched.answer("0.1,0.2", 1, 0.5)
    np.testing.assert_array_equal(watched.losses, alone.train(15))
    np.testing.assert_array_equal(watched.network.flat, alone.network.flat)


def test_solved_at_is_the_first_time(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"network.hidden_size": 16, "training.batch_size": 32, "training.learning_rate": 0.02}))
    trainer.train_to(600)
    solved = [evaluation.step for evaluation in trainer.evaluations if evaluation.is_solved]
    assert len(solved) > 1 and trainer.solved_at == solved[0] > 0


# Live changes


def live_changes(settings: Settings) -> dict[str, Any]:
    """Another permitted value of every live field."""
    changes: dict[str, Any] = {}
    for key, info in all_fields(settings).items():
        if info.is_live and key not in ("task.file", "task.width"):
            section, _, name = key.partition(".")
            now = settings.to_dict()[section][name]
            changes[key] = _other(info, now)
    return changes


def _other(info: Any, now: Any) -> Any:
    candidates = info.choices if info.kind == "choice" else (3, 0.25)
    for value in candidates:
        try:
            if info.checked("", value) != now:
                return value
        except InputError:
            continue
    raise AssertionError(f"no other value for {info.label}")


def test_every_live_key(settings: Settings) -> None:
    base = settings.with_changes({"network.num_layers": 2})
    for key, value in live_changes(base).items():
        changed, plain = Trainer(base), Trainer(base)
        for trainer in (changed, plain):
            trainer.train(5)
        changed.apply({key: value})
        section, _, name = key.partition(".")
        assert changed.settings.to_dict()[section][name] == value
        assert changed.settings == base.with_changes({key: value})
        assert changed.step_count == 5 and np.array_equal(changed.network.flat, plain.network.flat)
        changed.train(5)
        plain.train(5)
        assert not np.array_equal(changed.network.flat, plain.network.flat), f"{key} changes nothing"


def test_mark_of_a_change(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(3)
    trainer.apply({"training.learning_rate": 0.5, "training.optimizer": "sgd", "training.batch_size": 4})
    assert [(mark.step, mark.label) for mark in trainer.snapshot().marks] == [(3, "learning rate 0.01 → 0.5"), (3, "optimizer adam → sgd")]
    assert trainer.snapshot().marks == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"network.hidden_size": 8}, "network.hidden_size can't change"),
        ({"network.cell": "gru"}, "network.cell can't change"),
        ({"network.cell": "rnn", "network.activation": "relu"}, "can't change"),
        ({"network.forget_bias": 2.0}, "network.forget_bias can't change"),
        ({"training.seed": 3}, "training.seed can't change"),
        ({"training.dtype": "float64"}, "training.dtype can't change"),
        ({"task.name": "adding"}, "task.name can't change"),
        ({"task.lag": 1}, "task.lag can't change"),
        ({"task.width": 2}, "task.width changes the network's inputs"),
        ({"task.file": "no.txt"}, "no.txt: there is no such file"),
        ({"training.learning_rate": -1}, "training.learning_rate = -1"),
        ({"training.learning_rate": "fast"}, "training.learning_rate = 'fast'"),
        ({"training.optimizer": "luck"}, "training.optimizer = 'luck'"),
        ({"training.nothing": 1}, "unknown key training.nothing"),
        ({"nothing": 1}, "unknown key nothing"),
        ({"training.learning_rate": 0.5, "training.batch_size": 0}, "training.batch_size = 0"),
        ({"training.learning_rate": 0.5, "network.num_layers": 2}, "network.num_layers can't change"),
        ({"task.seq_len": 9, "task.width": 3}, "changes the network's inputs"),
    ],
)
def test_refused_changes_change_nothing(settings: Settings, changes: dict[str, Any], words: str) -> None:
    refused, plain = Trainer(settings), Trainer(settings)
    for trainer in (refused, plain):
        trainer.train(4)
    task = refused.task
    with pytest.raises(InputError) as caught:
        refused.apply(changes)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert refused.task is task
    for trainer in (refused, plain):
        trainer.train_to(60)
    assert_same_state(refused, plain)


def test_data_that_fails_late_changes_nothing(settings: Settings, register_echo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task can be made, but then can't give held-out sequences."""
    trainer = Trainer(settings)
    task, before = trainer.task, trainer.evaluate()

    def no_data(self: object, count: int) -> None:
        raise InputError("the series is too short")

    with monkeypatch.context() as patch:
        patch.setattr(type(task), "held_out", no_data)
        with pytest.raises(InputError, match="too short"):
            trainer.apply({"task.seq_len": 50})
    assert trainer.settings == settings and trainer.task is task and trainer.evaluate() == before
    assert trainer.snapshot().marks == ()


def test_live_change_of_the_task(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(3)
    trainer.apply({"task.seq_len": 20})
    trainer.train(3)
    snapshot = trainer.snapshot()
    assert snapshot.settings.task.fields.seq_len == 20
    held_out = trainer.task.held_out(128)
    assert held_out.inputs.shape[0] == 20
    assert trainer.evaluate().loss == pytest.approx(trainer.network.loss(held_out), rel=1e-12)
    assert snapshot.trace is not None and snapshot.trace.seq_len == trainer.task.held_out(8).lengths[0]


def test_another_optimizer_starts_afresh(settings: Settings) -> None:
    """And an unchanged one goes on with its moments."""
    trainer = Trainer(settings)
    trainer.train(5)
    moments = trainer.state().moments
    trainer.apply({"training.optimizer": "adam", "training.learning_rate": 0.02})
    assert trainer.state().moment_count == 5
    assert all(np.array_equal(trainer.state().moments[slot][name], moments[slot][name]) for slot in moments for name in moments[slot])
    trainer.apply({"training.optimizer": "momentum"})
    state = trainer.state()
    assert state.moment_count == 0 and list(state.moments) == ["velocity"]
    assert not any(value.any() for value in state.moments["velocity"].values())


# Divergence


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
    assert_same_state(trainer, twin)


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
    trainer, twin = (Trainer(settings.with_changes({"training.clip_norm": 1e-6})) for _ in range(2))
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
    assert_same_state(trainer, twin)
    # Nothing of it is left: after a change the run goes on as if it had not been.
    assert trainer.snapshot().clipped_share == 1
    for each in (trainer, twin):
        each.apply({"training.learning_rate": 0.001})
        each.train(5)
    assert_same_state(trainer, twin)


# Snapshots


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


# The same run on another engine


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
    assert_same_state(twins[0], only)
    for trainer in (twins[0], only):
        trainer.train_to(160)
    assert_same_state(twins[0], only)


def test_replaying_a_run_that_diverged(settings: Settings) -> None:
    trainer = exploded(settings)
    trainer.apply({"training.learning_rate": 1e-6, "training.clip_norm": 1.0})
    trainer.train(5)
    *_, twin = trainer.replaying("kernels")
    assert_same_state(twin, trainer)


def test_replaying_a_continued_run(settings: Settings) -> None:
    before = Trainer(settings)
    before.train_to(20)
    trainer = Trainer(settings, "kernels", before.state())
    trainer.train_to(33)
    *_, twin = trainer.replaying("kernels")
    before.train_to(33)
    assert_same_state(twin, before)


# Dropout


def test_dropout_masks(settings: Settings) -> None:
    """A new draw each update, of the rate asked for, scaled so that means stay; between layers only."""
    trainer = Trainer(settings.with_changes({"network.num_layers": 3, "network.dropout": 0.25, "network.hidden_size": 20}))
    first, second = trainer._draw_dropout(50, 8), trainer._draw_dropout(50, 8)
    assert len(first) == 2 and first[0].shape == (50, 8, 20) and first[0].dtype == np.float32
    values = np.unique(np.stack(first))
    np.testing.assert_allclose(values, [0, 1 / 0.75], rtol=1e-6)
    assert np.mean(np.stack(first) == 0) == pytest.approx(0.25, abs=0.02)
    assert not np.array_equal(first[0], first[1]) and not np.array_equal(first[0], second[0])


def test_no_dropout_where_there_is_one_layer(settings: Settings) -> None:
    with_rate, without = Trainer(settings.with_changes({"network.dropout": 0.5})), Trainer(settings)
    np.testing.assert_array_equal(with_rate.train(5), without.train(5))


def test_dropout_is_for_training_only(settings: Settings) -> None:
    chosen = settings.with_changes({"network.num_layers": 2, "network.dropout": 0.5})
    trainer = Trainer(chosen)
    assert trainer.evaluate() == dataclasses.replace(Trainer(chosen.with_changes({"network.dropout": 0.0})).evaluate())
    assert trainer.answer("0.5,0.25", 1, 0.0) == trainer.answer("0.5,0.25", 1, 0.0)


# Answers


def test_answer(settings: Settings) -> None:
    trainer = Trainer(settings)
    answer = trainer.answer("0.5,0.25", 1, 0.0)
    inputs = np.array([0.5, 0.25]).reshape(2, 1, 1)
    assert answer.output[0] == pytest.approx(float(trainer.network.forward(inputs)[0, 0]), rel=1e-6)
    with pytest.raises(InputError, match="numbers with commas"):
        trainer.answer("some", 1, 0.0)


# What a continued run refuses


def test_state_that_does_not_fit(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(3)
    state = trainer.state()
    for wrong, words in (
        ({"moments": {}}, "first_moment is missing"),
        ({"parameters": {}}, "is missing"),
        ({"moments": state.moments | {"second_moment": {}}}, "is missing"),
        ({"settings": settings.with_changes({"network.hidden_size": 6})}, "should be"),
    ):
        broken = dataclasses.replace(state, **wrong)
        with pytest.raises(InputError, match=words):
            Trainer(broken.settings, "kernels", broken)


def test_state_is_a_copy(settings: Settings) -> None:
    trainer, twin = Trainer(settings), Trainer(settings)
    for each in (trainer, twin):
        each.train(3)
    state = trainer.state()
    for arrays in (state.parameters, *state.moments.values()):
        for value in arrays.values():
            value += 1
    state.losses[:] = 0
    state.random_states["data"]["state"]["state"] = 0
    for each in (trainer, twin):
        each.train(3)
    assert_same_state(trainer, twin)


def test_session_without_its_data_still_answers(settings: Settings, register_echo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's file may be gone: what was learnt can be used, and only more training says what is missing."""
    state = Trainer(settings).state()

    def gone(self: object, *arguments: object) -> None:
        raise InputError("mine.txt: there is no such file")

    monkeypatch.setattr(registry.tasks()["echo"], "sample", gone)
    trainer = Trainer(settings, "kernels", state)
    assert trainer.answer("0.5,0.25", 1, 0.0).output
    for use in (lambda: trainer.train(1), trainer.evaluate, trainer.snapshot):
        with pytest.raises(InputError, match="no such file"):
            use()
    assert trainer.step_count == 0 and trainer.divergence is None
