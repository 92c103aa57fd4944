"""Gradients of every cell with every option: kernels against NumPy steps, against finite differences, and float32 against float64."""

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from core.batch import Batch
from tests.core.oracles import Case, assert_engines_agree, assert_equals_finite_difference
from tests.core.samples import Problem, Shape, Variant, make_batch, make_dropout, make_network, total_norm

LENGTHS, SIZES = (1, 2, 7, 33), (1, 3)


@pytest.fixture(params=[1, 2], ids=["1-layer", "2-layers"])
def num_layers(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def problem(topology: str, loss_name: str) -> Problem:
    return Problem(topology, loss_name)


def cases(problem: Problem, num_layers: int, has_truncation: bool) -> Iterator[Case]:
    """All lengths and sizes: plain, with padding and masks, and with everything at once; of the longest, which take time, fewer."""
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
        assert_engines_agree(found, right, case)


@pytest.mark.parametrize("hidden_size", [1, 15, 16, 17, 33])
def test_sizes_around_those_of_vectors(variant: Variant, hidden_size: int) -> None:
    """Products take four rows at a time and units come in vectors of sixteen: sizes below, at and above multiples."""
    for batch_size, input_size, output_size in ((4, 1, 1), (5, 3, 2), (9, 4, 5), (8, 6, 3)):
        problem = Problem("sequence_to_sequence", "squared_error", input_size, output_size)
        case = Case(shape := Shape(3, batch_size, 2, hidden_size), make_batch(problem, shape), make_dropout(shape))
        found, right = (make_network(variant, problem, shape, engine=engine) for engine in ("kernels", "numpy"))
        assert_engines_agree(found, right, case)


def test_inputs_with_many_zeros(variant: Variant) -> None:
    """One-hot inputs: products skip groups of zeros."""
    problem = Problem("sequence_to_vector", "cross_entropy", input_size=11, output_size=4)
    shape = Shape(6, 9)
    batch = make_batch(problem, shape)
    inputs = np.eye(11)[np.random.default_rng(0).integers(0, 11, (6, 9))]
    inputs[2] = 0
    case = Case(shape, dataclasses.replace(batch, inputs=inputs))
    found, right = (make_network(variant, problem, shape, engine=engine) for engine in ("kernels", "numpy"))
    assert_engines_agree(found, right, case)


def test_arrays_are_kept_between_batches(variant: Variant, dtype: str) -> None:
    """Longer, shorter and other batches before it leave nothing that changes a bit of the result."""
    problem = Problem("sequence_to_sequence", "squared_error")
    batch = make_batch(problem, Shape(5, 3), is_ragged=True)
    fresh = make_network(variant, problem, Shape(5, 3, num_layers=2), dtype)
    used = make_network(variant, problem, Shape(5, 3, num_layers=2), dtype)
    for shape in (Shape(9, 3, 2), Shape(2, 3, 2), Shape(11, 3, 2), Shape(5, 4, 2)):
        used.loss_and_gradients(make_batch(problem, shape, seed=1), make_dropout(shape), truncate=2)
        used.record(make_batch(problem, shape, seed=2))
    loss, gradients = used.loss_and_gradients(batch)
    right_loss, right_gradients = fresh.loss_and_gradients(batch)
    assert loss == right_loss
    for name in right_gradients:
        np.testing.assert_array_equal(gradients[name], right_gradients[name])


def test_not_a_number_does_not_stay(variant: Variant, engine: str) -> None:
    """After a batch that overflowed the next one is as right as ever."""
    problem = Problem("sequence_to_sequence", "squared_error")
    shape = Shape(5, 3, num_layers=3)
    batch = make_batch(problem, shape)
    network = make_network(variant, problem, shape, engine=engine)
    right_loss, right = network.loss_and_gradients(batch)
    with np.errstate(all="ignore"):
        loss, gradients = network.loss_and_gradients(dataclasses.replace(batch, inputs=np.full_like(batch.inputs, np.nan)))
    assert np.isnan(loss) and not any(np.isfinite(gradients[name]).all() for name in gradients)
    again_loss, again = network.loss_and_gradients(batch)
    assert again_loss == right_loss
    for name in right:
        np.testing.assert_array_equal(again[name], right[name])


def test_kernels_equal_finite_differences(variant: Variant, problem: Problem, num_layers: int) -> None:
    rng = np.random.default_rng(0)
    for case in list(cases(problem, num_layers, has_truncation=False))[rng.integers(2) :: 2]:
        network = make_network(variant, problem, case.shape)
        for name, size in network.layout.shapes().items():
            direction = rng.standard_normal(size)
            assert_equals_finite_difference(network, case, name, direction / np.linalg.norm(direction))


def test_every_single_parameter(variant: Variant) -> None:
    problem, shape = Problem("sequence_to_sequence", "cross_entropy"), Shape(4, 2, num_layers=2)
    batch: Batch = make_batch(problem, shape, is_masked=True, is_ragged=True, seed=3)
    network = make_network(variant, problem, shape)
    for name, size in network.layout.shapes().items():
        for index in np.ndindex(size):
            direction = np.zeros(size)
            direction[index] = 1
            assert_equals_finite_difference(network, Case(shape, batch, make_dropout(shape, seed=3)), name, direction)


def only_adds_up(variant: Variant) -> bool:
    """Whether nothing is ever forgotten, so that the cell state, and with it the rounding of tanh C, grows all the time."""
    return variant.cell.has_cell_state and all(signal.role != "forget" for signal in variant.cell.shown_signals(variant.options))


def test_single_precision(variant: Variant, problem: Problem, num_layers: int) -> None:
    permitted = 1e-5 if only_adds_up(variant) else 2e-6
    for case in cases(problem, num_layers, has_truncation=True):
        found, right = (make_network(variant, problem, case.shape, dtype) for dtype in ("float32", "float64"))
        found_loss, found_gradients = found.loss_and_gradients(case.batch, case.dropout, case.truncate)
        right_loss, right_gradients = right.loss_and_gradients(case.batch, case.dropout, case.truncate)
        assert all(value.dtype == np.float32 for value in found_gradients.values())
        assert found_loss == pytest.approx(right_loss, rel=1e-6)
        differences = {name: found_gradients[name] - right_gradients[name] for name in right_gradients}
        assert total_norm(differences) < permitted * total_norm(right_gradients), case
