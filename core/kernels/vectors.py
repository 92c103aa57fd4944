"""Vectors of 64 bytes for kernels: load, store, arithmetic.

LLVM makes of such a vector what the processor has: one register of AVX-512, two of AVX2, four of SSE or NEON. So the same kernel runs
everywhere, in both precisions: 16 numbers of float32 or 8 of float64. What kernels see are plain names::

    for j in range(0, units, lanes(c)):
        i = sigmoid(load(pre, b, j))
        store(c, b, j, f * load(c_prev, b, j) + i * candidate)

Written with the compiler's own builder because plain loops of Numba keep sums of products in memory, and are vectorised only where the
compiler can prove that no two arrays overlap. Products are contracted to fused multiply-adds; nothing else is reordered, so that all
copies of a kernel round alike.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic as _intrinsic
from numba.extending import lower_builtin, models, overload, register_model
from numba.np.arrayobj import populate_array

intrinsic: Any = _intrinsic  # its own types take kernels for callers from Python

VECTOR_BYTES = 64
FLAGS = ("contract", "nsz")
_INT = ir.IntType(32)


class VectorType(types.Type):
    """A vector of reals in kernels."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.lanes = VECTOR_BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"vector({dtype})")


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: VectorType) -> None:
        super().__init__(manager, kind, _vector_of(kind))


def _vector_of(kind: VectorType) -> ir.VectorType:
    return ir.VectorType(ir.FloatType() if kind.dtype == types.float32 else ir.DoubleType(), kind.lanes)


def constant(kind: VectorType, value: float) -> ir.Constant:
    """The vector with ``value`` in every place."""
    return ir.Constant(_vector_of(kind), [value] * kind.lanes)


def splat(builder: Any, number: Any, lanes: int) -> Any:
    """A vector with ``number`` in every place."""
    undefined = ir.Constant(ir.VectorType(number.type, lanes), ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(_INT, 0))
    return builder.shuffle_vector(one, undefined, ir.Constant(ir.VectorType(_INT, lanes), [0] * lanes))


class RealArray:
    """An argument of an intrinsic that is a C-contiguous array of reals, at code generation."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        made = context.make_array(kind)(context, builder, value)
        self._builder = builder
        self._data = made.data
        self._shape = cgutils.unpack_tuple(builder, made.shape)
        self.kind = VectorType(kind.dtype)
        self._align = kind.dtype.bitwidth // 8

    def pointer(self, indices: list[Any]) -> Any:
        """To one entry."""
        builder = self._builder
        offset = indices[0]
        for size, index in zip(self._shape[1:], indices[1:], strict=True):
            offset = builder.add(builder.mul(offset, size), index)
        return builder.gep(self._data, [offset])

    def load(self, pointer: Any) -> Any:
        """The vector there."""
        return self._builder.load(self._builder.bitcast(pointer, _vector_of(self.kind).as_pointer()), align=self._align)

    def load_number(self, pointer: Any) -> Any:
        """The number there."""
        return self._builder.load(pointer, align=self._align)

    def store(self, pointer: Any, value: Any) -> None:
        """Write a vector there."""
        self._builder.store(value, self._builder.bitcast(pointer, _vector_of(self.kind).as_pointer()), align=self._align)


def lanes(array: Any) -> int:
    """In kernels: how many numbers of the precision of ``array`` a vector holds, 16 of float32 or 8 of float64."""
    return VECTOR_BYTES // int(array.itemsize)


@overload(lanes)
def _lanes(array):  # type: ignore[no-untyped-def]
    count = VectorType(array.dtype).lanes
    return lambda array: count


@intrinsic
def load(typingctx, array, row, column):  # type: ignore[no-untyped-def]
    """The vector that begins at ``array[row, column]``."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        whole = RealArray(context, builder, signature.args[0], arguments[0])
        return whole.load(whole.pointer(list(arguments[1:])))

    return VectorType(array.dtype)(array, types.intp, types.intp), generate


@intrinsic
def store(typingctx, array, row, column, value):  # type: ignore[no-untyped-def]
    """Write the vector ``value`` from ``array[row, column]`` on."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        whole = RealArray(context, builder, signature.args[0], arguments[0])
        whole.store(whole.pointer(list(arguments[1:3])), arguments[3])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, VectorType(array.dtype)), generate


def _as_vector(context: Any, builder: Any, kind: Any, value: Any, wanted: VectorType) -> Any:
    if isinstance(kind, VectorType):
        return value
    return splat(builder, context.cast(builder, value, kind, wanted.dtype), wanted.lanes)


def _binary(function: Callable[..., Any], instruction: str) -> None:
    """Give kernels the operator ``function`` for two vectors, or a vector and a number."""

    class _Template(AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            vectors = [arg for arg in args if isinstance(arg, VectorType)]
            others = [arg for arg in args if not isinstance(arg, VectorType)]
            if not vectors or any(not isinstance(arg, types.Number) for arg in others) or any(v != vectors[0] for v in vectors):
                return None
            return signature(vectors[0], *(types.unliteral(arg) for arg in args))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wanted = signature.return_type
        left, right = (_as_vector(context, builder, kind, value, wanted) for kind, value in zip(signature.args, arguments, strict=True))
        return getattr(builder, instruction)(left, right, flags=FLAGS)

    infer_global(function)(_Template)
    for left, right in ((VectorType, VectorType), (VectorType, types.Number), (types.Number, VectorType)):
        lower_builtin(function, left, right)(generate)


for _function, _instruction in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv")):
    _binary(_function, _instruction)


@intrinsic
def clamp(typingctx, value, low, high):  # type: ignore[no-untyped-def]
    """``value`` cut to low … high in every place; NaN stays NaN."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        x, *bounds = arguments
        low, high = (splat(builder, bound, kind.lanes) for bound in bounds)
        x = builder.select(builder.fcmp_ordered("<", x, low), low, x)
        return builder.select(builder.fcmp_ordered(">", x, high), high, x)

    return value(value, value.dtype, value.dtype), generate


