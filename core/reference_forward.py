"""The forward pass in NumPy: the cells' steps one after the other, layer by layer, and the head.

Parameters may be complex: the derivative along a direction v is then the imaginary part at θ + iεv, exact to rounding (Squire &
Trapp 1998).
"""

from dataclasses import dataclass

import numpy as np

from core.cell import Parameters, Step
from core.decoding import Choose, own_inputs
from core.kernel_stack import DropoutMasks
from core.layout import Layer, Layout, Stack
from core.losses import LossSpec
from core.topology import ENCODER_DECODER, SEQUENCE_TO_VECTOR

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


class ReferenceForward:
    """Runs networks of one layout."""

    def __init__(self, layout: Layout, loss: LossSpec, dtype: np.dtype) -> None:
        self.layout = layout
        self.loss_spec = loss
        self._dtype = dtype

    def read(
        self, parameters: Parameters, inputs: np.ndarray, lengths: np.ndarray, dropout: DropoutMasks, states: np.ndarray | None
    ) -> Run:
        """A network without a decoder reads ``inputs`` (T, B, D), from ``states`` (L, S, B, H) or from zeros."""
        stack = self._run_stack(self.layout.stack, parameters, inputs.astype(self._dtype), lengths, dropout, states)
        return Run([], stack, self._head(parameters, seen_by_head(self.layout, stack[-1])), lengths, None, (), dropout)

    def decode(
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
        """A decoder writes: at every step it reads ``taught`` (T', B, O) where ``is_taught`` (T', B), else what it wrote before."""
        layout = self.layout
        vector: np.ndarray | None = None
        encoder: list[LevelRun] = []
        own: DropoutMasks = ()
        if layout.topology == ENCODER_DECODER:
            own, dropout = dropout[: layout.num_layers - 1], dropout[layout.num_layers - 1 :]
            encoder = self._run_stack(layout.encoder, parameters, inputs.astype(self._dtype), lengths, own, None)
            states = self.states_after(encoder, lengths)
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
            steps = [self._run_layer(layer, parameters, turned(x, lengths) if layer.is_backward else x, lengths, start) for layer in level]
            outputs = [np.stack([step.h for step in of_layer]) for of_layer in steps]
            in_order = [turned(h, lengths) if layer.is_backward else h for h, layer in zip(outputs, level, strict=True)]
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

    def states_after(self, runs: list[LevelRun], lengths: np.ndarray) -> np.ndarray:
        """States of each sequence after its ``lengths`` (B) steps: (L, S, B, H)."""
        members = np.arange(len(lengths))
        by_level = []
        for run in runs:
            kinds = [[step.h for step in run.steps[0]]]
            if self.layout.cell.has_cell_state:
                kinds.append([step.c for step in run.steps[0] if step.c is not None])
            by_level.append(np.stack([np.stack(kind)[lengths - 1, members] for kind in kinds]))
        return np.stack(by_level)

    def _head(self, parameters: Parameters, h: np.ndarray) -> np.ndarray:
        y: np.ndarray = h @ parameters["head.W"].T + parameters["head.b"]
        return y


def seen_by_head(layout: Layout, top: LevelRun) -> np.ndarray:
    """What the head reads at every step, (T, B, directions·H): of a vector's backward direction the state that has read all."""
    if len(top.steps) == 1 or layout.topology != SEQUENCE_TO_VECTOR:
        return top.outputs
    size = layout.hidden_size
    seen = top.outputs.copy()
    seen[:, :, size:] = top.outputs[0, :, size:]
    return seen


def _only_valid(step: Step, is_valid: np.ndarray) -> Step:
    """``step`` with 0 for the sequences (B,) that have ended: an unbounded state may grow beyond all numbers in the padding."""
    if is_valid.all():
        return step
    of_valid = is_valid[:, None]
    c = None if step.c is None else np.where(of_valid, step.c, 0)
    values = {name: np.where(of_valid, value, 0) for name, value in step.values.items()}
    return Step(np.where(of_valid, step.h, 0), c, values, step.kept)


def turned(x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """``x`` (T, B, …) with the valid steps of each sequence in reverse."""
    turned = x.copy()
    for b, length in enumerate(lengths):
        turned[:length, b] = x[:length, b][::-1]
    return turned
