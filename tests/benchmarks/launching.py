"""Runs in processes of their own: two side by side, and how long one takes to begin."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import pairwise
from statistics import median
from time import perf_counter

from core.assistant import VARIABLE
from core.settings import Settings
from core.trainer import Trainer
from tests.benchmarks import processes
from tests.benchmarks.measuring import CELLS, Options, Row, one_thread


def measure_pair(options: Options) -> Iterator[Row]:
    """Updates per second of two runs of the adding preset, both added up, next to one run that is alone on one thread."""
    span = 0.1 if options.is_quick else 1.0
    trainers = [Trainer(Settings.preset("adding")) for _ in range(2)]
    for trainer in trainers:
        trainer.train(2)
    command, environment = processes.command("throughput"), os.environ | {VARIABLE: "1"}
    with ThreadPoolExecutor(2) as pool:

        def in_threads(count: int) -> float:
            return sum(pool.map(processes.updates_per_second, trainers[:count], [span] * count))

        with (
            subprocess.Popen(command, cwd=processes.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one,
            subprocess.Popen(command, cwd=processes.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as two,
        ):
            for child in (one, two):
                _answer(child)

            def in_processes(children: list[subprocess.Popen[str]]) -> float:
                for child in children:
                    _ask(child, span)
                return sum(float(_answer(child)) for child in children)

            ways: dict[str, tuple[Callable[[], float], Callable[[], AbstractContextManager[None]]]] = {
                "one alone, 1 thread": (partial(in_processes, [one]), nullcontext),
                "one alone, all threads": (partial(in_threads, 1), nullcontext),
                "two processes, 1 thread each": (partial(in_processes, [one, two]), nullcontext),
                "two threads of a process, 1 thread each": (partial(in_threads, 2), one_thread),
                "two threads of a process, as they come": (partial(in_threads, 2), nullcontext),
            }
            rates: dict[str, list[float]] = {label: [] for label in ways}
            for _ in range(options.effort.rounds):
                for label, (measure, within) in ways.items():
                    with within():
                        rates[label].append(measure())
    alone = median(rates["one alone, 1 thread"])
    for label, values in rates.items():
        yield Row("pair", {"runs": label, "updates/s": median(values), "to one alone": median(values) / alone}, {"updates/s": values})


def _ask(child: "subprocess.Popen[str]", span: float) -> None:
    assert child.stdin is not None
    child.stdin.write(f"{span}\n")
    child.stdin.flush()


def _answer(child: "subprocess.Popen[str]") -> str:
    assert child.stdout is not None
    return child.stdout.readline()


def measure_start(options: Options) -> Iterator[Row]:
    """Seconds of compiling in an empty cache folder and in one that holds another cell, and of a start with all compiled."""
    others = dict(pairwise([*CELLS, CELLS[0]]))
    for cell in options.cells[:1] if options.is_quick else options.cells:
        with tempfile.TemporaryDirectory() as first_folder, tempfile.TemporaryDirectory() as second_folder:
            cold = _compile(cell, first_folder)
            starts = [_first_update(cell, first_folder) for _ in range(options.effort.rounds)]
            _compile(others[cell], second_folder)
            after = _compile(cell, second_folder)
        shown = {
            "cell": cell,
            "cold s": cold,
            "cold after": others[cell],
            "that s": after,
            "warm start s": median(s["all"] for s in starts),
        }
        shown |= {f"of that {key} s": median(each[key] for each in starts) for key in ("imports", "network", "update")}
        yield Row("start", shown, {"starts": starts})


def _compile(cell: str, folder: str) -> float:
    """Seconds that the compiling process takes, as the window starts it."""
    command = [sys.executable, "-m", "core.compile", cell, "adam", "squared_error", "float32"]
    start = perf_counter()
    subprocess.run(command, cwd=processes.ROOT, env=_with_cache(folder), stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - start


def _first_update(cell: str, folder: str) -> dict[str, float]:
    """Seconds until a process that was started reports its first update, and what they went to."""
    start = perf_counter()
    with subprocess.Popen(
        processes.command("first_update", cell), cwd=processes.ROOT, env=_with_cache(folder), stdout=subprocess.PIPE, text=True
    ) as child:
        line = _answer(child)
        taken = perf_counter() - start
    return {"all": taken, **json.loads(line)}


def _with_cache(folder: str) -> dict[str, str]:
    return os.environ | {"RNN_PLAYGROUND_CACHE_DIR": folder}
