"""Products of the Gauss–Newton matrix, against finite differences of gradients and of outputs, over random networks of all kinds."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from core.counted import counted_outputs
from core.network import Network
from core.topology import HAS_DECODER
from tests.core.configurations import Configuration, random_configuration
from tests.core.oracles import OFFSETS, WEIGHTS
from tests.core.samples import Arrays, largest_error, total_norm

COUNT = 60
DIFFERENCES_AGREE = 1e-7


def configurations(losses: tuple[str, ...] = ("squared_error", "cross_entropy", "binary_cross_entropy")) -> Iterator[Configuration]:
    for number in range(2000, 2000 + COUNT):
        configuration = random_configuration(number)
        if configuration.problem.loss in losses:
            yield dataclasses.replace(configuration, is_taught=None, states=None)


def direction_for(network: Network, seed: int) -> Arrays:
    rng = np.random.default_rng(seed)
    drawn = {name: rng.standard_normal(value.shape) for name, value in network.parameters().items()}
    norm = total_norm(drawn)
    return {name: value / norm for name, value in drawn.items()}


def counted_raw_outputs(network: Network, configuration: Configuration) -> np.ndarray:
    """The outputs that count, before activation, (N, O)."""
    batch = configuration.batch
    counted = counted_outputs(batch, network.topology, network.dtype, network.loss_spec.has_labels)
    if network.topology in HAS_DECODER:
        return network.engine.outputs_taught(network.flat, batch)[counted.steps, counted.members]
    return network.engine.outputs(network.flat, batch.inputs, batch.lengths)[counted.steps, counted.members]


def outputs_along(network: Network, configuration: Configuration, direction: Arrays, step: float) -> np.ndarray:
    """J·direction by finite differences."""
    parameters = network.parameters()
    outputs = []
    for offset in OFFSETS:
        network.set_parameters({name: value + offset * step * direction[name] for name, value in parameters.items()})
        outputs.append(counted_raw_outputs(network, configuration))
    network.set_parameters(parameters)
    return np.tensordot(WEIGHTS, outputs, 1) / step


def test_kernels_equal_complex_step() -> None:
    """Dropout and structural damping too."""
    damped = 0
    for number, configuration in enumerate(configurations()):
        products = []
        for engine in ("kernels", "numpy"):
            network = configuration.network(engine=engine)
            along, product = np.zeros_like(network.flat), np.empty_like(network.flat)
            network.layout.pack(direction_for(network, number), along)
            linearization = network.objective(configuration.batch, configuration.dropout(network)).linearize(network.flat)
            for state_damping in (0.0, 0.3):
                linearization.gauss_newton_product(along, product, state_damping)
                products.append(network.layout.unpack(product))
        assert largest_error(products[0], products[2]) < 1e-10
        assert largest_error(products[1], products[3]) < 1e-10
        damped += total_norm(products[1]) > 1.0001 * total_norm(products[0])
    assert damped > 0.9 * COUNT


def test_quadratic_form_against_differences_of_outputs() -> None:
    """u·G v = (J u)·H (J v), with J and H by finite differences. At a kink of a ReLU another step is needed."""
    for number, configuration in enumerate(configurations()):
        network = configuration.network()
        spec = network.loss_spec
        u, v = direction_for(network, number), direction_for(network, number + 1000)
        product = network.gauss_newton_product(configuration.batch, v)
        found = sum(float(np.sum(u[name] * product[name])) for name in u)
        counted = counted_outputs(configuration.batch, network.topology, network.dtype, spec.has_labels)
        y = counted_raw_outputs(network, configuration)
        errors = []
        for step in (1e-3, 3e-5):
            Ju, Jv = (outputs_along(network, configuration, each, step) for each in (u, v))
            gradients = [np.empty_like(y) for _ in OFFSETS]
            for offset, dy in zip(OFFSETS, gradients, strict=True):
                spec.reference(y + offset * step * Jv, counted.targets, dy)
            HJv = np.tensordot(WEIGHTS, gradients, 1) / step
            errors.append(abs(found - float(np.sum(Ju * HJv))) / max(np.linalg.norm(Ju) * np.linalg.norm(HJv), 1e-12))
        assert min(errors) < DIFFERENCES_AGREE, configuration


def test_equals_differences_of_gradients_where_nothing_is_wrong() -> None:
    """With targets equal to the answers the Hessian is the Gauss–Newton matrix: its product is the finite difference of gradients."""
    compared = 0
    for number, configuration in enumerate(configurations(("squared_error", "binary_cross_entropy"))):
        if getattr(configuration.settings.options, "activation", "tanh") == "relu" or configuration.network().topology in HAS_DECODER:
            continue
        network = configuration.network()
        batch = configuration.batch
        answers = network.forward(batch.inputs, batch.lengths)
        perfect = dataclasses.replace(batch, targets=answers)
        v = direction_for(network, number)
        product = network.gauss_newton_product(perfect, v)
        parameters, step = network.parameters(), 1e-3
        gradients = []
        for offset in OFFSETS:
            network.set_parameters({name: value + offset * step * v[name] for name, value in parameters.items()})
            gradients.append(network.loss_and_gradients(perfect)[1])
        differences = {name: np.tensordot(WEIGHTS, [g[name] for g in gradients], 1) / step for name in v}
        distance = total_norm({name: product[name] - differences[name] for name in v})
        assert distance < DIFFERENCES_AGREE * total_norm(product), configuration
        compared += 1
    assert compared > 8


def test_symmetric_and_positive() -> None:
    for number, configuration in enumerate(configurations()):
        network = configuration.network()
        u, v = direction_for(network, number), direction_for(network, number + 1000)
        Gu, Gv = (network.gauss_newton_product(configuration.batch, each, state_damping=0.1) for each in (u, v))
        uGv, vGu, uGu = (sum(float(np.sum(a[n] * b[n])) for n in a) for a, b in ((u, Gv), (v, Gu), (u, Gu)))
        assert uGv == pytest.approx(vGu, rel=1e-9, abs=1e-12 * total_norm(Gu))
        assert uGu >= -1e-15


def test_state_damping_counts_valid_states_only() -> None:
    """u·(damping part) v = (J_h u)·(J_h v) / B over the states of valid steps, by finite differences of the recorded states."""
    for number, configuration in enumerate(configurations()):
        if getattr(configuration.settings.options, "activation", "tanh") == "relu":
            continue
        network = configuration.network()
        batch = configuration.batch
        u, v = direction_for(network, number), direction_for(network, number + 1000)
        plain, damped = (network.gauss_newton_product(batch, v, state_damping) for state_damping in (0.0, 2.0))
        found = sum(float(np.sum(u[name] * (damped[name] - plain[name]))) for name in u)
        Ju, Jv = (states_along(network, configuration, each) for each in (u, v))
        assert found == pytest.approx(2.0 * float(np.sum(Ju * Jv)) / batch.size, rel=1e-6, abs=1e-9)


def states_along(network: Network, configuration: Configuration, direction: Arrays, step: float = 1e-3) -> np.ndarray:
    parameters, batch = network.parameters(), configuration.batch
    written = batch.lengths if batch.output_lengths is None else batch.output_lengths
    states = []
    for offset in OFFSETS:
        network.set_parameters({name: value + offset * step * direction[name] for name, value in parameters.items()})
        recording = network.record(batch)
        valid = []
        for layers, lengths in ((recording.encoder, batch.lengths), (recording.layers, written)):
            for layer in layers:
                h = layer.values["hidden"]
                valid.append(h[np.arange(len(h))[:, None] < lengths].ravel())
        states.append(np.concatenate(valid))
    network.set_parameters(parameters)
    return np.tensordot(WEIGHTS, states, 1) / step


def test_single_precision() -> None:
    for number, configuration in enumerate(configurations()):
        found, right = (configuration.network(dtype) for dtype in ("float32", "float64"))
        v = direction_for(right, number)
        single = found.gauss_newton_product(configuration.batch, v)
        double = right.gauss_newton_product(configuration.batch, v)
        assert total_norm({name: single[name] - double[name] for name in v}) < 1e-5 * total_norm(double)
