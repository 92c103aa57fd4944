"""What answers depend on: many rows at once say what one row alone says, and the look asks for as many as there is time for."""

from typing import Any

import numpy as np
import pytest

from core import registry
from core.analysis.connectivity import input_norms, largest_entries
from core.analysis.saliency import input_gradients, input_saliency
from core.counted import alone
from core.look import Focus
from core.looks.connectivity import Connectivity
from core.network import Network
from core.reference_engine import ReferenceEngine
from core.settings import Settings
from core.topology import HAS_DECODER
from core.trainer import Trainer
from tests.core.configurations import Configuration, random_configuration
from tests.tasks_here import names_here

EPSILON = 1e-30


def configurations(first: int, count: int) -> list[Configuration]:
    return [random_configuration(number) for number in range(first, first + count)]


def looked(trainer: Trainer, step: int = 10_000, layer: int = 0) -> Connectivity:
    return trainer.snapshot(has_prediction=False, looks=("connectivity",), focus=Focus(step, layer)).looks["connectivity"]


def test_rows_are_those_of_single_sequences(engine: str) -> None:
    """Over random networks of all kinds, with both engines."""
    for configuration in configurations(9000, 40):
        network, batch = configuration.network(engine=engine), configuration.batch
        member = batch.size - 1
        written = batch.lengths if batch.output_lengths is None else batch.output_lengths
        size, count = network.layout.output_size, int(written[member])
        steps, entries = np.repeat(np.arange(count), size), np.tile(np.arange(size), count)
        found = input_norms(network, batch, member, steps, entries).encoder
        for row, (step, entry) in enumerate(zip(steps.tolist(), entries.tolist(), strict=True)):
            wanted = np.linalg.norm(input_gradients(network, batch, member, step)[entry], axis=1)
            np.testing.assert_allclose(found[row], wanted, rtol=1e-9, atol=1e-14)


def test_many_symbols_cost_no_accuracy() -> None:
    """More inputs than there are gates."""
    trainer = Trainer(Settings.from_dict({"task": {"name": "completion"}, "network": {"hidden_size": 2}, "training": {"dtype": "float64"}}))
    network, batch = trainer.network, trainer.probe_batch
    assert network.layout.input_size > network.layout.columns
    found = input_norms(network, batch, 0, np.array([7]), np.array([5])).encoder[0]
    np.testing.assert_allclose(found, np.linalg.norm(input_gradients(network, batch, 0, 7)[5], axis=1), rtol=1e-7)


def fed_back_gradient(network: Network, batch: Any, step: int, entry: int) -> np.ndarray:
    """∂y_{step, entry} by every number that a decoder was fed with, (T', O), by complex numbers."""
    engine = ReferenceEngine(network.layout, network.loss_spec, np.dtype(np.complex128))
    right = engine.stack_inputs(batch)
    gradient = np.zeros(right[:, 0].shape)
    for place in np.ndindex(gradient.shape):
        moved = right.copy()
        moved[place[0], 0, place[1]] += 1j * EPSILON
        engine.stack_inputs = lambda batch, moved=moved: moved  # type: ignore[method-assign]
        y = engine.run(network.layout.unpack(network.flat.astype(np.complex128)), batch).y
        gradient[place] = network.loss_spec.activate(y[step, :1])[0, entry].imag / EPSILON
    return gradient


def test_what_a_decoder_reads_of_its_own_counts_too(engine: str) -> None:
    compared = 0
    for configuration in configurations(9100, 60):
        is_smooth = getattr(configuration.settings.options, "activation", "tanh") != "relu"
        if configuration.problem.topology not in HAS_DECODER or not is_smooth:
            continue
        network = configuration.network(engine=engine)
        own = alone(configuration.batch, 0, network.topology)
        step = len(own.targets) - 1
        found = input_norms(network, own, 0, np.array([step]), np.array([1])).fed_back
        assert found is not None
        np.testing.assert_allclose(found[0], np.linalg.norm(fed_back_gradient(network, own, step, 1), axis=1), rtol=1e-9, atol=1e-14)
        compared += 1
    assert compared > 10


def test_look_is_the_saliency_of_the_core(engine: str) -> None:
    trainer = Trainer(Settings().with_changes({"task.seq_len": 20, "network.hidden_size": 5, "training.dtype": "float64"}), engine)
    trainer.train(5)
    found = looked(trainer)
    assert found.steps == tuple(range(20))
    assert found.has_all_steps
    assert found.answers_once
    assert found.entries is None
    for row in (0, 7, 19):
        np.testing.assert_allclose(found.norms[row], input_saliency(trainer.network, trainer.probe_batch, 0, row), rtol=1e-9)
    assert not found.norms[7, 8:].any()
    assert not found.norms.flags.writeable


def test_all_entries_of_a_few_outputs_count() -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": "parity"}, "network": {"hidden_size": 4}, "training": {"dtype": "float64"}}))
    found = looked(trainer)
    assert found.entries is None
    np.testing.assert_allclose(found.norms[-1], input_saliency(trainer.network, trainer.probe_batch, 0, found.steps[-1]), rtol=1e-9)


def test_of_many_entries_the_largest_is_asked() -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": "copy"}, "training": {"dtype": "float64"}}))
    found = looked(trainer)
    assert found.entries is not None
    largest = largest_entries(trainer.network, trainer.probe_batch, 0)
    assert found.entries == tuple(largest[list(found.steps)].tolist())
    row = len(found.steps) - 2
    wanted = np.linalg.norm(input_gradients(trainer.network, trainer.probe_batch, 0, found.steps[row])[found.entries[row]], axis=1)
    np.testing.assert_allclose(found.norms[row], wanted, rtol=1e-9)
    assert found.asked(row) == trainer.task.output_names[found.entries[row]]


@pytest.mark.parametrize("changes", [{"task.seq_len": 1000}, {"network.hidden_size": 200, "network.num_layers": 2}])
def test_long_sequences_and_large_networks_have_fewer_rows(changes: dict[str, Any]) -> None:
    trainer = Trainer(Settings().with_changes(changes))
    found = looked(trainer, step=13)
    assert 2 <= len(found.steps) < 40
    assert {13, found.norms.shape[1] - 1} <= set(found.steps)
    assert found.steps[found.row_for(13)] == 13
    assert not found.has_all_steps


@pytest.mark.parametrize("name", names_here())
def test_every_task_has_a_look(name: str) -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 3}}))
    found = looked(trainer, step=2)
    trace = trainer.snapshot(has_prediction=False).trace
    assert trace is not None
    assert found.norms.shape == (len(found.steps), trace.seq_len)
    assert found.norms[-1, 0] > 0
    assert set(found.steps) <= set(found.output_steps)
    assert found.names in ((), trainer.task.output_names)
    if trace.decoder_start:
        assert found.output_steps == range(trace.decoder_start, trace.seq_len)
        assert np.isnan(found.norms[:, trace.decoder_start]).all()


def test_task_names_all_outputs_or_none() -> None:
    named = 0
    for name in names_here():
        task = registry.tasks()[name](registry.tasks()[name].Settings())
        assert len(task.output_names) in (0, task.output_size), name
        named += bool(task.output_names)
    assert named > 10
