"""The cuts that are drawn are those that the backward pass makes."""

import numpy as np
import pytest

from core.network import Network
from core.settings import NetworkSettings
from core.truncation import cut_steps
from tests.core.samples import Problem, Shape, Variant, make_batch, make_network

SHAPE = Shape(seq_len=9, batch_size=2)


@pytest.mark.parametrize("truncate", [0, 1, 2, 4, 5, 9])
def test_cuts_are_where_nothing_is_carried_back(variant: Variant, engine: str, truncate: int) -> None:
    """At the step before a cut the gradient is that from above alone; elsewhere it is more. The last step has no later one."""
    problem = Problem("sequence_to_sequence", "squared_error")
    network = make_network(variant, problem, SHAPE, engine=engine)
    (layer,) = network.record(make_batch(problem, SHAPE), truncate).layers
    is_alone = (layer.dh == layer.dh_from_above).all(axis=(1, 2))
    cuts = [step for step in range(1, SHAPE.seq_len) if is_alone[step - 1]]
    assert cut_steps(SHAPE.seq_len, truncate) == tuple(cuts)


@pytest.mark.parametrize(
    ("arguments", "cuts"),
    [
        ((10, 4), (4, 8)),
        ((10, 4, True), (2, 6)),
        ((10, 10), ()),
        ((1, 1), ()),
        ((10, 0, True), ()),
        # An encoder of 5 steps and its decoder, each counted from its own beginning; at 5 the gradient passes.
        ((12, 3, False, 5), (3, 8, 11)),
        # A network that only writes.
        ((6, 4, False, 0), (4,)),
    ],
)
def test_counted_in_the_order_of_reading(arguments: tuple, cuts: tuple[int, ...]) -> None:
    assert cut_steps(*arguments) == cuts


@pytest.mark.parametrize("truncate", [1, 2, 4])
def test_cuts_of_a_layer_that_reads_from_the_end(variant: Variant, engine: str, truncate: int) -> None:
    problem = Problem("sequence_to_sequence", "squared_error")
    settings = NetworkSettings(variant.cell.name, SHAPE.hidden_size, bidirectional=True, options=variant.options)
    network = Network(settings, problem, "float64", engine)
    network.initialize("uniform", np.random.default_rng(0))
    forward, backward = network.record(make_batch(problem, SHAPE), truncate).layers
    assert (forward.is_backward, backward.is_backward) == (False, True)
    is_alone = (backward.dh == backward.dh_from_above).all(axis=(1, 2))
    cuts = [step for step in range(1, SHAPE.seq_len) if is_alone[step]]
    assert cut_steps(SHAPE.seq_len, truncate, is_backward=True) == tuple(cuts)
