"""The gradient tests can fail: with one thing wrong in a cell, the comparison that should see it does."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.cell import Cell, LayerArrays, Parameters
from tests.core.oracles import Case, assert_engines_agree, assert_equals_finite_difference, assert_equals_pytorch
from tests.core.pytorch_vectors import KINDS, frozen_vector, variant_of
from tests.core.samples import Arrays, Problem, Shape, Variant, make_batch, make_network, variants

Mutation = Callable[[Parameters], Arrays]
PROBLEM, SHAPE = Problem("sequence_to_sequence", "squared_error"), Shape(seq_len=5, batch_size=3, num_layers=2)
# The smallest factor that must not go unnoticed.
NEARLY_ONE = 1 + 1e-6


def swapped(first: int, second: int) -> Mutation:
    """Two gates in each other's place."""

    def mutate(parameters: Parameters) -> Arrays:
        mutated = {name: value.copy() for name, value in parameters.items()}
        for name in {"W_x", "W_h", "b"} & set(mutated):
            mutated[name][[first, second]] = mutated[name][[second, first]]
        return mutated

    return mutate


def scaled(name: str, factor: float) -> Mutation:
    """All of one parameter scaled."""
    return lambda parameters: {**parameters, name: factor * parameters[name]}


def without_bias(gate: int) -> Mutation:
    """One gate's bias forgotten."""

    def mutate(parameters: Parameters) -> Arrays:
        b = parameters["b"].copy()
        b[gate] = 0
        return {**parameters, "b": b}

    return mutate


def mutations(cell: Cell, options: Any) -> dict[str, Mutation]:
    gates = range(len(cell.gates))
    made = {f"gates {i} and {j} swapped": swapped(i, j) for i in gates for j in gates if i < j}
    made |= {f"{name} scaled": scaled(name, NEARLY_ONE) for name in cell.shapes(options, 1, 1)}
    if options.use_bias:
        made |= {f"bias of gate {gate} dropped": without_bias(gate) for gate in gates}
    return made


MUTANTS = [(variant, what) for variant in variants() for what in mutations(variant.cell, variant.options)]
MUTANTS_OF_KINDS = [(kind, what) for kind in KINDS for what in mutations(variant_of(kind).cell, variant_of(kind).options)]


def mutate_kernels(monkeypatch: pytest.MonkeyPatch, cell: Cell, mutate: Mutation) -> None:
    pack = cell.pack
    monkeypatch.setattr(cell, "pack", lambda options, parameters, weights: pack(options, mutate(parameters), weights))


def mutate_steps(monkeypatch: pytest.MonkeyPatch, cell: Cell, mutate: Mutation) -> None:
    step, step_gradient = cell.step, cell.step_gradient
    monkeypatch.setattr(cell, "step", lambda options, parameters, *rest: step(options, mutate(parameters), *rest))
    monkeypatch.setattr(cell, "step_gradient", lambda options, parameters, *rest: step_gradient(options, mutate(parameters), *rest))


def assert_kernels_equal_steps(variant: Variant) -> None:
    found, right = (make_network(variant, PROBLEM, SHAPE, engine=engine) for engine in ("kernels", "numpy"))
    assert_engines_agree(found, right, Case(SHAPE, make_batch(PROBLEM, SHAPE)))


def assert_equals_differences(variant: Variant) -> None:
    network = make_network(variant, PROBLEM, SHAPE)
    rng = np.random.default_rng(0)
    for name, size in network.layout.shapes().items():
        direction = rng.standard_normal(size)
        case = Case(SHAPE, make_batch(PROBLEM, SHAPE))
        assert_equals_finite_difference(network, case, name, direction / np.linalg.norm(direction))


@pytest.mark.parametrize(("mutated", "what"), MUTANTS, ids=str)
def test_kernels_against_steps(monkeypatch: pytest.MonkeyPatch, mutated: Variant, what: str) -> None:
    mutate_kernels(monkeypatch, mutated.cell, mutations(mutated.cell, mutated.options)[what])
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(mutated)


@pytest.mark.parametrize(("kind", "what"), MUTANTS_OF_KINDS, ids=str)
def test_against_pytorch(monkeypatch: pytest.MonkeyPatch, kind: str, what: str, engine: str) -> None:
    """A mistake made everywhere alike, such as another order of the gates, shows only here."""
    mutated = variant_of(kind)
    mutate = mutations(mutated.cell, mutated.options)[what]
    (mutate_kernels if engine == "kernels" else mutate_steps)(monkeypatch, mutated.cell, mutate)
    with pytest.raises(AssertionError):
        assert_equals_pytorch(frozen_vector(kind), engine)


def test_time_shifted_by_one(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    forward = variant.cell.forward

    def late(options: Any, arrays: LayerArrays, weights: np.ndarray) -> None:
        inputs = np.s_[:-1, :, weights.shape[1] // variant.cell.column_blocks(options) : -1]
        arrays.rows[inputs] = np.roll(arrays.rows[inputs], 1, axis=0)
        forward(options, arrays, weights)

    monkeypatch.setattr(variant.cell, "forward", late)
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(variant)


@pytest.mark.parametrize("mutated", [v for v in variants() if hasattr(v.options, "reset_after") and not v.options.use_bias], ids=str)
def test_reset_on_the_other_side(monkeypatch: pytest.MonkeyPatch, mutated: Variant) -> None:
    """Without biases both forms have the same parameters."""
    other = dataclasses.replace(mutated.options, reset_after=not mutated.options.reset_after)
    step, step_gradient = mutated.cell.step, mutated.cell.step_gradient
    monkeypatch.setattr(mutated.cell, "step", lambda options, *rest: step(other, *rest))
    monkeypatch.setattr(mutated.cell, "step_gradient", lambda options, *rest: step_gradient(other, *rest))
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(mutated)


def test_gradient_not_carried_back(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    backward = variant.cell.backward
    monkeypatch.setattr(variant.cell, "backward", lambda *arguments: backward(*arguments[:-1], 1))
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(variant)
    with pytest.raises(AssertionError):
        assert_equals_differences(variant)


def test_gradient_slightly_too_long(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    backward = variant.cell.backward

    def stretched(options: Any, arrays: LayerArrays, weights: np.ndarray, gradient: np.ndarray, truncate: int) -> None:
        backward(options, arrays, weights, gradient, truncate)
        gradient *= NEARLY_ONE

    monkeypatch.setattr(variant.cell, "backward", stretched)
    with pytest.raises(AssertionError):
        assert_equals_differences(variant)


def test_nothing_wrong(variant: Variant) -> None:
    """The comparisons hold for the cells as they are, so what fails above fails for the mutation alone."""
    assert_kernels_equal_steps(variant)
    assert_equals_differences(variant)
