"""The flat vector that optimizers and kernels work on, and the canonical names and shapes outside."""

import numpy as np
import pytest

from core.cell import LANES, padded
from core.errors import InputError
from core.layout import Layout
from core.settings import Settings
from core.trainer import Trainer
from tests.core.samples import Arrays, Problem, Shape, Variant, make_network


def make_layout(variant: Variant, hidden_size: int = 5, num_layers: int = 3) -> Layout:
    return Layout(variant.cell, variant.options, 3, hidden_size, num_layers, 2)


def numbered(layout: Layout) -> Arrays:
    """Every parameter with a value of its own."""
    ends = np.cumsum([np.prod(shape) for shape in layout.shapes().values()])
    return {
        name: np.arange(end - np.prod(shape), end, dtype=float).reshape(shape) + 1
        for (name, shape), end in zip(layout.shapes().items(), ends, strict=True)
    }


@pytest.mark.parametrize("hidden_size", [1, 5, 16, 17])
def test_round_trip(variant: Variant, hidden_size: int) -> None:
    layout = make_layout(variant, hidden_size)
    parameters = numbered(layout)
    flat = np.full(layout.size, np.nan)
    layout.pack(parameters, flat)
    # All of them stand there once, and zeros between.
    assert sorted(flat[flat != 0]) == list(range(1, layout.parameter_count + 1))
    unpacked = layout.unpack(flat)
    assert list(unpacked) == list(parameters)
    for name, value in parameters.items():
        np.testing.assert_array_equal(unpacked[name], value)


def test_unpacked_are_copies(variant: Variant) -> None:
    layout = make_layout(variant)
    flat = np.zeros(layout.size)
    for value in layout.unpack(flat).values():
        value += 1
    assert not flat.any()


def test_canonical_shapes(variant: Variant) -> None:
    shapes = make_layout(variant).shapes()
    gates = len(variant.cell.learned_gates(variant.options))
    for k, input_size in enumerate((3, 5, 5)):
        assert shapes[f"layers.{k}.W_x"] == (gates, 5, input_size)
        assert shapes[f"layers.{k}.W_h"] == (gates, 5, 5)
        assert (f"layers.{k}.b" in shapes) == variant.options.use_bias
    assert shapes["head.W"] == (2, 5) and shapes["head.b"] == (2,)
    network = make_network(variant, Problem("sequence_to_vector", "squared_error", 3, 2), Shape(1, 1, num_layers=3, hidden_size=5))
    assert {name: value.shape for name, value in network.parameters().items()} == shapes


@pytest.mark.parametrize(
    ("cell", "options", "count"),
    [
        ("rnn", {}, 32 * 34 + 32 + 33),
        ("lstm", {}, 4 * (32 * 34 + 32) + 33),
        ("lstm", {"use_bias": False}, 4 * 32 * 34 + 33),
        ("gru", {}, 3 * (32 * 34 + 32) + 33),
        ("gru", {"reset_after": True}, 3 * (32 * 34 + 32) + 32 + 33),
    ],
)
def test_parameter_count(settings: Settings, cell: str, options: dict[str, bool], count: int) -> None:
    """Counted by hand for 2 inputs, 32 units, 1 output."""
    changes = {"task.width": 2, "network.cell": cell, "network.hidden_size": 32} | {f"network.{name}": v for name, v in options.items()}
    assert Trainer(settings.with_changes(changes)).snapshot().parameter_count == count


def test_padding_stays_zero(settings: Settings, variant: Variant, optimizer_name: str) -> None:
    """Training moves no weight that isn't there."""
    changes = {"network.cell": variant.cell.name, "network.num_layers": 2, "network.dropout": 0.3, "training.optimizer": optimizer_name}
    changes |= {f"network.{name}": value for name, value in vars(variant.options).items()} | {"training.weight_decay": 0.1}
    trainer = Trainer(settings.with_changes(changes))
    trainer.train(20)
    layout, flat = trainer.network.layout, trainer.network.flat
    is_parameter = np.zeros(layout.size)
    layout.pack({name: np.ones(shape) for name, shape in layout.shapes().items()}, is_parameter)
    assert is_parameter.sum() == layout.parameter_count < layout.size
    assert np.all(flat[is_parameter == 0] == 0)
    assert np.all(flat[is_parameter == 1] != 0)


def test_views_are_of_the_flat_vector(variant: Variant) -> None:
    """Layers, head and its bias lie one after the other, without gap or overlap."""
    layout = make_layout(variant)
    flat = np.zeros(layout.size)
    views = [*(layout.layer_weights(flat, k) for k in range(3)), layout.head_weights(flat), layout.head_bias(flat)]
    for number, view in enumerate(views, start=1):
        view += number
    assert np.all(np.diff(flat) >= 0) and set(flat) == {1, 2, 3, 4, 5}


def test_padded() -> None:
    assert [padded(n) for n in (1, LANES - 1, LANES, LANES + 1)] == [LANES, LANES, LANES, 2 * LANES]


def test_missing_name(variant: Variant) -> None:
    layout = make_layout(variant)
    for name in layout.shapes():
        parameters = numbered(layout)
        del parameters[name]
        with pytest.raises(InputError, match=f"{name} is missing"):
            layout.pack(parameters, np.zeros(layout.size))


def test_unknown_name(variant: Variant) -> None:
    layout = make_layout(variant)
    with pytest.raises(InputError, match=r"unknown parameter layers\.3\.W_x"):
        layout.pack(numbered(layout) | {"layers.3.W_x": np.zeros(1)}, np.zeros(layout.size))


def test_wrong_shape_changes_nothing(variant: Variant) -> None:
    layout = make_layout(variant)
    for name, value in numbered(layout).items():
        flat = np.ones(layout.size)
        with pytest.raises(InputError, match=rf"{name} has shape .* it should be"):
            layout.pack(numbered(layout) | {name: value[..., :-1]}, flat)
        assert np.all(flat == 1)
