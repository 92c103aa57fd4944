"""The products of a layer against NumPy's: every height of tile, pieces of long sums, blocks of the weights, rows far apart."""

import numpy as np
import pytest

from core.kernels.instruction_set import TILES, instruction_set
from core.kernels.layer_weights import LayerWeights, aligned_zeros, make_panels, panel_shape, whole_vectors
from core.kernels.matrix_products import DEPTH, FAR, GATHERED, outer_products_kernel, product_kernel
from core.kernels.products import Products, products_for
from core.kernels.sparse_products import sparse_outer_products_kernel, sparse_product_kernel
from core.kernels.vectors import VECTOR_BYTES

TOLERANCE = {"float32": 2e-6, "float64": 1e-13}


def random(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    array = aligned_zeros(shape, np.dtype(dtype))
    array[:] = rng.standard_normal(shape)
    return array


def packed(rows: np.ndarray) -> LayerWeights:
    weights = LayerWeights(rows, *make_panels(len(rows), rows.shape[1], len(rows) - 1, rows.dtype))
    weights.pack()
    return weights


def assert_close(found: np.ndarray, right: np.ndarray) -> None:
    """To the precision of a sum of so many numbers."""
    scale = np.abs(right).max()
    np.testing.assert_allclose(found, right, rtol=0, atol=TOLERANCE[str(found.dtype)] * scale)


@pytest.mark.parametrize("batch_size", [*range(1, 20), 32, 67])
@pytest.mark.parametrize("columns", [16, 32, 48, 112])
def test_product(dtype: str, batch_size: int, columns: int) -> None:
    """In whole, and for a block of rows and columns, into another column of what is there."""
    rng = np.random.default_rng(batch_size)
    a, rows = random(rng, (batch_size, 38), dtype), random(rng, (38, columns), dtype)
    weights = packed(rows)
    out = np.full((batch_size, columns), np.nan, dtype)
    product_kernel(a, weights.panels, 0, 38, 0, columns, out, 0, False)
    assert_close(out, a @ rows)
    before = random(rng, (batch_size, columns + 16), dtype)
    out = before.copy()
    product_kernel(a, weights.panels, 5, 21, columns - 16, columns, out, 16, True)
    right = before.copy()
    right[:, 16:32] += a[:, 5:21] @ rows[5:21, columns - 16 :]
    assert_close(out, right)


@pytest.mark.parametrize("terms", [0, 1, DEPTH, DEPTH + 1, 2 * DEPTH + 7])
def test_long_sums(dtype: str, terms: int) -> None:
    rng = np.random.default_rng(terms)
    a, rows = random(rng, (7, terms + 1), dtype), random(rng, (terms + 1, 32), dtype)
    out = np.full((7, 32), np.nan, dtype)
    product_kernel(a, packed(rows).panels, 0, terms, 0, 32, out, 0, False)
    assert_close(out, a[:, :terms] @ rows[:terms])


def test_transposed(dtype: str) -> None:
    """By the strips of the transpose, whose last one is filled up with zeros."""
    rng = np.random.default_rng(0)
    d, rows = random(rng, (9, 48), dtype), random(rng, (22, 48), dtype)
    weights = packed(rows)
    out = np.full((9, whole_vectors(21, np.dtype(dtype))), np.nan, dtype)
    product_kernel(d, weights.back_panels, 0, 48, 0, out.shape[1], out, 0, False)
    assert_close(out[:, :21], d @ rows[:21].T)
    assert not out[:, 21:].any()


@pytest.mark.parametrize("rows", [*range(1, 20), 35])
@pytest.mark.parametrize("columns", [16, 64, 80, FAR + 32])
def test_outer_products(dtype: str, rows: int, columns: int) -> None:
    check_outer_products(dtype, rows, columns, 21)


@pytest.mark.parametrize("terms", [GATHERED - 1, GATHERED, GATHERED + 1, 2 * GATHERED + 5])
def test_outer_products_that_are_gathered_in_pieces(dtype: str, terms: int) -> None:
    check_outer_products(dtype, 7, FAR + 32, terms)


def check_outer_products(dtype: str, rows: int, columns: int, terms: int) -> None:
    rng = np.random.default_rng(rows)
    a, d = random(rng, (terms, rows + 3), dtype), random(rng, (terms, columns), dtype)
    before = random(rng, (rows + 3, columns), dtype)
    found, right = before.copy(), before.copy()
    outer_products_kernel(a, d, 2, rows + 2, 16, columns, found)
    right[2 : rows + 2, 16:] += a[:, 2 : rows + 2].T @ d[:, 16:]
    assert_close(found, right)
    assert np.array_equal(found[:2], before[:2]) and np.array_equal(found[:, :16], before[:, :16])


@pytest.mark.parametrize("size", [1, 7, 8, 16, 17, 40])
def test_sparse_products(dtype: str, size: int) -> None:
    """Rows that are all zero, one-hot, full, and with NaN."""
    rng = np.random.default_rng(size)
    a = np.zeros((5, size + 4), dtype)
    a[1, 2 + size // 2] = 1
    a[2, 2 : size + 2] = rng.standard_normal(size)
    a[4, size + 1] = -2
    weights = random(rng, (size + 4, 32), dtype)
    out = np.full((5, 32), np.nan, dtype)
    sparse_product_kernel(a, weights, 2, size + 2, 0, 32, out, False)
    right = a[:, 2 : size + 2] @ weights[2 : size + 2]
    assert_close(out, right)
    sparse_product_kernel(a, weights, 2, size + 2, 16, 32, out, True)
    assert_close(out, np.concatenate([right[:, :16], 2 * right[:, 16:]], axis=1))
    d, gradient = random(rng, (5, 32), dtype), np.zeros((size + 4, 32), dtype)
    sparse_outer_products_kernel(a, d, 2, size + 2, 0, 32, gradient)
    right = a.T @ d
    right[:2] = right[size + 2 :] = 0
    assert_close(gradient, right)
    a[3, 2] = np.nan
    sparse_product_kernel(a, weights, 2, size + 2, 0, 32, out, False)
    assert np.isnan(out[3]).all() and np.isfinite(out[[0, 1, 2, 4]]).all()


def test_products_are_found_once(dtype: str) -> None:
    found = products_for(np.dtype(dtype))
    assert found is products_for(np.dtype(dtype)) and len(set(found)) == len(Products._fields) and all(found)


def test_tile_fits_the_processor() -> None:
    """All sums of a tile and what one step of it needs have registers."""
    registers = {"avx512": (32, 64), "avx2": (16, 32), "neon": (32, 16), "baseline": (16, 16)}
    assert set(TILES) == set(registers) and instruction_set() in TILES
    for name, tile in TILES.items():
        count, size = registers[name]
        vectors = VECTOR_BYTES // size
        # One vector after the other of a step is loaded where there is no room for all at once.
        assert tile.rows * tile.panels * vectors + 2 <= count, name


def test_panels_are_aligned(dtype: str) -> None:
    assert aligned_zeros((3, 5), np.dtype(dtype)).ctypes.data % VECTOR_BYTES == 0
    assert panel_shape(7, 17, np.dtype("float32")) == (2, 7, 16)
