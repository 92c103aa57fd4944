"""Every step of a traced sequence taken apart: each quantity of a cell's equations, for every unit.

What a layer read and the states that it started from are taken from the trace, so that nothing is run again: a step is only
its affine maps, done for all steps at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from core.batch import Batch
from core.decoding import taught_inputs
from core.layout import Layer, Stack
from core.network import Network
from core.snapshot import Trace

# What may be looked at while training goes on: numbers of one quantity, and products of a weight and a number.
MOST_NUMBERS, MOST_PRODUCTS = 60_000, 30_000_000


@dataclass(frozen=True)
class LayerAnatomy:
    """One layer from step ``first`` of the trace on: name of a quantity -> (n, H), read-only."""

    first: int
    values: Mapping[str, np.ndarray]

    def has(self, step: int) -> bool:
        """Whether ``step`` (from 0) is among those that were taken apart."""
        return self.first <= step < self.first + len(next(iter(self.values.values())))

    def at(self, step: int) -> dict[str, np.ndarray]:
        """Name -> (H,) of one step."""
        return {name: values[step - self.first] for name, values in self.values.items()}


@dataclass(frozen=True)
class Anatomy:
    """``layers`` by their number in ``trace``, which was taken at the same moment."""

    trace: Trace
    layers: Mapping[int, LayerAnatomy]


@dataclass(frozen=True)
class _Reading:
    """How a layer of the trace reads some of its steps: its number, its weights, the steps, what it read there, its initial states."""

    number: int
    layer: Layer
    steps: range
    x: np.ndarray
    start: np.ndarray


def work(network: Network, trace: Trace) -> tuple[int, int]:
    """How many numbers a quantity of all layers has, and about how many products it takes to have them all."""
    layout = network.layout
    numbers = trace.seq_len * layout.hidden_size * len(trace.layers)
    row = layout.hidden_size + max(layer.input_size for layer in layout.layers)
    return numbers, numbers * row * len(layout.cell.learned_gates(layout.options))


def window(network: Network, trace: Trace, step: int) -> range:
    """As many steps around ``step`` as may be looked at in one layer."""
    numbers, products = work(network, trace)
    per_step = max(1, trace.seq_len * len(trace.layers))
    count = int(min(MOST_NUMBERS * per_step / numbers, MOST_PRODUCTS * per_step / products, trace.seq_len))
    count = max(1, count)
    first = min(max(0, step - count // 2), trace.seq_len - count)
    return range(first, first + count)


def anatomy(network: Network, batch: Batch, trace: Trace, layer: int | None = None, steps: range | None = None) -> Anatomy:
    """``layer`` at ``steps``; None: all of them. ``trace`` is of the first sequence of ``batch``, on ``network`` as it is now."""
    steps = range(trace.seq_len) if steps is None else steps
    found: dict[int, list[tuple[int, dict[str, np.ndarray]]]] = {}
    for reading in _readings(network, batch, trace):
        wanted = range(max(steps.start, reading.steps.start), min(steps.stop, reading.steps.stop))
        if len(wanted) and layer in (None, reading.number):
            found.setdefault(reading.number, []).append((wanted.start, _quantities(network, trace, reading, wanted)))
    layers = {}
    for number, parts in found.items():
        values = {name: _frozen([part[name] for _, part in parts]) for name in parts[0][1]}
        layers[number] = LayerAnatomy(parts[0][0], values)
    return Anatomy(trace, layers)


def _quantities(network: Network, trace: Trace, reading: _Reading, wanted: range) -> dict[str, np.ndarray]:
    layout = network.layout
    of_layer = trace.layers[reading.number]
    weights = layout.layer_weights(network.flat, reading.layer)
    own = layout.cell.unpack(layout.options, weights.reshape(len(weights), -1, layout.units), layout.hidden_size)
    offset = reading.steps.start
    inside = slice(wanted.start - offset, wanted.stop - offset)
    before = []
    for name, start in zip(("hidden", "cell state"), reading.start, strict=False):
        values = of_layer.values[name][reading.steps.start : reading.steps.stop].astype(network.dtype)
        order = [values[1:], start[None]] if reading.layer.is_backward else [start[None], values[:-1]]
        before.append(np.concatenate(order)[inside])
    c_prev = before[1] if layout.cell.has_cell_state else None
    found = layout.cell.quantities(layout.options, own, reading.x[inside], before[0], c_prev)
    # The signals as the trace has them: kernels round a little differently.
    return found | {name: values[wanted.start : wanted.stop] for name, values in of_layer.values.items()}


def _readings(network: Network, batch: Batch, trace: Trace) -> Iterator[_Reading]:
    layout, written = network.layout, trace.decoder_start or 0
    zeros = np.zeros((layout.num_layers, layout.states, layout.hidden_size), network.dtype)
    if layout.encoder:
        inputs = trace.inputs[:written].astype(network.dtype)
        yield from _of_stack(network, layout.encoder, trace, range(written), inputs, zeros)
    steps = range(written, trace.seq_len)
    if not network.has_decoder:
        yield from _of_stack(network, layout.stack, trace, steps, trace.inputs.astype(network.dtype), zeros)
        return
    taught = taught_inputs(batch.targets[: len(steps), :1], network.loss_spec, layout.output_size, network.dtype)[:, 0]
    if layout.encoder:
        names = ("hidden", "cell state")[: layout.states]
        start = np.stack([[layer.values[name][written - 1] for name in names] for layer in trace.layers]).astype(network.dtype)
    else:
        rows = layout.start_weights(network.flat)[:, :, : layout.hidden_size]
        start = (trace.inputs[0].astype(network.dtype) @ rows[:, :-1] + rows[:, -1]).reshape(zeros.shape)
    yield from _of_stack(network, layout.stack, trace, steps, taught, start)


def _of_stack(network: Network, stack: Stack, trace: Trace, steps: range, x: np.ndarray, start: np.ndarray) -> Iterator[_Reading]:
    number = 0
    for k, level in enumerate(stack):
        above = []
        for layer in level:
            yield _Reading(number, layer, steps, x, start[k])
            above.append(trace.layers[number].values["hidden"][steps.start : steps.stop])
            number += 1
        x = np.concatenate(above, axis=1).astype(network.dtype)


def _frozen(parts: list[np.ndarray]) -> np.ndarray:
    """The parts one after the other; a lone one is not copied, as a constant is the same row at every step."""
    whole = parts[0].view() if len(parts) == 1 else np.concatenate(parts)
    whole.setflags(write=False)
    return whole
