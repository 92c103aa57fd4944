"""One layer of every cell with its options: kernels against the NumPy steps, and these against differentiation by complex numbers.

For a function that is given complex numbers, f(x + εi) = f(x) + ε f'(x) i but for ε²: with ε = 1e-30 the derivative is exact to
the last digits, as nothing is subtracted (Squire & Trapp 1998).
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from core import registry
from core.cell import LayerArrays, StepGradient
from core.errors import InputError
from core.kernels.layer_weights import LayerWeights
from core.kernels.matrix_products import product_kernel
from core.settings import Settings
from tests.core.samples import Arrays, Variant, largest_error, variants
from tests.core.single_layer import (
    BATCH_SIZE,
    HIDDEN_SIZE,
    IMAGINARY,
    INPUT_SIZE,
    SEQ_LEN,
    UNITS,
    Values,
    for_kernels,
    make_tangents,
    packed,
    padded_units,
    random_gradients,
    random_values,
    run_forward,
    run_steps,
    unpacked,
)

EXACT = 1e-12
SINGLE = 2e-6
each_variant = pytest.mark.parametrize("each", variants(), ids=str)


def states(each: Variant, arrays: LayerArrays) -> Arrays:
    """h and C (T + 1, B, H) of a layer that ran, the initial ones too."""
    found = {"h": arrays.rows[..., :HIDDEN_SIZE]}
    return found | {"c": arrays.extra[0, :, :, :HIDDEN_SIZE]} if each.cell.has_cell_state else found


def step_states(each: Variant, values: Values) -> Arrays:
    """The same by the NumPy steps."""
    steps = run_steps(each, values)
    found = {"h": np.stack([values.h, *(step.h for step in steps)])}
    return found | {"c": np.stack([values.c, *(step.c for step in steps)])} if each.cell.has_cell_state else found


@each_variant
@pytest.mark.parametrize("ranges", [(0, SEQ_LEN), (0, 2, SEQ_LEN), (0, 1, 3, SEQ_LEN)], ids=str)
def test_forward(each: Variant, ranges: tuple[int, ...]) -> None:
    """From an initial state that is not zero, in one go or in several."""
    values = random_values(each, 0)
    arrays = run_forward(each, values, ranges=ranges)
    assert largest_error(states(each, arrays), step_states(each, values)) < EXACT
    found = each.cell.read_signals(each.options, arrays, HIDDEN_SIZE)
    steps = run_steps(each, values)
    right = {name: np.stack([step.values[name] for step in steps]) for name in found}
    assert set(found) == {signal.name for signal in each.cell.signals}
    assert largest_error({name: found[name] for name in right}, right) < EXACT


def through_time(each: Variant, values: Values, dh: np.ndarray, dc: np.ndarray, truncate: int) -> tuple[Arrays, Arrays]:
    """Gradients of the parameters; and ``dh``, ``dc`` (T + 1, B, H), ``dx`` (T, B, D), all by the steps' own gradients."""
    dh, dc = dh.copy(), dc.copy()
    gradients = {name: np.zeros_like(value) for name, value in values.parameters.items()}
    dx = np.zeros_like(values.x)
    for t, step in reversed(list(enumerate(run_steps(each, values)))):
        back = each.cell.step_gradient(each.options, values.parameters, step, dh[t + 1], dc[t + 1] if each.cell.has_cell_state else None)
        for name, value in back.parameters.items():
            gradients[name] += value
        dx[t] = back.dx
        is_cut = truncate and t and t % truncate == 0
        if not is_cut:
            dh[t] += back.dh_prev
        if back.dc_prev is not None:
            dc[t + 1] = back.dc_total
            dc[t] += 0 if is_cut else back.dc_prev
    return gradients, {"dh": dh, "dx": dx} | ({"dc": dc} if each.cell.has_cell_state else {})


def run_backward(
    each: Variant, values: Values, truncate: int, has_start: bool, dtype: str = "float64", is_sparse: bool = False
) -> tuple[np.ndarray, Arrays]:
    """The same by the kernels: the gradient of the weight matrix, and the rest."""
    arrays, weights = run_forward(each, values, dtype), for_kernels(each, values.parameters, dtype)
    arrays.dh[:], arrays.dc[:] = (padded_units(gradient) for gradient in random_gradients(each, 1))
    gradient = np.zeros_like(weights.rows)
    each.cell.backward(each.options, arrays, weights, gradient, is_sparse, truncate, has_start)
    found = {"dh": arrays.dh[..., :HIDDEN_SIZE], "dx": input_gradients(arrays, weights)}
    assert all(not array[..., HIDDEN_SIZE:].any() for array in (arrays.dh, arrays.dc))
    return gradient, found | ({"dc": arrays.dc[..., :HIDDEN_SIZE]} if each.cell.has_cell_state else {})


