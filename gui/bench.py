"""The bench: the docks in which the panels stand, in two columns that a person may rearrange, tab and float."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from gui.controls.dock_header import DockHeader
from gui.controls.painting import draw_card
from gui.panels.panel import Panel, PanelSpec
from gui.style import current_look
from gui.theme import Theme

# Left column and right column, top to bottom; panels that are not named here join the right one.
LEFT, RIGHT = ("gates", "prediction"), ("loss", "gradient_flow")
HEIGHT_SHARES = {"gates": 46, "prediction": 54, "loss": 46, "gradient_flow": 54}


class PanelDock(QDockWidget):
    """A panel with its title bar."""

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

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_card(self, current_look())


class Bench(QMainWindow):
    """Docks side by side; no window of its own."""

    def __init__(self, specs: Sequence[PanelSpec], theme: Theme) -> None:
        super().__init__(None, Qt.WindowType.Widget)
        self.setObjectName("bench")
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.docks = {spec.name: PanelDock(spec, theme) for spec in specs}
        self.arrange()

    @property
    def panels(self) -> list[Panel]:
        """All panels."""
        return [dock.panel for dock in self.docks.values()]

    def visible_panels(self) -> list[Panel]:
        """Panels that a person can see: not those behind a tab or closed."""
        return [dock.panel for dock in self.docks.values() if dock.panel.isVisible() and not dock.panel.visibleRegion().isEmpty()]

    def arrange(self) -> None:
        """Put every dock where it stood at first."""
        left = [name for name in LEFT if name in self.docks]
        right = [name for name in self.docks if name not in LEFT]
        right.sort(key=lambda name: RIGHT.index(name) if name in RIGHT else len(RIGHT))
        columns = [column for column in (left, right) if column]
        for column, area in zip(columns, (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea), strict=False):
            previous: QWidget | None = None
            for name in column:
                dock = self.docks[name]
                dock.setFloating(False)
                dock.show()
                self.addDockWidget(area, dock)
                if isinstance(previous, QDockWidget):
                    self.splitDockWidget(previous, dock, Qt.Orientation.Vertical)
                previous = dock
        self.share_space()

    def share_space(self) -> None:
        """Give the columns the same width, and the panels their shares of the height."""
        width, height = max(self.width(), 400), max(self.height(), 300)
        present = [name for name in (*LEFT, *RIGHT) if name in self.docks and not self.docks[name].isHidden()]
        docks: list[QDockWidget] = [self.docks[name] for name in present]
        self.resizeDocks(docks, [width // 2] * len(docks), Qt.Orientation.Horizontal)
        self.resizeDocks(docks, [height * HEIGHT_SHARES[name] // 100 for name in present], Qt.Orientation.Vertical)
