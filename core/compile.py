"""Compiles the kernels of a combination of settings ahead of use, in a process of its own: ``python -m core.compile``.

Compiling holds Python's lock for seconds, so the window never does it: it starts this module as a helper process, trains with
the NumPy step meanwhile, and loads the finished kernels from the cache on disk. Each finished combination leaves a marker
beside the kernels; as the folder is keyed by all kernel sources, a marker never outlives what it stands for.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core import registry
from core.assistant import core_count
from core.batch import Batch
from core.batch_source import Chunk
from core.errors import InputError
from core.fast_training import Descent, FastTraining, make_results
from core.fields import fields_of
from core.kernel import kernel_cache_folder
from core.losses import LOSSES
from core.network import Network
from core.optimizer import AnyOptimizer, Optimizer
from core.settings import NetworkSettings, Settings, TrainingSettings
from core.topology import SEQUENCE_TO_VECTOR, VECTOR_TO_SEQUENCE

READY = "ready"
PROGRESS = "progress"


@dataclass(frozen=True)
class Combination:
    """What decides which kernels a run needs."""

    cell: str
    optimizer: str
    loss: str
    dtype: str

    @property
    def name(self) -> str:
        """For messages and marker files: ``lstm-adam-squared_error-float32``."""
        return f"{self.cell}-{self.optimizer}-{self.loss}-{self.dtype}"

    def check(self) -> None:
        """Raise InputError unless there is such a cell, optimizer, loss and precision."""
        permitted = {
            "cell": tuple(registry.cells()),
            "optimizer": tuple(registry.optimizers()),
            "loss": tuple(LOSSES),
            "dtype": fields_of(TrainingSettings)["dtype"].choices,
        }
        for key, names in permitted.items():
            if getattr(self, key) not in names:
                raise InputError(f"{key} {getattr(self, key)!r}: must be one of {', '.join(names)}")

    @property
    def is_ready(self) -> bool:
        """Whether its kernels are in the cache."""
        return (kernel_cache_folder() / READY / self.name).exists()

    def compile(self) -> None:
        """Run every kernel of the combination once on the smallest network, and leave the marker."""
        for _share in self.compiling():
            pass

    def compiling(self, wait_for_loop: Callable[[], object] = lambda: None) -> Iterator[float]:
        """The same, piece by piece: yields the share that is done, 0…1.

        ``wait_for_loop`` is called before the training loop, which another process may have compiled by then.
        """
        network, chunk, optimizer = self._smallest()
        batch = chunk.sequences
        yield 0.05
        network.engine.outputs(network.flat, batch.inputs)
        yield 0.4
        network.loss_and_gradients(batch)
        network.record(batch)
        # The map from a vector to the initial states calls kernels that the others only use inside of theirs.
        writing = Network(self._smallest_settings, _SmallestTask(self.loss, VECTOR_TO_SEQUENCE), self.dtype)  # type: ignore[arg-type]
        writing.loss_and_gradients(Batch(batch.inputs, batch.targets[None], None, batch.lengths, batch.lengths))
        yield 0.5
        if isinstance(optimizer, Optimizer):
            descent = _descent(optimizer, network.flat)
            network.engine.update(optimizer, network.flat, np.zeros_like(network.flat), descent.slots, 1, 0.001)
            yield 0.55
            wait_for_loop()
            fast = FastTraining(network.layout, network.loss_spec, 1, network.dtype)
            fast.run(chunk, 0, 1, descent, TrainingSettings(), make_results(1))
        else:
            network.engine.loss(network.flat, batch)
            network.gauss_newton_product(batch, network.parameters(), state_damping=1.0)
        network.engine.norm(network.flat)
        folder = kernel_cache_folder() / READY
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / self.name).touch()
        yield 1.0

    def compile_loop(self) -> None:
        """Compile only the training loop, and leave no marker; ends early where the process that asked for it is gone."""
        network, chunk, optimizer = self._smallest()
        parent = os.getppid()
        if isinstance(optimizer, Optimizer):
            fast = FastTraining(network.layout, network.loss_spec, 1, network.dtype)
            for _ in fast.compile_loop(chunk, _descent(optimizer, network.flat)):
                if os.getppid() != parent:
                    return

    @property
    def _smallest_settings(self) -> NetworkSettings:
        return NetworkSettings(self.cell, hidden_size=1, num_layers=2)

    def _smallest(self) -> tuple[Network, Chunk, AnyOptimizer]:
        """The smallest network, data and the optimizer that need its kernels."""
        one = np.ones(1, np.int64)
        network = Network(self._smallest_settings, _SmallestTask(self.loss), self.dtype)  # type: ignore[arg-type]
        targets = np.zeros(1, np.int64) if LOSSES[self.loss].has_labels else np.zeros((1, 1))
        return network, Chunk(Batch(np.zeros((1, 1, 1)), targets, None, one), 1, network.topology), registry.optimizers()[self.optimizer]


def _descent(optimizer: Optimizer, flat: np.ndarray) -> Descent:
    """Of a run at its start."""
    count = len(optimizer.slot_names)
    return Descent(optimizer, flat, np.zeros((count, flat.size), flat.dtype), np.zeros((count + 1, flat.size), flat.dtype))


class _SmallestTask:
    input_size = 1
    output_size = 1

    def __init__(self, loss: str, topology: str = SEQUENCE_TO_VECTOR) -> None:
        self.loss = loss
        self.topology = topology


def combination_for(settings: Settings) -> Combination:
    """The combination that a run with ``settings`` needs."""
    loss = registry.tasks()[settings.task.name].loss
    return Combination(settings.network.cell, settings.training.optimizer, loss, settings.training.dtype)


def likely_combinations() -> Iterator[Combination]:
    """All cells, optimizers and losses of the bundled tasks in float32: what a person may choose next."""
    losses = sorted({task.loss for task in registry.tasks().values()})
    for optimizer in sorted(registry.optimizers(), key=lambda name: name != TrainingSettings().optimizer):
        for loss in losses:
            for cell in registry.cells():
                yield Combination(cell, optimizer, loss, "float32")


def _compile_by_two(combination: Combination) -> None:
    """Compile, with the training loop in a second process where there is a core for it, and print the progress."""
    loop = None
    if core_count() > 1:
        named = [combination.cell, combination.optimizer, combination.loss, combination.dtype]
        # Where it fails, this process compiles what is not there.
        loop = subprocess.Popen([sys.executable, "-m", "core.compile", *named, "--loop"], stderr=subprocess.DEVNULL)
    try:
        for share in combination.compiling(loop.wait if loop is not None else lambda: None):
            print(f"{PROGRESS} {share:.2f}", flush=True)
    finally:
        if loop is not None:
            loop.kill()
            loop.wait()


def main(arguments: list[str] | None = None) -> int:
    """Compile one combination, and with ``--all`` then every likely one at low priority; a line of progress for each."""
    parser = argparse.ArgumentParser(prog="python -m core.compile", description=__doc__)
    parser.add_argument("combination", nargs=4, metavar=("CELL", "OPTIMIZER", "LOSS", "DTYPE"))
    parser.add_argument("--loop", action="store_true", help="only the training loop")
    parser.add_argument("--all", action="store_true", help="then compile every likely combination at low priority")
    options = parser.parse_args(arguments)
    first = Combination(*options.combination)
    try:
        first.check()
        if options.loop:
            first.compile_loop()
            return 0
        _compile_by_two(first)
        print(f"ready {first.name}", flush=True)
        if options.all:
            if hasattr(os, "nice"):
                os.nice(10)
            for combination in likely_combinations():
                if not combination.is_ready:
                    combination.compile()
                    print(f"ready {combination.name}", flush=True)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
