"""Gives memory that was freed back to the system.

The C library of most Linux systems keeps a heap for each of many threads, and what ends in one is only reused there: a process that
has begun and ended dozens of runs would hold several times what it uses.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


@cache
def _trim() -> Callable[[int], int] | None:
    """``malloc_trim`` of the C library; None where there is none."""
    if sys.platform != "linux":
        return None
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


def give_back() -> bool:
    """Give back what no thread uses; returns whether there was any. Holds up who calls it, so it is called by a thread that ends."""
    trim = _trim()
    return trim is not None and bool(trim(0))
