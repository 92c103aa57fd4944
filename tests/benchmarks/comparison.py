"""Time per update next to PyTorch, JAX, and the fastest matrix products of the machine."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from core.trainer import Trainer
from tests.benchmarks import processes
from tests.benchmarks.anchors import anchors
from tests.benchmarks.measuring import (
    INPUT_SIZE,
    MICRO,
    Effort,
    Options,
    Row,
    Shape,
    adding,
    contender_of,
    geometric_mean,
    medians,
    rounds,
    thread_count,
)

SHAPES = tuple(
    Shape(*sizes)
    for sizes in (
        (8, 1, 20),
        (16, 16, 25),
        (32, 1, 200),
        (32, 32, 50),
        (32, 128, 28),
        (64, 32, 100),
        (64, 64, 500),
        (128, 64, 100),
        (256, 64, 100),
    )
)
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
# By cell: what is trained, and whether the anchors calculate the same.
VARIANTS: dict[str, tuple[tuple[str, dict[str, Any], bool], ...]] = {
    "lstm": (("lstm", {}, True),),
    "gru": (("gru", {"network.reset_after": True}, True), ("gru, reset before", {"network.reset_after": False}, False)),
    "rnn": (("rnn", {}, True),),
}


def flops(cell: str, shape: Shape) -> int:
    """Of the products of an update: a multiply and an add for each weight, step and sequence, forward and twice as many back."""
    columns = GATES[cell] * shape.units
    return 2 * 3 * shape.batch_size * shape.seq_len * columns * (shape.units + INPUT_SIZE + 1)


@cache
def gemm_peaks(effort: Effort) -> list[dict[str, Any]]:
    """Of a process that NumPy's library of products may not start threads in."""
    peaks: list[dict[str, Any]] = processes.measured("peak", effort.rounds, effort.seconds, **processes.ONE_THREAD)
    return peaks


def measure_anchors(options: Options) -> Iterator[Row]:
    """Time per update of ours, PyTorch's and JAX's; the ratio is the best of theirs divided by ours: more than 1 where ours is faster."""
    name = "anchors"
    ratios: dict[str, list[float]] = {}
    best_rates: dict[int, float] = {}
    for each in gemm_peaks(options.effort):
        best_rates[each["threads"]] = max(best_rates.get(each["threads"], 0.0), each["GFLOP/s"])
    for cell in options.cells:
        for shape in SHAPES[:4:3] if options.is_quick else SHAPES:
            trainers = {label: Trainer(adding(shape, {"network.cell": cell, **changes})) for label, changes, _ in VARIANTS[cell]}
            theirs = anchors(cell, shape)
            all_times = rounds({label: contender_of(each) for label, each in trainers.items()} | theirs, options.effort)
            times = medians(all_times)
            best = min(theirs, key=lambda anchor: times[anchor])
            for label, trainer in trainers.items():
                ratio, rate, threads = times[best] / times[label], flops(cell, shape) / times[label] / 1e9, thread_count(trainer)
                ratios.setdefault(label, []).append(ratio)
                shown = {"cell": label, "H": shape.units, "B": shape.batch_size, "T": shape.seq_len, "ours µs": MICRO * times[label]}
                shown |= {f"{anchor} µs": MICRO * times[anchor] for anchor in theirs}
                shown |= {"best anchor": best, "ratio": ratio, "GFLOP/s": rate, "threads": threads}
                shown |= {"% of the peak of as many threads": 100 * rate / best_rates[threads]}
                yield Row(name, shown, {"seconds": {key: all_times[key] for key in (label, *theirs)}})
    for label, of_cell in ratios.items():
        yield Row(name, {"cell": f"{label}: geometric mean", "ratio": geometric_mean(of_cell)})
    same = [label for cell in options.cells for label, _, is_same in VARIANTS[cell] if is_same]
    overall = geometric_mean([ratio for label in same for ratio in ratios[label]])
    yield Row(name, {"cell": f"geometric mean of {', '.join(same)}", "ratio": overall})


def measure_peak(options: Options) -> Iterator[Row]:
    """The fastest products, by one thread and by two that each multiply their own matrices."""
    for each in gemm_peaks(options.effort):
        yield Row("peak", {key: value for key, value in each.items() if key != "by size"}, {"by size": each["by size"]})
