"""1,000 random configurations over all cells, options, topologies, losses, layers, directions, masks, lengths, dropout and teaching.

The kernels' float64 gradients are held against the derivative of the NumPy steps by complex numbers, along a random direction of every
parameter, and against backpropagation through the NumPy steps, entry by entry: within 1e-10. The float32 ones: within 2e-6.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.core.complex_step import EPSILON, loss_at, moved
from tests.core.configurations import Configuration, random_configuration
from tests.core.samples import Arrays, largest_error, total_norm

CONFIGURATIONS, GROUPS = 1000, 20
EXACT, SINGLE = 1e-10, 2e-6


def configurations(group: int) -> Iterator[Configuration]:
    """Every twentieth."""
    for number in range(group, CONFIGURATIONS, GROUPS):
        yield random_configuration(number)


def gradients_of(configuration: Configuration, dtype: str, engine: str) -> tuple[float, Arrays]:
    network = configuration.network(dtype, engine)
    dropout = configuration.dropout(network)
    return network.loss_and_gradients(configuration.batch, dropout, 0, configuration.is_taught, configuration.states)


def assert_equals_complex_step(configuration: Configuration, loss: float, gradients: Arrays) -> None:
    network = configuration.network()
    parameters = network.parameters()
    dropout = configuration.dropout(network)
    rng = np.random.default_rng(0)
    floor = 1e-6 * total_norm(gradients)
    for name, gradient in gradients.items():
        direction = rng.standard_normal(gradient.shape)
        direction /= np.linalg.norm(direction)
        found = loss_at(
            network,
            moved(parameters, {name: direction}),
            configuration.batch,
            dropout,
            configuration.is_taught,
            configuration.states,
        )
        assert found.real == pytest.approx(loss, rel=1e-12)
        error = abs(found.imag / EPSILON - float(np.sum(gradient * direction)))
        assert error <= EXACT * max(float(np.linalg.norm(gradient)), floor), (name, configuration)


@pytest.mark.parametrize("group", range(GROUPS))
def test_float64(group: int) -> None:
    for configuration in configurations(group):
        loss, gradients = gradients_of(configuration, "float64", "kernels")
        right_loss, right = gradients_of(configuration, "float64", "numpy")
        assert loss == pytest.approx(right_loss, rel=1e-12)
        assert largest_error(gradients, right) < EXACT, configuration
        assert_equals_complex_step(configuration, loss, gradients)


@pytest.mark.parametrize("group", range(GROUPS))
def test_float32(group: int) -> None:
    """Relative to the length of the whole gradient; a choice of its own that falls otherwise in float32 is another computation."""
    compared = 0
    for configuration in configurations(group):
        if configuration.is_taught is not None:
            continue
        loss, gradients = gradients_of(configuration, "float32", "kernels")
        right_loss, right = gradients_of(configuration, "float64", "kernels")
        distance = total_norm({name: gradients[name].astype(np.float64) - right[name] for name in right})
        assert distance <= SINGLE * total_norm(right), configuration
        assert loss == pytest.approx(right_loss, rel=2e-6)
        compared += 1
    assert compared > 30


def test_what_the_thousand_cover() -> None:
    """Every value of every switch stands in at least twenty of them."""
    seen: dict[tuple[str, object], int] = {}
    for number in range(CONFIGURATIONS):
        configuration = random_configuration(number)
        settings = configuration.settings
        facts: list[tuple[str, object]] = [
            ("cell", settings.cell),
            ("layers", settings.num_layers),
            ("bidirectional", settings.bidirectional),
            ("topology", configuration.problem.topology),
            ("loss", configuration.problem.loss),
            ("mask", configuration.batch.mask is not None),
            ("dropout", configuration.dropout_seed is not None and settings.num_layers > 1),
            ("taught", configuration.is_taught is not None),
            ("carried", configuration.states is not None),
            *((f"{settings.cell}.{name}", value) for name, value in vars(settings.options).items()),
        ]
        for fact in facts:
            seen[fact] = seen.get(fact, 0) + 1
    assert min(seen.values()) >= 20, min(seen.items(), key=lambda item: item[1])
    for number in range(0, CONFIGURATIONS, 100):
        again = random_configuration(number)
        np.testing.assert_array_equal(random_configuration(number).batch.inputs, again.batch.inputs)
