"""Cells taken apart: quantities add up to the step, equations and code say the same, the drawing fits."""

import numpy as np
import pytest

from core import registry
from core.activations import sigmoid
from core.diagram import HEIGHT, WIDTH
from tests.core.samples import Variant, variants
from tests.core.single_layer import BATCH_SIZE, random_values

ACTIVATIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda a: np.maximum(a, 0), "identity": lambda a: a}
EVERY = variants()


def quantities_of(each: Variant, seed: int = 0):
    values = random_values(each, seed)
    step = each.cell.step(each.options, values.parameters, values.x[0], values.h, values.c)
    return values, step, each.cell.quantities(each.options, values.parameters, values.x[0], values.h, values.c)


def plain(latex: str) -> str:
    return latex.replace(r"\,", "").replace(" ", "")


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_terms_add_up_to_what_the_step_computes(each: Variant) -> None:
    _, step, found = quantities_of(each)
    for formula in each.cell.formulas(each.options):
        total = sum(found[name] for name in formula.terms.values())
        if formula.activation is not None:
            np.testing.assert_allclose(found[formula.total], total, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(ACTIVATIONS[formula.activation](total), step.values[formula.signal], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_pieces_compute_the_signal(each: Variant) -> None:
    """Read from left to right as Python, every equation is true of its numbers."""
    _, step, found = quantities_of(each)
    python = {r"\odot": "*", r"\sigma": "sigmoid", r"\tanh": "tanh", r"\mathrm{ReLU}": "relu"}
    for formula in each.cell.formulas(each.options):
        names: dict[str, object] = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": ACTIVATIONS["relu"]}
        words = []
        for number, piece in enumerate(formula.pieces[2:]):
            if piece.values:
                names[f"q{number}"] = sum(found[name] for name in piece.values)
            words.append(f"q{number}" if piece.values else python.get(piece.latex, piece.latex))
        assert formula.pieces[1].latex == "=" and formula.pieces[0].values == (formula.signal,)
        np.testing.assert_allclose(eval(" ".join(words), names), step.values[formula.signal], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_formulas_are_the_equations(each: Variant) -> None:
    formulas = [plain(formula.latex) for formula in each.cell.formulas(each.options)]
    assert formulas == [plain(equation) for equation in each.cell.equations(each.options)]


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_code_runs_and_computes_the_step(each: Variant) -> None:
    values, step, _ = quantities_of(each)
    lines = each.cell.code(each.options)
    scope: dict[str, object] = {"np": np, "sigmoid": sigmoid}
    exec("\n".join(line.text for line in lines), scope)
    weights = each.cell.code_weights(each.options, values.parameters)
    for b in range(BATCH_SIZE):
        states = [values.h[b]] if values.c is None else [values.h[b], values.c[b]]
        returned = scope["step"](values.x[0, b], *states, **weights)  # type: ignore[operator]
        h, c = (returned, None) if values.c is None else returned
        np.testing.assert_allclose(h, step.h[b], rtol=1e-12, atol=1e-14)
        if c is not None:
            np.testing.assert_allclose(c, step.c[b], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_lines_of_code_compute_the_signals_they_name(each: Variant) -> None:
    values, _, found = quantities_of(each)
    lines = each.cell.code(each.options)
    names = ", ".join(line.variable for line in lines if line.variable)
    body = [line.text for line in lines[:-1]] + [f"    return ({names},)"]
    scope: dict[str, object] = {"np": np, "sigmoid": sigmoid}
    exec("\n".join(body), scope)
    states = [values.h[0]] if values.c is None else [values.h[0], values.c[0]]
    computed = scope["step"](values.x[0, 0], *states, **each.cell.code_weights(each.options, values.parameters))  # type: ignore[operator]
    for value, line in zip(computed, (line for line in lines if line.variable), strict=True):
        np.testing.assert_allclose(value, found[line.signal][0], rtol=1e-12, atol=1e-14)
        assert line.text.lstrip().startswith(f"{line.variable} = ")


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_drawing_fits_and_has_what_the_options_leave(each: Variant) -> None:
    _, _, found = quantities_of(each)
    diagram = each.cell.diagram(each.options)
    signals = {signal.name: signal for signal in each.cell.shown_signals(each.options)}
    formulas = {formula.signal for formula in each.cell.formulas(each.options)}
    assert {dial.signal for dial in diagram.dials} <= set(signals)
    assert {name for name, signal in signals.items() if signal.is_gate} <= {dial.signal for dial in diagram.dials}
    assert formulas == set(signals)
    assert {line.value for line in diagram.lines if line.value} | {end.value for end in diagram.ends} <= set(found)
    assert all(line.value for line in diagram.lines if line.kind == "belt")
    places = [
        *(dial.at for dial in diagram.dials),
        *(op.at for op in diagram.operators),
        *(p for line in diagram.lines for p in line.places),
    ]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert len({dial.at for dial in diagram.dials} | {op.at for op in diagram.operators}) == len(diagram.dials) + len(diagram.operators)


@pytest.mark.parametrize("each", EVERY, ids=str)
def test_sentences_have_their_shares(each: Variant) -> None:
    _, _, found = quantities_of(each)
    for formula in each.cell.formulas(each.options):
        assert formula.says.format(*("1 %" for _ in formula.shares)) and set(formula.shares) <= set(found)
        assert formula.says.count("{") == len(formula.shares)


def test_every_cell_is_taken_apart() -> None:
    assert {each.cell.name for each in EVERY} == set(registry.cells())
