"""Random networks with random batches over everything that the engine can be set to."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core import registry
from core.batch import Batch
from core.errors import InputError
from core.fields import fields_of
from core.losses import LOSSES
from core.network import Network
from core.settings import NetworkSettings
from core.topology import HAS_DECODER, SEQUENCE_TO_VECTOR, TOPOLOGIES, VECTOR_TO_SEQUENCE
from tests.core.samples import Problem


@dataclass(frozen=True)
class Configuration:
    """A network's settings, its problem, one batch for it and how it is run."""

    settings: NetworkSettings
    problem: Problem
    batch: Batch
    dropout_seed: int | None
    is_taught: np.ndarray | None
    states: np.ndarray | None

    def network(self, dtype: str = "float64", engine: str = "kernels") -> Network:
        """With random parameters that are exact in float32; the same at each call."""
        network = Network(self.settings, self.problem, dtype, engine)  # type: ignore[arg-type]
        rng = np.random.default_rng(self.batch.inputs.size)
        scale = 0.7 / np.sqrt(self.settings.hidden_size)
        shapes = network.layout.shapes()
        network.set_parameters({name: _single(scale * rng.standard_normal(size)) for name, size in shapes.items()})
        return network

    def dropout(self, network: Network) -> tuple[np.ndarray, ...]:
        """Masks with rate 1/2, or none."""
        if self.dropout_seed is None:
            return ()
        rng = np.random.default_rng(self.dropout_seed)
        return tuple(2.0 * (rng.random(shape) < 0.5) for shape in network.dropout_shapes(self.batch))


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32).astype(np.float64)


def random_options(cell: Any, rng: np.random.Generator) -> Any:
    """Options with every flag and choice drawn; contradictory ones are drawn again."""
    while True:
        values: dict[str, Any] = {}
        for name, info in fields_of(cell.Options).items():
            if info.kind == "flag":
                values[name] = bool(rng.random() < 0.35) if name != "use_bias" else bool(rng.random() < 0.8)
            elif info.kind == "choice":
                values[name] = str(rng.choice(info.choices))
        try:
            return cell.Options(**values)
        except InputError:
            continue


def random_configuration(number: int) -> Configuration:
    """Configuration ``number``, always the same."""
    rng = np.random.default_rng([20_261, number])
    cell = list(registry.cells().values())[rng.integers(len(registry.cells()))]
    topology = TOPOLOGIES[rng.integers(len(TOPOLOGIES))]
    has_decoder = topology in HAS_DECODER
    is_bidirectional = not has_decoder and bool(rng.random() < 0.4)
    settings = NetworkSettings(
        cell.name,
        hidden_size=int(rng.choice([1, 2, 3, 5, 16, 17])),
        num_layers=int(rng.choice([1, 1, 2, 3, 4])),
        bidirectional=is_bidirectional,
        options=random_options(cell, rng),
    )
    problem = Problem(topology, str(rng.choice(list(LOSSES))), int(rng.integers(1, 5)), int(rng.integers(2, 5)))
    batch = random_batch(problem, rng)
    is_taught = rng.random(batch.targets.shape[:2]) < 0.5 if has_decoder and rng.random() < 0.4 else None
    states = None
    if not has_decoder and not is_bidirectional and rng.random() < 0.3:
        shape = (settings.num_layers, 2 if cell.has_cell_state else 1, batch.size, settings.hidden_size)
        states = _single(0.5 * rng.standard_normal(shape))
    return Configuration(settings, problem, batch, int(rng.integers(2**31)) if rng.random() < 0.3 else None, is_taught, states)


def random_batch(problem: Problem, rng: np.random.Generator) -> Batch:
    """Ragged sequences, some with masks."""
    size = int(rng.integers(1, 5))
    read_len = 1 if problem.topology == VECTOR_TO_SEQUENCE else int(rng.choice([1, 2, 4, 7]))
    inputs = _single(rng.standard_normal((read_len, size, problem.input_size)))
    lengths = rng.integers(1, read_len + 1, size)
    output_lengths = None
    if problem.topology == SEQUENCE_TO_VECTOR:
        return Batch(inputs, _targets(problem, (size,), rng), None, lengths)
    out_len = read_len
    if problem.topology in HAS_DECODER:
        out_len = int(rng.choice([1, 2, 5]))
        output_lengths = rng.integers(1, out_len + 1, size)
    mask = None
    if rng.random() < 0.4:
        mask = (rng.random((out_len, size)) < 0.6).astype(np.float64)
        mask[0] = 1  # a batch of which nothing counts has no loss
    return Batch(inputs, _targets(problem, (out_len, size), rng), mask, lengths, output_lengths)


def _targets(problem: Problem, outputs: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if LOSSES[problem.loss].has_labels:
        return rng.integers(0, problem.output_size, outputs)
    numbers = rng.standard_normal((*outputs, problem.output_size))
    return _single(numbers) if problem.loss == "squared_error" else (numbers > 0).astype(np.float64)
