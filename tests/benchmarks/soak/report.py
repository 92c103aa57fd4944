"""What was seen, and what it means."""

import traceback
from array import array
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType

MILLI = 1e3
STALL_SECONDS, P99_SECONDS = 0.1, 0.05
# What is told of even where it is no stall yet: the window's own work in one turn of its loop.
LONG_WORK_SECONDS = 0.05
MOST_TURNS_TOLD = 25
WARM_UP_SHARE = 0.2
MOST_GROWTH_MEGABYTES = 60.0
# In a shorter run each task's data are read for the first time: that memory grows says nothing then.
LEAST_SECONDS_FOR_GROWTH = 600.0


@dataclass(frozen=True)
class Turn:
    """A long turn of the window's loop: seconds by the clock, of those waiting for a processor that others had, and at work itself."""

    delay: float
    queued: float
    work: float
    action: str
    stack: str

    @property
    def own(self) -> float:
        """The stall without what other programs on the machine add to it."""
        return self.delay - self.queued


@dataclass
class Report:
    """Counts and lists; ``leaks`` is what was left over after a window was closed, ``memory_closed`` the megabytes of the process then."""

    errors: Counter[str] = field(default_factory=Counter)
    details: dict[str, str] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    leaks: Counter[str] = field(default_factory=Counter)
    delays: "array[float]" = field(default_factory=lambda: array("f"))
    own_delays: "array[float]" = field(default_factory=lambda: array("f"))
    turns: list[Turn] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    touched: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    closings: dict[str, list[float]] = field(default_factory=dict)
    openings: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    memory_closed: list[float] = field(default_factory=list)

    def note_error(self, kind: str, error: BaseException, trace: TracebackType | None, action: str) -> None:
        """An exception that nobody caught."""
        name = f"{kind}: {type(error).__name__}: {error}"
        self.errors[name] += 1
        self.details.setdefault(name, f"in {action}\n" + "".join(traceback.format_exception(type(error), error, trace)))

    def note_words(self, words: str, action: str) -> None:
        """Something that Qt said."""
        self.words[words] += 1
        self.details.setdefault(words, f"in {action}")

    def forget_start(self) -> None:
        """What it took to begin is not what the window is like to work with."""
        del self.delays[:], self.own_delays[:]
        self.turns.clear()

    @property
    def stalls(self) -> list[Turn]:
        """Turns that a person would notice on a machine of their own."""
        return [turn for turn in self.turns if turn.own > STALL_SECONDS]

    @property
    def growth(self) -> float:
        """Megabytes from the first to the last quarter of what comes after the warm-up."""
        end = self.memory[-1][0] if self.memory else 0.0
        warm = [megabytes for at, megabytes in self.memory if at >= WARM_UP_SHARE * end] or [0.0]
        quarter = max(1, len(warm) // 4)
        return sum(warm[-quarter:]) / quarter - sum(warm[:quarter]) / quarter


def share_of(delays: "array[float]", share: float) -> float:
    """The delay in seconds that so large a share stays below."""
    ordered = sorted(delays) or [0.0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def faults(report: Report, seconds: float) -> list[str]:
    """What keeps the window from being sound; empty where it is."""
    found = []
    if report.errors:
        found.append(f"{report.errors.total()} errors")
    if report.words:
        found.append(f"{report.words.total()} words of Qt")
    if report.leaks:
        found.append(f"left over: {', '.join(report.leaks)}")
    if report.stalls:
        found.append(f"{len(report.stalls)} stalls over {MILLI * STALL_SECONDS:.0f} ms")
    if share_of(report.own_delays, 0.99) > P99_SECONDS:
        found.append(f"p99 of the stalls over {MILLI * P99_SECONDS:.0f} ms")
    if seconds >= LEAST_SECONDS_FOR_GROWTH and report.growth > MOST_GROWTH_MEGABYTES:
        found.append(f"memory grows by {report.growth:.0f} MB")
    return found


def print_report(report: Report, seconds: float) -> int:
    """Print everything, the verdict last; returns the exit code."""
    print("| what | value |\n| --- | --- |")
    print(f"| actions | {report.actions.total()} |")
    print(f"| controls touched, of those seen | {len(report.touched)}, {len(report.seen)} |")
    for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("longest", 1.0)):
        clock, own = (MILLI * share_of(delays, share) for delays in (report.delays, report.own_delays))
        print(f"| delay of the window's thread, {name}: by the clock, without other programs | {clock:.1f}, {own:.1f} ms |")
    clocked = sum(turn.delay > STALL_SECONDS for turn in report.turns)
    print(f"| stalls over {MILLI * STALL_SECONDS:.0f} ms: by the clock, without other programs | {clocked}, {len(report.stalls)} |")
    if report.memory:
        print(f"| memory at the start, at the end, growth after warm-up | {report.memory[0][1]:.0f}, {report.memory[-1][1]:.0f}, ", end="")
        print(f"{report.growth:.0f} MB |")
    if report.memory_closed:
        print(f"| memory each time that no window was there | {', '.join(f'{each:.0f}' for each in report.memory_closed)} MB |")
    if report.openings:
        print(f"| windows opened, the slowest in | {len(report.openings)}, {max(report.openings):.1f} s |")
    for state, taken in sorted(report.closings.items()):
        print(f"| closed while {state}, the slowest in | {len(taken)}, {max(taken):.1f} s |")
    for name, count in sorted(report.actions.items()):
        print(f"| {name} | {count} |")
    for missed in sorted(report.seen - set(report.touched)):
        print(f"never touched: {missed}")
    for turn in sorted(report.turns, key=lambda turn: max(turn.work, turn.own), reverse=True)[:MOST_TURNS_TOLD]:
        print(
            f"{MILLI * turn.delay:.0f} ms, {MILLI * turn.queued:.0f} ms of them behind other programs, {MILLI * turn.work:.0f} ms at work, "
            f"in {turn.action}: {turn.stack}"
        )
    for text, count in [*report.errors.items(), *report.words.items(), *report.leaks.items()]:
        print(f"{count} × {text}")
    for name, detail in report.details.items():
        print(f"--- {name}\n{detail}")
    found = faults(report, seconds)
    print(f"NOT SOUND: {'; '.join(found)}" if found else "sound", flush=True)
    return int(bool(found))
