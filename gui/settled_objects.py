"""What a start leaves behind stays for good: Python's collector of garbage need not look at it again and again.

Modules, kernels and widgets are some hundred thousand objects. To look through all of them takes 80 ms, in whichever thread it falls, and
with Python's lock held: the window would stand still for as long.
"""

import gc

_is_settled = False


def settle() -> None:
    """Leave all that is there now out of future collections; once a window, when its first run has begun to train."""
    global _is_settled
    if not _is_settled:
        _is_settled = True
        gc.freeze()


def unsettle() -> None:
    """The window has been closed: what it leaves may be garbage."""
    global _is_settled
    if _is_settled:
        _is_settled = False
        gc.unfreeze()
