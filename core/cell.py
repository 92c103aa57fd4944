"""The contract of a recurrent cell. Each file in core/cells/ exports one as CELL.

A cell is written down three times in its file: as equations, as a readable NumPy step with its gradient, and as kernels over
a whole sequence. A fourth time, taken apart into what a person is shown of a step: drawing, equations with numbers, code. The
tests hold all of them together.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from core.anatomy import CodeLine, Formula
from core.diagram import Diagram
from core.kernels.cell_kernels import CellKernels
from core.kernels.layer_weights import LayerWeights
from core.kernels.products import products_for
from core.signal import Signal

LANES = 16
Parameters = Mapping[str, np.ndarray]


def spaced(columns: int) -> int:
    """Length of a row of ``columns`` gates in memory: LANES more."""
    return columns + LANES


def padded(size: int) -> int:
    """``size`` rounded up to full vectors."""
    return (size + LANES - 1) // LANES * LANES


@dataclass(frozen=True)
class LayerArrays:
    """What the kernels of one layer work in: made once, written over by every run.

    T steps, B sequences, H units padded to a multiple of 16 (Hp), D inputs, C column blocks, K = Hp + D + 1:

    Attributes
    ----------
    rows (T + 1, B, K)
        ``rows[t, b] = [h_{t-1} | x_t | 1]``: the input of one affine map gives all gates, bias included. The kernel writes h_t into
        ``rows[t + 1]``; ``rows[0]`` begins with the initial state. With biases off the constant is 0, which also keeps their
        gradient at 0.
    gates (T, B, ≥ C·Hp)
        Gate values after ``forward``; their gradients before the activation are written over them by ``backward``. Rows are a little
        longer than needed: at distances of a power of two they would drive each other from the cache.
    extra (E, ≥ T + 1, B, Hp)
        What else the cell must remember (C_t and tanh C_t of the LSTM); ``extra[e, t]`` is the value before step t where it is a
        state, so that ``extra[0, 0]`` is the initial cell state.
    dh (T + 1, B, Hp)
        ``dh[t + 1]`` belongs to h_t, as in ``rows``, and ``dh[0]`` to the initial state. In: ∂L/∂h as far as it comes from outputs,
        upper layers and a decoder. Out: the total derivative.
    dc (T + 1, B, Hp)
        The same for C_t, for cells with a cell state.

    The weights that go with them are (K + P, C·Hp): rows as in ``rows``, columns by gate, then the P rows of the cell's own
    (peepholes); padded columns and rows are zero and stay so.
    """

    rows: np.ndarray
    gates: np.ndarray
    extra: np.ndarray
    dh: np.ndarray
    dc: np.ndarray

    def first_steps(self, seq_len: int) -> "LayerArrays":
        """Views of the first ``seq_len`` steps; ``extra`` whole, as kernels would compile anew for a slice that is not contiguous."""
        return LayerArrays(self.rows[: seq_len + 1], self.gates[:seq_len], self.extra, self.dh[: seq_len + 1], self.dc[: seq_len + 1])


@dataclass(frozen=True)
class Tangents:
    """Derivatives of what a layer's arrays hold, along one direction of the parameters (the R-operator of Pearlmutter 1994).

    Attributes
    ----------
    rows (T + 1, B, K)
        R{rows}: ``[R{h_{t-1}} | R{x_t} | 0]``; the kernel writes R{h_t} into ``rows[t + 1]``.
    gates (B, C·Hp)
        Room for one step.
    extra (E, T + 1, B, Hp)
        R{C_t} in ``extra[0, t + 1]``, for cells with a cell state; the rest is the cell's to use.
    """

    rows: np.ndarray
    gates: np.ndarray
    extra: np.ndarray


@dataclass(frozen=True)
class Step:
    """One NumPy step: the new states, the values of the cell's signals, and what its gradient needs again.

    h, c : (B, H); c is None for cells without a cell state.
    """

    h: np.ndarray
    c: np.ndarray | None
    values: Mapping[str, np.ndarray]
    kept: tuple[Any, ...]


@dataclass(frozen=True)
class StepGradient:
    """Gradient of one NumPy step: with respect to x (B, D), the previous states (B, H), and the parameters.

    ``dc_total`` is the total ∂L/∂C_t of this step, None for cells without a cell state.
    """

    dx: np.ndarray
    dh_prev: np.ndarray
    dc_prev: np.ndarray | None
    parameters: dict[str, np.ndarray]
    dc_total: np.ndarray | None = None


class Cell(ABC):
    """A recurrent cell: its names for people, its NumPy step, its kernels.

    ``gates`` are all it can have, in the order of the canonical layout; ``signals`` what the panels show; ``Options`` a frozen
    dataclass of settings fields, with ``use_bias``. Which of them an option takes away, ``learned_gates`` and ``shown_signals`` say.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int] = 100
    Options: ClassVar[type]
    gates: ClassVar[tuple[str, ...]]
    signals: ClassVar[tuple[Signal, ...]]
    has_cell_state: ClassVar[bool] = False
    extra_count: ClassVar[int] = 0
    kernels: ClassVar[CellKernels]

    @abstractmethod
    def equations(self, options: Any) -> tuple[str, ...]:
        """LaTeX lines with the symbols of the signals, in the order of computing."""

    @abstractmethod
    def formulas(self, options: Any) -> tuple[Formula, ...]:
        """The same equations, each in the quantities that it is made of."""

    @abstractmethod
    def quantities(
        self, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """Name -> (B, H) of everything that ``formulas`` and ``diagram`` name, signals included: x (B, D), states (B, H)."""

    @abstractmethod
    def diagram(self, options: Any) -> Diagram:
        """The cell as a drawing; what an option takes away is not in it."""

    @abstractmethod
    def code(self, options: Any) -> tuple[CodeLine, ...]:
        """A function ``step`` in NumPy for x_t (D) and states (H), with ``np`` and ``sigmoid``; its weights are ``code_weights``."""

    @abstractmethod
    def code_weights(self, options: Any, parameters: Parameters) -> dict[str, Any]:
        """The arguments of ``code`` after the input and the states, by name."""

    def learned_gates(self, options: Any) -> tuple[str, ...]:
        """Those of ``gates`` that have parameters: G of them."""
        return self.gates

    def shown_signals(self, options: Any) -> tuple[Signal, ...]:
        """Those of ``signals`` that are not constant."""
        return self.signals

    def idle_options(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Name -> reason, of ``Options`` that make no difference, or are refused, with these values of the others."""
        return {}

    def shapes(self, options: Any, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Canonical parameters of one layer: W_x (G, H, D), W_h (G, H, H) and, with biases, b (G, H)."""
        gates = len(self.learned_gates(options))
        shapes: dict[str, tuple[int, ...]] = {"W_x": (gates, hidden_size, input_size), "W_h": (gates, hidden_size, hidden_size)}
        if options.use_bias:
            shapes["b"] = (gates, hidden_size)
        return shapes

    def gates_of(self, options: Any, name: str) -> tuple[str, ...]:
        """The gates along the first axis of parameter ``name`` (W_x, W_h, b …); empty where it has no such axis."""
        return self.learned_gates(options) if name in ("W_x", "W_h", "b") else ()

    def initial_bias(self, options: Any, name: str, values: np.ndarray) -> np.ndarray:
        """Last word on a freshly drawn bias ``name`` of canonical shape; the LSTM sets its forget gate's here."""
        return values

    def column_blocks(self, options: Any) -> int:
        """C: column blocks of the engine's weight matrix; one a gate, unless the cell needs more."""
        return len(self.gates)

    def own_rows(self, options: Any) -> int:
        """P: rows of the engine's weight matrix below those of [h | x | 1]."""
        return 0

    def pack(self, options: Any, parameters: Parameters, weights: np.ndarray) -> None:
        """Write canonical parameters of one layer into ``weights`` (K + P, C, Hp), which is zero before; modified in place."""
        blocks = [self.gates.index(gate) for gate in self.learned_gates(options)]
        hidden_size, input_size = parameters["W_x"].shape[1:]
        first_input = weights.shape[2]
        weights[:hidden_size, blocks, :hidden_size] = parameters["W_h"].transpose(2, 0, 1)
        weights[first_input : first_input + input_size, blocks, :hidden_size] = parameters["W_x"].transpose(2, 0, 1)
        if "b" in parameters:
            weights[first_input + input_size, blocks, :hidden_size] = parameters["b"]

    def unpack(self, options: Any, weights: np.ndarray, hidden_size: int) -> dict[str, np.ndarray]:
        """Canonical copies of the parameters (or gradients) of one layer that stand in ``weights`` (K + P, C, Hp)."""
        blocks = [self.gates.index(gate) for gate in self.learned_gates(options)]
        first_input, constant = weights.shape[2], len(weights) - self.own_rows(options) - 1
        parameters = {
            "W_x": weights[first_input:constant, blocks, :hidden_size].transpose(1, 2, 0).copy(),
            "W_h": weights[:hidden_size, blocks, :hidden_size].transpose(1, 2, 0).copy(),
        }
        if options.use_bias:
            parameters["b"] = weights[constant, blocks, :hidden_size].copy()
        return parameters

    @abstractmethod
    def step(self, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None) -> Step:
        """One time step in NumPy: x (B, D), states (B, H).

        Complex numbers go through it too: a check of the gradient differentiates by them.
        """

    @abstractmethod
    def step_gradient(self, options: Any, parameters: Parameters, step: Step, dh: np.ndarray, dc: np.ndarray | None) -> StepGradient:
        """Gradient of ``step`` from the total ∂L/∂h_t and ∂L/∂C_t, both (B, H)."""

    @abstractmethod
    def parts(self, options: Any) -> np.ndarray:
        """What ``options`` switch on, for the kernels: (parts,) bool."""

    def forward(self, options: Any, arrays: LayerArrays, weights: LayerWeights, is_sparse: bool, first: int, last: int) -> None:
        """Run a layer over the steps ``first … last − 1`` with the kernels; ``rows``, ``gates`` and ``extra`` are modified in place.

        ``is_sparse``: the inputs are mostly 0.
        """
        self.kernels.forward(
            products_for(arrays.rows.dtype),
            self.parts(options),
            arrays.rows,
            arrays.gates,
            arrays.extra,
            weights.rows,
            weights.panels,
            is_sparse,
            first,
            last,
        )

    def backward(
        self,
        options: Any,
        arrays: LayerArrays,
        weights: LayerWeights,
        gradient: np.ndarray,
        is_sparse: bool,
        truncate: int,
        has_start: bool,
    ) -> None:
        """Backpropagate through time; ``gates`` → gradients, ``dh``, ``dc`` → totals, ``gradient`` (K + P, C·Hp) added to.

        The gradient is cut between steps t−1 and t wherever t ≥ 1 is a multiple of ``truncate``; 0: never. Only where ``has_start``
        it goes on to the initial state, ``dh[0]`` and ``dc[0]``.
        """
        rows, gates, extra, dh, dc = arrays.rows, arrays.gates, arrays.extra, arrays.dh, arrays.dc
        back_panels = weights.back_panels
        self.kernels.backward(
            products_for(rows.dtype),
            self.parts(options),
            rows,
            gates,
            extra,
            weights.rows,
            back_panels,
            dh,
            dc,
            gradient,
            is_sparse,
            truncate,
            has_start,
        )

    def tangent(self, options: Any, arrays: LayerArrays, weights: LayerWeights, tangents: Tangents, direction: LayerWeights) -> None:
        """Derivative of ``forward`` along ``direction`` of the weights and the tangents of inputs and initial state.

        ``arrays`` are as ``forward`` left them; ``tangents`` is modified in place.
        """
        R = tangents
        self.kernels.tangent(
            products_for(arrays.rows.dtype),
            self.parts(options),
            arrays.rows,
            arrays.gates,
            arrays.extra,
            weights.rows,
            weights.panels,
            R.rows,
            R.gates,
            R.extra,
            direction.rows,
            direction.panels,
        )

    def by_block(self, options: Any, arrays: LayerArrays) -> np.ndarray:
        """``arrays.gates`` by column block, a view (T, B, C, Hp)."""
        blocks, units = self.column_blocks(options), arrays.dh.shape[2]
        return arrays.gates[:, :, : blocks * units].reshape(*arrays.gates.shape[:2], blocks, units)

    @abstractmethod
    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """Signal name -> (T, B, H) views of what ``forward`` left, of all ``signals``; valid until ``backward``."""

    def cell_state_gradient_alone(self, options: Any, values: Mapping[str, np.ndarray], dh_from_outputs: np.ndarray) -> np.ndarray | None:
        """∂L/∂C_t by way of the cell state alone, (T, B, H); None for cells without one.

        ``values`` are signals (T, B, H), ``dh_from_outputs`` (T, B, H) is ∂L/∂h_t without what comes back through h_{t+1}.
        """
        return None
