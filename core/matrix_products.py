"""The three matrix products of a recurrent layer, as kernels on row-major arrays.

``weights`` (K, N) holds one row for each entry of the input row [h | x | 1], one column for each gate and unit. Each product
works on the block ``rows [first, last) × columns [left, right)`` of it, so that gates that read only h or only x
need no matrix of their own. Blocks are sliced rather than indexed from ``left``: an index that starts at 0 is
known not to be negative, and only then are the loops vectorised. Four rows are taken at a time: each result is loaded and
stored once for four products.
"""

from core.kernel import inner_kernel


@inner_kernel
def add_product(a, weights, first, last, left, right, out):  # type: ignore[no-untyped-def]
    """``out[b, left:right] += a[b, k] · weights[k, left:right]`` summed over k = first … last−1.

    a (B, R), weights (K, N), out (B, ≥ N) modified in place. Groups of four zero entries are skipped: one-hot inputs cost
    next to nothing.
    """
    fours = first + (last - first) // 4 * 4
    for b in range(a.shape[0]):
        row = a[b]
        result = out[b, left:right]
        for k in range(first, fours, 4):
            a0 = row[k]
            a1 = row[k + 1]
            a2 = row[k + 2]
            a3 = row[k + 3]
            if a0 == 0 and a1 == 0 and a2 == 0 and a3 == 0:
                continue
            w0 = weights[k, left:right]
            w1 = weights[k + 1, left:right]
            w2 = weights[k + 2, left:right]
            w3 = weights[k + 3, left:right]
            for n in range(right - left):
                result[n] += a0 * w0[n] + a1 * w1[n] + a2 * w2[n] + a3 * w3[n]
        for k in range(fours, last):
            a0 = row[k]
            w0 = weights[k, left:right]
            for n in range(right - left):
                result[n] += a0 * w0[n]


@inner_kernel
def add_transposed_product(d, weights, first, last, left, right, out):  # type: ignore[no-untyped-def]
    """``out[b, k - first] += d[b, left:right] · weights[k, left:right]`` for k = first … last−1.

    d (B, ≥ N), weights (K, N), out (B, ≥ last − first) modified in place.
    """
    fours = first + (last - first) // 4 * 4
    for b in range(d.shape[0]):
        row = d[b, left:right]
        result = out[b]
        for k in range(first, fours, 4):
            w0 = weights[k, left:right]
            w1 = weights[k + 1, left:right]
            w2 = weights[k + 2, left:right]
            w3 = weights[k + 3, left:right]
            s0 = row[0] * w0[0]
            s1 = row[0] * w1[0]
            s2 = row[0] * w2[0]
            s3 = row[0] * w3[0]
            for n in range(1, right - left):
                s0 += row[n] * w0[n]
                s1 += row[n] * w1[n]
                s2 += row[n] * w2[n]
                s3 += row[n] * w3[n]
            result[k - first] += s0
            result[k + 1 - first] += s1
            result[k + 2 - first] += s2
            result[k + 3 - first] += s3
        for k in range(fours, last):
            w0 = weights[k, left:right]
            s0 = row[0] * w0[0]
            for n in range(1, right - left):
                s0 += row[n] * w0[n]
            result[k - first] += s0


@inner_kernel
def add_outer_products(a, d, first, last, left, right, gradient):  # type: ignore[no-untyped-def]
    """``gradient[k, left:right] += Σ_b a[b, k] · d[b, left:right]`` for k = first … last−1.

    a (B, R), d (B, ≥ N), gradient (K, N) modified in place.
    """
    size = a.shape[0]
    fours = size // 4 * 4
    for k in range(first, last):
        result = gradient[k, left:right]
        for b in range(0, fours, 4):
            a0 = a[b, k]
            a1 = a[b + 1, k]
            a2 = a[b + 2, k]
            a3 = a[b + 3, k]
            if a0 == 0 and a1 == 0 and a2 == 0 and a3 == 0:
                continue
            d0 = d[b, left:right]
            d1 = d[b + 1, left:right]
            d2 = d[b + 2, left:right]
            d3 = d[b + 3, left:right]
            for n in range(right - left):
                result[n] += a0 * d0[n] + a1 * d1[n] + a2 * d2[n] + a3 * d3[n]
        for b in range(fours, size):
            a0 = a[b, k]
            d0 = d[b, left:right]
            for n in range(right - left):
                result[n] += a0 * d0[n]
