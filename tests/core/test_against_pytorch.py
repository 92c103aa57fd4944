"""Outputs, loss and gradients in float64 equal PyTorch's: frozen vectors always, and fresh ones where PyTorch is installed."""

import importlib.util
from types import ModuleType

import numpy as np
import pytest

from tests.core.oracles import assert_equals_pytorch
from tests.core.pytorch_vectors import GOLDEN, KINDS, frozen_vector


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_vector(kind: str, engine: str) -> None:
    assert_equals_pytorch(frozen_vector(kind), engine)


def test_every_file_is_used() -> None:
    assert {path.stem.removeprefix("pytorch_") for path in GOLDEN.glob("pytorch_*.json")} == set(KINDS)


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    pytest.importorskip("torch")
    spec = importlib.util.spec_from_file_location("make_pytorch_vectors", GOLDEN / "make_pytorch_vectors.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("seq_len", "batch_size", "hidden_size", "num_layers"), [(1, 1, 1, 1), (9, 5, 18, 1), (33, 2, 16, 3)])
def test_live(maker: ModuleType, kind: str, seq_len: int, batch_size: int, hidden_size: int, num_layers: int, engine: str) -> None:
    sizes = maker.Sizes(seq_len, batch_size, 5, hidden_size, num_layers, 3)
    assert_equals_pytorch(maker.make_vector(kind, sizes, seed=100), engine)


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_vectors_are_those_of_the_script(maker: ModuleType, kind: str) -> None:
    frozen = frozen_vector(kind)
    made = maker.make_vector(kind, maker.Sizes(), seed=list(maker.LAYERS).index(kind))
    assert made.keys() == frozen.keys()
    assert made["inputs"] == frozen["inputs"] and made["parameters"] == frozen["parameters"]
    np.testing.assert_allclose(made["outputs"], frozen["outputs"], rtol=1e-12, atol=1e-12)
