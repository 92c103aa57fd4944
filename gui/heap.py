"""How the C library of Linux keeps memory that was freed: as little of it as can be, as runs come and go with large arrays.

By default it makes a heap of its own for each new thread, up to eight a core, and each keeps what was freed in it; and the limit from
which an array gets pages of its own, which go back at once, grows to 32 megabytes with the arrays that are freed.
Other systems need nothing of it.
"""

import ctypes
import sys

# glibc's malloc.h: the names of what mallopt sets.
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
# One for the window's thread, one for all that train: these hold Python's lock where they allocate.
MOST_HEAPS = 2
# Drawings that are as large as a panel stay below it: getting new pages for each frame would take long.
PAGES_OF_THEIR_OWN, KEPT_AT_TOP = 4 * 2**20, 2**20


def settle() -> None:
    """Say so to the C library; before the first thread."""
    library = _library()
    if library is not None:
        for name, value in ((ARENA_MAX, MOST_HEAPS), (MMAP_THRESHOLD, PAGES_OF_THEIR_OWN), (TRIM_THRESHOLD, KEPT_AT_TOP)):
            library.mallopt(name, value)


def give_back() -> None:
    """Let the system have what was freed; takes milliseconds, so not in the window's thread."""
    library = _library()
    if library is not None:
        library.malloc_trim(ctypes.c_size_t(0))


def _library() -> ctypes.CDLL | None:
    """The C library where it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
