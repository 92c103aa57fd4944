"""A panel by itself, and what is shown to it."""

from core.snapshot import Snapshot
from gui.panel_spec import PanelSpec
from gui.panels.panel import Panel
from gui.run_history import RunHistory
from gui.theme import DARK


def shown_panel(qtbot, spec: PanelSpec, width: int, height: int) -> Panel:
    """As in a dock of that size, with what would stand in the dock's title."""
    panel = spec.make(DARK)
    for widget in (panel, *panel.options()):
        qtbot.addWidget(widget)
    panel.resize(width, height)
    panel.show()
    return panel


def feed(panel: Panel, *snapshots: Snapshot, hidden: int = 0) -> RunHistory:
    """Give all snapshots to the history, and those after the first ``hidden`` to the panel, which draws them."""
    history = RunHistory()
    for k, snapshot in enumerate(snapshots):
        history.add(snapshot)
        if k >= hidden:
            panel.show_snapshot(snapshot, history)
    panel.grab()
    return history
