"""Counters that two threads read and write, for kernels: each is one entry of an int64 array.

Who acquires a value sees all that was written before it was released.
"""

import sys
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils

from core.kernels.vectors import intrinsic

_WORD = ir.IntType(64)
_SPINS = 32768
# A thread that only yields keeps its core busy, and the system leaves the other one, if it was interrupted, waiting for its own core.
_SLEEP_MICROSECONDS = 20


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    if kind.dtype != types.int64:
        raise TypeError(f"counters are int64, not {kind.dtype}")
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


@intrinsic
def acquire(typingctx, array, index):  # type: ignore[no-untyped-def]
    """The value of ``array[index]``."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        place = _place(context, builder, signature.args[0], *arguments)
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(array, types.intp), generate


@intrinsic
def release(typingctx, array, index, value):  # type: ignore[no-untyped-def]
    """Set ``array[index]``."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        place = _place(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], place, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate


@intrinsic
def take(typingctx, array, index, expected, value):  # type: ignore[no-untyped-def]
    """Set ``array[index]`` to ``value`` where it is ``expected``; returns whether it was. Of several threads one gets it."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        place = _place(context, builder, signature.args[0], *arguments[:2])
        return builder.extract_value(builder.cmpxchg(place, arguments[2], arguments[3], "acq_rel", "acquire"), 1)

    return types.boolean(array, types.intp, types.int64, types.int64), generate


@intrinsic
def add_one(typingctx, array, index):  # type: ignore[no-untyped-def]
    """Add 1 to ``array[index]``; who acquires the sum sees what was written before."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        place = _place(context, builder, signature.args[0], *arguments)
        builder.atomic_rmw("add", place, ir.Constant(_WORD, 1), "acq_rel")
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@intrinsic
def wait_a_little(typingctx, count):  # type: ignore[no-untyped-def]
    """Let the other thread go on. ``count`` are the waits so far: after some, the core is left to others, but on Windows."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        triple = llvmlite.binding.get_default_triple()
        if triple.startswith(("x86_64", "i686", "amd64")):
            pause = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, pause, "llvm.x86.sse2.pause"), [])
        if sys.platform != "win32":
            kind = ir.FunctionType(ir.IntType(32), [ir.IntType(32)])
            with builder.if_then(builder.icmp_signed(">", arguments[0], ir.Constant(_WORD, _SPINS))):
                builder.call(
                    cgutils.get_or_insert_function(builder.module, kind, "usleep"), [ir.Constant(ir.IntType(32), _SLEEP_MICROSECONDS)]
                )
        return context.get_dummy_value()

    return types.void(types.int64), generate
