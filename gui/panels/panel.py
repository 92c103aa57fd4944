"""The contract of a panel: it is fed with snapshots and draws them. Its title and help stand in gui/panel_specs/."""

from typing import ClassVar

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.snapshot import Snapshot
from gui.plots.growth import Growing
from gui.run_history import RunHistory
from gui.style import restyle
from gui.theme import Theme
from gui.walk import Walk

FRAME_MARGINS = (1, 0, 1, 7)
"""Room for the frame's line and round corners: left, top, right, bottom."""


class Panel(Growing):
    """What stands in a dock: the drawing below its title bar.

    Nothing here computes: a panel shows what a Snapshot holds. ``subtitle_changed`` carries the one secondary sentence of the
    title bar, ``cursor_moved`` a time step (from 0) that the person chose here; the window passes it to all panels.
    ``options`` are small widgets that the title bar shows at its right. ``looks`` names the looks inside (core/looks/) that it
    draws: they are taken only while the panel is on screen, and stand in ``RunHistory.look``. ``focus_changed`` carries the layer
    that the person chose; the looks that depend on it are then taken anew. ``unit_followed`` carries the unit (from 0) that the person
    chose here; like the cursor, the window passes it to all panels.
    """

    looks: ClassVar[tuple[str, ...]] = ()

    subtitle_changed = QtSignal(str)
    cursor_moved = QtSignal(int)
    focus_changed = QtSignal(int)
    unit_followed = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.subtitle = ""
        self._growth = 1.0

    def options(self) -> list[QWidget]:
        """Widgets for the title bar, made once."""
        return []

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        """Draw a snapshot. Called at most once a frame, only while visible; ``history`` has taken in every one, this included."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget everything: another run begins."""
        raise NotImplementedError

    def set_cursor(self, step: int) -> None:
        """Mark time step ``step`` (from 0)."""

    def follow(self, unit: int) -> None:
        """Mark unit ``unit`` (from 0) of the layer that is shown."""

    def set_walk(self, walk: Walk) -> None:
        """A person walks through the shown sequence step by step: what ``walk`` has not come to yet may be drawn faintly."""

    def set_running(self, is_running: bool) -> None:
        """Whether the run is training now: what is still missing is then on its way."""

    def as_table(self) -> list[list[str]]:
        """What is drawn, as rows of a table with a header row: the panel's twin for screen readers and CSV."""
        raise NotImplementedError

    def as_sentence(self) -> str:
        """What is drawn, in one sentence."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._growth != self.drawing_growth:
            self._growth = self.drawing_growth
            restyle(self)

    def say(self, subtitle: str) -> None:
        """Tell the title bar another subtitle, and screen readers the sentence, if it changed."""
        if subtitle != self.subtitle:
            self.subtitle = subtitle
            self.setAccessibleDescription(self.as_sentence())
            self.subtitle_changed.emit(subtitle)
