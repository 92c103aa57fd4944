"""Truncated backpropagation: the gradient stops at the cuts, the state goes on."""

import numpy as np
import pytest

from core.batch import Batch
from core.counted import counted_outputs
from core.network import Network
from tests.core.oracles import OFFSETS, WEIGHTS, Case, assert_engines_agree
from tests.core.samples import Arrays, Problem, Shape, Variant, largest_error, make_batch, make_dropout, make_network, total_norm

PROBLEM = Problem("sequence_to_sequence", "squared_error")
SHAPE = Shape(seq_len=9, batch_size=2, num_layers=2)
States = dict[tuple[int, int], tuple[np.ndarray, np.ndarray | None]]


def loss_with_cuts(network: Network, parameters: Arrays, batch: Batch, truncate: int, fixed: States | None = None) -> tuple[float, States]:
    """Loss, with the state that enters step t = k, 2k, … of each layer taken from ``fixed``; and these states as they really were."""
    layout = network.layout
    real: States = {}
    x = batch.inputs
    for k in range(layout.num_layers):
        h = np.zeros((batch.size, layout.hidden_size))
        c = np.zeros_like(h) if layout.cell.has_cell_state else None
        outputs = []
        for t, x_t in enumerate(x):
            if t > 0 and t % truncate == 0:
                real[k, t] = (h, c)
                if fixed is not None:
                    h, c = fixed[k, t]
            step = layout.cell.step(layout.options, layout.layer_parameters(parameters, layout.stack[k][0]), x_t, h, c)
            h, c = step.h, step.c
            outputs.append(h)
        x = np.stack(outputs)
    y = x @ parameters["head.W"].T + parameters["head.b"]
    counted = counted_outputs(batch, network.topology, network.dtype, network.loss_spec.has_labels)
    y = y[counted.steps, counted.members]
    return network.loss_spec.reference(y, counted.targets, np.empty_like(y)), real


@pytest.mark.parametrize("truncate", [1, 2, 4, 5])
def test_gradient_stops_at_the_cuts(variant: Variant, truncate: int, engine: str) -> None:
    """It is the derivative of the loss with the states at the cuts held fast."""
    network = make_network(variant, PROBLEM, SHAPE, engine=engine)
    batch = make_batch(PROBLEM, SHAPE, is_ragged=True, seed=1)
    parameters = network.parameters()
    gradients = network.loss_and_gradients(batch, truncate=truncate)[1]
    loss, fixed = loss_with_cuts(network, parameters, batch, truncate)
    assert loss == pytest.approx(network.loss(batch), rel=1e-12)
    rng = np.random.default_rng(0)
    for name, gradient in gradients.items():
        direction = rng.standard_normal(gradient.shape)
        direction /= np.linalg.norm(direction)
        errors = []
        for step in (1e-3, 1e-5):
            moved = [parameters | {name: parameters[name] + offset * step * direction} for offset in OFFSETS]
            losses = [loss_with_cuts(network, each, batch, truncate, fixed)[0] for each in moved]
            errors.append(abs(float(np.dot(WEIGHTS, losses)) / step - float(np.sum(gradient * direction))))
        assert min(errors) < 1e-8 * max(np.linalg.norm(gradient), 1e-3 * total_norm(gradients)), name


@pytest.mark.parametrize("truncate", [9, 10, 1000])
def test_cut_beyond_the_end_is_none(variant: Variant, engine: str, truncate: int) -> None:
    network = make_network(variant, PROBLEM, SHAPE, engine=engine)
    batch = make_batch(PROBLEM, SHAPE)
    assert largest_error(network.loss_and_gradients(batch, truncate=truncate)[1], network.loss_and_gradients(batch)[1]) == 0


@pytest.mark.parametrize("truncate", [1, 2, 4])
def test_cut_changes_the_gradient_and_not_the_loss(variant: Variant, engine: str, truncate: int) -> None:
    network = make_network(variant, PROBLEM, SHAPE, engine=engine)
    batch = make_batch(PROBLEM, SHAPE)
    loss, gradients = network.loss_and_gradients(batch, truncate=truncate)
    full_loss, full_gradients = network.loss_and_gradients(batch)
    assert loss == full_loss
    assert largest_error(gradients, full_gradients) > 1e-3


def test_every_length_of_cut(variant: Variant) -> None:
    found, right = (make_network(variant, PROBLEM, SHAPE, engine=engine) for engine in ("kernels", "numpy"))
    batch = make_batch(PROBLEM, SHAPE)
    for truncate in range(11):
        assert_engines_agree(found, right, Case(SHAPE, batch, make_dropout(SHAPE), truncate))


def test_recorded_gradients_stop_too(variant: Variant, engine: str) -> None:
    """An error at the end only: before the last cut nothing of it arrives."""
    problem = Problem("sequence_to_vector", "squared_error")
    network = make_network(variant, problem, SHAPE, engine=engine)
    batch = make_batch(problem, SHAPE)
    for layer in network.record(batch, truncate=4).layers:
        assert np.all(layer.dh[:8] == 0) and np.all(layer.dh[8:] != 0)
        assert layer.dc is None or (np.all(layer.dc[:8] == 0) and np.all(layer.dc[8:] != 0))
