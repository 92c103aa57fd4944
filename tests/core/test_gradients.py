"""Gradients of every cell with every option: kernels against NumPy steps, against finite differences, and float32 against float64."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from core.batch import Batch
from core.kernel_engine import DropoutMasks
from core.network import Network
from tests.core.samples import Problem, Shape, Variant, largest_error, make_batch, make_dropout, make_network, total_norm

LENGTHS, SIZES = (1, 2, 7, 33), (1, 3)
# Central difference of fourth order.
OFFSETS, WEIGHTS = (-2, -1, 1, 2), (1 / 12, -8 / 12, 8 / 12, -1 / 12)


@dataclass(frozen=True)
class Case:
    """One batch, and how the gradient is taken on it."""

    shape: Shape
    batch: Batch
    dropout: DropoutMasks = ()
    truncate: int = 0


@pytest.fixture(params=[1, 2], ids=["1-layer", "2-layers"])
def num_layers(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def problem(topology: str, loss_name: str) -> Problem:
    return Problem(topology, loss_name)


def cases(problem: Problem, num_layers: int, has_truncation: bool) -> Iterator[Case]:
    """All lengths and sizes: plain, with padding and masks, and with everything at once; of the longest, which take time, one each."""
    for seed, (seq_len, batch_size) in enumerate(itertools.product(LENGTHS, SIZES)):
        shape = Shape(seq_len, batch_size, num_layers)
        whole = make_batch(problem, shape, seed=seed)
        masked = make_batch(problem, shape, is_masked=True, is_ragged=True, seed=seed)
        with_everything = Case(shape, masked, make_dropout(shape, seed), truncate=(1, 2, 5)[seed % 3] if has_truncation else 0)
        every = (Case(shape, whole), Case(shape, masked), with_everything)
        yield from every if seq_len < LENGTHS[-1] else every[seed % 2 :: 2]


def test_kernels_equal_numpy_steps(variant: Variant, problem: Problem, num_layers: int) -> None:
    for case in cases(problem, num_layers, has_truncation=True):
        found, right = (make_network(variant, problem, case.shape, engine=engine) for engine in ("kernels", "numpy"))
        found_loss, found_gradients = found.loss_and_gradients(case.batch, case.dropout, case.truncate)
        right_loss, right_gradients = right.loss_and_gradients(case.batch, case.dropout, case.truncate)
        assert found_loss == pytest.approx(right_loss, rel=1e-13, abs=1e-15), case
        assert largest_error(found_gradients, right_gradients) < 1e-12, case
        np.testing.assert_allclose(
            found.outputs_at_every_step(case.batch.inputs), right.outputs_at_every_step(case.batch.inputs), rtol=1e-12, atol=1e-14
        )


def derivative_along(network: Network, case: Case, name: str, direction: np.ndarray, step: float) -> float:
    """Finite difference of the loss when parameter ``name`` moves along ``direction``."""
    parameters = network.parameters()
    losses = []
    for offset in OFFSETS:
        network.set_parameters(parameters | {name: parameters[name] + offset * step * direction})
        losses.append(network.loss_and_gradients(case.batch, case.dropout)[0])
    network.set_parameters(parameters)
    return float(np.dot(WEIGHTS, losses)) / step


def error_along(network: Network, case: Case, name: str, direction: np.ndarray) -> float:
    """Distance of the gradient's share along a unit ``direction`` from the finite difference, relative to the gradient of ``name``.

    With ReLU a step may cross a kink, where no step is right but a smaller one; a wrong gradient is wrong for every step.
    """
    gradients = network.loss_and_gradients(case.batch, case.dropout)[1]
    size = max(float(np.linalg.norm(gradients[name])), 1e-3 * total_norm(gradients))
    along = float(np.sum(gradients[name] * direction))
    errors = (abs(derivative_along(network, case, name, direction, step) - along) / size for step in (1e-3, 1e-4, 1e-5))
    return next((error for error in errors if error < 1e-8), np.inf)


def test_kernels_equal_finite_differences(variant: Variant, problem: Problem, num_layers: int) -> None:
    rng = np.random.default_rng(0)
    for case in list(cases(problem, num_layers, has_truncation=False))[rng.integers(2) :: 2]:
        network = make_network(variant, problem, case.shape)
        for name, size in network.layout.shapes().items():
            direction = rng.standard_normal(size)
            assert error_along(network, case, name, direction / np.linalg.norm(direction)) < 1e-8, (name, case)


def test_every_single_parameter(variant: Variant) -> None:
    problem, shape = Problem("sequence_to_sequence", "cross_entropy"), Shape(4, 2, num_layers=2)
    case = Case(shape, make_batch(problem, shape, is_masked=True, is_ragged=True, seed=3), make_dropout(shape, seed=3))
    network = make_network(variant, problem, shape)
    for name, size in network.layout.shapes().items():
        for index in np.ndindex(size):
            direction = np.zeros(size)
            direction[index] = 1
            assert error_along(network, case, name, direction) < 1e-8, (name, index)


def test_single_precision(variant: Variant, problem: Problem, num_layers: int) -> None:
    for case in cases(problem, num_layers, has_truncation=True):
        found, right = (make_network(variant, problem, case.shape, dtype) for dtype in ("float32", "float64"))
        found_loss, found_gradients = found.loss_and_gradients(case.batch, case.dropout, case.truncate)
        right_loss, right_gradients = right.loss_and_gradients(case.batch, case.dropout, case.truncate)
        assert all(value.dtype == np.float32 for value in found_gradients.values())
        assert found_loss == pytest.approx(right_loss, rel=1e-6)
        differences = {name: found_gradients[name] - right_gradients[name] for name in right_gradients}
        assert total_norm(differences) < 2e-6 * total_norm(right_gradients), case
