"""Padding and masks: what does not count changes neither a loss nor a gradient."""

import dataclasses

import numpy as np
import pytest

from core.batch import Batch
from core.counted import counted_outputs
from core.losses import LOSSES
from tests.core.samples import Problem, Shape, Variant, largest_error, make_batch, make_dropout, make_network, total_norm

SHAPE = Shape(seq_len=6, batch_size=4, num_layers=2)


def padded_more(problem: Problem, batch: Batch, steps: int) -> Batch:
    """The same sequences with garbage in all the padding, and ``steps`` more of it."""
    seq_len, size = batch.inputs.shape[:2]
    inputs = np.concatenate([batch.inputs, np.zeros((steps, size, problem.input_size))])
    is_padding = np.arange(seq_len + steps)[:, None] >= batch.lengths
    inputs[is_padding] = 1e3 * np.random.default_rng(9).standard_normal((is_padding.sum(), problem.input_size))
    if problem.topology == "sequence_to_vector":
        return dataclasses.replace(batch, inputs=inputs)
    targets = np.concatenate([batch.targets, np.zeros((steps, *batch.targets.shape[1:]), batch.targets.dtype)])
    targets[is_padding] = 10**6
    mask = None if batch.mask is None else np.concatenate([batch.mask, np.ones((steps, size))])
    return Batch(inputs, targets, mask, batch.lengths)


@pytest.mark.parametrize("is_masked", [False, True], ids=["lengths", "lengths-and-mask"])
def test_padding_changes_nothing(variant: Variant, topology: str, loss_name: str, engine: str, is_masked: bool) -> None:
    problem = Problem(topology, loss_name)
    network = make_network(variant, problem, SHAPE, engine=engine)
    batch = make_batch(problem, SHAPE, is_masked=is_masked, is_ragged=True, seed=5)
    assert batch.lengths.min() < batch.lengths.max()
    longer = padded_more(problem, batch, steps=3)
    loss, gradients = network.loss_and_gradients(batch)
    same_loss, same_gradients = network.loss_and_gradients(longer)
    assert same_loss == pytest.approx(loss, rel=1e-13)
    assert largest_error(same_gradients, gradients) < 1e-12
    assert network.loss(longer) == pytest.approx(loss, rel=1e-12)
    if topology == "sequence_to_vector":
        answers = network.forward(longer.inputs, longer.lengths)
        np.testing.assert_allclose(answers, network.forward(batch.inputs, batch.lengths), rtol=1e-12)


def test_garbage_where_the_mask_is_zero(variant: Variant, loss_name: str, engine: str) -> None:
    problem = Problem("sequence_to_sequence", loss_name)
    network = make_network(variant, problem, SHAPE, engine=engine)
    batch = make_batch(problem, SHAPE, is_masked=True, seed=6)
    assert batch.mask is not None and 0 < batch.mask.mean() < 1
    targets = batch.targets.copy()
    targets[batch.mask == 0] = 10**6
    loss, gradients = network.loss_and_gradients(batch)
    same_loss, same_gradients = network.loss_and_gradients(dataclasses.replace(batch, targets=targets))
    assert same_loss == loss
    assert largest_error(same_gradients, gradients) == 0


def test_batch_is_the_mean_of_its_sequences(variant: Variant, topology: str, loss_name: str, engine: str) -> None:
    """Each sequence run alone and without padding, weighted by how many outputs of it count."""
    problem = Problem(topology, loss_name)
    network = make_network(variant, problem, SHAPE, engine=engine)
    batch = make_batch(problem, SHAPE, is_masked=True, is_ragged=True, seed=7)
    dropout = make_dropout(SHAPE)
    loss, gradients = network.loss_and_gradients(batch, dropout)
    losses, sums, weights = [], {name: np.zeros_like(value) for name, value in gradients.items()}, []
    for b, length in enumerate(batch.lengths):
        own = np.s_[:length, b : b + 1]
        is_vector = topology == "sequence_to_vector"
        mask = None if batch.mask is None else batch.mask[own]
        weight = 1 if is_vector else length if mask is None else mask.sum()
        if weight == 0:
            continue
        alone = Batch(batch.inputs[own], batch.targets[b : b + 1] if is_vector else batch.targets[own], mask, np.array([length]))
        alone_loss, alone_gradients = network.loss_and_gradients(alone, tuple(layer[own] for layer in dropout))
        losses.append(alone_loss)
        weights.append(weight)
        for name, value in alone_gradients.items():
            sums[name] += weight * value
    assert len(weights) > 1
    assert loss == pytest.approx(np.average(losses, weights=weights), rel=1e-12)
    assert largest_error({name: value / sum(weights) for name, value in sums.items()}, gradients) < 1e-12


def test_steps_after_the_last_answer_have_no_gradient(variant: Variant, engine: str) -> None:
    problem = Problem("sequence_to_vector", "squared_error")
    batch = make_batch(problem, SHAPE, is_ragged=True, seed=5)
    recording = make_network(variant, problem, SHAPE, engine=engine).record(batch)
    for layer in recording.layers:
        for b, length in enumerate(batch.lengths):
            assert np.all(layer.dh[length:, b] == 0)
            assert np.any(layer.dh[length - 1, b] != 0)


def test_counted_outputs() -> None:
    problem = Problem("sequence_to_sequence", "cross_entropy")
    batch = make_batch(problem, Shape(3, 2))
    batch = dataclasses.replace(batch, lengths=np.array([2, 3]), mask=np.array([[1.0, 0], [1, 1], [1, 1]]))
    counted = counted_outputs(batch, problem.topology, np.dtype("float32"), LOSSES[problem.loss].has_labels)
    assert list(zip(counted.steps, counted.members, strict=True)) == [(0, 0), (1, 0), (1, 1), (2, 1)]
    assert counted.targets.tolist() == [batch.targets[t, b] for t, b in ((0, 0), (1, 0), (1, 1), (2, 1))]
    assert counted.targets.dtype == np.int64


def test_gradient_is_not_zero(variant: Variant, topology: str, loss_name: str) -> None:
    """Or all of the above would be said of nothing."""
    problem = Problem(topology, loss_name)
    gradients = make_network(variant, problem, SHAPE).loss_and_gradients(make_batch(problem, SHAPE))[1]
    assert all(np.linalg.norm(value) > 1e-4 * total_norm(gradients) for value in gradients.values())
