"""Compiles the kernels of a combination of settings ahead of use, in a process of its own: ``python -m core.compile``.

Compiling holds Python's lock for seconds, so the window never does it: it starts this module as a helper process, trains with
the NumPy step meanwhile, and loads the finished kernels from the cache on disk. Each finished combination leaves a marker
beside the kernels; as the folder is keyed by all kernel sources, a marker never outlives what it stands for.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core import registry
from core.batch import Batch
from core.batch_source import Chunk
from core.errors import InputError
from core.fast_training import FastTraining, make_results
from core.fields import fields_of
from core.kernel import kernel_cache_folder
from core.losses import LOSSES
from core.network import Network
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

    def compiling(self) -> Iterator[float]:
        """The same, piece by piece: yields the share that is done, 0…1."""
        settings, one = NetworkSettings(self.cell, hidden_size=1, num_layers=2), np.ones(1, np.int64)
        network = Network(settings, _SmallestTask(self.loss), self.dtype)  # type: ignore[arg-type]
        targets = np.zeros(1, np.int64) if LOSSES[self.loss].has_labels else np.zeros((1, 1))
        batch = Batch(np.zeros((1, 1, 1)), targets, None, one)
        optimizer = registry.optimizers()[self.optimizer]
        yield 0.05
        network.engine.outputs(network.flat, batch.inputs)
        yield 0.3
        if not optimizer.is_second_order:
            slots = np.zeros((len(optimizer.slot_names), network.flat.size), network.dtype)
            fast = FastTraining(network.layout, network.loss_spec, 1, network.dtype)
            backup, chunk = np.zeros((len(slots) + 1, network.flat.size), network.dtype), Chunk(batch, 1, network.topology)
            fast.run(chunk, 0, 1, network.flat, slots, backup, TrainingSettings(), optimizer, 0, 0, make_results(1))
            yield 0.8
        network.loss_and_gradients(batch)
        network.record(batch)
        # The map from a vector to the initial states calls kernels that the others only use inside of theirs.
        writing = Network(settings, _SmallestTask(self.loss, VECTOR_TO_SEQUENCE), self.dtype)  # type: ignore[arg-type]
        writing.loss_and_gradients(Batch(batch.inputs, targets[None], None, one, one))
        yield 0.9
        if optimizer.is_second_order:
            network.engine.loss(network.flat, batch)
            network.gauss_newton_product(batch, network.parameters(), state_damping=1.0)
        else:
            slots = np.zeros((len(optimizer.slot_names), network.flat.size), network.dtype)
            network.engine.update(optimizer, network.flat, np.zeros_like(network.flat), slots, 1, 0.001)
        network.engine.norm(network.flat)
        folder = kernel_cache_folder() / READY
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / self.name).touch()
        yield 1.0


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


def main(arguments: list[str] | None = None) -> int:
    """Compile one combination, and with ``--all`` then every likely one at low priority; a line of progress for each."""
    parser = argparse.ArgumentParser(prog="python -m core.compile", description=__doc__)
    parser.add_argument("combination", nargs=4, metavar=("CELL", "OPTIMIZER", "LOSS", "DTYPE"))
    parser.add_argument("--all", action="store_true", help="then compile every likely combination at low priority")
    options = parser.parse_args(arguments)
    first = Combination(*options.combination)
    try:
        first.check()
        for share in first.compiling():
            print(f"{PROGRESS} {share:.2f}", flush=True)
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
