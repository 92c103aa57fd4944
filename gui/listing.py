"""``rnn-playground list``: what there is, the window's panels included."""

from collections.abc import Sequence
from typing import Any

from core import cli, command_line
from gui.panel_spec import panel_specs
from gui.platform_check import exit_code_without_qt


def main(arguments: Sequence[str]) -> int:
    """Print a listing; everything but the panels is the core's."""
    cli.LISTINGS["panels"] = _list_panels
    code = exit_code_without_qt(has_display=False) if "panels" in arguments else command_line.EXIT_DONE
    return code or cli.main(arguments)


def _list_panels() -> list[dict[str, Any]]:
    """The panels."""
    return [{"name": panel.name, "title": panel.title, "summary": panel.help} for panel in panel_specs().values()]
