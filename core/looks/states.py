"""The states of many held-out sequences, projected to the two axes along which they differ most."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.analysis.principal_axes import PrincipalAxes, principal_axes
from core.analysis.state_labels import state_labels
from core.analysis.states import layer_states, state_signals
from core.batch import Batch
from core.counted import members
from core.look import Focus, Look
from core.network import Network
from core.probe import frozen
from core.signal import Signal
from core.snapshot import Floats, Trace
from core.topology import VECTOR_TO_SEQUENCE

if TYPE_CHECKING:
    from core.trainer import Trainer

MOST_SEQUENCES, FEWEST_SEQUENCES = 64, 4
MOST_POINTS = 4000
ENOUGH_SEQUENCES = 16
"""Of long sequences so many are looked at, not at every step."""
WORK_AT_MOST = 2e8
"""Multiplications of one look."""


@dataclass(frozen=True)
class PointLabel:
    """What is known of each of P points: numbers of ``names``, or measured values where there are none; NaN where nothing is."""

    name: str
    values: Floats
    names: tuple[str, ...]


@dataclass(frozen=True)
class Projection:
    """One kind of state.

    Attributes
    ----------
    signal : which state, h or C
    points : (P, 2) coordinates along the axes
    path : (T, 2) those of the sequence that the trace shows
    axes : what they were projected with, and the shares of the variance
    """

    signal: Signal
    points: Floats
    path: Floats
    axes: PrincipalAxes


@dataclass(frozen=True)
class StateSpace:
    """P points: states of layer ``layer``, of several sequences at several steps.

    ``sequences`` and ``steps`` (P,), both from 0, say whose and when; sequence 0 is the first of the held-out ones, and not that of the
    trace. ``projections`` by the signal's name, h first; ``labels`` the most telling one first.
    """

    layer: int
    sequences: NDArray[np.int64]
    steps: NDArray[np.int64]
    labels: tuple[PointLabel, ...]
    projections: Mapping[str, Projection]


@dataclass
class _Chosen:
    """What is the same at every look: sequences, steps, labels."""

    held_out: Batch
    batch: Batch
    steps: NDArray[np.int64]
    sequences: NDArray[np.int64]
    labels: tuple[PointLabel, ...]


@dataclass
class _Memory:
    """Of one trainer: the axes of the last look by layer and signal, and that look with the weights and the trace that it is of."""

    chosen: _Chosen | None = None
    axes: dict[tuple[int, str], PrincipalAxes] = field(default_factory=dict)
    flat: np.ndarray = field(default_factory=lambda: np.empty(0))
    probe: Batch | None = None
    last: StateSpace | None = None


def sequence_count(network: Network, seq_len: int) -> int:
    """How many sequences of so many steps are looked at."""
    layout = network.layout
    by_step = sum(layout.columns * layout.row_size(layer) for layer in layout.layers)
    affordable = int(WORK_AT_MOST / (by_step * seq_len))
    return max(FEWEST_SEQUENCES, min(MOST_SEQUENCES, affordable, max(ENOUGH_SEQUENCES, MOST_POINTS // seq_len)))


def _is_valid(batch: Batch, topology: str) -> NDArray[np.bool_]:
    """Whether there is a state of its own, (T, B); with an encoder its steps, then the decoder's."""
    parts = [] if topology == VECTOR_TO_SEQUENCE else [np.arange(len(batch.inputs))[:, None] < batch.lengths]
    if batch.output_lengths is not None:
        parts.append(np.arange(len(batch.targets))[:, None] < batch.output_lengths)
    return np.concatenate(parts)


class StatesLook(Look):
    """Of the layer in focus."""

    name: ClassVar[str] = "states"
    depends_on_focus: ClassVar[bool] = True

    def __init__(self) -> None:
        self._memories: weakref.WeakKeyDictionary[Trainer, _Memory] = weakref.WeakKeyDictionary()

    def take(self, trainer: "Trainer", trace: Trace, focus: Focus) -> StateSpace:
        """See Look. While nothing has changed, the same result again."""
        memory = self._memories.setdefault(trainer, _Memory())
        network, held_out, probe = trainer.network, trainer.held_out_batch, trainer.probe_batch
        if memory.chosen is None or memory.chosen.held_out is not held_out:
            memory.chosen, memory.last = self._choose(trainer, held_out), None
        last, chosen = memory.last, memory.chosen
        if last is not None and last.layer == focus.layer and memory.probe is probe and np.array_equal(network.flat, memory.flat):
            return last
        states = layer_states(network, chosen.batch, focus.layer)
        projections = {}
        for signal in state_signals(network):
            points = states[signal.name][chosen.steps, chosen.sequences]
            key = (focus.layer, signal.name)
            axes = memory.axes[key] = principal_axes(points, memory.axes.get(key))
            shown = trace.layers[focus.layer].values[signal.name]
            projections[signal.name] = Projection(signal, frozen(axes.project(points)), frozen(axes.project(shown)), axes)
        found = StateSpace(focus.layer, chosen.sequences, chosen.steps, chosen.labels, projections)
        memory.last, memory.flat, memory.probe = found, network.flat.copy(), probe
        return found

    def _choose(self, trainer: "Trainer", held_out: Batch) -> _Chosen:
        task, topology = trainer.task, trainer.network.topology
        seq_len = len(_is_valid(held_out, topology))
        batch = members(held_out, 0, min(held_out.size, sequence_count(trainer.network, seq_len)), topology)
        is_valid = _is_valid(batch, topology)
        every = -(-int(is_valid.sum()) // MOST_POINTS)
        is_valid[np.arange(len(is_valid)) % every != every - 1] = False
        sequences, steps = (_read_only(index) for index in np.nonzero(is_valid.T))
        found = state_labels(task, batch)
        labels = tuple(PointLabel(label.name, frozen(label.values[steps, sequences]), label.names) for label in found)
        return _Chosen(held_out, batch, steps, sequences, labels)


def _read_only(index: Any) -> NDArray[np.int64]:
    copy = np.array(index, dtype=np.int64)
    copy.setflags(write=False)
    return copy


LOOK = StatesLook()
