"""One step of a cell taken apart: its equations with the numbers in them, and the same step as NumPy code.

A *quantity* is anything that an equation names: a gate, a state, or a part of a gate's sum (W_i h_{t-1}, W_i x_t, b_i …), each with a
value for every unit at every step. Cells declare in which quantities their equations are written (``Cell.formulas``), and
compute them (``Cell.quantities``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.diagram import Tone

Activation = Literal["sigmoid", "tanh", "relu", "identity"]
PREVIOUS_HIDDEN, PREVIOUS_CELL = "previous hidden", "previous cell state"
# What stands in the line of numbers below a sign.
NUMBER_LINE = {r"\odot": "·", r"\sigma": "σ", r"\tanh": "tanh", r"\mathrm{ReLU}": "ReLU", "-": "−"}


@dataclass(frozen=True)
class Piece:
    """A part of an equation that is drawn as one: what it says in LaTeX, and the quantities whose sum it is.

    Without quantities it is a sign. ``caption`` says in words what the number is.
    """

    latex: str
    tone: Tone | None = None
    values: tuple[str, ...] = ()
    caption: str = ""

    @property
    def sign(self) -> str:
        """The sign in the line of numbers."""
        return NUMBER_LINE.get(self.latex, self.latex)


@dataclass(frozen=True)
class Formula:
    """The equation of one signal.

    Attributes
    ----------
    signal : what it computes
    pieces : the equation from left to right
    terms : word -> quantity of what is summed before the activation; of a state the products that are added
    total : the quantity that is their sum, before the activation; "" where there is none
    activation : what is applied to it; None for a state
    says : a sentence with {0}, {1} … for the quantities ``shares``, as per cent of 1
    """

    signal: str
    pieces: tuple[Piece, ...]
    terms: Mapping[str, str]
    total: str = ""
    activation: Activation | None = None
    says: str = ""
    shares: tuple[str, ...] = ()

    @property
    def latex(self) -> str:
        """The whole equation."""
        return " ".join(piece.latex for piece in self.pieces)


@dataclass(frozen=True)
class CodeLine:
    """A line of Python; ``variable`` is the name of what it computes in it, ``signal`` that of the signal. "" where it computes none."""

    text: str
    variable: str = ""
    signal: str = ""


def signs(text: str) -> tuple[Piece, ...]:
    """Signs between spaces, as pieces."""
    return tuple(Piece(sign) for sign in text.split())


def linear(
    gate: str, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray | None, x: np.ndarray, h_prev: np.ndarray, peephole: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """The parts of a gate's sum W_h h_{t-1} + W_x x_t + b, and the sum, by the name of the quantity.

    W_x (H, D), W_h (H, H), b (H) or None, x (B, D), h_prev (B, H), peephole (B, H) or None -> (B, H) each.
    """
    parts = {f"{gate} memory": h_prev @ W_h.T, f"{gate} input": x @ W_x.T}
    if peephole is not None:
        parts[f"{gate} peephole"] = peephole
    if b is not None:
        parts[f"{gate} bias"] = np.broadcast_to(b, h_prev.shape)
    total = sum(parts.values())
    return parts | {f"{gate} sum": np.asarray(total)}


def terms_of(gate: str, has_bias: bool, has_peephole: bool = False) -> dict[str, str]:
    """Word -> quantity of what ``linear`` computes."""
    words = ["memory", "input", *(["peephole"] if has_peephole else []), *(["bias"] if has_bias else [])]
    return {word: f"{gate} {word}" for word in words}
