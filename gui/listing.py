"""``rnn-playground list``: what there is, the window's panels included."""

from collections.abc import Sequence

from core import cli
from core.registry import members
from gui.platform_check import exit_code_without_qt


def main(arguments: Sequence[str]) -> int:
    """Print a listing; everything but the panels is the core's."""
    if list(arguments[1:2]) != ["panels"]:
        return cli.main(arguments)
    code = exit_code_without_qt(has_display=False)
    if code:
        return code
    parser = cli.OneLineParser(prog="rnn-playground list panels")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments[2:])
    panels = members("gui.panels", "PANEL").values()
    cli.print_listing([{"name": panel.name, "title": panel.title, "summary": panel.help} for panel in panels], options.json)
    return cli.EXIT_DONE
