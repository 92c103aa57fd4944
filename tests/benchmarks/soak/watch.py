"""Watches the window's thread: how late it is, what it was doing, how much of that was its own work, and whether it hangs."""

import faulthandler
import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

from tests.benchmarks.soak.report import LONG_WORK_SECONDS, MILLI, STALL_SECONDS, Report, Turn, print_report, share_of

BEAT_MILLISECONDS = 5
SAMPLE_SECONDS = 0.04
HANG_SECONDS = 90.0
LINE_SECONDS = 30.0
SCHEDULE = Path("/proc/thread-self/schedstat")


def queued_seconds() -> float:
    """How long this thread has waited so far for a processor that other threads or programs had; 0 where the system does not tell."""
    try:
        return int(SCHEDULE.read_bytes().split()[1]) / 1e9
    except OSError:
        return 0.0


def megabytes() -> float:
    """Memory of this process now, where the system tells; its most so far elsewhere."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def thread_count() -> int:
    """Threads of this process, those of Qt and of the kernels included; where the system does not tell, Python's."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


class Heart(QObject):
    """A timer of the window's thread that should beat each BEAT_MILLISECONDS; ``action`` says what is being done to the window."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report
        self.action = "start"
        self.last_beat = time.perf_counter()
        self.sample = ""
        # What the person's own search for something to do took since the last beat, and what is not counted as a stall.
        self._apart = (0.0, 0.0, 0.0)
        self._last = self._now()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start(BEAT_MILLISECONDS)

    def stop(self) -> None:
        """No beat follows."""
        self._timer.stop()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is done within is not the window's work."""
        begin = self._now()
        try:
            yield
        finally:
            now, apart = self._now(), self._apart
            self._apart = (apart[0] + now[0] - begin[0], apart[1] + now[1] - begin[1], apart[2] + now[2] - begin[2])

    def forget(self) -> None:
        """What was done since the last beat does not count."""
        self._last, self._apart = self._now(), (0.0, 0.0, 0.0)
        self.last_beat = time.perf_counter()

    @staticmethod
    def _now() -> tuple[float, float, float]:
        return time.perf_counter(), queued_seconds(), time.thread_time()

    def _on_beat(self) -> None:
        now = self._now()
        delay, queued, work = (after - before - apart for after, before, apart in zip(now, self._last, self._apart, strict=True))
        delay = max(0.0, delay - BEAT_MILLISECONDS / MILLI)
        queued = min(max(0.0, queued), delay)
        self.report.delays.append(delay)
        self.report.own_delays.append(delay - queued)
        if delay > STALL_SECONDS or work > LONG_WORK_SECONDS:
            self.report.turns.append(Turn(delay, queued, work, self.action, self.sample or "Qt"))
        self.sample = ""
        self.forget()


class Watch(threading.Thread):
    """Looks from beside at what the window's thread does while it does not beat, tells how it goes, and ends what hangs."""

    def __init__(self, heart: Heart, report: Report, seconds: float) -> None:
        super().__init__(daemon=True, name="watch")
        self._heart, self._report, self._seconds = heart, report, seconds
        self._watched = threading.main_thread().ident or 0
        self._is_over = threading.Event()
        self._begin = self._told = time.perf_counter()

    def end(self) -> None:
        """Nothing is watched any more."""
        self._is_over.set()
        self.join()

    def run(self) -> None:
        while not self._is_over.wait(SAMPLE_SECONDS / 2):
            now = time.perf_counter()
            still = now - self._heart.last_beat
            if still > SAMPLE_SECONDS and not self._heart.sample:
                self._heart.sample = self._stack()
            if now - self._told >= LINE_SECONDS:
                self._told = now
                self._tell(now - self._begin)
            if still > HANG_SECONDS:
                self._give_up(still)

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._watched)
        stack = traceback.extract_stack(frame) if frame is not None else []
        if stack and Path(stack[-1].filename).name in ("pathlib.py", "watch.py"):
            # It has just come back to count: what it did before is not to be seen any more.
            return ""
        own = [f"{Path(line.filename).name}:{line.lineno} {line.name}" for line in stack if "soak" not in Path(line.filename).parts]
        return " < ".join(reversed([line for line in own if not line.startswith("<frozen")][-6:]))

    def _tell(self, at: float) -> None:
        report = self._report
        p99, worst = (MILLI * share_of(report.own_delays, share) for share in (0.99, 1.0))
        clock = MILLI * share_of(report.delays, 1.0)
        wrong = f"{report.errors.total()} errors, {report.words.total()} words of Qt, {report.leaks.total()} left over"
        stalls = f"stalls p99 {p99:.0f}, longest {worst:.0f} ms (by the clock {clock:.0f})"
        machine = f"{megabytes():.0f} MB  {thread_count()} threads  load {os.getloadavg()[0]:.1f}"
        print(f"{at / 60:5.1f} min  {report.actions.total():5} actions  {stalls}  {machine}  {wrong}  {self._heart.action}", flush=True)

    def _give_up(self, still: float) -> None:
        print(f"The window's thread has not answered for {still:.0f} s, in {self._heart.action}. All threads:", flush=True)
        faulthandler.dump_traceback(sys.stdout, all_threads=True)
        self._report.errors[f"hung in {self._heart.action}"] += 1
        print_report(self._report, self._seconds)
        # Nothing of a process that hangs can be ended in order.
        os._exit(1)
