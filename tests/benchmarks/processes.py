"""Measurements that need a process of their own: python -m tests.benchmarks.processes NAME [ARGUMENT …] prints a line of JSON.

Threads of NumPy's products are limited when it is imported, a peak of memory is that of the whole process, and a start is one.
The imports therefore stand in the functions.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
# Rows, inner size and columns of the products that are tried: some fit the first cache, some the second.
PRODUCTS = ((96, 64, 64), (192, 192, 64), (192, 192, 256), (384, 192, 512), (768, 768, 768))
KIBIBYTE = 2**10
STATUS = Path("/proc/self/status")


def command(name: str, *arguments: object) -> list[str]:
    """What starts measurement ``name``."""
    return [sys.executable, "-m", "tests.benchmarks.processes", name, *map(str, arguments)]


def measured(name: str, *arguments: object, **environment: str) -> Any:
    """What measurement ``name`` says, in a process with more in its environment."""
    done = subprocess.run(command(name, *arguments), cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def peak(rounds: str, seconds: str) -> list[dict[str, Any]]:
    """The fastest float32 product of NumPy and of our kernel, by one thread and by two with data of their own, in GFLOP/s."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    import numpy as np

    from core.kernels.layer_weights import aligned_zeros, make_panels, pack_layer
    from core.kernels.matrix_products import product_kernel

    rng = np.random.default_rng(0)

    def numbers(rows: int, columns: int) -> np.ndarray:
        array = aligned_zeros((rows, columns), np.dtype(np.float32))
        array[:] = rng.standard_normal(array.shape)
        return array

    def numpy_product(rows: int, inner: int, columns: int) -> Any:
        a, weights, out = numbers(rows, inner), numbers(inner, columns), numbers(rows, columns)
        return lambda: np.matmul(a, weights, out=out)

    def own_product(rows: int, inner: int, columns: int) -> Any:
        a, weights, out = numbers(rows, inner), numbers(inner, columns), numbers(rows, columns)
        panels, back_panels = make_panels(inner, columns, inner, np.dtype(np.float32))
        pack_layer(weights, inner, panels, back_panels)
        product_kernel(a, panels, 0, inner, 0, columns, out, 0, False)
        np.testing.assert_allclose(out, a @ weights, atol=1e-3)
        return lambda: product_kernel(a, panels, 0, inner, 0, columns, out, 0, False)

    def repeat(product: Any, count: int, barrier: Barrier) -> tuple[float, float]:
        barrier.wait()
        start = perf_counter()
        for _ in range(count):
            product()
        return start, perf_counter()

    found = []
    for name, make in (("NumPy", numpy_product), ("ours", own_product)):
        for threads in (1, 2):
            rates: dict[tuple[int, int, int], float] = {}
            for size in PRODUCTS:
                products = [make(*size) for _ in range(threads)]
                work = 2 * size[0] * size[1] * size[2]
                # As if at 50 GFLOP/s; only the length of a round depends on it.
                count = max(1, int(float(seconds) * 50e9 / work))
                with ThreadPoolExecutor(threads) as pool:
                    for _ in range(1 + int(rounds)):
                        barrier = Barrier(threads)
                        spans = list(pool.map(repeat, products, [count] * threads, [barrier] * threads))
                        taken = max(end for _start, end in spans) - min(start for start, _end in spans)
                        rates[size] = max(rates.get(size, 0.0), threads * count * work / taken / 1e9)
            best = max(rates, key=lambda size: rates[size])
            sizes = {"×".join(map(str, size)): rate for size, rate in rates.items()}
            found.append({"product": name, "threads": threads, "GFLOP/s": rates[best], "of": "×".join(map(str, best)), "by size": sizes})
    return found


def peak_resident() -> float:
    """The most memory that this process ever had, KiB."""
    if STATUS.exists():
        # What getrusage says begins with the peak of the process that started this one.
        return float(next(line.split()[1] for line in STATUS.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:")))
    import resource

    # Bytes on macOS, KiB elsewhere.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (KIBIBYTE if sys.platform == "darwin" else 1)


def memory(updates: str) -> dict[str, float]:
    """What the memory of a process grows by over ``updates`` updates of the adding preset, KiB.

    ``resident``: the most that the process ever had; ``kept``: what Python and NumPy hold more of after as many again, of which 8
    bytes an update are the losses, and some more where their array has room to grow; ``passing``: the most that they held meanwhile.
    """
    import tracemalloc

    from core.settings import Settings
    from core.trainer import Trainer

    trainer, count = Trainer(Settings.preset("adding")), int(updates)
    trainer.train(count)
    before = peak_resident()
    trainer.train(count)
    after = peak_resident()
    tracemalloc.start()
    trainer.train(count)
    traced_before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    trainer.train(count)
    traced_after, traced_peak = tracemalloc.get_traced_memory()
    return {
        "resident before": before,
        "resident after": after,
        "kept": (traced_after - traced_before) / KIBIBYTE,
        "passing": (traced_peak - traced_before) / KIBIBYTE,
    }


def throughput() -> None:
    """Train the adding preset for as long as a line of the input says, in seconds; print updates per second; and again until its end."""
    from core.settings import Settings
    from core.trainer import Trainer

    trainer = Trainer(Settings.preset("adding"))
    trainer.train(2)
    print("ready", flush=True)
    for line in sys.stdin:
        print(updates_per_second(trainer, float(line)), flush=True)


def updates_per_second(trainer: Any, seconds: float) -> float:
    """Of a run that trains for ``seconds``."""
    start, first = perf_counter(), trainer.step_count
    while (taken := perf_counter() - start) < seconds:
        trainer.train(10)
    return float((trainer.step_count - first) / taken)


def first_update(cell: str) -> dict[str, float]:
    """Seconds for the imports, for making a run of the adding preset with another cell, and for its first update."""
    moments = [perf_counter()]
    from core.settings import Settings
    from core.trainer import Trainer

    moments.append(perf_counter())
    trainer = Trainer(Settings.preset("adding").with_changes({"network.cell": cell}))
    moments.append(perf_counter())
    trainer.train(1)
    moments.append(perf_counter())
    names = ("imports", "network", "update")
    return {name: end - start for name, start, end in zip(names, moments[:-1], moments[1:], strict=True)}


MEASUREMENTS: dict[str, Any] = {each.__name__: each for each in (peak, memory, throughput, first_update)}


if __name__ == "__main__":
    result = MEASUREMENTS[sys.argv[1]](*sys.argv[2:])
    if result is not None:
        print(json.dumps(result))
