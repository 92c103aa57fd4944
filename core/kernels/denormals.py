"""Flushing denormal numbers to zero, for kernels.

Gradients that vanish on their way back through time become denormal numbers, with which processors calculate up to a hundred times slower.
They are worth nothing: the smallest normal float32 is 1e-38. The setting belongs to a thread; who changes it puts it back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils

from core.kernel import inner_kernel, kernel
from core.kernels.vectors import intrinsic

# Flush to zero, and denormals are zero, in the control word of SSE; flush to zero in that of Arm.
_ON_X86, _ON_ARM = 0x8040, 1 << 24
_IS_X86 = llvmlite.binding.get_default_triple().startswith(("x86_64", "i686", "amd64"))
_IS_ARM = llvmlite.binding.get_default_triple().startswith(("aarch64", "arm64"))
_ON = _ON_X86 if _IS_X86 else _ON_ARM if _IS_ARM else 0


def _call(builder: Any, name: str, result: Any, arguments: list[Any]) -> Any:
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


@intrinsic
def control_word(typingctx):  # type: ignore[no-untyped-def]
    """How this thread calculates, as the processor has it."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        if _IS_X86:
            place = cgutils.alloca_once(builder, ir.IntType(32))
            _call(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), [builder.bitcast(place, ir.IntType(8).as_pointer())])
            return builder.zext(builder.load(place), ir.IntType(64))
        if _IS_ARM:
            return _call(builder, "llvm.aarch64.get.fpcr", ir.IntType(64), [])
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(), generate


@intrinsic
def set_control_word(typingctx, word):  # type: ignore[no-untyped-def]
    """Let this thread calculate so from now on."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        if _IS_X86:
            place = cgutils.alloca_once_value(builder, builder.trunc(arguments[0], ir.IntType(32)))
            _call(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), [builder.bitcast(place, ir.IntType(8).as_pointer())])
        elif _IS_ARM:
            _call(builder, "llvm.aarch64.set.fpcr", ir.VoidType(), [arguments[0]])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@inner_kernel
def with_flush(word):  # type: ignore[no-untyped-def]
    """The control word with flushing switched on."""
    return word | _ON


@kernel
def flush_denormals():  # type: ignore[no-untyped-def]
    """Flush denormals of this thread to zero from now on; returns what ``restore_denormals`` needs."""
    before = control_word()
    set_control_word(with_flush(before))
    return before


@kernel
def restore_denormals(before):  # type: ignore[no-untyped-def]
    """Go back to what was before ``flush_denormals``."""
    set_control_word(before)


@contextmanager
def flushed() -> Iterator[None]:
    """Flush denormals of this thread to zero within it."""
    before = flush_denormals()
    try:
        yield
    finally:
        restore_denormals(before)
