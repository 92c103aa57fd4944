"""The network as outside code uses it: outputs, parameters, losses, and words for what does not fit."""

import numpy as np
import pytest

from core.errors import InputError
from core.losses import LOSSES
from core.network import Network
from core.settings import NetworkSettings, Settings
from core.trainer import Trainer
from tests.core.samples import Problem, Shape, Variant, make_batch, make_network

SHAPE = Shape(seq_len=5, batch_size=3, num_layers=2)


@pytest.fixture
def problem(topology: str, loss_name: str) -> Problem:
    return Problem(topology, loss_name)


def test_outputs(variant: Variant, problem: Problem, engine: str) -> None:
    """Each is the head's map of the top layer's state, activated; of a vector task it is the one at the end."""
    network = make_network(variant, problem, SHAPE, engine=engine)
    batch = make_batch(problem, SHAPE, is_ragged=True, seed=1)
    recording = network.record(batch)
    parameters = network.parameters()
    y = recording.layers[-1].values["hidden"] @ parameters["head.W"].T + parameters["head.b"]
    np.testing.assert_allclose(recording.outputs, y, rtol=1e-12)
    answers = LOSSES[problem.loss].activate(y)
    np.testing.assert_allclose(network.outputs_at_every_step(batch.inputs, batch.lengths), answers, rtol=1e-12)
    # Without lengths nothing is padding.
    is_valid = np.arange(SHAPE.seq_len)[:, None] < batch.lengths
    whole = network.outputs_at_every_step(batch.inputs)
    np.testing.assert_allclose(whole[is_valid], answers[is_valid], rtol=1e-12)
    assert (whole[~is_valid] != answers[~is_valid]).any()
    if problem.topology == "sequence_to_vector":
        np.testing.assert_allclose(network.forward(batch.inputs), whole[-1], rtol=1e-12)
        at_end = np.stack([answers[length - 1, b] for b, length in enumerate(batch.lengths)])
        np.testing.assert_allclose(network.forward(batch.inputs, batch.lengths), at_end, rtol=1e-12)
    else:
        np.testing.assert_allclose(network.forward(batch.inputs, batch.lengths), answers, rtol=1e-12)


def test_loss_alone(variant: Variant, problem: Problem, engine: str, dtype: str) -> None:
    network = make_network(variant, problem, SHAPE, dtype, engine)
    batch = make_batch(problem, SHAPE, is_masked=True, is_ragged=True)
    rel = 1e-6 if dtype == "float32" else 1e-12
    assert network.loss(batch) == pytest.approx(network.loss_and_gradients(batch)[0], rel=rel)
    assert network.record(batch).loss == pytest.approx(network.loss(batch), rel=rel)


def test_gradients_are_named_as_parameters(variant: Variant, problem: Problem, engine: str, dtype: str) -> None:
    network = make_network(variant, problem, SHAPE, dtype, engine)
    gradients, parameters = network.loss_and_gradients(make_batch(problem, SHAPE))[1], network.parameters()
    assert list(gradients) == list(parameters)
    for name, value in parameters.items():
        assert gradients[name].shape == value.shape
        assert gradients[name].dtype == value.dtype == np.dtype(dtype)


def test_parameters_are_copies(variant: Variant) -> None:
    network = make_network(variant, Problem("sequence_to_vector", "squared_error"), SHAPE)
    given = {name: np.ones_like(value) for name, value in network.parameters().items()}
    network.set_parameters(given)
    for value in (*given.values(), *network.parameters().values()):
        value += 1
    assert all(np.all(value == 1) for value in network.parameters().values())


def test_nothing_but_the_parameters_decides(variant: Variant, engine: str) -> None:
    """A batch leaves no trace: the states start at 0 anew."""
    problem = Problem("sequence_to_sequence", "squared_error")
    network = make_network(variant, problem, SHAPE, engine=engine)
    batch = make_batch(problem, SHAPE)
    before = network.outputs_at_every_step(batch.inputs)
    network.loss_and_gradients(make_batch(problem, SHAPE, seed=1))
    np.testing.assert_array_equal(network.outputs_at_every_step(batch.inputs), before)


def test_future_does_not_act_on_the_past(variant: Variant, engine: str) -> None:
    problem = Problem("sequence_to_sequence", "squared_error")
    network = make_network(variant, problem, SHAPE, engine=engine)
    inputs = make_batch(problem, SHAPE).inputs
    before = network.outputs_at_every_step(inputs)
    changed = inputs.copy()
    changed[3] += 1
    after = network.outputs_at_every_step(changed)
    np.testing.assert_array_equal(after[:3], before[:3])
    assert np.all(np.any(after[3:] != before[3:], axis=2))
    np.testing.assert_allclose(network.outputs_at_every_step(inputs[:2]), before[:2], rtol=1e-14)


@pytest.mark.parametrize("size", [(5, 3), (5, 3, 1), (5, 3, 3), (0, 3, 2), (5, 3, 2, 1)])
def test_wrong_inputs(size: tuple[int, ...], engine: str) -> None:
    problem = Problem("sequence_to_vector", "squared_error")
    network = Network(NetworkSettings("rnn", 3), problem, "float64", engine)
    with pytest.raises(InputError, match=r"inputs have shape .*\(T, B, 2\)"):
        network.forward(np.zeros(size))


def test_wrong_parameters() -> None:
    network = Network(NetworkSettings("rnn", 3), Problem("sequence_to_vector", "squared_error"))
    with pytest.raises(InputError, match=r"head\.b is missing"):
        network.set_parameters({name: value for name, value in network.parameters().items() if name != "head.b"})


def test_one_pass_gives_loss_and_answers() -> None:
    for name in ("adding", "copy", "sentiment", "reverse"):
        trainer = Trainer(Settings.preset(name).with_changes({"network.hidden_size": 8}))
        batch = trainer.task.sample(np.random.default_rng(3), 5)
        loss, answers = trainer.network.loss_and_answers(batch)
        assert loss == trainer.network.loss(batch)
        np.testing.assert_array_equal(answers, trainer.network.forward(batch.inputs, batch.lengths))
