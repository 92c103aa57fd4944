"""What making data costs, as a share of an update at each task's default size: ``python -m tests.benchmarks.data_cost [TASK …]``.

The aim is less than a tenth. Both are minima of several rounds: of drawing chunks of batches as training does, and of updates by the
kernels, which include drawing.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from core import registry
from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer

ROUNDS = 7
UPDATES = 256


def fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of ROUNDS calls."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def costs(name: str) -> tuple[float, float]:
    """Milliseconds of drawing the data of an update of task ``name``, and of the whole update."""
    trainer = Trainer(Settings.from_dict({"task": {"name": name}}))
    trainer.train(20)
    batch_size = trainer.settings.training.batch_size
    updates = trainer.draws.source.chunk().updates
    rng = np.random.default_rng(0)
    chunks = -(-UPDATES // updates)

    def draw() -> None:
        # None is kept, as in training, or new memory would cost more than what is written there.
        for _ in range(chunks):
            trainer.task.sample(rng, updates * batch_size)

    return 1e3 * fastest(draw) / (chunks * updates), 1e3 * fastest(lambda: trainer.train(UPDATES)) / UPDATES


def main(names: list[str]) -> None:
    """A table as Markdown."""
    print("| task | data, ms | update, ms | share |\n|---|---|---|---|")
    for name in names or list(registry.tasks()):
        try:
            data, update = costs(name)
        except InputError as error:
            print(f"| {name} | {error} | | |", flush=True)
            continue
        print(f"| {name} | {data:.3f} | {update:.3f} | {data / update:.1%} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
