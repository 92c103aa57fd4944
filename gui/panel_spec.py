"""What menus, title bars and lists know of a panel before it is made. Each file in gui/panel_specs/ exports one as PANEL.

Making a panel imports what it draws with, which takes as long as the window's other parts together: a panel is made when a person
first sees it. So no file here or in gui/panel_specs/ imports a panel.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.registry import members
from gui.theme import Theme

if TYPE_CHECKING:
    from gui.panels.panel import Panel


@dataclass(frozen=True)
class PanelSpec:
    """Name, title and maker of a panel; ``help`` says what a person should see and learn in it."""

    name: str
    title: str
    help: str
    order: int
    make: "Callable[[Theme], Panel]"


def late(module: str, class_name: str) -> "Callable[[Theme], Panel]":
    """A maker that imports ``module`` only when the panel is wanted."""

    def make(theme: Theme) -> "Panel":
        panel: Panel = getattr(importlib.import_module(module), class_name)(theme)
        return panel

    return make


def panel_specs() -> dict[str, PanelSpec]:
    """All panels by name, in their order."""
    return members("gui.panel_specs", "PANEL")
