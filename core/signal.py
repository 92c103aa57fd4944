"""What a cell lets a person see: its gates and states, with symbol, colour role and fixed scale."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["forget", "input", "candidate", "output", "cell_state", "hidden"]


@dataclass(frozen=True)
class Signal:
    """One gate or state of a cell.

    ``role`` picks the colour, the same everywhere (the update gate of a GRU writes, so it wears the input gate's colour).
    ``low`` and ``high`` are the ends of its colour scale; a gate has values in 0…1, a signed signal is centred at 0.
    Without ``has_fixed_scale`` nothing bounds its values (ReLU): the scale grows with them, and nothing saturates.
    """

    name: str
    symbol: str
    role: Role
    low: float
    high: float
    is_gate: bool = True
    has_fixed_scale: bool = True
