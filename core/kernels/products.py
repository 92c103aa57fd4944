"""The products of a layer as other kernels call them: by address, so that each is compiled once and not again into every caller.

``products`` is an argument of every kernel that needs them, made by ``products_for``. What they do, core.kernels.matrix_products and
core.kernels.sparse_products say.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.core import cgutils

from core.kernels.kernel_pointer import Signature, address_of, array, call_pointer
from core.kernels.matrix_products import outer_products_kernel, product_kernel
from core.kernels.sparse_products import sparse_outer_products_kernel, sparse_product_kernel
from core.kernels.vectors import intrinsic

_SIZE, _FLAG = types.intp, types.boolean


class Products(NamedTuple):
    """Addresses of the kernels."""

    product: int
    outer_products: int
    sparse_product: int
    sparse_outer_products: int


NO_PRODUCTS = Products(0, 0, 0, 0)
"""For their type alone."""


@cache
def products_for(dtype: np.dtype) -> Products:
    """The products of this precision, compiled or found on disk at the first call."""
    matrix, panels = array(dtype, 2), array(dtype, 3)
    block = (_SIZE,) * 4
    return Products(
        address_of(product_kernel, (matrix, panels, *block, matrix, _SIZE, _FLAG)),
        address_of(outer_products_kernel, (matrix, matrix, *block, matrix)),
        address_of(sparse_product_kernel, (matrix, matrix, *block, matrix, _FLAG)),
        address_of(sparse_outer_products_kernel, (matrix, matrix, *block, matrix)),
    )


def _call(name: str, kinds: Signature) -> Any:
    place = Products._fields.index(name)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = cgutils.unpack_tuple(builder, values[0])[place]
        return call_pointer(context, builder, pointer, types.none, kinds, values[1:])

    return generate


@intrinsic
def add_product(typingctx, products, a, panels, first, last, left, right, out, column, is_added):  # type: ignore[no-untyped-def]
    """``out[b, column:] (= or +=) a[b, k] · weights[k, left:right]`` summed over k = first … last−1; see product_kernel."""
    kinds = (a, panels, _SIZE, _SIZE, _SIZE, _SIZE, out, _SIZE, _FLAG)
    return types.none(products, *kinds), _call("product", kinds)


@intrinsic
def add_outer_products(typingctx, products, a, d, first, last, left, right, gradient):  # type: ignore[no-untyped-def]
    """``gradient[k, left:right] += Σ_b a[b, k] · d[b, left:right]`` for k = first … last−1; see outer_products_kernel."""
    kinds = (a, d, _SIZE, _SIZE, _SIZE, _SIZE, gradient)
    return types.none(products, *kinds), _call("outer_products", kinds)


@intrinsic
def add_sparse_product(typingctx, products, a, weights, first, last, left, right, out, is_added):  # type: ignore[no-untyped-def]
    """``out[b, left:right] (= or +=) a[b, k] · weights[k, left:right]`` for a that is mostly 0; see sparse_product_kernel."""
    kinds = (a, weights, _SIZE, _SIZE, _SIZE, _SIZE, out, _FLAG)
    return types.none(products, *kinds), _call("sparse_product", kinds)


@intrinsic
def add_sparse_outer_products(typingctx, products, a, d, first, last, left, right, gradient):  # type: ignore[no-untyped-def]
    """``gradient[k, left:right] += Σ_b a[b, k] · d[b, left:right]`` for a that is mostly 0; see sparse_outer_products_kernel."""
    kinds = (a, d, _SIZE, _SIZE, _SIZE, _SIZE, gradient)
    return types.none(products, *kinds), _call("sparse_outer_products", kinds)
