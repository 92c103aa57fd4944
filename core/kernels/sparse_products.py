"""Products with rows of inputs that are mostly 0, such as one-hot vectors: only what is not 0 costs anything.

A row is looked through a vector at a time; for each entry that is not 0 one row of the weights is added. Other kernels call these
by core.kernels.products.
"""

from core.kernel import inner_kernel, kernel
from core.kernels.vectors import constant_like, is_zero, lanes, load, store


@inner_kernel
def _next_entry(a, b, k, last):  # type: ignore[no-untyped-def]
    """The next column from ``k`` on where row ``b`` is not 0; ``last`` where there is none before it."""
    width = lanes(a)
    while k < last:
        if k + width <= last and is_zero(load(a, b, k)):
            k += width
        elif a[b, k] == 0:
            k += 1
        else:
            return k
    return last


@kernel
def sparse_product_kernel(a, weights, first, last, left, right, out, is_added):  # type: ignore[no-untyped-def]
    """``out[b, left:right] (= or +=) a[b, k] · weights[k, left:right]`` summed over k = first … last−1.

    a (B, R), weights (K, N), out (B, N) modified in place.
    """
    width = lanes(a)
    for b in range(a.shape[0]):
        if not is_added:
            for n in range(left, right, width):
                store(out, b, n, constant_like(load(weights, 0, n), 0))
        k = _next_entry(a, b, first, last)
        while k < last:
            factor = a[b, k]
            for n in range(left, right, width):
                store(out, b, n, load(out, b, n) + factor * load(weights, k, n))
            k = _next_entry(a, b, k + 1, last)


@kernel
def sparse_outer_products_kernel(a, d, first, last, left, right, gradient):  # type: ignore[no-untyped-def]
    """``gradient[k, left:right] += Σ_b a[b, k] · d[b, left:right]`` for k = first … last−1.

    a (B, R), d (B, ≥ N), gradient (K, N) modified in place.
    """
    width = lanes(a)
    for b in range(a.shape[0]):
        k = _next_entry(a, b, first, last)
        while k < last:
            factor = a[b, k]
            for n in range(left, right, width):
                store(gradient, k, n, load(gradient, k, n) + factor * load(d, b, n))
            k = _next_entry(a, b, k + 1, last)
