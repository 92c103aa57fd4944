"""Backpropagation through time in NumPy: gradients of the cells' steps, from the last step of the top layer back to the inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.cell import Parameters
from core.kernel_stack import DropoutMasks
from core.layout import Layer, Layout, Level, Stack
from core.recording import LayerRecording
from core.reference_forward import LevelRun, Run, Steps, seen_by_head, turned
from core.topology import SEQUENCE_TO_VECTOR


@dataclass(frozen=True)
class Gradients:
    """A backward pass: of the canonical ``parameters``, of the ``inputs`` (T, B, D), of what a decoder ``fed_back``, and what went by."""

    parameters: dict[str, np.ndarray]
    inputs: np.ndarray
    fed_back: np.ndarray
    encoder: tuple[LayerRecording, ...]
    layers: tuple[LayerRecording, ...]


class ReferenceBackward:
    """Goes back through runs of networks of one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def backward(
        self, parameters: Parameters, run: Run, dy: np.ndarray, truncate: int, dh_extra: Sequence[list[np.ndarray]] | None = None
    ) -> Gradients:
        """Gradients from ``dy`` (T, B, O), and what went by in encoder and stack.

        ``dh_extra``, by stack (encoder first) and level, is added to ∂L/∂h, (T, B, directions·H).
        """
        layout = self.layout
        size = layout.hidden_size
        h = seen_by_head(layout, run.stack[-1])
        gradients = {"head.W": np.einsum("tbo,tbh->oh", dy, h), "head.b": dy.sum(axis=(0, 1))}
        dh = dy @ parameters["head.W"]
        if len(run.stack[-1].steps) > 1 and layout.topology == SEQUENCE_TO_VECTOR:
            dh[0, :, size:] = dh[:, :, size:].sum(axis=0)
            dh[1:, :, size:] = 0
        extra = (None, None) if dh_extra is None else dh_extra
        layers, d_start, dx = self._stack_backward(
            layout.stack, parameters, run.stack, dh, run.lengths, run.dropout, truncate, gradients, extra[1]
        )
        encoder: tuple[LayerRecording, ...] = ()
        fed_back = dx
        if run.vector is not None:
            gradients["start.W"] = np.einsum("lsbh,bd->lshd", d_start, run.vector)
            gradients["start.b"] = d_start.sum(axis=2)
            dx = np.einsum("lsbh,lshd->bd", d_start, parameters["start.W"])[None]
        if run.encoder:
            zero = np.zeros_like(run.encoder[-1].outputs)
            encoder, _, dx = self._stack_backward(
                layout.encoder, parameters, run.encoder, zero, run.lengths, run.encoder_dropout, truncate, gradients, extra[0], d_start
            )
        return Gradients({name: gradients[name] for name in layout.shapes()}, dx, fed_back, encoder, layers)

    def _stack_backward(
        self,
        levels: Stack,
        parameters: Parameters,
        runs: list[LevelRun],
        dh: np.ndarray,
        lengths: np.ndarray,
        dropout: DropoutMasks,
        truncate: int,
        gradients: dict[str, np.ndarray],
        extra: list[np.ndarray] | None,
        d_final: np.ndarray | None = None,
    ) -> tuple[tuple[LayerRecording, ...], np.ndarray, np.ndarray]:
        """Adds the layers' ``gradients``; returns what went by, ∂L/∂(initial states) (L, S, B, H) and ∂L/∂x (T, B, D).

        ``dh`` (T, B, directions·H) comes from the head, ``d_final`` (L, S, B, H) from a decoder that starts from the states after
        ``lengths`` steps.
        """
        recordings: list[LayerRecording] = []
        d_start: list[np.ndarray] = []
        for k in range(len(levels) - 1, -1, -1):
            dh = dh if extra is None else dh + extra[k]
            dx, of_level, start = self._level_backward(
                levels[k], parameters, runs[k], dh, lengths, truncate, gradients, None if d_final is None else d_final[k]
            )
            recordings = of_level + recordings
            d_start.append(start)
            dh = dx * dropout[k - 1] if len(dropout) and k > 0 else dx
        return tuple(recordings), np.stack(d_start[::-1]), dh

    def _level_backward(
        self,
        level: Level,
        parameters: Parameters,
        run: LevelRun,
        dh: np.ndarray,
        lengths: np.ndarray,
        truncate: int,
        gradients: dict[str, np.ndarray],
        d_final: np.ndarray | None,
    ) -> tuple[np.ndarray, list[LayerRecording], np.ndarray]:
        size = self.layout.hidden_size
        dx: np.ndarray | None = None
        recordings = []
        for d, (layer, steps) in enumerate(zip(level, run.steps, strict=True)):
            own = dh[:, :, d * size : (d + 1) * size]
            own = turned(own, lengths) if layer.is_backward else own
            of_layer, own_dx, recording, d_start = self._layer_backward(layer, parameters, steps, own, lengths, truncate, d_final)
            gradients |= {f"{layer.prefix}{name}": value for name, value in of_layer.items()}
            own_dx = turned(own_dx, lengths) if layer.is_backward else own_dx
            dx = own_dx if dx is None else dx + own_dx
            recordings.append(recording)
        assert dx is not None
        return dx, recordings, d_start

    def _layer_backward(
        self,
        layer: Layer,
        parameters: Parameters,
        steps: Steps,
        dh_from_above: np.ndarray,
        lengths: np.ndarray,
        truncate: int,
        d_final: np.ndarray | None,
    ) -> tuple[dict[str, np.ndarray], np.ndarray, LayerRecording, np.ndarray]:
        """Backpropagation through time of one layer: its gradients, ∂L/∂x (T, B, D), what went by, and ∂L/∂(initial states) (S, B, H)."""
        cell, options = self.layout.cell, self.layout.options
        own = self.layout.layer_parameters(parameters, layer)
        gradients = {name: np.zeros_like(value) for name, value in own.items()}
        dh_later = np.zeros_like(dh_from_above[0])
        dc_later = np.zeros_like(dh_later) if cell.has_cell_state else None
        dh_total = np.empty_like(dh_from_above)
        dc_total = np.empty_like(dh_from_above) if cell.has_cell_state else None
        dx: list[np.ndarray] = []
        for t in range(len(steps) - 1, -1, -1):
            if d_final is not None:
                is_last = (lengths - 1 == t)[:, None]
                dh_later = dh_later + is_last * d_final[0]
                dc_later = None if dc_later is None else dc_later + is_last * d_final[1]
            dh_total[t] = dh_from_above[t] + dh_later
            back = cell.step_gradient(options, own, steps[t], dh_total[t], dc_later)
            for name, value in back.parameters.items():
                gradients[name] += value
            dx.append(back.dx)
            if dc_total is not None:
                dc_total[t] = back.dc_total
            dh_later, dc_later = back.dh_prev, back.dc_prev
            if truncate and t > 0 and t % truncate == 0:
                dh_later = np.zeros_like(dh_later)
                dc_later = np.zeros_like(dh_later) if cell.has_cell_state else None
        values = {name: np.stack([step.values[name] for step in steps]) for name in steps[0].values}
        if layer.is_backward:
            values = {name: turned(value, lengths) for name, value in values.items()}
        shown = [
            None if part is None else turned(part, lengths) if layer.is_backward else part for part in (dh_total, dc_total, dh_from_above)
        ]
        recording = LayerRecording(values, shown[0], shown[1], shown[2], layer.is_backward)  # type: ignore[arg-type]
        start = np.stack([dh_later] if dc_later is None else [dh_later, dc_later])
        return gradients, np.stack(dx[::-1]), recording, start
