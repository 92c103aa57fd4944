"""Views of arrays in kernels: parts of an array that lie in one piece of its memory.

They do not keep the array alive: counting references would cost as much as a small step of a layer, and much of the time in which a kernel
is compiled. All arrays are C-contiguous; nothing checks the bounds.
"""

from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.np.arrayobj import populate_array

from core.kernels.vectors import intrinsic


def _check(array: Any, least_axes: int, what: str) -> None:
    """At compile time: the places that a view calculates are those of a C-contiguous array."""
    if not isinstance(array, types.Array) or array.layout != "C" or array.ndim < least_axes:
        raise TypingError(f"{what} takes a C-contiguous array of {least_axes} or more axes, not {array}")


def _view(context: Any, builder: Any, kind: Any, data: Any, offset: Any, shape: list[Any]) -> Any:
    """An array of type ``kind`` and ``shape`` that begins ``offset`` numbers after ``data``."""
    view = context.make_array(kind)(context, builder)
    itemsize = context.get_constant(types.intp, kind.dtype.bitwidth // 8)
    strides = [itemsize]
    for size in reversed(shape[1:]):
        strides.insert(0, builder.mul(size, strides[0]))
    populate_array(view, builder.gep(data, [offset]), shape, strides, itemsize, meminfo=None)
    return view._getvalue()


def _parts(context: Any, builder: Any, kind: Any, value: Any) -> tuple[Any, list[Any]]:
    """Where an array begins, and its shape."""
    whole = context.make_array(kind)(context, builder, value)
    return whole.data, cgutils.unpack_tuple(builder, whole.shape)


def _product(builder: Any, factors: list[Any]) -> Any:
    product = factors[0]
    for factor in factors[1:]:
        product = builder.mul(product, factor)
    return product


@intrinsic
def at(typingctx, array, *indices):  # type: ignore[no-untyped-def]
    """``at(array, i, j, …)``: ``array[i, j, …]``, with fewer indices than axes."""
    _check(array, len(indices) + 1, "at")
    count = len(indices)
    kind = types.Array(array.dtype, array.ndim - count, "C")

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data, shape = _parts(context, builder, signature.args[0], arguments[0])
        place, *others = cgutils.unpack_tuple(builder, arguments[1])
        for size, index in zip(shape[1:count], others, strict=True):
            place = builder.add(builder.mul(place, size), index)
        return _view(context, builder, kind, data, _product(builder, [place, *shape[count:]]), shape[count:])

    return kind(array, types.StarArgUniTuple(types.intp, count)), generate


@intrinsic
def between(typingctx, array, first, last):  # type: ignore[no-untyped-def]
    """``array[first:last]``."""
    _check(array, 1, "between")
    kind = types.Array(array.dtype, array.ndim, "C")

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data, shape = _parts(context, builder, signature.args[0], arguments[0])
        first, last = arguments[1:]
        return _view(context, builder, kind, data, _product(builder, [first, *shape[1:]]), [builder.sub(last, first), *shape[1:]])

    return kind(array, types.intp, types.intp), generate


@intrinsic
def stacked(typingctx, array, first, last):  # type: ignore[no-untyped-def]
    """The steps ``first … last − 1`` of ``array`` (T, B, K) as rows of a matrix, ((last − first) · B, K)."""
    _check(array, 3, "stacked")
    kind = types.Array(array.dtype, 2, "C")

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data, (_, batch_size, size) = _parts(context, builder, signature.args[0], arguments[0])
        first, last = arguments[1:]
        rows = builder.mul(builder.sub(last, first), batch_size)
        return _view(context, builder, kind, data, _product(builder, [first, batch_size, size]), [rows, size])

    return kind(array, types.intp, types.intp), generate


@intrinsic
def clear(typingctx, matrix):  # type: ignore[no-untyped-def]
    """Put 0 everywhere."""
    _check(matrix, 2, "clear")

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data, (rows, columns) = _parts(context, builder, signature.args[0], arguments[0])
        size = builder.mul(builder.mul(rows, columns), context.get_constant(types.intp, signature.args[0].dtype.bitwidth // 8))
        cgutils.memset(builder, data, size, 0)
        return context.get_dummy_value()

    return types.void(matrix), generate


@intrinsic
def matrix_at(typingctx, vector, start, rows, columns):  # type: ignore[no-untyped-def]
    """The numbers of ``vector`` from ``start`` on as a matrix (rows, columns)."""
    _check(vector, 1, "matrix_at")
    kind = types.Array(vector.dtype, 2, "C")

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        data, _ = _parts(context, builder, signature.args[0], arguments[0])
        return _view(context, builder, kind, data, arguments[1], list(arguments[2:]))

    return kind(vector, types.intp, types.intp, types.intp), generate
