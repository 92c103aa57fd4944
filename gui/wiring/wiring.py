"""The contract of a panel's wiring, and all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.registry import members


@dataclass(frozen=True)
class Wiring:
    """``connect(window, panel)`` joins the signals of the panel called ``name`` with the window's controllers, once it is made.

    ``prepare(window)`` comes before, with the window: for what has to work, or to be known later, while nobody has seen the panel.
    """

    name: str
    connect: Callable[[Any, Any], None]
    prepare: Callable[[Any], None] = lambda window: None


@cache
def wirings() -> dict[str, Wiring]:
    """Wirings by the name of their panel."""
    return members("gui.wiring", "WIRING")
