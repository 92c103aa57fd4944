"""Runs a network with the cells' NumPy steps: slow, readable, and there before the kernels are compiled.

Nothing here is shared with the kernels but the cells' equations, so that each checks the other. Parameters may be complex: the
derivative along a direction v is then the imaginary part at θ + iεv, exact to rounding (Squire & Trapp 1998).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.batch import Batch
from core.cell import Parameters, Step
from core.counted import counted_outputs
from core.decoding import Choose, own_inputs, taught_inputs
from core.kernel_stack import DropoutMasks
from core.layout import Layer, Layout, Level, Stack
from core.losses import LossSpec
from core.optimizer import Optimizer, norm_in_numpy
from core.recording import LayerRecording, Recording
from core.topology import ENCODER_DECODER, HAS_DECODER, SEQUENCE_TO_VECTOR

Steps = list[Step]


@dataclass(frozen=True)
class LevelRun:
    """One level over a sequence: the steps of each direction in its own order, and what goes up, (T, B, directions·H)."""

    steps: list[Steps]
    outputs: np.ndarray


@dataclass(frozen=True)
class Run:
    """A forward pass. ``dropout`` is split between encoder and stack; ``y`` (T, B, O) are the head's outputs at every step."""

    encoder: list[LevelRun]
    stack: list[LevelRun]
    y: np.ndarray
    lengths: np.ndarray
    vector: np.ndarray | None
    encoder_dropout: DropoutMasks
    dropout: DropoutMasks


@dataclass(frozen=True)
class Gradients:
    """A backward pass: of the canonical ``parameters``, of the ``inputs`` (T, B, D), of what a decoder ``fed_back``, and what went by."""

    parameters: dict[str, np.ndarray]
    inputs: np.ndarray
    fed_back: np.ndarray
    encoder: tuple[LayerRecording, ...]
    layers: tuple[LayerRecording, ...]


