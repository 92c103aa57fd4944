"""A panel in its dock, with its title bar."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QHideEvent, QMoveEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget

from gui.controls.dock_header import DockHeader
from gui.controls.painting import draw_box, painting
from gui.panels.panel import Panel, PanelSpec
from gui.style import current_look
from gui.theme import RADIUS_PANEL, Theme


class PanelDock(QDockWidget):
    """A panel with its title bar.

    ``maximise_requested`` asks for the whole bench, or to give it back; ``place_changed`` says that it may be seen now, or seen no more.
    """

    maximise_requested = Signal()
    place_changed = Signal()

    def __init__(self, spec: PanelSpec, theme: Theme) -> None:
        super().__init__(spec.title)
        self.spec = spec
        self.setObjectName(f"dock_{spec.name}")
        self.panel: Panel = spec.make(theme)
        self.header = DockHeader(spec.title, spec.help, self.panel.options())
        self.setTitleBarWidget(self.header)
        self.setWidget(self.panel)
        self.panel.subtitle_changed.connect(self.header.set_subtitle)
        self.topLevelChanged.connect(self.header.set_floating)
        self.header.float_requested.connect(lambda: self.setFloating(not self.isFloating()))
        self.header.close_requested.connect(self.close)
        self.header.maximise_requested.connect(self.maximise_requested)

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
