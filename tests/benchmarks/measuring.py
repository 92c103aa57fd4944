"""What all measurements of speed share: rows of tables, interleaved rounds of timing, statistics, and facts about the machine."""

import importlib.metadata
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from math import ceil, exp, log
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

import llvmlite.binding

from core.assistant import VARIABLE, core_count
from core.kernels.instruction_set import instruction_set
from core.settings import Settings
from core.trainer import Trainer

CPU_INFO = Path("/proc/cpuinfo")
PACKAGES = ("numba", "llvmlite", "numpy", "torch", "jax")
MICRO, KIBI = 1e6, 2**10
CELLS = ("lstm", "gru", "rnn")
INPUT_SIZE = 2
"""Of the adding task: value and mark."""


class Shape(NamedTuple):
    """H units, B sequences in a batch, T steps."""

    units: int
    batch_size: int
    seq_len: int


@dataclass(frozen=True)
class Row:
    """A line of ``table``: what is shown, by the heading of its column, and what only the JSON file holds."""

    table: str
    shown: dict[str, Any]
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effort:
    """How many rounds are timed, and how many seconds each takes at least."""

    rounds: int
    seconds: float


FULL, QUICK = Effort(5, 0.05), Effort(2, 0.01)


@dataclass(frozen=True)
class Options:
    """What a part may know: the cells to measure, how long to measure, and whether to leave out most rows."""

    cells: tuple[str, ...] = CELLS
    effort: Effort = FULL
    is_quick: bool = False


@dataclass(frozen=True)
class Contender:
    """Something to time.

    Attributes
    ----------
    run : does that many updates and waits for their end
    within : the context that it runs in, made anew for every round
    multiple : rounds are multiples of so many updates, so that what is done once in so many is part of every round
    """

    run: Callable[[int], object]
    within: Callable[[], AbstractContextManager[object]] = nullcontext
    multiple: int = 1


def adding(shape: Shape, changes: dict[str, Any] | None = None) -> Settings:
    """A run on the adding task: LSTM, float32, Adam with rate 0.001, gradients clipped at the norm 1; then ``changes`` by dotted keys."""
    settings = Settings.from_dict(
        {
            "task": {"name": "adding", "seq_len": shape.seq_len},
            "network": {"cell": "lstm", "hidden_size": shape.units},
            "training": {"optimizer": "adam", "learning_rate": 1e-3, "clip_norm": 1.0, "batch_size": shape.batch_size, "dtype": "float32"},
        }
    )
    return settings.with_changes(changes or {})


def contender_of(trainer: Trainer, within: Callable[[], AbstractContextManager[object]] = nullcontext) -> Contender:
    """A run of the program; making the data, which is drawn for many updates at once, is part of every round."""
    return Contender(trainer.train, within, trainer.draws.source.chunk().updates)


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it runs of this process, and processes that it starts, train with one thread each."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def thread_count(trainer: Trainer) -> int:
    """How many threads ``trainer``, which has trained before, works with while it runs alone."""
    fast = trainer._fast
    return 1 if fast is None else min(fast._sizes.part_count, core_count())


def seconds(run: Callable[[int], object], count: int) -> float:
    """How long ``count`` updates take."""
    start = perf_counter()
    run(count)
    return perf_counter() - start


def rounds(contenders: dict[str, Contender], effort: Effort) -> dict[str, list[float]]:
    """Seconds per update in every round, by contender; in each round all take their turn, so that a busy minute meets all of them."""
    counts = {}
    for name, each in contenders.items():
        with each.within():
            each.run(2)
            count = 1
            while (taken := seconds(each.run, count)) < effort.seconds / 4:
                count *= 2
        counts[name] = each.multiple * max(1, ceil(count * effort.seconds / taken / each.multiple))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(effort.rounds):
        for name, each in contenders.items():
            with each.within():
                # Brings its arrays back to the cache, and wakes its threads.
                each.run(1)
                times[name].append(seconds(each.run, counts[name]) / counts[name])
    return times


def medians(times: dict[str, list[float]]) -> dict[str, float]:
    """The median of each list."""
    return {name: median(values) for name, values in times.items()}


def geometric_mean(values: Sequence[float]) -> float:
    """The factor that stands for them all; NaN where there are none."""
    return exp(sum(log(value) for value in values) / len(values)) if values else float("nan")


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """p of value ~ size^p, from the first and the last point."""
    return log(values[-1] / values[0]) / log(sizes[-1] / sizes[0])


def machine() -> dict[str, Any]:
    """What numbers depend on; None for a package that is not there."""
    return {
        "cpu": _cpu_name(),
        "cpu_of_compiler": llvmlite.binding.get_host_cpu_name(),
        "instruction_set": instruction_set(),
        "cores": core_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _cpu_name() -> str:
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def markdown(rows: Sequence[Row]) -> str:
    """A table for each name in ``rows``; its columns are those of all its rows, empty where a row has none."""
    parts = []
    for table in dict.fromkeys(row.table for row in rows):
        mine = [row.shown for row in rows if row.table == table]
        columns = list(dict.fromkeys(column for shown in mine for column in shown))
        lines = [columns, *([_text(shown.get(column)) for column in columns] for shown in mine)]
        heading, *body = ["| " + " | ".join(line) + " |" for line in lines]
        parts += [f"## {table}", "", heading, "|" + "---|" * len(columns), *body, ""]
    return "\n".join(parts)


def _text(value: Any) -> str:
    """Three digits of a number, all of those before the point."""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "" if value is None else str(value)