class ReferenceEngine:
    """The same calls as KernelEngine, in NumPy."""

    def __init__(self, layout: Layout, loss: LossSpec, dtype: np.dtype) -> None:
        self.layout = layout
        self.loss_spec = loss
        self._dtype = dtype
        self._last_states: np.ndarray | None = None

    def outputs(self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The head's outputs before activation, at every step: inputs (T, B, D) -> (T, B, O). Not for networks with a decoder."""
        lengths = np.full(inputs.shape[1], len(inputs)) if lengths is None else lengths
        return self._read(self.layout.unpack(flat), inputs, lengths, (), None).y

    def generate(
        self, flat: np.ndarray, inputs: np.ndarray, lengths: np.ndarray, output_len: int, choose: Choose | None = None
    ) -> np.ndarray:
        """What a decoder writes when it reads its own output: its head's outputs before activation, (output_len, B, O)."""
        never = np.zeros((output_len, inputs.shape[1]), bool)
        taught = np.zeros((output_len, inputs.shape[1], self.layout.output_size), self._dtype)
        always_valid = np.full(inputs.shape[1], output_len)
        return self._decode(self.layout.unpack(flat), inputs, lengths, always_valid, taught, never, (), choose).y

    def outputs_taught(self, flat: np.ndarray, batch: Batch) -> np.ndarray:
        """A decoder's outputs before activation where it reads the right previous output: (T', B, O)."""
        return self.run(self.layout.unpack(flat), batch).y

    def loss(self, flat: np.ndarray, batch: Batch, dropout: DropoutMasks = (), states: np.ndarray | None = None) -> float:
        """Mean loss of ``batch`` alone, a decoder taught; see ``loss_and_gradient``."""
        return self._loss_at(self.run(self.layout.unpack(flat), batch, dropout, None, states), batch)[0]

    def loss_and_gradient(
        self,
        flat: np.ndarray,
        batch: Batch,
        gradient: np.ndarray,
        dropout: DropoutMasks = (),
        truncate: int = 0,
        is_taught: np.ndarray | None = None,
        states: np.ndarray | None = None,
    ) -> float:
        """See KernelEngine."""
        parameters = self.layout.unpack(flat)
        run = self.run(parameters, batch, dropout, is_taught, states)
        loss, dy = self._loss_at(run, batch)
        self.layout.pack(self.backward(parameters, run, dy, truncate).parameters, gradient)
        self._last_states = self._states_after(run.stack, batch.lengths) if self.layout.topology not in HAS_DECODER else None
        return loss

    def final_states(self) -> np.ndarray:
        """See KernelEngine."""
        assert self._last_states is not None
        return self._last_states

    def record(self, flat: np.ndarray, batch: Batch, truncate: int) -> Recording:
        """Run ``batch`` forward and backward and keep all that went by."""
        parameters = self.layout.unpack(flat)
        run = self.run(parameters, batch)
        loss, dy = self._loss_at(run, batch)
        back = self.backward(parameters, run, dy, truncate)
        return Recording(loss, run.y, back.layers, back.encoder)

    def update(
        self, optimizer: Optimizer, parameters: np.ndarray, gradient: np.ndarray, slots: np.ndarray, count: int, learning_rate: float
    ) -> None:
        """One update of ``optimizer``, in NumPy."""
        optimizer.update_in_numpy(parameters, gradient, slots, count, learning_rate)

    def norm(self, vector: np.ndarray) -> float:
        """Euclidean norm of a flat vector."""
        return norm_in_numpy(vector)

    def run(
        self,
        parameters: Parameters,
        batch: Batch,
        dropout: DropoutMasks = (),
        is_taught: np.ndarray | None = None,
        states: np.ndarray | None = None,
    ) -> Run:
        """A forward pass with canonical, perhaps complex, ``parameters``."""
        if self.layout.topology not in HAS_DECODER:
            return self._read(parameters, batch.inputs, batch.lengths, dropout, states)
        taught = self.stack_inputs(batch)
        always = np.ones(taught.shape[:2], bool) if is_taught is None else is_taught
        assert batch.output_lengths is not None
        return self._decode(parameters, batch.inputs, batch.lengths, batch.output_lengths, taught, always, dropout, None)

    def stack_inputs(self, batch: Batch) -> np.ndarray:
        """What the layers below the head read, (T, B, D): the inputs, or of a decoder the right previous outputs."""
        if self.layout.topology not in HAS_DECODER:
            return batch.inputs.astype(self._dtype)
        return taught_inputs(batch.targets, self.loss_spec, self.layout.output_size, self._dtype)

    def _read(
        self, parameters: Parameters, inputs: np.ndarray, lengths: np.ndarray, dropout: DropoutMasks, states: np.ndarray | None
    ) -> Run:
        stack = self._run_stack(self.layout.stack, parameters, inputs.astype(self._dtype), lengths, dropout, states)
        return Run([], stack, self._head(parameters, self._seen_by_head(stack[-1], lengths)), lengths, None, (), dropout)

    def _decode(
        self,
        parameters: Parameters,
        inputs: np.ndarray,
        lengths: np.ndarray,
        output_lengths: np.ndarray,
        taught: np.ndarray,
        is_taught: np.ndarray,
        dropout: DropoutMasks,
        choose: Choose | None,
    ) -> Run:
        layout = self.layout
        vector: np.ndarray | None = None
        encoder: list[LevelRun] = []
        own: DropoutMasks = ()
        if layout.topology == ENCODER_DECODER:
            own, dropout = dropout[: layout.num_layers - 1], dropout[layout.num_layers - 1 :]
            encoder = self._run_stack(layout.encoder, parameters, inputs.astype(self._dtype), lengths, own, None)
            states = self._states_after(encoder, lengths)
        else:
            vector = inputs[0].astype(self._dtype)
            states = np.einsum("lshd,bd->lsbh", parameters["start.W"], vector) + parameters["start.b"][:, :, None]
        steps: list[Steps] = [[] for _ in layout.stack]
        y, fed_back = [], taught[0]
        for t, (right, is_right) in enumerate(zip(taught, is_taught, strict=True)):
            x = right if t == 0 else np.where(is_right[:, None], right, fed_back)
            for k, (layer,) in enumerate(layout.stack):
                h, c = (steps[k][-1].h, steps[k][-1].c) if t else (states[k, 0], states[k, 1] if layout.cell.has_cell_state else None)
                step = layout.cell.step(layout.options, layout.layer_parameters(parameters, layer), x, h, c)
                steps[k].append(_only_valid(step, t < output_lengths))
                x = steps[k][-1].h * dropout[k][t] if k < len(dropout) else steps[k][-1].h
            y.append(self._head(parameters, x))
            if not is_taught.all():
                fed_back = own_inputs(y[-1].real, self.loss_spec, choose)
        stack = [LevelRun([of_level], np.stack([step.h for step in of_level])) for of_level in steps]
        return Run(encoder, stack, np.stack(y), lengths, vector, own, dropout)

    def _run_stack(
        self, levels: Stack, parameters: Parameters, x: np.ndarray, lengths: np.ndarray, dropout: DropoutMasks, states: np.ndarray | None
    ) -> list[LevelRun]:
        runs = []
        for k, level in enumerate(levels):
            start = None if states is None else states[k]
            steps = [self._run_layer(layer, parameters, _turned(x, lengths) if layer.is_backward else x, lengths, start) for layer in level]
            outputs = [np.stack([step.h for step in of_layer]) for of_layer in steps]
            in_order = [_turned(h, lengths) if layer.is_backward else h for h, layer in zip(outputs, level, strict=True)]
            runs.append(LevelRun(steps, np.concatenate(in_order, axis=2)))
            x = runs[-1].outputs * dropout[k] if k < len(dropout) else runs[-1].outputs
        return runs

    def _run_layer(self, layer: Layer, parameters: Parameters, x: np.ndarray, lengths: np.ndarray, start: np.ndarray | None) -> Steps:
        layout = self.layout
        own = layout.layer_parameters(parameters, layer)
        h = np.zeros((x.shape[1], layout.hidden_size), self._dtype) if start is None else start[0]
        c: np.ndarray | None = None
        if layout.cell.has_cell_state:
            c = np.zeros_like(h) if start is None else start[1]
        steps = []
        for t, x_t in enumerate(x):
            steps.append(_only_valid(layout.cell.step(layout.options, own, x_t, h, c), t < lengths))
            h, c = steps[-1].h, steps[-1].c
        return steps

    def _states_after(self, runs: list[LevelRun], lengths: np.ndarray) -> np.ndarray:
        """States of each sequence after its ``lengths`` (B) steps: (L, S, B, H)."""
        members = np.arange(len(lengths))
        by_level = []
        for run in runs:
            kinds = [[step.h for step in run.steps[0]]]
            if self.layout.cell.has_cell_state:
                kinds.append([step.c for step in run.steps[0] if step.c is not None])
            by_level.append(np.stack([np.stack(kind)[lengths - 1, members] for kind in kinds]))
        return np.stack(by_level)

    def _seen_by_head(self, top: LevelRun, lengths: np.ndarray) -> np.ndarray:
        """What the head reads at every step, (T, B, directions·H): of a vector's backward direction the state that has read all."""
        if len(top.steps) == 1 or self.layout.topology != SEQUENCE_TO_VECTOR:
            return top.outputs
        size = self.layout.hidden_size
        seen = top.outputs.copy()
        seen[:, :, size:] = top.outputs[0, :, size:]
        return seen

    def _head(self, parameters: Parameters, h: np.ndarray) -> np.ndarray:
        y: np.ndarray = h @ parameters["head.W"].T + parameters["head.b"]
        return y

    def _loss_at(self, run: Run, batch: Batch) -> tuple[float, np.ndarray]:
        """Loss, and its derivative by the head's outputs, (T, B, O)."""
        counted = counted_outputs(batch, self.layout.topology, self._dtype, self.loss_spec.has_labels)
        y = run.y[counted.steps, counted.members]
        counted_dy = np.empty_like(y)
        loss = self.loss_spec.reference(y, counted.targets, counted_dy)
        dy = np.zeros_like(run.y)
        dy[counted.steps, counted.members] = counted_dy
        return loss, dy

    def input_gradient(self, parameters: Parameters, run: Run, dy: np.ndarray) -> np.ndarray:
        """∂L/∂x (T, B, D), or (1, B, D) of a vector, from ``dy`` (T, B, O)."""
        return self.backward(parameters, run, dy, 0).inputs

    def backward(
        self, parameters: Parameters, run: Run, dy: np.ndarray, truncate: int, dh_extra: Sequence[list[np.ndarray]] | None = None
    ) -> Gradients:
        """Gradients from ``dy`` (T, B, O), and what went by in encoder and stack.

        ``dh_extra``, by stack (encoder first) and level, is added to ∂L/∂h, (T, B, directions·H).
        """
        layout = self.layout
        size = layout.hidden_size
        h = self._seen_by_head(run.stack[-1], run.lengths)
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
            own = _turned(own, lengths) if layer.is_backward else own
            of_layer, own_dx, recording, d_start = self._layer_backward(layer, parameters, steps, own, lengths, truncate, d_final)
            gradients |= {f"{layer.prefix}{name}": value for name, value in of_layer.items()}
            own_dx = _turned(own_dx, lengths) if layer.is_backward else own_dx
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
            values = {name: _turned(value, lengths) for name, value in values.items()}
        shown = [
            None if part is None else _turned(part, lengths) if layer.is_backward else part for part in (dh_total, dc_total, dh_from_above)
        ]
        recording = LayerRecording(values, shown[0], shown[1], shown[2], layer.is_backward)  # type: ignore[arg-type]
        start = np.stack([dh_later] if dc_later is None else [dh_later, dc_later])
        return gradients, np.stack(dx[::-1]), recording, start


def _only_valid(step: Step, is_valid: np.ndarray) -> Step:
    """``step`` with 0 for the sequences (B,) that have ended: an unbounded state may grow beyond all numbers in the padding."""
    if is_valid.all():
        return step
    of_valid = is_valid[:, None]
    c = None if step.c is None else np.where(of_valid, step.c, 0)
    values = {name: np.where(of_valid, value, 0) for name, value in step.values.items()}
    return Step(np.where(of_valid, step.h, 0), c, values, step.kept)


def _turned(x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """``x`` (T, B, …) with the valid steps of each sequence in reverse."""
    turned = x.copy()
    for b, length in enumerate(lengths):
        turned[:length, b] = x[:length, b][::-1]
    return turned
