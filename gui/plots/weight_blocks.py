"""One layer's weights as blocks for drawing: matrices whose rows are what a weight leads to, and whose columns are where it comes from."""

from dataclasses import dataclass

import numpy as np

from core.looks.weights import LayerWeights

RECURRENT, INPUT, HEAD, HEAD_BIAS = "W_h", "W_x", "head.W", "head.b"


@dataclass(frozen=True)
class WeightBlock:
    """A matrix, or a vector as a matrix of one column.

    Attributes
    ----------
    key : its short name in a layer, or HEAD, HEAD_BIAS
    name : canonical name of the parameter that it is a part of; ``lead`` begins an entry's index there, ``start`` is its first column
    letter, subscript : as in equations
    gate : "" where it belongs to none
    values : (rows, columns)
    source : what the columns are: "unit", "input"; "" for a vector
    target : what the rows are: "unit", "output"
    """

    key: str
    name: str
    letter: str
    subscript: str
    gate: str
    values: np.ndarray
    source: str
    target: str
    lead: tuple[int, ...] = ()
    start: int = 0

    @property
    def symbol(self) -> str:
        """In plain letters: "W_hh", "b"."""
        return f"{self.letter}_{self.subscript}" if self.subscript else self.letter

    def index(self, row: int, column: int) -> tuple[int, ...]:
        """The canonical index of an entry."""
        return (*self.lead, row, self.start + column) if self.source else (*self.lead, row)

    def title(self, row: int, column: int) -> str:
        """An entry in full: "W_hh, forget, from unit 3 to unit 7"."""
        words = [self.symbol, *([self.gate] if self.gate else [])]
        ends = f"from {self.source} {column} to {self.target} {row}" if self.source else f"of {self.target} {row}"
        return ", ".join([*words, ends])


VECTORS = {"b": ("b", ""), "b_h": ("b", "h"), "p": ("p", "")}


def blocks_of(weights: LayerWeights, gate: str) -> dict[str, WeightBlock]:
    """The blocks of ``gate`` by key: W_x, W_h, vectors, and the head's where it reads this layer."""
    blocks = {}
    is_first = weights.prefix.partition("layers.")[2].startswith("0")
    for key, values in weights.parameters.items():
        gates = weights.gates[key]
        if gates and gate not in gates:
            continue
        lead = (gates.index(gate),) if gates else ()
        part = values[lead] if lead else values
        letter, subscript = VECTORS.get(key, ("W", "hh" if key == RECURRENT else "xh"))
        source = "unit" if key == RECURRENT else ("input" if is_first else "unit below") if key == INPUT else ""
        matrix = part if source else part[:, np.newaxis]
        shown_gate = gate if gates and len(gates) > 1 else ""
        blocks[key] = WeightBlock(key, weights.prefix + key, letter, subscript, shown_gate, matrix, source, "unit", lead)
    if weights.head is not None and weights.head_bias is not None:
        blocks[HEAD] = WeightBlock(HEAD, HEAD, "W", "hy", "", weights.head, "unit", "output", (), weights.head_start)
        blocks[HEAD_BIAS] = WeightBlock(HEAD_BIAS, HEAD_BIAS, "b", "y", "", weights.head_bias[:, np.newaxis], "", "output")
    return blocks
