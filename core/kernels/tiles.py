"""Tiles of matrix products whose sums stay in registers, as intrinsics for core.kernels.matrix_products.

The loops over a tile's places run while code is generated: what is left is one loop over k without branches.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from core.kernels.vectors import FLAGS, RealArray, constant, intrinsic, splat


def make_tile(rows: int, panels: int, depth: int = 1) -> Any:
    """An intrinsic for one tile of ``rows × panels`` vectors of a product ``out (=, +=) a · W`` with W in panels.

    ``tile(a, row, packed, panel, first, last, out, column, is_added)``, with packed (N / lanes, K, lanes) from matrix_products.pack:
    ``out[row + i, column + l + lanes·j] = Σ_k a[row + i, k] · packed[panel + j, k, l]`` for k = first … last−1, i < rows, j < panels,
    added to what is there where ``is_added``. ``depth`` sums are kept for each place, and added up at the end: a tile with few places
    would wait for its own additions.
    """

    @intrinsic
    def tile(typingctx, a, row, packed, panel, first, last, out, column, is_added):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            kinds = signature.args
            left = RealArray(context, builder, kinds[0], arguments[0])
            right = RealArray(context, builder, kinds[2], arguments[2])
            result = RealArray(context, builder, kinds[6], arguments[6])
            row, panel, first, last, column, is_added = (arguments[index] for index in (1, 3, 4, 5, 7, 8))
            whole = row.type
            zero, width = ir.Constant(whole, 0), ir.Constant(whole, left.kind.lanes)
            of_rows = [left.pointer([builder.add(row, ir.Constant(whole, i)), zero]) for i in range(rows)]
            of_panels = [right.pointer([builder.add(panel, ir.Constant(whole, j)), zero, zero]) for j in range(panels)]

            def multiply(k, sums):  # type: ignore[no-untyped-def]
                at = builder.mul(k, width)
                loaded = [right.load(builder.gep(pointer, [at])) for pointer in of_panels]
                for i in range(rows):
                    factor = splat(builder, left.load_number(builder.gep(of_rows[i], [k])), left.kind.lanes)
                    _add_products(builder, factor, loaded, sums[i])

            places = [_tile_places(builder, result, row, column, i, panels) for i in range(rows)]
            sums = [_start_sums(builder, result, of_row, depth, is_added) for of_row in places]
            _for_each(builder, first, last, depth, lambda k, d: multiply(k, [s[d] for s in sums]))
            for of_row, of_sums in zip(places, sums, strict=True):
                _store_sums(builder, result, of_row, of_sums)
            return context.get_dummy_value()

        size = types.intp
        return types.void(a, size, packed, size, size, size, out, size, types.boolean), generate

    return tile


def make_outer_tile(rows: int, panels: int) -> Any:
    """An intrinsic for one tile of ``rows × panels`` vectors of a sum of outer products.

    ``tile(a, row, d, column, first, last, out)``: ``out[row + i, column + l] += Σ_k a[k, row + i] · d[k, column + l]`` for
    k = first … last−1, i < rows, l < panels · lanes.
    """

    @intrinsic
    def tile(typingctx, a, row, d, source, first, last, out, column):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            kinds = signature.args
            left = RealArray(context, builder, kinds[0], arguments[0])
            right = RealArray(context, builder, kinds[2], arguments[2])
            result = RealArray(context, builder, kinds[6], arguments[6])
            row, source, first, last, column = (arguments[index] for index in (1, 3, 4, 5, 7))
            whole = row.type
            width = left.kind.lanes

            def multiply(k, sums):  # type: ignore[no-untyped-def]
                from_d = right.pointer([k, source])
                loaded = [right.load(builder.gep(from_d, [ir.Constant(whole, width * j)])) for j in range(panels)]
                from_a = left.pointer([k, row])
                for i in range(rows):
                    factor = splat(builder, left.load_number(builder.gep(from_a, [ir.Constant(whole, i)])), width)
                    _add_products(builder, factor, loaded, sums[i])

            places = [_tile_places(builder, result, row, column, i, panels) for i in range(rows)]
            sums = [_start_sums(builder, result, of_row, 1, ir.Constant(ir.IntType(1), 1)) for of_row in places]
            _for_each(builder, first, last, 1, lambda k, d: multiply(k, [s[d] for s in sums]))
            for of_row, of_sums in zip(places, sums, strict=True):
                _store_sums(builder, result, of_row, of_sums)
            return context.get_dummy_value()

        size = types.intp
        return types.void(a, size, d, size, size, size, out, size), generate

    return tile


def _tile_places(builder: Any, result: RealArray, row: Any, column: Any, i: int, panels: int) -> list[Any]:
    """Pointers to the vectors of row ``i`` of a tile."""
    whole = row.type
    first = result.pointer([builder.add(row, ir.Constant(whole, i)), column])
    return [builder.gep(first, [ir.Constant(whole, result.kind.lanes * j)]) for j in range(panels)]


def _start_sums(builder: Any, result: RealArray, places: list[Any], depth: int, is_added: Any) -> list[list[Any]]:
    """Room for the sums of one row, [depth][panel]; the first begin with what is there where ``is_added``, the rest with 0."""
    zero = constant(result.kind, 0.0)
    sums = [[cgutils.alloca_once_value(builder, zero) for _ in places] for _ in range(depth)]
    with builder.if_then(is_added):
        for place, total in zip(places, sums[0], strict=True):
            builder.store(result.load(place), total)
    return sums


def _add_products(builder: Any, factor: Any, loaded: list[Any], sums: list[Any]) -> None:
    for vector, total in zip(loaded, sums, strict=True):
        builder.store(builder.fadd(builder.fmul(factor, vector, flags=FLAGS), builder.load(total), flags=FLAGS), total)


def _store_sums(builder: Any, result: RealArray, places: list[Any], sums: list[list[Any]]) -> None:
    for j, place in enumerate(places):
        total = builder.load(sums[0][j])
        for more in sums[1:]:
            total = builder.fadd(total, builder.load(more[j]), flags=FLAGS)
        result.store(place, total)


def _for_each(builder: Any, first: Any, last: Any, depth: int, body: Callable[[Any, int], None]) -> None:
    """``body(k, k's place among depth)`` for k = first … last−1; what ``depth`` does not divide goes to place 0."""
    whole = first.type
    if depth == 1:
        with cgutils.for_range_slice(builder, first, last, ir.Constant(whole, 1)) as (k, _):
            body(k, 0)
        return
    groups = builder.sdiv(builder.sub(last, first), ir.Constant(whole, depth))
    middle = builder.add(first, builder.mul(groups, ir.Constant(whole, depth)))
    with cgutils.for_range_slice(builder, first, middle, ir.Constant(whole, depth)) as (k, _):
        for d in range(depth):
            body(builder.add(k, ir.Constant(whole, d)), d)
    with cgutils.for_range_slice(builder, middle, last, ir.Constant(whole, 1)) as (k, _):
        body(k, 0)
