"""The training loop: repeatable to the bit, learning, held-out sequences, dropout, answers."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import registry
from core.errors import InputError
from core.idle import STEP_KEYS
from core.sampling import GREEDY, Sampling
from core.settings import Settings
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY
from tests.core.runs import assert_same_run, with_options
from tests.core.samples import Variant, echo_task


def test_same_seed_same_bits(settings: Settings, variant: Variant, dtype: str, engine: str) -> None:
    chosen = with_options(settings, variant).with_changes({"training.dtype": dtype, "network.num_layers": 2, "network.dropout": 0.4})
    first, second = Trainer(chosen, engine), Trainer(chosen, engine)
    first.train_to(12)
    for step in (1, 2, 7, 12):
        second.train_to(step)
    assert_same_run(first, second)
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
        trainer.train(3)
        seen.append(trainer.draws.source.chunk().sequences.inputs)
    assert all(np.array_equal(batches, seen[0]) for batches in seen)


def test_engines_agree(settings: Settings, variant: Variant, first_order_name: str) -> None:
    chosen = with_options(settings, variant).with_changes({"training.optimizer": first_order_name, "training.dtype": "float64"})
    kernels, numpy = Trainer(chosen, "kernels"), Trainer(chosen, "numpy")
    np.testing.assert_allclose(kernels.train(15), numpy.train(15), rtol=1e-9)
    for name, value in numpy.network.parameters().items():
        np.testing.assert_allclose(kernels.network.parameters()[name], value, rtol=1e-7, atol=1e-10)


def test_engines_agree_on_curvature(settings: Settings, cell_name: str, second_order_name: str) -> None:
    changes = {"network.cell": cell_name, "training.optimizer": second_order_name, "training.dtype": "float64"}
    chosen = settings.with_changes(changes)
    np.testing.assert_allclose(Trainer(chosen, "kernels").train(4), Trainer(chosen, "numpy").train(4), rtol=1e-5)


def test_second_order_takes_no_rate_and_no_clipping(settings: Settings, second_order_name: str) -> None:
    """All that is greyed out in the window, moved as far as it goes, leaves the run as it is."""
    chosen = settings.with_changes({"training.optimizer": second_order_name})
    values = {"learning_rate": 50.0, "clip_norm": 1e-6, "clip_value": 1e-6, "schedule": "step", "schedule_steps": 1}
    values |= {"schedule_factor": 0.0, "warmup": 7, "truncate": 1}
    changes = {f"training.{name}": value for name, value in values.items()}
    assert set(values) == set(STEP_KEYS)
    other = Trainer(chosen.with_changes(changes))
    np.testing.assert_array_equal(other.train(3), Trainer(chosen).train(3))
    assert other.snapshot().clipped_share == 0


def test_second_order_sees_the_penalty(settings: Settings, second_order_name: str) -> None:
    """Weights that decay are shorter; the loss that is shown is the data's alone."""
    chosen = settings.with_changes({"training.optimizer": second_order_name})
    plain, decayed = Trainer(chosen), Trainer(chosen.with_changes({"training.weight_decay": 0.1}))
    assert plain.train(8)[0] == decayed.train(8)[0]
    assert np.linalg.norm(decayed.network.flat) < 0.9 * np.linalg.norm(plain.network.flat)


def test_single_precision_is_near_double(settings: Settings) -> None:
    single, double = Trainer(settings), Trainer(settings.with_changes({"training.dtype": "float64"}))
    np.testing.assert_allclose(single.train(20), double.train(20), rtol=1e-3)


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
    loss, gradients = twin.network.loss_and_gradients(twin.draws.source.chunk().batch(0))
    length = np.sqrt(sum(np.sum(value**2) for value in gradients.values()))
    assert length > 0.05
    before = trainer.network.parameters()
    assert trainer.train(1)[0] == pytest.approx(loss, rel=1e-12)
    assert trainer.gradient_norm == pytest.approx(length, rel=1e-12)
    for name, value in trainer.network.parameters().items():
        right = before[name] - 0.1 * (gradients[name] * 0.05 / length + 0.2 * before[name])
        np.testing.assert_allclose(value, right, rtol=1e-11)
    assert trainer.snapshot().clipped_share == 1


@pytest.mark.parametrize(("optimizer_that_decays", "is_apart"), [("adam", False), ("adamw", True)])
def test_weight_decay(settings: Settings, optimizer_that_decays: str, is_apart: bool) -> None:
    """Adam's first step is the gradient by its own size: a penalty changes its sign at most, AdamW's decay comes on top."""
    changes = {"training.optimizer": optimizer_that_decays, "training.dtype": "float64", "training.weight_decay": 0.5}
    # Gradients that are next to nothing beside the penalty, which is not clipped.
    trainer, twin = (Trainer(settings.with_changes(changes | {"training.clip_norm": 1e-4})) for _ in range(2))
    gradients = twin.network.loss_and_gradients(twin.draws.source.chunk().batch(0))[1]
    trainer.train(1)
    for name, value in trainer.network.parameters().items():
        before = twin.network.parameters()[name]
        g = gradients[name] * 1e-4 / trainer.gradient_norm + (0 if is_apart else 0.5 * before)
        right = before * (1 - 0.01 * 0.5 if is_apart else 1) - 0.01 * g / (np.abs(g) + 1e-8)
        np.testing.assert_allclose(value, right, rtol=1e-9, atol=1e-12)


