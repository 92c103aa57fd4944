"""A cell as a drawing: what stands where, and which line carries what. Each cell declares its own; the window draws any.

Places are (x, y) on a grid of WIDTH by HEIGHT, x to the right and y downwards. Lines lead from the middle of one thing to the middle
of the next; whoever draws them ends them at its rim. ``value`` is always the name of a quantity (``Cell.quantities``).
"""

from dataclasses import dataclass
from typing import Literal

from core.signal import Role

WIDTH, HEIGHT = 12.0, 6.0
Place = tuple[float, float]
Tone = Role | Literal["x"]
"""The colour of a line: that of a gate or state, or that of the input."""

Kind = Literal["belt", "wire", "peephole", "return"]


@dataclass(frozen=True)
class Dial:
    """A gate, or what is proposed: ``signal`` shown at ``at``; ``word`` says what it does. ``has_symbol_right``: its left is taken."""

    signal: str
    word: str
    at: Place
    has_symbol_right: bool = False


@dataclass(frozen=True)
class Operator:
    """Something computed where lines meet: "×", "+", "tanh", "1−", or a matrix or a bias by its LaTeX symbol."""

    text: str
    at: Place
    tone: Tone


@dataclass(frozen=True)
class End:
    """Where a state enters or leaves: its symbol, its quantity, at the left or the right side."""

    latex: str
    tone: Tone
    value: str
    at: Place
    is_right: bool = False


@dataclass(frozen=True)
class Line:
    """Through ``places``, in the order of computing.

    A belt is as thick as its quantity is large; along a return the next step gets what this one ends with.
    """

    places: tuple[Place, ...]
    tone: Tone
    kind: Kind = "wire"
    value: str = ""
    has_arrow: bool = False


@dataclass(frozen=True)
class Diagram:
    """``dials`` are in reading order; ``input_at`` is where x_t enters, from below."""

    dials: tuple[Dial, ...]
    operators: tuple[Operator, ...]
    lines: tuple[Line, ...]
    ends: tuple[End, ...]
    input_at: Place
