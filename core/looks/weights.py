"""The weights of one layer as they are now, and how they stretch and shrink what the layer remembers.

The spectra are those of core/analysis. Those of a matrix that has not changed are not computed again; of matrices above MANY_UNITS
only one is computed a look, in turn, so that the training is never held up for long.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from core.analysis.jacobian import singular_values, step_jacobian
from core.analysis.spectrum import spectral_radius
from core.cell import Parameters
from core.decoding import taught_inputs
from core.layout import Layer, Layout
from core.look import Focus, Look
from core.snapshot import LayerTrace, Trace
from core.topology import ENCODER_DECODER, VECTOR_TO_SEQUENCE
from core.trainer import Trainer

MANY_UNITS, MOST_UNITS = 48, 256
"""Units above which spectra are computed one a look, and above which they are not."""
MOST_STATES = 256
"""Entries of the state (h, or h and C) above which there is no step Jacobian."""


@dataclass(frozen=True)
class GateSpectrum:
    """Of a gate's W_h (H, H) after ``step`` updates: largest absolute eigenvalue, and singular values (H,), largest first."""

    radius: float
    singular_values: np.ndarray
    step: int


@dataclass(frozen=True)
class LayerWeights:
    """One layer after ``step`` updates.

    Attributes
    ----------
    layer : its place in a trace's order
    prefix : begins the canonical names: "layers.0.", "encoder.layers.1.", "layers.0.backward."
    input_size, hidden_size : D, H
    parameters : short name -> read-only copy: W_x (G, H, D), W_h (G, H, H), b (G, H) and what else the cell has
    gates : short name -> the gates along its first axis; empty where it has no such axis
    head : (O, H) what the head reads of this layer; None where another layer lies between
    head_bias : (O), with ``head``
    head_start : the column of head.W at which ``head`` begins
    spectra : gate -> spectrum, of those that are known by now
    is_partial : whether spectra are missing or of earlier weights, which further looks will find
    jacobian : singular values of the step Jacobian at time step ``jacobian_step`` (from 0), (S·H,), largest first; None: too large
    """

    step: int
    layer: int
    prefix: str
    input_size: int
    hidden_size: int
    parameters: Mapping[str, np.ndarray]
    gates: Mapping[str, tuple[str, ...]]
    head: np.ndarray | None
    head_bias: np.ndarray | None
    head_start: int
    spectra: Mapping[str, GateSpectrum] = field(default_factory=dict)
    jacobian: np.ndarray | None = None
    jacobian_step: int = 0
    is_partial: bool = False


class WeightsLook(Look):
    """Weights and spectra of the layer in focus; of an encoder and a decoder that which works at the step in focus."""

    name = "weights"
    depends_on_focus = True

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Trainer, dict[tuple[str, str], tuple[np.ndarray, GateSpectrum]]] = WeakKeyDictionary()

    def take(self, trainer: Trainer, trace: Trace, focus: Focus) -> LayerWeights:
        """See Look."""
        layout, flat = trainer.network.layout, trainer.network.flat
        is_in_encoder = layout.topology == ENCODER_DECODER and focus.step < (trace.decoder_start or 0)
        levels = layout.encoder if is_in_encoder else layout.stack
        layer = [layer for level in levels for layer in level][focus.layer]
        direction = int(layer.is_backward)
        is_below_head = layer in layout.stack[-1]
        parameters = {name: _frozen(values) for name, values in layout.unpack_layer(flat, layer).items()}
        spectra, is_partial = self._spectra(trainer, layer.prefix, parameters["W_h"])
        return LayerWeights(
            step=trainer.step_count,
            layer=focus.layer,
            prefix=layer.prefix,
            input_size=layer.input_size,
            hidden_size=layout.hidden_size,
            parameters=MappingProxyType(parameters),
            gates={name: layout.cell.gates_of(layout.options, name) for name in parameters},
            head=_frozen(layout.by_direction(layout.head_weights(flat))[:, direction]) if is_below_head else None,
            head_bias=_frozen(layout.head_bias(flat)) if is_below_head else None,
            head_start=direction * layout.hidden_size,
            spectra=spectra,
            is_partial=is_partial,
            jacobian=_jacobian_values(trainer, trace, focus, layer, parameters, is_in_encoder),
            jacobian_step=focus.step,
        )

    def _spectra(self, trainer: Trainer, prefix: str, W_h: np.ndarray) -> tuple[dict[str, GateSpectrum], bool]:
        """Spectra by gate: of large matrices those that were seen last; and whether some are still to be computed."""
        gates = trainer.network.layout.cell.learned_gates(trainer.network.layout.options)
        known = self._known.setdefault(trainer, {})
        size = W_h.shape[-1]
        if size > MOST_UNITS:
            return {}, False
        stale = [g for g, gate in enumerate(gates) if not _is_same(known.get((prefix, gate)), W_h[g])]
        due = stale
        if size > MANY_UNITS:
            # The one that was computed longest ago.
            due = sorted(stale, key=lambda g: known[prefix, gates[g]][1].step if (prefix, gates[g]) in known else -1)[:1]
        for g in due:
            known[prefix, gates[g]] = (W_h[g].copy(), _spectrum(W_h[g], trainer.step_count))
        found = {gate: known[prefix, gate][1] for gate in gates if (prefix, gate) in known}
        # The network has grown since.
        return {gate: spectrum for gate, spectrum in found.items() if len(spectrum.singular_values) == size}, len(due) < len(stale)