def input_gradients(arrays: LayerArrays, weights: LayerWeights) -> np.ndarray:
    """∂L/∂x (T, B, D) as stacked layers have it: by the strips of the transpose after those for h."""
    of_gates = arrays.gates.reshape(-1, arrays.gates.shape[2])
    dx = np.full((len(of_gates), weights.back_panels.shape[0] * weights.back_panels.shape[2] - UNITS), 7, of_gates.dtype)
    product_kernel(of_gates, weights.back_panels, 0, weights.rows.shape[1], UNITS, UNITS + dx.shape[1], dx, 0, False)
    assert not dx[:, INPUT_SIZE:].any()
    return dx[:, :INPUT_SIZE].reshape(SEQ_LEN, BATCH_SIZE, INPUT_SIZE)


@each_variant
@pytest.mark.parametrize("truncate", [0, 1, 2, 4, SEQ_LEN, 100])
def test_backward(each: Variant, truncate: int) -> None:
    """With gradients that come to every h and C from outside; to the initial state, cuts count from step 1 on."""
    values = random_values(each, 0)
    right_gradients, right = through_time(each, values, *random_gradients(each, 1), truncate)
    gradient, found = run_backward(each, values, truncate, has_start=True)
    assert largest_error(unpacked(each, gradient), right_gradients) < EXACT
    assert largest_error(found, right) < EXACT


@each_variant
def test_sparse_inputs(each: Variant) -> None:
    """The way that skips zeros gives the same, whether there are any or not."""
    values = random_values(each, 0)
    values.x[:, 1] = 0
    values.x[2] = 0
    dense, sparse = (run_forward(each, values, is_sparse=is_sparse) for is_sparse in (False, True))
    assert largest_error(states(each, sparse), states(each, dense)) < EXACT
    (gradient, found), (right_gradient, right) = (run_backward(each, values, 0, True, is_sparse=way) for way in (True, False))
    np.testing.assert_allclose(gradient, right_gradient, rtol=EXACT, atol=EXACT)
    assert largest_error(found, right) < EXACT


@each_variant
def test_backward_without_start(each: Variant) -> None:
    """Nothing changes but that the initial state's gradient is not needed."""
    values = random_values(each, 0)
    (gradient, found), (right_gradient, right) = (run_backward(each, values, 0, has_start) for has_start in (False, True))
    np.testing.assert_allclose(gradient, right_gradient, rtol=EXACT, atol=EXACT)
    for name in right:
        first = 0 if name == "dx" else 1
        np.testing.assert_allclose(found[name][first:], right[name][first:], rtol=EXACT, atol=EXACT)
    assert not np.array_equal(found["dh"][0], right["dh"][0])


@each_variant
def test_gradient_is_added_to_and_only_where_there_are_parameters(each: Variant) -> None:
    """The blocks of gates that are absent or coupled stay at zero, as the padding does."""
    values = random_values(each, 0)
    arrays, weights = run_forward(each, values), for_kernels(each, values.parameters)
    arrays.dh[:], arrays.dc[:] = (padded_units(gradient) for gradient in random_gradients(each, 1))
    before = packed(each, random_values(each, 2).parameters)
    gradient = before.copy()
    each.cell.backward(each.options, arrays, weights, gradient, False, 0, True)
    right = before + run_backward(each, values, 0, has_start=True)[0]
    np.testing.assert_allclose(gradient, right, rtol=EXACT, atol=EXACT)
    is_parameter = packed(each, {name: np.ones_like(value) for name, value in values.parameters.items()})
    assert np.all(gradient[is_parameter == 0] == 0) and np.all(gradient[is_parameter == 1] != 0)


def step_gradients(back: StepGradient) -> Arrays:
    found = back.parameters | {"x": back.dx, "h": back.dh_prev}
    return found if back.dc_prev is None else found | {"c": back.dc_prev}


