"""Decoders, both directions of reading, and states that are carried on: what they mean, beyond their gradients."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from core import registry
from core.batch import Batch
from core.counted import backward_steps, reversal
from core.errors import InputError
from core.network import Network
from core.settings import NetworkSettings
from core.topology import HAS_DECODER, SEQUENCE_TO_SEQUENCE, SEQUENCE_TO_VECTOR
from tests.core.configurations import Configuration, random_batch, random_configuration
from tests.core.samples import Problem, largest_error


def configurations(count: int, topologies: tuple[str, ...]) -> Iterator[Configuration]:
    found, number = 0, 5000
    while found < count:
        configuration = random_configuration(number)
        number += 1
        if configuration.problem.topology in topologies:
            found += 1
            yield configuration


def random_network(settings: NetworkSettings, problem: Problem, engine: str, seed: int = 0) -> Network:
    network = Network(settings, problem, "float64", engine)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    network.set_parameters({name: 0.5 * rng.standard_normal(shape) for name, shape in network.layout.shapes().items()})
    return network


def with_garbage(configuration: Configuration) -> Batch:
    """The same batch, two steps longer at each end of the padding, and nonsense in all of it."""
    batch, has_decoder = configuration.batch, configuration.problem.topology in HAS_DECODER
    rng = np.random.default_rng(0)
    more_in = 0 if configuration.problem.topology == "vector_to_sequence" else 2
    inputs = np.concatenate([batch.inputs, np.zeros((more_in, *batch.inputs.shape[1:]))])
    is_padding = np.arange(len(inputs))[:, None] >= batch.lengths
    inputs[is_padding] = 1e3 * rng.standard_normal((is_padding.sum(), inputs.shape[2]))
    if configuration.problem.topology == SEQUENCE_TO_VECTOR:
        return dataclasses.replace(batch, inputs=inputs)
    more_out = 2 if has_decoder else more_in
    lengths = batch.output_lengths if batch.output_lengths is not None else batch.lengths
    targets = np.concatenate([batch.targets, np.zeros((more_out, *batch.targets.shape[1:]), batch.targets.dtype)])
    targets[np.arange(len(targets))[:, None] >= lengths] = 10**6
    mask = None if batch.mask is None else np.concatenate([batch.mask, np.ones((more_out, batch.size))])
    return dataclasses.replace(batch, inputs=inputs, targets=targets, mask=mask)


def test_padding_changes_nothing(engine: str) -> None:
    """In all topologies, with both directions of reading."""
    topologies = ("sequence_to_sequence", "sequence_to_vector", *HAS_DECODER)
    for configuration in configurations(60, topologies):
        network = configuration.network(engine=engine)
        loss, gradients = network.loss_and_gradients(configuration.batch, states=configuration.states)
        same_loss, same_gradients = network.loss_and_gradients(with_garbage(configuration), states=configuration.states)
        assert same_loss == pytest.approx(loss, rel=1e-12)
        assert largest_error(same_gradients, gradients) < 1e-11


def test_nothing_overflows_in_the_padding(engine: str) -> None:
    """A state without bounds that doubles at each step of a long padding leaves loss and gradient as they are."""
    for topology in ("sequence_to_sequence", "sequence_to_vector", *HAS_DECODER):
        problem = Problem(topology, "squared_error", 2, 2)
        options = registry.cells()["rnn"].Options(activation="relu")
        network = Network(NetworkSettings("rnn", 3, 2, options=options), problem, "float32", engine)  # type: ignore[arg-type]
        parameters = {name: np.full(shape, 0.1) for name, shape in network.layout.shapes().items()}
        network.set_parameters({n: 3 * np.eye(3)[None] if n.endswith("W_h") else value for n, value in parameters.items()})
        rng = np.random.default_rng(0)
        read = 1 if topology == "vector_to_sequence" else 3
        short = Batch(rng.random((read, 2, 2)), rng.random((2, 2) if topology == SEQUENCE_TO_VECTOR else (3, 2, 2)), None, np.full(2, read))
        if topology in HAS_DECODER:
            short = dataclasses.replace(short, output_lengths=np.full(2, 3))
        more = ((0, 150), (0, 0), (0, 0))
        inputs = short.inputs if read == 1 else np.pad(short.inputs, more, constant_values=1)
        targets = short.targets if topology == SEQUENCE_TO_VECTOR else np.pad(short.targets, more, constant_values=1)
        loss, gradients = network.loss_and_gradients(short)
        same_loss, same_gradients = network.loss_and_gradients(dataclasses.replace(short, inputs=inputs, targets=targets))
        assert same_loss == pytest.approx(loss, rel=1e-6)
        assert largest_error(same_gradients, gradients) < 1e-5


def test_recordings_of_both_engines() -> None:
    """Gates, states and gradients of encoders, decoders and both directions, entry by entry; nothing stands in the padding."""
    for configuration in configurations(60, ("sequence_to_sequence", "sequence_to_vector", *HAS_DECODER)):
        found, right = (configuration.network(engine=engine).record(configuration.batch) for engine in ("kernels", "numpy"))
        np.testing.assert_allclose(found.outputs, right.outputs, rtol=1e-11, atol=1e-13)
        for a, b in zip((*found.encoder, *found.layers), (*right.encoder, *right.layers), strict=True):
            assert a.is_backward == b.is_backward
            for name in a.values:
                np.testing.assert_allclose(a.values[name], b.values[name], rtol=1e-10, atol=1e-13)
            for each in ("dh", "dc", "dh_from_above"):
                if getattr(b, each) is not None:
                    np.testing.assert_allclose(getattr(a, each), getattr(b, each), rtol=1e-9, atol=1e-13)


def test_what_is_written_is_read_again(engine: str) -> None:
    """Taught with what it wrote by itself, a decoder answers the same."""
    for configuration in configurations(40, HAS_DECODER):
        network = configuration.network(engine=engine)
        batch = configuration.batch
        written = network.generate(batch.inputs, batch.lengths, output_len=6)
        assert written.shape == (6, batch.size, network.layout.output_size)
        symbols = written.argmax(axis=2) if network.loss_spec.has_labels else written
        taught = dataclasses.replace(batch, targets=symbols, mask=None, output_lengths=np.full(batch.size, 6))
        again = network.loss_spec.activate(network.engine.outputs_taught(network.flat, taught))
        np.testing.assert_allclose(again, written, rtol=1e-11)


def test_choice_of_what_is_read() -> None:
    """Whatever ``choose`` picks is what the decoder goes on from."""
    problem = Problem("encoder_decoder", "cross_entropy", 2, 4)
    network = random_network(NetworkSettings("gru", 5), problem, "kernels")
    batch = random_batch(problem, np.random.default_rng(1))
    written = network.generate(batch.inputs, batch.lengths, 5, choose=lambda shares: np.full(len(shares), 2))
    always = dataclasses.replace(batch, targets=np.full((5, batch.size), 2), mask=None, output_lengths=np.full(batch.size, 5))
    np.testing.assert_allclose(written, network.loss_spec.activate(network.engine.outputs_taught(network.flat, always)), rtol=1e-12)
    greedy = network.generate(batch.inputs, batch.lengths, 5)
    assert not np.allclose(written, greedy)
    np.testing.assert_array_equal(network.generate(batch.inputs, batch.lengths, 5, choose=lambda s: s.argmax(axis=1)), greedy)


def test_untaught_loss_is_that_of_its_own_words(engine: str) -> None:
    """Never taught, the loss is measured on what is written freely; always taught, on the right history."""
    for configuration in configurations(20, HAS_DECODER):
        network, batch = configuration.network(engine=engine), dataclasses.replace(configuration.batch, mask=None)
        never = np.zeros(batch.targets.shape[:2], bool)
        free = network.generate(batch.inputs, batch.lengths, len(batch.targets))
        steps, members = np.nonzero(np.arange(len(batch.targets))[:, None] < batch.output_lengths)
        shares, targets = free[steps, members], batch.targets[steps, members]
        right = {
            "cross_entropy": lambda s, t: -np.mean(np.log(s[np.arange(len(s)), t])),
            "squared_error": lambda s, t: np.mean((s - t) ** 2),
            "binary_cross_entropy": lambda s, t: -np.mean(t * np.log(s) + (1 - t) * np.log(1 - s)),
        }[network.loss_spec.name](shares, targets)
        assert network.loss_and_gradients(batch, is_taught=never)[0] == pytest.approx(right, rel=1e-10)
        assert network.loss_and_gradients(batch, is_taught=~never)[0] == network.loss_and_gradients(batch)[0]


def test_both_directions_are_two_networks(cell_name: str, topology: str, engine: str) -> None:
    """One reads the sequence, the other its mirror image; the head adds what it makes of either."""
    problem = Problem(topology, "squared_error", 3, 2)
    both = random_network(NetworkSettings(cell_name, 4, bidirectional=True), problem, engine)
    one = Network(NetworkSettings(cell_name, 4), problem, "float64", engine)  # type: ignore[arg-type]
    parameters = both.parameters()
    rng = np.random.default_rng(3)
    x, lengths = rng.standard_normal((6, 4, 3)), np.array([6, 2, 1, 5])
    total = np.zeros_like(both.forward(x, lengths))
    order = reversal(6, lengths)
    for direction, half in (("", slice(0, 4)), ("backward.", slice(4, 8))):
        own = {f"layers.0.{name}": parameters[f"layers.0.{direction}{name}"] for name in ("W_x", "W_h", "b")}
        own |= {"head.W": parameters["head.W"][:, half], "head.b": parameters["head.b"] / 2}
        one.set_parameters(own)
        read = x[order, np.arange(4)] if direction else x
        answers = one.forward(read, lengths)
        total += answers[order, np.arange(4)] if direction and topology == SEQUENCE_TO_SEQUENCE else answers
    is_valid = np.arange(6)[:, None] < lengths if topology == SEQUENCE_TO_SEQUENCE else np.ones(4, bool)
    np.testing.assert_allclose(both.forward(x, lengths)[is_valid], total[is_valid], rtol=1e-12)


def test_both_directions_see_the_future() -> None:
    problem = Problem(SEQUENCE_TO_SEQUENCE, "squared_error", 1, 1)
    x = np.zeros((5, 1, 1))
    later = x.copy()
    later[4] = 1
    for is_bidirectional in (False, True):
        network = random_network(NetworkSettings("gru", 3, bidirectional=is_bidirectional), problem, "kernels")
        assert (network.forward(x)[0] != network.forward(later)[0]).all() == is_bidirectional


def test_decoders_read_one_way() -> None:
    for topology in HAS_DECODER:
        with pytest.raises(InputError, match=r"network\.bidirectional"):
            random_network(NetworkSettings("gru", 3, bidirectional=True), Problem(topology, "cross_entropy"), "kernels")


def test_steps_of_the_backward_direction() -> None:
    lengths = np.array([3, 1])
    np.testing.assert_array_equal(reversal(3, lengths), [[2, 0], [1, 1], [0, 2]])
    steps, members = np.array([0, 2, 0, 2]), np.array([0, 0, 1, 1])
    np.testing.assert_array_equal(backward_steps(steps, members, lengths, SEQUENCE_TO_SEQUENCE), [2, 0, 0, 2])
    np.testing.assert_array_equal(backward_steps(steps, members, lengths, SEQUENCE_TO_VECTOR), [2, 2, 0, 0])


@pytest.mark.parametrize("num_layers", [1, 2])
def test_carried_states_join_two_batches(cell_name: str, engine: str, num_layers: int) -> None:
    """A sequence in two parts, the second from the states of the first, has the losses of the whole; the gradient stops between."""
    problem = Problem(SEQUENCE_TO_SEQUENCE, "squared_error", 2, 2)
    network = random_network(NetworkSettings(cell_name, 4, num_layers), problem, engine)
    rng = np.random.default_rng(2)
    x, targets = rng.standard_normal((10, 3, 2)), rng.standard_normal((10, 3, 2))
    gradient = np.empty_like(network.flat)
    states = None
    losses, gradients = [], []
    for part in (slice(0, 5), slice(5, 10)):
        batch = Batch(x[part], targets[part], None, np.full(3, 5))
        losses.append(network.engine.loss_and_gradient(network.flat, batch, gradient, (), 0, None, states))
        gradients.append(gradient.copy())
        states = network.engine.final_states()
        has_c = registry.cells()[cell_name].has_cell_state
        assert states.shape == (num_layers, 2 if has_c else 1, 3, 4)
    whole = Batch(x, targets, None, np.full(3, 10))
    loss = network.engine.loss_and_gradient(network.flat, whole, gradient, (), 5)
    assert np.mean(losses) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(np.mean(gradients, axis=0), gradient, rtol=1e-9, atol=1e-14)


def test_states_after_the_valid_steps(cell_name: str) -> None:
    """Both engines hand on the states of each sequence's own end."""
    problem = Problem(SEQUENCE_TO_SEQUENCE, "squared_error", 2, 2)
    batch = Batch(np.random.default_rng(1).standard_normal((6, 3, 2)), np.zeros((6, 3, 2)), None, np.array([6, 1, 4]))
    states = []
    for engine in ("kernels", "numpy"):
        network = random_network(NetworkSettings(cell_name, 4, 2), problem, engine)
        network.loss_and_gradients(batch)
        states.append(network.engine.final_states())
    np.testing.assert_allclose(states[0], states[1], rtol=1e-12)


def test_shapes_of_inputs_are_checked() -> None:
    network = random_network(NetworkSettings("rnn", 3), Problem("vector_to_sequence", "cross_entropy", 2, 3), "kernels")
    with pytest.raises(InputError, match=r"\(1, B, 2\)"):
        network.generate(np.zeros((2, 1, 2)), output_len=3)
