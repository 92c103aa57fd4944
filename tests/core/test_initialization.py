"""How the weights start."""

import numpy as np
import pytest

from core.initialization import INITIALIZATIONS
from core.network import Network
from core.settings import NetworkSettings
from tests.core.samples import Arrays, Problem, Variant

HIDDEN = 24
PROBLEM = Problem("sequence_to_vector", "squared_error", input_size=5, output_size=4)


def start(variant: Variant, rule: str, seed: int = 0) -> Arrays:
    settings = NetworkSettings(variant.cell.name, HIDDEN, num_layers=2, init=rule, options=variant.options)
    network = Network(settings, PROBLEM, "float64")
    network.initialize(rule, np.random.default_rng(seed))
    return network.parameters()


def short(name: str) -> str:
    return name.rpartition(".")[2]


def is_recurrent_bias(name: str) -> bool:
    return short(name).startswith("b") and not name.startswith("head")


def assert_uniform(values: np.ndarray, bound: float) -> None:
    """All within the bound, and spread over all of it as a uniform draw is."""
    assert np.max(np.abs(values)) <= bound
    assert np.max(np.abs(values)) > 0.8 * bound
    assert abs(np.mean(values)) < 5 * bound / np.sqrt(3 * values.size)
    assert np.std(values) == pytest.approx(bound / np.sqrt(3), rel=4 / np.sqrt(values.size))


def drawn_biases(variant: Variant, name: str, values: np.ndarray) -> np.ndarray:
    """Those entries of a bias that the cell did not set itself."""
    probe = np.full_like(values, np.nan)
    return values[np.isnan(variant.cell.initial_bias(variant.options, short(name), probe))]


def test_default(variant: Variant) -> None:
    for name, values in start(variant, "default").items():
        if is_recurrent_bias(name):
            assert_uniform(drawn_biases(variant, name, values), 1 / np.sqrt(HIDDEN))
        elif name != "head.b":
            assert_uniform(values, 1 / np.sqrt(HIDDEN))


def test_uniform(variant: Variant) -> None:
    for name, values in start(variant, "uniform").items():
        if not short(name).startswith("b"):
            assert_uniform(values, 0.08)


def test_xavier(variant: Variant) -> None:
    for name, values in start(variant, "xavier").items():
        if not short(name).startswith("b"):
            assert_uniform(values, np.sqrt(6 / (values.shape[-1] + values.shape[-2])))


def test_orthogonal(variant: Variant) -> None:
    parameters = start(variant, "orthogonal")
    for k in range(2):
        for W in parameters[f"layers.{k}.W_h"]:
            np.testing.assert_allclose(W @ W.T, np.eye(HIDDEN), atol=1e-12)
    assert_uniform(parameters["layers.0.W_x"], np.sqrt(6 / (5 + HIDDEN)))


def test_orthogonal_is_uniform_over_rotations() -> None:
    """Without the correction of signs the diagonal of a QR factor is lopsided."""
    draws = INITIALIZATIONS["orthogonal"](np.random.default_rng(0), "W_h", (2000, 3, 3), 3)
    assert np.max(np.abs(draws.mean(axis=0))) < 0.06


def test_identity(variant: Variant) -> None:
    parameters = start(variant, "identity")
    for W in parameters["layers.1.W_h"]:
        np.testing.assert_array_equal(W, np.eye(HIDDEN))
    assert np.std(parameters["layers.0.W_x"]) == pytest.approx(0.001, rel=0.4)


def test_zeros(variant: Variant) -> None:
    for name, values in start(variant, "zeros").items():
        assert np.all((drawn_biases(variant, name, values) if is_recurrent_bias(name) else values) == 0)


@pytest.mark.parametrize("rule", INITIALIZATIONS)
def test_biases(variant: Variant, rule: str) -> None:
    """The head's is 0; the others are 0 but for the default rule, and for those that the cell sets itself."""
    for name, values in start(variant, rule).items():
        if name == "head.b" or (is_recurrent_bias(name) and rule != "default"):
            assert np.all((values if name == "head.b" else drawn_biases(variant, name, values)) == 0)


@pytest.mark.parametrize("rule", INITIALIZATIONS)
def test_seed(variant: Variant, rule: str) -> None:
    first, same, other = (start(variant, rule, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], same[name]) for name in first)
    assert rule == "zeros" or any(not np.array_equal(first[name], other[name]) for name in first)


def test_gates_and_layers_differ(variant: Variant) -> None:
    matrices = [W for k in range(2) for W in start(variant, "default")[f"layers.{k}.W_h"]]
    assert all(not np.array_equal(a, b) for i, a in enumerate(matrices) for b in matrices[:i])


@pytest.mark.parametrize("forget_bias", [-2.0, 1.0, 3.5])
@pytest.mark.parametrize("rule", INITIALIZATIONS)
def test_forget_bias(rule: str, forget_bias: float) -> None:
    from core.cells.lstm import CELL, LSTMOptions

    b = start(Variant(CELL, LSTMOptions(forget_bias=forget_bias)), rule)["layers.1.b"]
    assert np.all(b[CELL.gates.index("forget")] == forget_bias)
    assert not np.any(np.delete(b, CELL.gates.index("forget"), axis=0) == forget_bias)