@each_variant
def test_step_gradient(each: Variant) -> None:
    """Of every entry of every parameter, of the input and of the states before."""
    cell, options, values = each.cell, each.options, random_values(each, 0)
    dh, dc = (gradient[0] for gradient in random_gradients(each, 1))
    given = values.parameters | {"x": values.x[0], "h": values.h} | ({"c": values.c} if cell.has_cell_state else {})

    def loss(name: str, index: tuple[int, ...]) -> complex:
        moved = {key: np.array(value, complex) if key == name else value for key, value in given.items()}
        moved[name][index] += 1j * IMAGINARY
        step = cell.step(options, {key: moved[key] for key in values.parameters}, moved["x"], moved["h"], moved.get("c"))
        return complex(np.sum(dh * step.h) + (np.sum(dc * step.c) if cell.has_cell_state else 0))

    step = cell.step(options, values.parameters, values.x[0], values.h, values.c)
    found = step_gradients(cell.step_gradient(options, values.parameters, step, dh, dc if cell.has_cell_state else None))
    right = {name: np.zeros(value.shape) for name, value in given.items()}
    for name, derivative in right.items():
        for index in np.ndindex(derivative.shape):
            derivative[index] = loss(name, index).imag / IMAGINARY
    assert largest_error({name: found[name] for name in right}, right) < EXACT and set(found) == set(right)


def run_tangent(each: Variant, values: Values, direction: Values, dtype: str = "float64") -> Arrays:
    """R{h} and R{C} (T + 1, B, H) by the kernels."""
    arrays, tangents = run_forward(each, values, dtype), make_tangents(each, direction, dtype)
    weights, moved = for_kernels(each, values.parameters, dtype), for_kernels(each, direction.parameters, dtype)
    each.cell.tangent(each.options, arrays, weights, tangents, moved)
    assert not tangents.rows[1:, :, HIDDEN_SIZE:UNITS].any()
    return states(each, dataclasses.replace(arrays, rows=tangents.rows, extra=tangents.extra))


@each_variant
def test_tangent(each: Variant) -> None:
    """Along a direction in which everything moves: parameters, inputs and initial states."""
    values, direction = random_values(each, 0), random_values(each, 1)
    right = {name: value.imag / IMAGINARY for name, value in step_states(each, values.moved(direction)).items()}
    assert largest_error(run_tangent(each, values, direction), right) < EXACT


@each_variant
def test_tangent_leaves_what_forward_left(each: Variant) -> None:
    """The backward pass of a Gauss–Newton product still needs it."""
    values, direction = random_values(each, 0), random_values(each, 1)
    arrays, right = run_forward(each, values), run_forward(each, values)
    weights, moved = for_kernels(each, values.parameters), for_kernels(each, direction.parameters)
    each.cell.tangent(each.options, arrays, weights, make_tangents(each, direction), moved)
    for name in ("rows", "gates", "extra"):
        np.testing.assert_array_equal(getattr(arrays, name), getattr(right, name))


@each_variant
def test_single_precision(each: Variant) -> None:
    values, direction = random_values(each, 0), random_values(each, 1)
    runs: dict[str, Callable[[str], Arrays]] = {
        "forward": lambda dtype: states(each, run_forward(each, values, dtype)),
        "backward": lambda dtype: run_backward(each, values, 0, True, dtype)[1],
        "gradient": lambda dtype: unpacked(each, run_backward(each, values, 0, True, dtype)[0]),
        "tangent": lambda dtype: run_tangent(each, values, direction, dtype),
    }
    for what, run in runs.items():
        found, right = run("float32"), run("float64")
        assert all(value.dtype == np.float32 for value in found.values())
        distance = np.sqrt(sum(np.sum((found[name] - right[name]) ** 2) for name in right))
        assert distance < SINGLE * np.sqrt(sum(np.sum(value**2) for value in right.values())), what


@each_variant
def test_steps_keep_the_precision(each: Variant) -> None:
    values = random_values(each, 0)
    x, h, c = (None if array is None else array.astype(np.float32) for array in (values.x, values.h, values.c))
    single = Values({name: value.astype(np.float32) for name, value in values.parameters.items()}, x, h, c)
    for step in run_steps(each, single):
        back = each.cell.step_gradient(each.options, single.parameters, step, step.h, step.c)
        arrays = [*step.values.values(), *step_gradients(back).values()]
        assert all(array.dtype == np.float32 for array in arrays)


@each_variant
def test_layout(each: Variant) -> None:
    """Every parameter stands in the weight matrix once, and comes back; gates that aren't learned have none."""
    cell, options = each.cell, each.options
    shapes = cell.shapes(options, INPUT_SIZE, HIDDEN_SIZE)
    count = sum(int(np.prod(shape)) for shape in shapes.values())
    numbers = iter(range(1, count + 1))
    parameters = {
        name: np.array([next(numbers) for _ in range(int(np.prod(shape)))], float).reshape(shape) for name, shape in shapes.items()
    }
    weights = packed(each, parameters)
    assert sorted(weights[weights != 0]) == list(range(1, count + 1))
    back = unpacked(each, weights)
    assert list(back) == list(shapes)
    for name, value in parameters.items():
        np.testing.assert_array_equal(back[name], value)
    learned = cell.learned_gates(options)
    assert shapes["W_x"] == (len(learned), HIDDEN_SIZE, INPUT_SIZE) and shapes["W_h"] == (len(learned), HIDDEN_SIZE, HIDDEN_SIZE)
    assert ("b" in shapes) == options.use_bias and list(learned) == [gate for gate in cell.gates if gate in learned]