@intrinsic
def where_positive(typingctx, decider, value):  # type: ignore[no-untyped-def]
    """``value`` where ``decider`` > 0, and 0 · value elsewhere, which is 0 for all that is finite."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        zero = constant(signature.args[0], 0.0)
        nothing = builder.fmul(zero, arguments[1])
        return builder.select(builder.fcmp_ordered(">", arguments[0], zero), arguments[1], nothing)

    return value(value, value), generate


@intrinsic
def largest(typingctx, value, other):  # type: ignore[no-untyped-def]
    """The larger number in every place; NaN where ``value`` has one."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.select(builder.fcmp_ordered("<", *arguments), arguments[1], arguments[0])

    return value(value, value), generate


@intrinsic
def is_zero(typingctx, value):  # type: ignore[no-untyped-def]
    """Whether every number of the vector ``value`` is 0; NaN is not."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        lanes = signature.args[0].lanes
        is_other = builder.fcmp_unordered("!=", arguments[0], constant(signature.args[0], 0.0))
        bits = builder.bitcast(is_other, ir.IntType(lanes))
        return builder.icmp_unsigned("==", bits, ir.Constant(ir.IntType(lanes), 0))

    return types.boolean(value), generate


@intrinsic
def only_first(typingctx, value, count, otherwise):  # type: ignore[no-untyped-def]
    """The first ``count`` numbers of ``value``, all of them where it has no more; ``otherwise`` in the places after them."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        place = ir.Constant(ir.VectorType(ir.IntType(64), kind.lanes), list(range(kind.lanes)))
        is_kept = builder.icmp_signed("<", place, splat(builder, arguments[1], kind.lanes))
        return builder.select(is_kept, arguments[0], _as_vector(context, builder, signature.args[2], arguments[2], kind))

    return value(value, types.intp, types.unliteral(otherwise)), generate


def _folding(combine: Callable[[Any, Any, Any], Any], name: str, text: str) -> Any:
    """An intrinsic that folds a vector onto its half until one number is left."""

    def fold(typingctx, value):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            (vector,) = arguments
            size = signature.args[0].lanes
            while size > 1:
                size //= 2
                low, high = (
                    builder.shuffle_vector(vector, vector, ir.Constant(ir.VectorType(_INT, size), list(range(first, first + size))))
                    for first in (0, size)
                )
                vector = combine(builder, low, high)
            return builder.extract_element(vector, ir.Constant(_INT, 0))

        return value.dtype(value), generate

    fold.__name__, fold.__doc__ = name, text
    return intrinsic(fold)


total = _folding(lambda builder, a, b: builder.fadd(a, b, flags=FLAGS), "total", "The sum of a vector's numbers.")
product = _folding(lambda builder, a, b: builder.fmul(a, b, flags=FLAGS), "product", "The product of a vector's numbers.")
peak = _folding(lambda builder, a, b: builder.select(builder.fcmp_unordered("<", a, b), b, a), "peak", "The largest of a vector's numbers.")


@intrinsic
def times_power_of_two(typingctx, value, exponent):  # type: ignore[no-untyped-def]
    """``value`` · 2ⁿ with the whole numbers n of the float32 vector ``exponent``, −126 … 127."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kind = signature.args[0]
        whole = ir.VectorType(_INT, kind.lanes)
        bits = builder.add(builder.fptosi(arguments[1], whole), ir.Constant(whole, [127] * kind.lanes))
        power = builder.bitcast(builder.shl(bits, ir.Constant(whole, [23] * kind.lanes)), _vector_of(kind))
        return builder.fmul(arguments[0], power, flags=FLAGS)

    return value(value, value), generate


@intrinsic
def constant_like(typingctx, value, number):  # type: ignore[no-untyped-def]
    """A vector like ``value`` with ``number`` in every place."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return _as_vector(context, builder, signature.args[1], arguments[1], signature.args[0])

    return value(value, types.unliteral(number)), generate


def each_lane(function: Any) -> Any:
    """A function of vectors for kernels that calls a jitted ``function`` of one number for every place."""

    @intrinsic
    def of_vector(typingctx, value):  # type: ignore[no-untyped-def]
        scalar = typingctx.resolve_function_type(types.Dispatcher(function), (value.dtype,), {})

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            call = context.get_function(types.Dispatcher(function), scalar)
            result = ir.Constant(_vector_of(value), ir.Undefined)
            for lane in range(value.lanes):
                place = ir.Constant(_INT, lane)
                result = builder.insert_element(result, call(builder, [builder.extract_element(arguments[0], place)]), place)
            return result

        return value(value), generate

    return of_vector


def make_room(rows: int, vectors: int) -> Any:
    """An intrinsic ``room(like)`` for an array (rows, vectors · lanes) of the precision of ``like``; it is gone when the kernel returns."""

    @intrinsic
    def room(typingctx, like):  # type: ignore[no-untyped-def]
        kind = types.Array(like.dtype, 2, "C")

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            of_row = vectors * VectorType(like.dtype).lanes
            size = like.dtype.bitwidth // 8
            made = context.make_array(kind)(context, builder)
            data = cgutils.alloca_once(builder, made.data.type.pointee, size=rows * of_row)
            data.align = VECTOR_BYTES
            shape, strides = ([context.get_constant(types.intp, n) for n in pair] for pair in ((rows, of_row), (of_row * size, size)))
            populate_array(made, data, shape, strides, context.get_constant(types.intp, size), meminfo=None)
            return made._getvalue()

        return kind(like), generate

    return room