def _is_same(known: tuple[np.ndarray, GateSpectrum] | None, matrix: np.ndarray) -> bool:
    return known is not None and np.array_equal(known[0], matrix, equal_nan=True)


def _spectrum(matrix: np.ndarray, step: int) -> GateSpectrum:
    if not np.isfinite(matrix).all():
        return GateSpectrum(float("nan"), _frozen(np.full(len(matrix), np.nan)), step)
    return GateSpectrum(spectral_radius(matrix), _frozen(singular_values(matrix)), step)


def _frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values)
    copy.setflags(write=False)
    return copy


def _jacobian_values(
    trainer: Trainer, trace: Trace, focus: Focus, layer: Layer, parameters: Parameters, is_in_encoder: bool
) -> np.ndarray | None:
    """Singular values of J_t of the trace's sequence; the states before, and what is read, are those that the trace shows."""
    layout = trainer.network.layout
    if layout.states * layout.hidden_size > MOST_STATES:
        return None
    wide = {name: values.astype(np.float64) for name, values in parameters.items()}
    h, c = _state_before(trainer, trace, focus, layer)
    x = _input_at(trainer, trace, focus, is_in_encoder)
    jacobian = step_jacobian(layout.cell, layout.options, wide, x, h, c)
    return _frozen(singular_values(jacobian) if np.isfinite(jacobian).all() else np.full(len(jacobian), np.nan))


def _level(layout: Layout, focus: Focus) -> int:
    return focus.layer // layout.directions


def _states(layer: LayerTrace) -> tuple[np.ndarray, np.ndarray | None]:
    """h_t and C_t at every step, (T, H)."""
    by_role: dict[str, Any] = {signal.role: layer.values[signal.name] for signal in layer.signals}
    return by_role["hidden"], by_role.get("cell_state")


def _state_before(trainer: Trainer, trace: Trace, focus: Focus, layer: Layer) -> tuple[np.ndarray, np.ndarray | None]:
    """h_{t-1} and C_{t-1} in the layer's own order of reading."""
    layout = trainer.network.layout
    h, c = _states(trace.layers[focus.layer])
    before = focus.step + 1 if layer.is_backward else focus.step - 1
    if 0 <= before < trace.seq_len:
        return h[before], None if c is None else c[before]
    start = np.zeros((layout.states, layout.hidden_size))
    if layout.topology == VECTOR_TO_SEQUENCE:
        parameters = trainer.network.parameters()
        level = _level(layout, focus)
        start = parameters["start.W"][level].astype(np.float64) @ trace.inputs[0] + parameters["start.b"][level]
    return start[0], start[1] if layout.states == 2 else None


def _input_at(trainer: Trainer, trace: Trace, focus: Focus, is_in_encoder: bool) -> np.ndarray:
    """What the layer reads at the step in focus, (D): the sequence, what a decoder wrote before, or the layers below."""
    network = trainer.network
    level, directions = _level(network.layout, focus), network.layout.directions
    if level > 0:
        below = trace.layers[(level - 1) * directions : level * directions]
        return np.concatenate([_states(layer)[0][focus.step] for layer in below])
    if network.has_decoder and not is_in_encoder:
        targets = trainer.probe_batch.targets
        fed = taught_inputs(targets, network.loss_spec, network.layout.output_size, np.dtype(np.float64))
        right: np.ndarray = fed[focus.step - (trace.decoder_start or 0), 0]
        return right
    x: np.ndarray = trace.inputs[focus.step]
    return x


LOOK = WeightsLook()
