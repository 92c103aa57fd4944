"""A clock for kernels, in ticks of no particular length: only their ratios mean something."""

from typing import Any

import llvmlite.binding
from llvmlite import ir
from numba import types
from numba.core import cgutils

from core.kernels.vectors import intrinsic

_WORD = ir.IntType(64)


@intrinsic
def ticks(typingctx):  # type: ignore[no-untyped-def]
    """The ticks so far, alike for all threads; always 0 where the processor has no such counter that programs may read."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return read_counter(builder, llvmlite.binding.get_default_triple())

    return types.int64(), generate


def read_counter(builder: Any, triple: str) -> ir.Value:
    """The code that reads the counter of processors like ``triple``."""
    module = builder.module
    if triple.startswith(("x86_64", "i686", "amd64")):
        read = cgutils.get_or_insert_function(module, ir.FunctionType(_WORD, []), "llvm.readcyclecounter")
        return builder.call(read, [])
    if triple.startswith(("aarch64", "arm64")):
        # Not the counter of cycles, which systems keep to themselves; and not as assembly, which Numba's compiler can't read.
        kind = ir.FunctionType(_WORD, [ir.MetaDataType()])
        read = cgutils.get_or_insert_function(module, kind, "llvm.read_volatile_register.i64")
        return builder.call(read, [module.add_metadata([ir.MetaDataString(module, "cntvct_el0")])])
    return ir.Constant(_WORD, 0)
