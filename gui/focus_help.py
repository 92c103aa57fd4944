"""What F1 says: help on the control, task or panel that has the keyboard."""

from PySide6.QtWidgets import QWidget

from gui import panel_actions
from gui.panel_dock import PanelDock


def help_on(widget: QWidget | None) -> tuple[str, str] | None:
    """Title and text for ``widget`` or what it is part of; None where nothing is to be said of it.

    A drawing that fills its panel is explained as the panel; any other control by its own tooltip.
    """
    said: tuple[str, str] | None = None
    while widget is not None:
        if isinstance(widget, PanelDock):
            return widget.spec.title, panel_actions.panel_help(widget) + (f"<hr>{said[1]}" if said is not None else "")
        if said is None and widget.toolTip() and widget.accessibleName():
            more = f"<p>{widget.whatsThis()}</p>" if widget.whatsThis() else ""
            said = widget.accessibleName(), f"{_as_paragraph(widget.toolTip())}{more}"
        widget = widget.parentWidget()
    return said


def _as_paragraph(tip: str) -> str:
    return tip if tip.startswith("<") else f"<p>{tip}</p>"
