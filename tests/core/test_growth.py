"""A network that grows computes the same as before, and its new units learn."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.growth import grown_parameters, growth_stream, padded_states
from core.network import Network, drawn_parameters
from core.settings import Settings
from core.topology import HAS_DECODER
from core.trainer import Trainer
from tests.core.configurations import Configuration, random_configuration
from tests.core.runs import assert_changes_nothing, assert_goes_on_from_session, assert_same_run
from tests.core.samples import Shape, Variant, make_batch, make_network

TOLERANCES = {"float32": 1e-6, "float64": 1e-12}
OPTIMIZERS_WITH_RATE = {"sgd": 0.1, "momentum": 0.05, "nesterov": 0.05}


def grown(network: Network, configuration: Configuration, hidden_size: int, engine: str = "kernels") -> Network:
    """``network`` with more units."""
    settings = dataclasses.replace(configuration.settings, hidden_size=hidden_size)
    larger = Network(settings, configuration.problem, str(network.dtype), engine)  # type: ignore[arg-type]
    drawn = drawn_parameters(larger.layout, "default", growth_stream(3, 100, hidden_size))
    larger.set_parameters(grown_parameters(network.layout, larger.layout, network.parameters(), drawn))
    return larger


def answers(network: Network, configuration: Configuration, states: np.ndarray | None) -> list[np.ndarray]:
    """All that a network says of a batch: what it computes at every step, its loss, and what it writes by itself."""
    batch = configuration.batch
    loss, _ = network.loss_and_gradients(batch, is_taught=configuration.is_taught, states=states)
    said = [network.record(batch).outputs, np.array(loss)]
    if network.topology in HAS_DECODER:
        said.append(network.generate(batch.inputs, batch.lengths, 5))
    return said


@pytest.mark.parametrize("block", range(6))
def test_outputs_stay_the_same(block: int, dtype: str) -> None:
    """Over all cells and options, layers, directions and topologies."""
    for number in range(block, 150, 6):
        configuration = random_configuration(number)
        more = int(np.random.default_rng(number).integers(1, 20))
        size = configuration.settings.hidden_size
        small = configuration.network(dtype)
        large = grown(small, configuration, size + more)
        states = configuration.states
        before = answers(small, configuration, states)
        after = answers(large, configuration, None if states is None else padded_states(states, size + more))
        for a, b in zip(before, after, strict=True):
            scale = max(1.0, float(np.abs(a).max()))
            assert np.abs(a - b).max() <= TOLERANCES[dtype] * scale, f"configuration {number}: {configuration.settings}"


def test_outputs_stay_the_same_for_every_variant(variant: Variant) -> None:
    configuration = random_configuration(0)
    shape = Shape(6, 3, hidden_size=4)
    network = make_network(variant, configuration.problem, shape)
    settings = dataclasses.replace(
        configuration.settings, cell=variant.cell.name, options=variant.options, num_layers=1, bidirectional=False
    )
    large = grown(network, dataclasses.replace(configuration, settings=settings), 9)
    batch = configuration.batch
    assert np.abs(network.record(batch).outputs - large.record(batch).outputs).max() < 1e-12
    assert len(make_batch(configuration.problem, shape).inputs) == 6


def test_new_units_listen_and_do_not_speak(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"network.num_layers": 2}))
    trainer.train(5)
    before = trainer.network.parameters()
    trainer.apply({"network.hidden_size": 8})
    after = trainer.network.parameters()
    for name, values in before.items():
        assert np.array_equal(after[name][tuple(slice(0, size) for size in values.shape)], values), name
    assert not after["layers.0.W_h"][:, :5, 5:].any() and not after["layers.1.W_x"][:, :5, 5:].any() and not after["head.W"][:, 5:].any()
    assert after["layers.0.W_h"][:, 5:].all() and after["layers.0.W_x"][:, 5:].all() and after["layers.1.W_x"][:, 5:].all()
    forget = trainer.network.layout.cell.gates.index("forget")
    assert (after["layers.0.b"][forget, 5:] == 1).all()


def test_run_goes_on_and_new_units_get_a_say(settings: Settings, first_order_name: str, engine: str) -> None:
    rate = OPTIMIZERS_WITH_RATE.get(first_order_name, 0.01)
    trainer = Trainer(settings.with_changes({"training.optimizer": first_order_name, "training.learning_rate": rate}), engine)
    trainer.train(20)
    probe = trainer.task.held_out(20)
    outputs, loss, moments = trainer.network.forward(probe.inputs, probe.lengths), trainer.evaluate().loss, trainer.state().moments
    trainer.apply({"network.hidden_size": 7})
    assert np.abs(trainer.network.forward(probe.inputs, probe.lengths) - outputs).max() < 1e-6
    assert trainer.evaluate().loss == pytest.approx(loss, abs=1e-6)
    state = trainer.state()
    assert state.moment_count == 20 and state.step_count == 20 and len(trainer.losses) == 20
    for slot, values in moments.items():
        assert np.array_equal(state.moments[slot]["head.W"][:, :5], values["head.W"])
        assert not state.moments[slot]["head.W"][:, 5:].any()
    trainer.train(3)
    parameters = trainer.network.parameters()
    assert parameters["head.W"][:, 5:].all() and parameters["layers.0.W_h"][:, :5, 5:].any()


def test_second_order_runs_grow_too(settings: Settings, second_order_name: str) -> None:
    trainer = Trainer(settings.with_changes({"training.optimizer": second_order_name}))
    trainer.train(3)
    trainer.apply({"network.hidden_size": 6})
    trainer.train(2)
    assert trainer.step_count == 5 and trainer.network.parameters()["head.W"][:, 5:].all()


def test_growth_is_marked_and_known(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(4)
    trainer.apply({"network.hidden_size": 6})
    snapshot = trainer.snapshot()
    assert [(mark.step, mark.label) for mark in snapshot.marks] == [(4, "hidden size 5 → 6")]
    assert snapshot.parameter_count == Trainer(settings.with_changes({"network.hidden_size": 6})).network.layout.parameter_count
    assert snapshot.trace is not None and snapshot.trace.layers[0].values["hidden"].shape[1] == 6
    assert [past.network.hidden_size for past in trainer.past_settings()] == [5, 6]


def test_growing_to_the_same_size_changes_nothing(settings: Settings) -> None:
    assert_changes_nothing(settings, lambda trainer: trainer.apply({"network.hidden_size": 5}))


def test_smaller_is_refused(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(2)
    with pytest.raises(InputError, match="network.hidden_size can't change"):
        trainer.apply({"network.hidden_size": 4})
    assert trainer.network.layout.hidden_size == 5


def test_session_after_growth_goes_on_bit_for_bit(settings: Settings, path: Path) -> None:
    trainer = Trainer(settings)
    trainer.train_to(30)
    trainer.apply({"network.hidden_size": 9})
    trainer.train_to(55)
    assert_goes_on_from_session(trainer, path, 80)


def test_replay_grows_at_the_same_update(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train_to(20)
    trainer.apply({"network.hidden_size": 6})
    trainer.train_to(40)
    trainer.apply({"network.hidden_size": 20})
    trainer.train_to(60)
    *_, twin = trainer.replaying("kernels")
    assert_same_run(trainer, twin)


def test_carried_states_grow_too() -> None:
    settings = Settings.from_dict(
        {"task": {"name": "completion"}, "network": {"hidden_size": 6}, "training": {"carry_state": True, "batch_size": 4}}
    )
    trainer = Trainer(settings)
    trainer.train(3)
    carried = trainer.state().carried
    assert carried is not None and carried.any()
    trainer.apply({"network.hidden_size": 8})
    grown_states = trainer.state().carried
    assert grown_states is not None and np.array_equal(grown_states[..., :6], carried) and not grown_states[..., 6:].any()
    trainer.train(2)
    assert trainer.divergence is None and trainer.step_count == 5


def test_diverged_run_may_grow(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"training.optimizer": "sgd", "training.learning_rate": 100.0, "training.clip_norm": 0.0}))
    trainer.network.flat[:] = 1e30
    trainer.train(3)
    assert trainer.divergence is not None
    trainer.apply({"network.hidden_size": 6})
    assert trainer.divergence is None and len(trainer.losses) == trainer.step_count
