"""Calls of one kernel by another through its address: for what a kernel lets others fill in, such as the cell, the loss, the optimizer.

Who calls so is compiled once and serves all of them, and each of them is compiled once for all callers. A kernel is named by its
signature, a tuple of Numba's types that is the same for all that may be filled in; a call must bring exactly these types.
"""

from typing import Any

import numba
from numba import types
from numba.core import cgutils

from core.kernels.vectors import intrinsic

Signature = tuple[Any, ...]


def array(dtype: Any, ndim: int) -> Any:
    """The type of a C-contiguous array."""
    return types.Array(numba.from_dtype(dtype), ndim, "C")


def address_of(function: Any, signature: Signature) -> int:
    """Where the machine code of a kernel for arguments of these types begins; it is compiled, or found on disk, at the first call."""
    if signature not in function.overloads:
        function.compile(signature)
    compiled = function.overloads[signature]
    address: int = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
    return address


def call_pointer(context: Any, builder: Any, pointer: Any, result: Any, kinds: Signature, values: Any) -> Any:
    """Code that calls the kernel at the address ``pointer`` with ``values`` of the types ``kinds``, and gives its result."""
    kind = context.call_conv.get_function_type(result, kinds)
    target = builder.inttoptr(pointer, kind.as_pointer())
    _, returned = context.call_conv.call_function(builder, target, result, kinds, values)
    return context.get_dummy_value() if result is types.none else returned


def _caller(result: Any) -> Any:
    @intrinsic
    def call(typingctx, address, arguments):  # type: ignore[no-untyped-def]
        def generate(context, builder, signature, values):  # type: ignore[no-untyped-def]
            given = cgutils.unpack_tuple(builder, values[1])
            return call_pointer(context, builder, values[0], result, tuple(arguments.types), given)

        return result(types.intp, arguments), generate

    return call


call_kernel = _caller(types.none)
"""``call_kernel(address, arguments)`` with a tuple of arguments."""
call_for_number = _caller(types.float64)
"""The same for kernels that return a float64."""
