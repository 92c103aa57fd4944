"""The contract of a look inside: what a panel wants to know of a network besides its trace. Each file in core/looks/ exports one as LOOK.

A panel names the looks it draws (``Panel.looks``); they are taken only while it is on screen, and while training goes on no oftener
than a small share of the time allows. What a look returns reaches the panel as ``RunHistory.look(name)``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from core.snapshot import Trace
    from core.trainer import Trainer


@dataclass(frozen=True)
class Focus:
    """What the person looks at: time step ``step`` (from 0) of layer ``layer`` (in a trace's order, 0 at the bottom)."""

    step: int = 0
    layer: int = 0

    def within(self, trace: "Trace") -> "Focus":
        """The same, or the nearest that ``trace`` has."""
        return Focus(min(max(self.step, 0), trace.seq_len - 1), min(max(self.layer, 0), len(trace.layers) - 1))


@dataclass(frozen=True)
class NoLook:
    """In place of a result: why there is none, in words for a person."""

    reason: str


class Look(ABC):
    """One thing to know. ``depends_on_focus``: whether another time step or layer makes another result."""

    name: ClassVar[str]
    depends_on_focus: ClassVar[bool] = False

    @abstractmethod
    def take(self, trainer: "Trainer", trace: "Trace", focus: Focus) -> Any:
        """An immutable result with read-only arrays, copied from the network as it is now; ``focus`` lies within ``trace``.

        A result whose ``is_partial`` is true is asked for again while the run rests, until it is whole.
        Nothing of ``trainer`` changes. Raises InputError where it can't be had, in words for a person.
        """
