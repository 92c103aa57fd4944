"""How fast training is, and next to what. Run by hand: python -m tests.benchmarks.speed [PART …] [--quick] [--cells …] [--json FILE].

anchors    time per update against PyTorch and JAX, on the adding task
peak       the fastest float32 matrix product of this machine
growth     how time and memory grow with T, B and H
vanishing  the same network with gradients that vanish and that do not: denormal numbers must cost nothing
probe      what recording displayed frames costs
pair       two runs side by side
start      compiling, and the time until the first update

Tables are printed as Markdown, with progress on the error stream; FILE takes all numbers, those of single rounds included, and is
written anew after every part. Nothing else should run meanwhile.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from math import ceil
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from core.settings import Settings
from core.trainer import Trainer
from gui.look_budget import PREDICTION_SECONDS, PREDICTION_SHARE, TRACE_SHARE, LookBudget
from tests.benchmarks import processes
from tests.benchmarks.anchors import missing
from tests.benchmarks.comparison import measure_anchors, measure_peak
from tests.benchmarks.launching import measure_pair, measure_start
from tests.benchmarks.measuring import (
    CELLS,
    FULL,
    KIBI,
    MICRO,
    QUICK,
    Options,
    Row,
    Shape,
    adding,
    contender_of,
    exponent,
    machine,
    markdown,
    medians,
    one_thread,
    rounds,
    seconds,
    thread_count,
)

# The shape that others are compared with.
MIDDLE = Shape(32, 32, 50)
GROWING = {"seq_len": (10, 30, 100, 300, 1000), "batch_size": (1, 2, 4, 8, 16, 32, 64, 128, 256), "units": (8, 16, 32, 64, 128, 256)}
LETTERS = {"seq_len": "T", "batch_size": "B", "units": "H"}
# Weights that keep the gradient of 500 steps alive, by cell; and those that let it fade.
LASTING: dict[str, dict[str, Any]] = {"lstm": {"network.forget_bias": 6.0}, "rnn": {"network.init": "orthogonal"}}
FADING = {"network.init_scale": 0.01}
FAINT = 1e-37
FRAME = 1 / 30


def measure_growth(options: Options) -> Iterator[Row]:
    """Time per update and bytes of the workspace as one size grows, LSTM; then what a long run adds to the memory."""
    for size, values in GROWING.items():
        table, numbers = f"growth with {LETTERS[size]}", values[:: len(values) - 1] if options.is_quick else values
        points: list[dict[str, float]] = []
        for number in numbers:
            trainer = Trainer(adding(MIDDLE._replace(**{size: number})))
            contenders = {"one": contender_of(trainer, one_thread), "all": contender_of(trainer)}
            all_times = rounds(contenders, options.effort)
            points.append({**medians(all_times), "bytes": workspace_bytes(trainer)})
            shown = _growth_row(LETTERS[size], number, MICRO * points[-1]["one"], MICRO * points[-1]["all"], points[-1]["bytes"] / KIBI)
            yield Row(table, {**shown, "threads of all": thread_count(trainer)}, {"seconds": all_times})
        yield Row(table, _growth_row(LETTERS[size], "exponent", *(exponent(numbers, [p[key] for p in points]) for key in points[0])))
    updates = 200 if options.is_quick else 2000
    grown = processes.measured("memory", updates)
    shown = {"updates": updates, **{f"{key} KiB": value for key, value in grown.items()}}
    yield Row("growth of memory in a run", {**shown, "losses KiB": 8 * updates / KIBI})


def _growth_row(letter: str, number: Any, one: float, all_threads: float, size: float) -> dict[str, Any]:
    return {letter: number, "µs, 1 thread": one, "µs, all threads": all_threads, "workspace KiB": size}


def workspace_bytes(trainer: Trainer) -> int:
    """Of all arrays that the kernels of a run work in, weights and data apart; the run has trained before."""
    work = trainer._fast._work if trainer._fast is not None else None
    return sum(array.nbytes for array in work) if work is not None else 0


def measure_vanishing(options: Options) -> Iterator[Row]:
    """500 steps with small weights, with those that a run starts from, and with weights that keep the gradient alive: all as fast."""
    shape = MIDDLE._replace(seq_len=500)
    for cell, lasting in LASTING.items():
        starts = {"lasting": lasting, "default": {}, "scaled by 0.01": FADING}
        # So slow that they stay what they are.
        common = {"network.cell": cell, "training.learning_rate": 1e-6}
        trainers = {label: Trainer(adding(shape, {**common, **changes})) for label, changes in starts.items()}
        all_times = rounds({label: contender_of(each) for label, each in trainers.items()}, options.effort)
        times = medians(all_times)
        for label, trainer in trainers.items():
            trace = trainer.snapshot(has_prediction=False).trace
            assert trace is not None
            layer = trace.layers[0]
            norms = layer.gradient_h if layer.gradient_c is None else layer.gradient_c
            shown = {"cell": cell, "weights": label, "steps with a gradient below 1e-37, %": 100 * float((norms < FAINT).mean())}
            shown |= {"µs": MICRO * times[label], "to lasting": times[label] / times["lasting"]}
            yield Row("vanishing", shown, {"seconds": all_times[label]})


def measure_probe(options: Options) -> Iterator[Row]:
    """What looking into a run costs it: with every frame, and as the window does, which keeps to a budget and predicts less often."""
    trainer = Trainer(Settings.preset("adding"))
    time_of_update = min(rounds({"": contender_of(trainer)}, options.effort)[""])
    count = ceil(FRAME / time_of_update)
    frames = 3 if options.is_quick else 150
    trainer.snapshot()
    always = LookBudget(1.0)
    for label, every_prediction, of_trace, of_prediction in (
        ("gates and gradients in every frame", float("inf"), always, always),
        ("and the prediction in every frame", 0.0, always, always),
        ("as the window does", PREDICTION_SECONDS, LookBudget(TRACE_SHARE), LookBudget(PREDICTION_SHARE)),
    ):
        training, looks, predicted = 0.0, [], -PREDICTION_SECONDS
        for _ in range(frames):
            training += seconds(trainer.train, count)
            now = perf_counter()
            has_prediction = now - predicted >= every_prediction and of_prediction.may_look(now)
            if of_trace.may_look(now) or has_prediction:
                trainer.snapshot(0, True, has_prediction)
                end = perf_counter()
                looks.append(end - now)
                (of_prediction if has_prediction else of_trace).note_look(end - now, end)
                predicted = end if has_prediction else predicted
        total = training + sum(looks)
        shown = {"looks": label, "updates/s without": frames * count / training, "looks/s": len(looks) / total}
        yield Row("probe", {**shown, "ms a look": 1e3 * median(looks), "share of the time, %": 100 * sum(looks) / total}, {"looks": looks})


PARTS: dict[str, Callable[[Options], Iterator[Row]]] = {
    "anchors": measure_anchors,
    "peak": measure_peak,
    "growth": measure_growth,
    "vanishing": measure_vanishing,
    "probe": measure_probe,
    "pair": measure_pair,
    "start": measure_start,
}


def main(arguments: list[str]) -> int:
    """Measure the parts asked for, all of them if none is named."""
    parser = argparse.ArgumentParser(prog="speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; none: all")
    parser.add_argument("--quick", action="store_true", help="few rows and short rounds: whether it runs, not how fast")
    parser.add_argument("--cells", default=",".join(CELLS), help=f"of anchors and start, any of {','.join(CELLS)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="takes all numbers")
    options = parser.parse_args(arguments)
    cells = tuple(dict.fromkeys(options.cells.split(",")))
    unknown = [name for name in options.parts if name not in PARTS] + [cell for cell in cells if cell not in CELLS]
    if unknown:
        parser.error(f"no {unknown[0]!r}: there are the parts {', '.join(PARTS)} and the cells {', '.join(CELLS)}")
    names = list(dict.fromkeys(options.parts)) or list(PARTS)
    if "anchors" in names and not _has_anchors():
        return 2
    chosen, facts, found = Options(cells, QUICK if options.quick else FULL, options.quick), machine(), {}
    for name in names:
        rows = []
        for row in PARTS[name](chosen):
            rows.append(row)
            print(f"{row.table}: {' '.join(map(str, row.shown.values()))}", file=sys.stderr, flush=True)
        print(markdown(rows), flush=True)
        found[name] = {"machine": facts, "is_quick": options.quick, "rows": [asdict(row) for row in rows]}
        if options.json is not None:
            options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def _has_anchors() -> bool:
    """Whether there is one; says what is missing."""
    absent = missing()
    for package in absent:
        print(f"{package} is not installed: its columns are left out", file=sys.stderr)
    if len(absent) == 2:
        print("anchors needs PyTorch or JAX: pip install torch jax, or name the other parts", file=sys.stderr)
    return len(absent) < 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
