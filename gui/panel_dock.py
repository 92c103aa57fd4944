"""A dock, its title bar, and the panel in it once a person has seen it."""

from itertools import pairwise

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QMoveEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QWidget

from gui.controls.dock_header import DockHeader
from gui.controls.painting import draw_box, painting
from gui.panel_spec import PanelSpec
from gui.panels.panel import Panel
from gui.style import current_look
from gui.theme import RADIUS_PANEL, Theme


class PanelDock(QDockWidget):
    """A place for a panel, with its title bar. The panel is made when it is first asked for: at the latest when it is seen.

    ``panel_made`` carries it then, once. ``maximise_requested`` asks for the whole bench, or to give it back;
    ``place_changed`` says that the panel may be seen now, or seen no more.
    """

    panel_made = Signal(object)
    maximise_requested = Signal()
    place_changed = Signal()

    def __init__(self, spec: PanelSpec, theme: Theme) -> None:
        super().__init__(spec.title)
        self.spec = spec
        self._theme = theme
        self._panel: Panel | None = None
        self.setObjectName(f"dock_{spec.name}")
        self.header = DockHeader(spec.title, spec.help)
        self.setTitleBarWidget(self.header)
        self.topLevelChanged.connect(self.header.set_floating)
        self.header.float_requested.connect(lambda: self.setFloating(not self.isFloating()))
        self.header.close_requested.connect(self.close)
        self.header.maximise_requested.connect(self.maximise_requested)

    @property
    def is_made(self) -> bool:
        """Whether the panel is there."""
        return self._panel is not None

    @property
    def panel(self) -> Panel:
        """The panel, made now where it was not yet."""
        return self._panel or self.make()

    def make(self) -> Panel:
        """Make the panel, once."""
        panel = self.spec.make(self._theme)
        self.header.add_options(panel.options())
        last = self.header.menu_button
        self.setWidget(panel)
        panel.subtitle_changed.connect(self.header.set_subtitle)
        self.header.set_subtitle(panel.subtitle)
        # What was made late stands last in the window for Tab.
        stops = [widget for widget in panel.findChildren(QWidget) if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for stop, following in pairwise((last, *stops)):
            QWidget.setTabOrder(stop, following)
        self._panel = panel
        self.place_changed.emit()
        self.panel_made.emit(panel)
        return panel

    def is_seen(self) -> bool:
        """Whether a person can see the panel, or would if it were made: it is not closed and not behind a tab."""
        widget = self if self._panel is None else self._panel
        return widget.isVisible() and not widget.visibleRegion().isEmpty()

    def set_theme(self, theme: Theme) -> None:
        """Another theme, for the panel that is there or will be made."""
        self._theme = theme
        if self._panel is not None:
            self._panel.set_theme(theme)

    # Behind a tab Qt takes it for visible, and moves it out of view.

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.place_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place_changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.place_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.place_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        # Behind a tab the card begins at the tab bar, which has its upper corners.
        top = -2 * RADIUS_PANEL if self.header.is_tabbed else 0
        with painting(self) as painter:
            look = current_look()
            draw_box(painter, QRectF(self.rect()).adjusted(0, top, 0, 0), RADIUS_PANEL, look.color("panel"), look.color("line"))
