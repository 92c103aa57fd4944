"""Products with the rows [h | x | 1] of a layer. Where x is sparse h goes through the tiles, and [x | 1] through what is not 0."""

from core.kernel import inner_kernel
from core.kernels.products import add_outer_products, add_product, add_sparse_outer_products, add_sparse_product


@inner_kernel
def row_product(products, row, units, weights, panels, is_sparse, left, right, out):  # type: ignore[no-untyped-def]
    """``out[b, left:right] = [h | x | 1] · weights[:, left:right]``: row (B, K), out (B, N) modified in place."""
    size = row.shape[1]
    if is_sparse:
        add_sparse_product(products, row, weights, units, size, left, right, out, False)
        add_product(products, row, panels, 0, units, left, right, out, left, True)
    else:
        add_product(products, row, panels, 0, size, left, right, out, left, False)


@inner_kernel
def input_product(products, row, units, weights, panels, is_sparse, left, right, out):  # type: ignore[no-untyped-def]
    """The same of [x | 1] alone."""
    size = row.shape[1]
    if is_sparse:
        add_sparse_product(products, row, weights, units, size, left, right, out, False)
    else:
        add_product(products, row, panels, units, size, left, right, out, left, False)


@inner_kernel
def add_row_outer_products(products, row, units, d, is_sparse, left, right, gradient):  # type: ignore[no-untyped-def]
    """``gradient[:, left:right] += Σ_b [h | x | 1]_b · d[b, left:right]``: row (B, K), d (B, N), gradient (K, N) modified in place."""
    size = row.shape[1]
    if is_sparse:
        add_outer_products(products, row, d, 0, units, left, right, gradient)
        add_sparse_outer_products(products, row, d, units, size, left, right, gradient)
    else:
        add_outer_products(products, row, d, 0, size, left, right, gradient)


@inner_kernel
def add_input_outer_products(products, row, units, d, is_sparse, left, right, gradient):  # type: ignore[no-untyped-def]
    """The same for [x | 1] alone."""
    size = row.shape[1]
    if is_sparse:
        add_sparse_outer_products(products, row, d, units, size, left, right, gradient)
    else:
        add_outer_products(products, row, d, units, size, left, right, gradient)
