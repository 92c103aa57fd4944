"""A second thread for kernels, where there is a core for it.

There is one for the whole process, and only a run that trains alone gets it: several runs side by side use a core each.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

VARIABLE = "RNN_PLAYGROUND_THREADS"

Start = Callable[..., "Future[Any]"]
"""``start(function, *arguments)`` lets the other thread do it, and gives what waits for its end."""

_lock = threading.Lock()
_training = 0
_executor: ThreadPoolExecutor | None = None


def core_count() -> int:
    """Cores that this process may use; the environment variable RNN_PLAYGROUND_THREADS = 1 says one."""
    if os.environ.get(VARIABLE) == "1":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def assistance() -> Iterator[Start | None]:
    """Within it a run trains; gives ``start`` where the second thread is free for it, else None."""
    global _training
    start, is_counted = None, False
    try:
        with _lock:
            _training, is_counted = _training + 1, True
            if _training == 1 and core_count() > 1:
                start = _start()
        yield start
    finally:
        with _lock:
            _training -= is_counted


def _start() -> Start:
    global _executor
    _executor = _executor or ThreadPoolExecutor(1, thread_name_prefix="kernel-assistant")
    return _executor.submit


def _forget() -> None:
    """A forked process has none of the threads of its parent."""
    global _lock, _training, _executor
    _lock, _training, _executor = threading.Lock(), 0, None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