def test_clipping_of_values_comes_first(settings: Settings) -> None:
    """Then the norm of what is left is clipped; either counts as clipped."""
    changes = {"training.optimizer": "sgd", "training.dtype": "float64", "training.learning_rate": 1.0}
    for clip_value, clip_norm in ((0.001, 0.0), (0.001, 0.002), (0.0, 0.002)):
        trainer, twin = (
            Trainer(settings.with_changes(changes | {"training.clip_value": clip_value, "training.clip_norm": clip_norm})) for _ in range(2)
        )
        gradients = twin.network.loss_and_gradients(twin.draws.source.chunk().batch(0))[1]
        if clip_value:
            gradients = {name: np.clip(value, -clip_value, clip_value) for name, value in gradients.items()}
        length = np.sqrt(sum(np.sum(value**2) for value in gradients.values()))
        factor = clip_norm / length if 0 < clip_norm < length else 1
        before = trainer.network.parameters()
        trainer.train(1)
        for name, value in trainer.network.parameters().items():
            np.testing.assert_allclose(value, before[name] - factor * gradients[name], rtol=1e-10, atol=1e-13)
        assert trainer.snapshot().clipped_share == 1


def test_scale_of_start_weights(settings: Settings, cell_name: str) -> None:
    """Everything that was drawn, from the same random numbers; what the cell sets itself stays."""
    plain, scaled = (
        Trainer(settings.with_changes({"network.cell": cell_name, "training.dtype": "float64", "network.init_scale": scale}))
        for scale in (1.0, 2.5)
    )
    for name, value in scaled.network.parameters().items():
        right = 2.5 * plain.network.parameters()[name]
        if name.endswith("b") and name != "head.b":
            probe = np.full(value.shape, np.nan)
            own = plain.network.layout.cell.initial_bias(plain.settings.network.options, "b", probe)
            right = np.where(np.isnan(own), right, own)
        np.testing.assert_allclose(value, right, rtol=1e-12)


def test_schedule_reaches_the_optimizer(settings: Settings) -> None:
    """Plain gradient descent, update by update with the rate that the snapshot gave before it."""
    changes = {"training.optimizer": "sgd", "training.dtype": "float64", "training.clip_norm": 0.0, "training.warmup": 2}
    chosen = settings.with_changes(changes | {"training.schedule": "step", "training.schedule_steps": 1, "training.schedule_factor": 0.5})
    trainer, twin = Trainer(chosen), Trainer(chosen)
    rates = []
    for number in range(5):
        rates.append(trainer.snapshot(has_trace=False, has_prediction=False).learning_rate)
        gradients = twin.network.loss_and_gradients(twin.draws.source.chunk().batch(number))[1]
        twin.network.set_parameters({name: value - rates[-1] * gradients[name] for name, value in twin.network.parameters().items()})
        trainer.train(1)
    np.testing.assert_allclose(rates, [0.005, 0.01, 0.01, 0.005, 0.0025], rtol=1e-12)
    np.testing.assert_allclose(trainer.network.flat, twin.network.flat, rtol=1e-11)


def test_optimizer_is_told_the_number_of_the_update(settings: Settings, first_order_name: str) -> None:
    """From 1, and from 1 again where the optimizer was changed: Adam's corrections hang on it."""
    optimizer_name = first_order_name
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
        layout.pack(twin.network.loss_and_gradients(twin.draws.source.chunk().batch(2 + count - first))[1], gradient)
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
    assert_same_run(chunked, whole)


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
        watched.answer("0.1,0.2", Sampling(1, 0.5))
    np.testing.assert_array_equal(watched.losses, alone.train(15))
    np.testing.assert_array_equal(watched.network.flat, alone.network.flat)


def test_solved_at_is_the_first_time(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"network.hidden_size": 16, "training.batch_size": 32, "training.learning_rate": 0.02}))
    trainer.train_to(600)
    solved = [evaluation.step for evaluation in trainer.evaluations if evaluation.is_solved]
    assert len(solved) > 1 and trainer.solved_at == solved[0] > 0


def test_dropout_masks(settings: Settings) -> None:
    """A new draw each update, of the rate asked for, scaled so that means stay; between layers only."""
    trainer = Trainer(settings.with_changes({"network.num_layers": 3, "network.dropout": 0.25, "network.hidden_size": 20}))
    batch = dataclasses.replace(trainer.task.sample(np.random.default_rng(0), 8), inputs=np.zeros((50, 8, 1)))
    first, second = (trainer.draws.dropout(trainer.network, 0.25, batch) for _ in range(2))
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
    assert trainer.answer("0.5,0.25", GREEDY) == trainer.answer("0.5,0.25", GREEDY)


def test_answer(settings: Settings) -> None:
    trainer = Trainer(settings)
    answer = trainer.answer("0.5,0.25", GREEDY)
    inputs = np.array([0.5, 0.25]).reshape(2, 1, 1)
    assert answer.output[0] == pytest.approx(float(trainer.network.forward(inputs)[0, 0]), rel=1e-6)
    with pytest.raises(InputError, match="numbers with commas"):
        trainer.answer("some", GREEDY)


def test_session_without_its_data_still_answers(settings: Settings, register_echo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's file may be gone: what was learnt can be used, and only more training says what is missing."""
    state = Trainer(settings).state()

    def gone(self: object, *arguments: object) -> None:
        raise InputError("mine.txt: there is no such file")

    monkeypatch.setattr(registry.tasks()["echo"], "sample", gone)
    trainer = Trainer(settings, "kernels", state)
    assert trainer.answer("0.5,0.25", GREEDY).output
    for use in (lambda: trainer.train(1), trainer.evaluate, trainer.snapshot):
        with pytest.raises(InputError, match="no such file"):
            use()
    assert trainer.step_count == 0 and trainer.divergence is None


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
    assert_same_run(trainer, twin)
