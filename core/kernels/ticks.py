"""A clock for kernels, in ticks of no particular length: only their ratios mean something."""

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils

from core.kernels.vectors import intrinsic

_TICKS = ir.FunctionType(ir.IntType(64), [])


@intrinsic
def ticks(typingctx):  # type: ignore[no-untyped-def]
    """The ticks so far, alike for all threads; always 0 where the processor has no such counter that programs may read."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        triple = llvmlite.binding.get_default_triple()
        if triple.startswith(("x86_64", "i686", "amd64")):
            return builder.call(cgutils.get_or_insert_function(builder.module, _TICKS, "llvm.readcyclecounter"), [])
        if triple.startswith(("aarch64", "arm64")):
            # Not the counter of cycles, which systems keep to themselves.
            return builder.asm(_TICKS, "mrs $0, cntvct_el0", "=r", [], side_effect=True)
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(), generate
