"""The pace of a race: by updates no run gets ahead of the slowest one by more than that one does in a moment.

Threads meet here. A run that must wait blocks on its own queue of commands, and is woken when the slowest one has come nearer:
nothing sleeps, nothing polls, and the window's thread is not asked.
"""

import math
import threading
from collections.abc import Callable

# After so many updates every run is looked into, so that its early gradient can be compared with that of others.
EARLY_UPDATE = 100


class Pace:
    """How far each run may go. ``is_even``: by updates; otherwise each runs as fast as it can."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_even = True
        self._steps: dict[int, int] = {}
        self._chunks: dict[int, int] = {}
        self._waiting: dict[int, Callable[[], None]] = {}

    @property
    def is_even(self) -> bool:
        """Whether the runs keep step."""
        return self._is_even

    def set_even(self, is_even: bool) -> None:
        """Hold the runs to the slowest one, or let them run."""
        with self._lock:
            self._is_even = is_even
            self._wake()

    def enter(self, run_id: int, step: int) -> None:
        """A run trains from now on, from update ``step``."""
        with self._lock:
            self._steps[run_id] = step
            self._chunks[run_id] = 1
            self._wake()

    def leave(self, run_id: int) -> None:
        """A run trains no longer: nobody waits for it."""
        with self._lock:
            for known in (self._steps, self._chunks, self._waiting):
                known.pop(run_id, None)
            self._wake()

    def note(self, run_id: int, step: int, chunk: int) -> None:
        """A run stands at update ``step`` after a chunk of ``chunk`` updates."""
        with self._lock:
            if run_id in self._steps:
                self._steps[run_id], self._chunks[run_id] = step, max(1, chunk)
                self._wake()

    def updates_left(self, run_id: int, step: int) -> float:
        """Updates that a run at ``step`` may do now."""
        with self._lock:
            return self._left(run_id, step)

    def wait_in_line(self, run_id: int, step: int, wake: Callable[[], None]) -> bool:
        """Whether a run must wait now; ``wake`` is then called once, from any thread, when it may go on."""
        with self._lock:
            if self._left(run_id, step) > 0:
                return False
            self._waiting[run_id] = wake
            return True

    def _left(self, run_id: int, step: int) -> float:
        others = {other: done for other, done in self._steps.items() if other != run_id}
        if not self._is_even or not others:
            return math.inf
        slowest = min(others, key=lambda other: others[other])
        # As far ahead as the slowest one does in a chunk: neither waits for the other longer than that.
        return others[slowest] + self._chunks[slowest] - step

    def _wake(self) -> None:
        for run_id in list(self._waiting):
            if run_id not in self._steps or self._left(run_id, self._steps[run_id]) > 0:
                self._waiting.pop(run_id)()
