"""Remembers what was last read from a file, as long as the file stays the same: live settings ask for it again and again."""

import os
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

Content = TypeVar("Content")
REMEMBERED = 2


def remembered(read: Callable[..., Content]) -> Callable[..., Content]:
    """Decorates ``read(path, …)``, which must return something immutable; the last two results are kept."""

    @lru_cache(maxsize=REMEMBERED)
    def read_again(where: str, stamp: tuple[int, int], path: str, *more: Any) -> Content:
        return read(path, *more)

    @wraps(read)
    def read_once(path: str, *more: Any) -> Content:
        try:
            status = os.stat(os.path.expanduser(path))
        except (OSError, ValueError):
            return read(path, *more)
        return read_again(os.path.abspath(path), (status.st_mtime_ns, status.st_size), path, *more)

    return read_once
