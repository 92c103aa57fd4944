"""The matrix products of a recurrent layer, as kernels on row-major arrays.

``weights`` (K, N) holds one row for each entry of the input row [h | x | 1], one column for each gate and unit; N is a multiple of the
vector's lanes. Products read it in panels, (N / lanes, K, lanes): one panel is a strip of columns as wide as a vector, which lies
in memory in the order in which a tile reads it. Panels are packed once for many steps. Each product works on the block
``rows [first, last) × columns [left, right)`` of ``weights``, so that gates that read only h or only x need no matrix of their own;
left and right are multiples of the lanes.

Products run in tiles whose sums stay in registers. The heights of tiles are chosen so that few rows remain for small ones.

These are the kernels themselves; other kernels call them by core.kernels.products.
"""

from typing import Any

from core.kernel import inner_kernel, kernel
from core.kernels.instruction_set import TILE
from core.kernels.tiles import make_outer_tile, make_tile
from core.kernels.vectors import lanes, load, make_room, store
from core.kernels.views import between

_HAS_HIGH_TILES = TILE.rows >= 6
WIDE = 4
# Most steps of k at a time: as long a piece of a panel, with as long pieces of the rows, stays in the first cache.
DEPTH = 192
# Numbers between the beginnings of rows of which a hundred no longer fit the first table of pages.
FAR = 256

# Rows that are gathered at once.
GATHERED = 256

# One row alone, or two: the sums of many panels keep the adders busy.
_wide_1 = make_tile(1, WIDE, depth=2 if TILE.panels > 1 else 1)


@inner_kernel
def _height(remaining):  # type: ignore[no-untyped-def]
    """Rows of the next tile, so that no tile is small where none need be: 6, 5 or 4 wherever they add up to what remains."""
    if not _HAS_HIGH_TILES:
        return 3 if remaining >= 3 else 1
    if remaining >= 12 or remaining == 6 or remaining == 10 or remaining == 11:
        return 6
    if remaining == 5 or remaining == 9:
        return 5
    if remaining >= 4:
        return 4
    return 3 if remaining == 3 else 1


