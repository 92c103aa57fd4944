"""The gradient tests can fail: with one thing wrong in a cell, the comparison that should see it does."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from core.cell import Cell, LayerArrays, Parameters, Step
from core.errors import InputError
from core.fields import fields_of
from core.kernels.layer_weights import LayerWeights
from tests.core.oracles import Case, assert_engines_agree, assert_equals_finite_difference, assert_equals_pytorch
from tests.core.pytorch_vectors import KINDS, frozen_vector, variant_of
from tests.core.samples import Arrays, Problem, Shape, Variant, few_variants, make_batch, make_network, variants

Mutation = Callable[[Parameters], Arrays]
PROBLEM, SHAPE = Problem("sequence_to_sequence", "squared_error"), Shape(seq_len=5, batch_size=3, num_layers=2)
# The smallest factor that must not go unnoticed.
NEARLY_ONE = 1 + 1e-6


def reordered(order: tuple[int, ...]) -> Mutation:
    """The gates in another order."""
    return lambda parameters: parameters | {name: parameters[name][list(order)] for name in {"W_x", "W_h", "b"} & set(parameters)}


def scaled(name: str, factor: float) -> Mutation:
    """All of one parameter scaled."""
    return lambda parameters: {**parameters, name: factor * parameters[name]}


def without(name: str, index: tuple[int, ...]) -> Mutation:
    """One gate's bias or peephole forgotten."""

    def mutate(parameters: Parameters) -> Arrays:
        mutated = parameters[name].copy()
        mutated[index] = 0
        return {**parameters, name: mutated}

    return mutate


def mutations(cell: Cell, options: Any) -> dict[str, Mutation]:
    """Every wrong order of the gates, each parameter a little too large, each bias and each peephole dropped."""
    shapes = cell.shapes(options, 1, 1)
    right_order, *orders = itertools.permutations(range(shapes["W_x"][0]))
    assert right_order == tuple(sorted(right_order))
    made = {f"gates in order {order}": reordered(order) for order in orders}
    made |= {f"{name} scaled": scaled(name, NEARLY_ONE) for name in shapes}
    of_units = {name: shape[:-1] for name, shape in shapes.items() if not name.startswith("W")}
    made |= {f"{name} {index} dropped": without(name, index) for name, shape in of_units.items() for index in np.ndindex(shape)}
    return made


MUTANTS = [(variant, what) for variant in few_variants() for what in mutations(variant.cell, variant.options)]
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

    def late(options: Any, arrays: LayerArrays, weights: LayerWeights, is_sparse: bool, first: int, last: int) -> None:
        inputs = np.s_[first:last, :, weights.rows.shape[1] // variant.cell.column_blocks(options) : -1]
        arrays.rows[inputs] = np.roll(arrays.rows[inputs], 1, axis=0)
        forward(options, arrays, weights, is_sparse, first, last)

    monkeypatch.setattr(variant.cell, "forward", late)
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(variant)


def other_options(variant: Variant) -> Iterator[Any]:
    """One option changed, where the parameters are the same with it: reset on the other side, activation dropped or another …"""
    shapes = variant.cell.shapes(variant.options, 2, 3)
    for name, info in fields_of(type(variant.options)).items():
        value = getattr(variant.options, name)
        others = {"flag": (not value,), "choice": tuple(choice for choice in info.choices if choice != value)}.get(info.kind, ())
        for other in others:
            with contextlib.suppress(InputError):
                options = dataclasses.replace(variant.options, **{name: other})
                if variant.cell.shapes(options, 2, 3) == shapes:
                    yield options


MISTAKEN = [(variant, Variant(variant.cell, options)) for variant in few_variants() for options in other_options(variant)]


@pytest.mark.parametrize(("right", "wrong"), MISTAKEN, ids=str)
def test_another_option(monkeypatch: pytest.MonkeyPatch, right: Variant, wrong: Variant) -> None:
    step, step_gradient = right.cell.step, right.cell.step_gradient
    monkeypatch.setattr(right.cell, "step", lambda options, *rest: step(wrong.options, *rest))
    monkeypatch.setattr(right.cell, "step_gradient", lambda options, *rest: step_gradient(wrong.options, *rest))
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(right)


def test_what_another_option_can_be() -> None:
    """Among them are these, which are easily mistaken."""
    mistaken = {(str(right), str(wrong)) for right, wrong in MISTAKEN}
    assert ("gru,use_bias=False", "gru,reset_after=True,use_bias=False") in mistaken
    assert {("lstm", f"lstm,{what}=True") for what in ("no_input_activation", "no_output_activation")} <= mistaken
    assert ("rnn", "rnn,activation=relu") in mistaken


@pytest.mark.parametrize("coupled", [each for each in variants() if getattr(each.options, "coupled_gates", False)], ids=str)
def test_coupled_gate_uncoupled(monkeypatch: pytest.MonkeyPatch, coupled: Variant) -> None:
    """f = i instead of f = 1 − i: a forget gate with the input gate's parameters."""
    step, uncoupled = coupled.cell.step, dataclasses.replace(coupled.options, coupled_gates=False)
    place, original = coupled.cell.gates.index("forget"), coupled.cell.gates.index("input")

    def wrong_step(options: Any, parameters: Parameters, *rest: Any) -> Step:
        doubled = {name: np.insert(value, place, value[original], axis=0) for name, value in parameters.items()}
        return step(uncoupled, doubled, *rest)

    monkeypatch.setattr(coupled.cell, "step", wrong_step)
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(coupled)


def test_gradient_not_carried_back(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    backward = variant.cell.backward
    monkeypatch.setattr(variant.cell, "backward", lambda *arguments: backward(*arguments[:-2], 1, arguments[-1]))
    with pytest.raises(AssertionError):
        assert_kernels_equal_steps(variant)
    with pytest.raises(AssertionError):
        assert_equals_differences(variant)


def test_gradient_slightly_too_long(monkeypatch: pytest.MonkeyPatch, variant: Variant) -> None:
    backward = variant.cell.backward

    def stretched(options: Any, arrays: LayerArrays, weights: LayerWeights, gradient: np.ndarray, *rest: Any) -> None:
        backward(options, arrays, weights, gradient, *rest)
        gradient *= NEARLY_ONE

    monkeypatch.setattr(variant.cell, "backward", stretched)
    with pytest.raises(AssertionError):
        assert_equals_differences(variant)


def test_nothing_wrong(variant: Variant) -> None:
    """The comparisons hold for the cells as they are, so what fails above fails for the mutation alone."""
    assert_kernels_equal_steps(variant)
    assert_equals_differences(variant)