@each_variant
def test_what_is_shown(each: Variant) -> None:
    """What a person sees is not constant; the narrow scale is of what is squashed into it."""
    values = random_values(each, 0)
    found = each.cell.read_signals(each.options, run_forward(each, values), HIDDEN_SIZE)
    shown = each.cell.shown_signals(each.options)
    assert {signal.name for signal in shown} == {name for name, value in found.items() if np.ptp(value) > 0}
    for signal in shown:
        assert not signal.is_gate or (signal.low, signal.high) == (0, 1)
        if signal.low == -1 and getattr(each.options, "activation", "tanh") == "tanh":
            assert signal.low <= found[signal.name].min() and found[signal.name].max() <= signal.high


@each_variant
def test_equations(each: Variant) -> None:
    """A line for each signal that is shown, and no letter of a part that isn't there."""
    equations = each.cell.equations(each.options)
    assert len(equations) == len(each.cell.shown_signals(each.options))
    text = " ".join(equations)
    assert (" b_" in text) == each.options.use_bias
    assert ("p_" in text) == ("p" in each.cell.shapes(each.options, 1, 1))
    assert text.count("{") == text.count("}") and text.count("(") == text.count(")")
    each_own = [variant.cell.equations(variant.options) for variant in variants() if variant.cell is each.cell]
    assert each_own.count(equations) == 1


@pytest.mark.parametrize(
    ("switched", "key", "fault"),
    [
        (("coupled_gates", "no_input_gate"), "network.coupled_gates", "switch no_input_gate off"),
        (("coupled_gates", "no_forget_gate"), "network.coupled_gates", "switch no_forget_gate off"),
        (("peepholes", "no_input_gate", "no_forget_gate", "no_output_gate"), "network.peepholes", "needs a gate"),
    ],
    ids=str,
)
def test_contradictions(switched: tuple[str, ...], key: str, fault: str) -> None:
    """Refused where the settings are made, by the name of the key, and accepted when any one of them is switched off."""
    with pytest.raises(InputError, match=f"^{key} = true: .*{fault}"):
        Settings.from_dict({"network": {"cell": "lstm"} | dict.fromkeys(switched, True)})
    for one in switched:
        Settings.from_dict({"network": {"cell": "lstm"} | dict.fromkeys(set(switched) - {one}, True)})


@pytest.mark.parametrize("each", [each for each in variants() if each.cell.has_cell_state], ids=str)
def test_gradient_along_the_cell_state_alone(each: Variant) -> None:
    """With gates and candidates held at what they were, C_t goes on through C alone."""
    steps = run_steps(each, values := random_values(each, 0))
    signals = {name: np.stack([step.values[name] for step in steps]) for name in steps[0].values}
    f, i, o, candidate = (signals[name] for name in ("forget", "input", "output", "candidate"))
    dh = random_gradients(each, 1)[0][1:]
    is_linear = each.options.no_output_activation

    def loss(t: int, nudge: np.ndarray) -> complex:
        c, total = values.c + 0j, 0j
        for s in range(SEQ_LEN):
            c = f[s] * c + i[s] * candidate[s] + (nudge if s == t else 0)
            total += np.sum(dh[s] * o[s] * (c if is_linear else np.tanh(c)))
        return total

    alone = each.cell.cell_state_gradient_alone(each.options, signals, dh)
    assert alone is not None
    direction = np.random.default_rng(2).standard_normal((BATCH_SIZE, HIDDEN_SIZE))
    for t in range(SEQ_LEN):
        assert np.sum(alone[t] * direction) == pytest.approx(loss(t, 1j * IMAGINARY * direction).imag / IMAGINARY, rel=EXACT, abs=EXACT)


def test_every_cell_is_tested() -> None:
    """With each flag and each choice switched, among others; the defaults come first."""
    for cell in registry.cells().values():
        own = [each for each in variants() if each.cell is cell]
        assert own[0].options == cell.Options() and str(own[0]) == cell.name
        assert len(set(map(str, own))) == len(own)
        for name, value in vars(cell.Options()).items():
            if isinstance(value, bool | str):
                assert any(getattr(each.options, name) != value for each in own)