def _make_product(panel_count: int) -> Any:
    """A kernel for all rows of a product and ``panel_count`` panels."""
    tile_6, tile_5, tile_4, tile_3 = (make_tile(rows, panel_count) for rows in (6, 5, 4, 3))
    # A row alone has few places: several sums for each keep the adders busy.
    tile_1 = make_tile(1, panel_count, depth=4 // panel_count)

    @inner_kernel
    def in_panels(a, panels, panel, first, last, out, column, is_added):  # type: ignore[no-untyped-def]
        b = 0
        while b < a.shape[0]:
            rows = _height(a.shape[0] - b)
            if rows == 6:
                tile_6(a, b, panels, panel, first, last, out, column, is_added)
            elif rows == 5:
                tile_5(a, b, panels, panel, first, last, out, column, is_added)
            elif rows == 4:
                tile_4(a, b, panels, panel, first, last, out, column, is_added)
            elif rows == 3:
                tile_3(a, b, panels, panel, first, last, out, column, is_added)
            else:
                tile_1(a, b, panels, panel, first, last, out, column, is_added)
            b += rows

    return in_panels


def _make_outer(panel_count: int) -> Any:
    """A kernel for all rows of a sum of outer products and ``panel_count`` vectors of their columns."""
    tile_6, tile_5, tile_4, tile_3, tile_1 = (make_outer_tile(rows, panel_count) for rows in (6, 5, 4, 3, 1))

    @inner_kernel
    def in_columns(a, d, first, last, source, n, gradient):  # type: ignore[no-untyped-def]
        k, size = first, a.shape[0]
        while k < last:
            rows = _height(last - k)
            if rows == 6:
                tile_6(a, k, d, source, 0, size, gradient, n)
            elif rows == 5:
                tile_5(a, k, d, source, 0, size, gradient, n)
            elif rows == 4:
                tile_4(a, k, d, source, 0, size, gradient, n)
            elif rows == 3:
                tile_3(a, k, d, source, 0, size, gradient, n)
            else:
                tile_1(a, k, d, source, 0, size, gradient, n)
            k += rows

    return in_columns


# Where registers are few, pairs and fours are done one by one.
_single, _single_outer = _make_product(1), _make_outer(1)
_fours, _pairs = (_make_product(count) if TILE.panels >= count else _single for count in (4, 2))
_outer_fours, _outer_pairs = (_make_outer(count) if TILE.panels >= count else _single_outer for count in (4, 2))
_strip = make_room(GATHERED, WIDE)
_FOUR, _PAIR = (count if TILE.panels >= count else 1 for count in (4, 2))


@inner_kernel
def pack(weights, panels):  # type: ignore[no-untyped-def]
    """Write ``weights`` (≥ K, N) into ``panels`` (N / lanes, K, lanes)."""
    width = lanes(weights)
    for panel in range(panels.shape[0]):
        strip = panels[panel]
        for k in range(panels.shape[1]):
            store(strip, k, 0, load(weights, k, panel * width))


@inner_kernel
def pack_transposed(weights, count, panels):  # type: ignore[no-untyped-def]
    """Write the transpose of the first ``count`` rows of ``weights`` (≥ count, N) into ``panels`` (⌈count / lanes⌉, N, lanes), then 0."""
    width = lanes(weights)
    for panel in range(panels.shape[0]):
        first = panel * width
        valid = min(width, count - first)
        for n in range(panels.shape[1]):
            for j in range(valid):
                panels[panel, n, j] = weights[first + j, n]
            for j in range(valid, width):
                panels[panel, n, j] = 0


@kernel
def product_kernel(a, panels, first, last, left, right, out, column, is_added):  # type: ignore[no-untyped-def]
    """``out[b, column:] (= or +=) a[b, k] · weights[k, left:right]`` summed over k = first … last−1.

    a (B, R), ``panels`` of the weights (K, N), out (B, ≥ column + right − left) modified in place; what is there stays in the sum
    where ``is_added``. The product with a transposed matrix is this one, with panels of the transpose.
    """
    pieces = max(1, (last - first + DEPTH - 1) // DEPTH)
    size = (last - first + pieces - 1) // pieces
    while first < last or not is_added:
        end = min(first + size, last)
        _product_in_block(a, panels, first, end, left, right, out, column, is_added)
        first = end
        is_added = True


@inner_kernel
def _product_in_block(a, panels, first, last, left, right, out, column, is_added):  # type: ignore[no-untyped-def]
    width = lanes(a)
    panel, end = left // width, right // width
    if a.shape[0] < 3:
        while end - panel >= WIDE:
            for b in range(a.shape[0]):
                _wide_1(a, b, panels, panel, first, last, out, column, is_added)
            panel += WIDE
            column += WIDE * width
    while panel < end:
        remaining = end - panel
        count = 1
        if remaining >= _FOUR > 1:
            _fours(a, panels, panel, first, last, out, column, is_added)
            count = _FOUR
        elif remaining >= _PAIR:
            _pairs(a, panels, panel, first, last, out, column, is_added)
            count = _PAIR
        else:
            _single(a, panels, panel, first, last, out, column, is_added)
        panel += count
        column += count * width


@kernel
def outer_products_kernel(a, d, first, last, left, right, gradient):  # type: ignore[no-untyped-def]
    """``gradient[k, left:right] += Σ_b a[b, k] · d[b, left:right]`` for k = first … last−1.

    a (B, R), d (B, ≥ N), gradient (K, N) modified in place. Best with B of a hundred or so, of several steps: each sum
    is then loaded and stored once for all of them.
    """
    width, strip, is_far = lanes(a), _strip(a), d.shape[1] > FAR
    most_rows, most_columns = (GATHERED, _FOUR * width) if is_far else (max(1, a.shape[0]), max(1, right - left))
    for b in range(0, a.shape[0], most_rows):
        end = min(b + most_rows, a.shape[0])
        some, source = between(a, b, end), between(d, b, end)
        for n in range(left, right, most_columns):
            columns, begin = min(most_columns, right - n), n
            if is_far:
                # Rows far apart are gathered first, or every tile would look up the page of each of them again.
                for row in range(some.shape[0]):
                    for j in range(0, columns, width):
                        store(strip, row, j, load(d, b + row, n + j))
                source, begin = strip, 0
            _outer_in_columns(some, source, first, last, begin, begin + columns, n, gradient)


@inner_kernel
def _outer_in_columns(a, d, first, last, source, end, n, gradient):  # type: ignore[no-untyped-def]
    """The same for the columns ``source … end`` of ``d``, into those of ``gradient`` from ``n`` on."""
    width = lanes(a)
    while source < end:
        remaining = (end - source) // width
        count = 1
        if remaining >= _FOUR > 1:
            _outer_fours(a, d, first, last, source, n, gradient)
            count = _FOUR
        elif remaining >= _PAIR:
            _outer_pairs(a, d, first, last, source, n, gradient)
            count = _PAIR
        else:
            _single_outer(a, d, first, last, source, n, gradient)
        source += count * width
        n += count * width
