"""The bench: the docks in which the panels stand, which a person may rearrange, tab, float, close and enlarge."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from gui.arrangement import CLOSED, COMPACT, WIDE, Arrangement
from gui.panel_dock import PanelDock
from gui.panels.panel import Panel, PanelSpec
from gui.theme import Theme

STATE_VERSION = 2
"""Of a remembered layout; one of another version is not taken."""
AREAS = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)


class Bench(QMainWindow):
    """Docks side by side; no window of its own."""

    def __init__(self, specs: Sequence[PanelSpec], theme: Theme) -> None:
        super().__init__(None, Qt.WindowType.Widget)
        self.setObjectName("bench")
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.docks = {spec.name: PanelDock(spec, theme) for spec in specs}
        # As long as the person has not moved anything, the shares of the space follow the window's size.
        self._is_touched = False
        self._arrangement = WIDE
        self._enlarged: str | None = None
        self._state_before = QByteArray()
        self._tidying = QTimer(self)
        self._tidying.setSingleShot(True)
        self._tidying.setInterval(0)
        self._tidying.timeout.connect(self._tidy)
        for name, dock in self.docks.items():
            dock.maximise_requested.connect(lambda name=name: self.toggle_enlarged(name))
            for changed in (dock.topLevelChanged, dock.visibilityChanged, dock.dockLocationChanged):
                changed.connect(lambda _=None: self._tidying.start())
        self.tabifiedDockWidgetActivated.connect(lambda _dock: self._tidying.start())
        self.arrange()

    @property
    def panels(self) -> list[Panel]:
        """All panels."""
        return [dock.panel for dock in self.docks.values()]

    @property
    def enlarged(self) -> str | None:
        """Name of the panel that has the whole bench."""
        return self._enlarged

    def visible_panels(self) -> list[Panel]:
        """Panels that a person can see: not those behind a tab or closed."""
        return [dock.panel for dock in self.docks.values() if dock.panel.isVisible() and not dock.panel.visibleRegion().isEmpty()]

    # Layouts

    def arrange(self, arrangement: Arrangement | None = None) -> None:
        """Put every dock where it stood at first."""
        self._forget_enlarged()
        self._arrangement = arrangement or self._arrangement
        self._is_touched = False
        for dock in self.docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        columns = self._arrangement.of(self.docks).columns
        for column, area in zip(columns, AREAS, strict=False):
            self._fill(column, area)
        for name in CLOSED:
            if name in self.docks:
                self.addDockWidget(AREAS[1], self.docks[name])
                self.docks[name].hide()
        self.share_space()
        self._tidying.start()

    def _fill(self, column: Sequence[tuple[tuple[str, ...], int]], area: Qt.DockWidgetArea) -> None:
        previous: QDockWidget | None = None
        for group, _ in column:
            first = self.docks[group[0]]
            self.addDockWidget(area, first)
            if previous is not None:
                self.splitDockWidget(previous, first, Qt.Orientation.Vertical)
            previous = first
            first.show()
            for name in group[1:]:
                self.tabifyDockWidget(first, self.docks[name])
                self.docks[name].show()
            first.raise_()

    def share_space(self) -> None:
        """Give the columns the same width, and the groups their shares of the height."""
        width, height = max(self.width(), 400), max(self.height(), 300)
        for column in self._arrangement.of(self.docks).columns:
            there: list[tuple[QDockWidget, int]] = [(dock, share) for group, share in column if (dock := self._standing(group)) is not None]
            docks = [dock for dock, _ in there]
            self.resizeDocks(docks, [width // 2] * len(docks), Qt.Orientation.Horizontal)
            self.resizeDocks(docks, [height * share // 100 for _, share in there], Qt.Orientation.Vertical)

    def _standing(self, group: Sequence[str]) -> QDockWidget | None:
        """The first dock of a group that is open and on the bench."""
        return next((dock for name in group if not (dock := self.docks[name]).isHidden() and not dock.isFloating()), None)

    def layout_state(self) -> QByteArray:
        """What ``restore_layout`` takes; without the enlargement."""
        return self._state_before if self._enlarged is not None else self.saveState(STATE_VERSION)

    def restore_layout(self, state: QByteArray) -> bool:
        """Arrange the docks as they were; returns whether ``state`` could be read, and changes nothing where not."""
        self._forget_enlarged()
        before = self.saveState(STATE_VERSION)
        if not self.restoreState(state, STATE_VERSION):
            self.restoreState(before, STATE_VERSION)
            return False
        self._is_touched = True
        self._tidying.start()
        return True

    # One panel

    def show_panel(self, name: str) -> None:
        """Open a panel, bring it to the front, and give it the keyboard."""
        if name not in self.docks:
            return
        if self._enlarged not in (None, name):
            self.leave_enlarged()
        dock = self.docks[name]
        dock.show()
        dock.raise_()
        target = next((child for child in dock.panel.findChildren(QWidget) if child.focusPolicy() & Qt.FocusPolicy.TabFocus), None)
        if target is not None and target.isVisible():
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def bring_forward(self, name: str) -> None:
        """Show a panel that stands behind a tab; one that was closed stays so."""
        if name in self.docks and not self.docks[name].isHidden():
            self.docks[name].raise_()

    def toggle_panel(self, name: str) -> None:
        """Open a closed panel, close an open one."""
        if self.docks[name].isHidden() or self._enlarged not in (None, name):
            self.show_panel(name)
        else:
            self.docks[name].close()

    def is_open(self, name: str) -> bool:
        """Whether a panel is open, in front or behind a tab."""
        return not self.docks[name].isHidden()

    def enlarge(self, name: str) -> None:
        """Give one panel the whole bench."""
        if name not in self.docks or self._enlarged == name:
            return
        self.leave_enlarged()
        self._state_before, self._enlarged = self.saveState(STATE_VERSION), name
        dock = self.docks[name]
        dock.setFloating(False)
        for other in self.docks.values():
            if not other.isFloating():
                other.setVisible(other is dock)
        dock.header.set_enlarged(True)
        dock.raise_()

    def leave_enlarged(self) -> None:
        """All panels as they stood before one was enlarged."""
        name = self._enlarged
        if name is not None:
            is_closed = self.docks[name].isHidden()
            self._forget_enlarged()
            self.restoreState(self._state_before, STATE_VERSION)
            if is_closed:
                self.docks[name].hide()
            self._tidying.start()

    def toggle_enlarged(self, name: str | None = None) -> None:
        """Enlarge the panel (left out: the one that has the keyboard, or the first), or go back to all of them."""
        if self._enlarged is not None:
            self.leave_enlarged()
        else:
            chosen = name or self.focused() or next((name for name in self.docks if self.docks[name].panel.isVisible()), None)
            if chosen is not None:
                self.enlarge(chosen)

    def focused(self) -> str | None:
        """Name of the panel that has the keyboard, or whose title bar has."""
        focus = QApplication.focusWidget()
        return next((name for name, dock in self.docks.items() if focus is not None and dock.isAncestorOf(focus)), None)

    def _forget_enlarged(self) -> None:
        if self._enlarged is not None:
            self.docks[self._enlarged].header.set_enlarged(False)
            self._enlarged = None

    # Tabs

    def turn_tab(self, by: int) -> None:
        """The next or previous tab of the group that has the keyboard, or of the largest group."""
        focused = self.focused()
        group = self._tabs_of(focused) if focused is not None else None
        bar = group or max(self._tab_bars(), key=QTabBar.count, default=None)
        if bar is not None and bar.count():
            bar.setCurrentIndex((bar.currentIndex() + by) % bar.count())

    def _tab_bars(self) -> list[QTabBar]:
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        return [bar for bar in self.findChildren(QTabBar, options=direct) if bar.isVisible()]

    def _tabs_of(self, name: str) -> QTabBar | None:
        title = self.docks[name].windowTitle()
        return next((bar for bar in self._tab_bars() if title in [bar.tabText(k) for k in range(bar.count())]), None)

    def _tidy(self) -> None:
        """Tab bars and title bars as they should be after docks have moved."""
        if self._enlarged is not None and self.docks[self._enlarged].isHidden():
            self.leave_enlarged()
        for bar in self._tab_bars():
            if bar.accessibleName() != "Panels":
                bar.setAccessibleName("Panels")
                bar.setToolTip("Panels that share this place; Ctrl+Tab turns to the next one.")
                bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setExpanding(False)
                bar.setDrawBase(False)
        for dock in self.docks.values():
            dock.header.set_tabbed(not dock.isFloating() and bool(self.tabifiedDockWidgets(dock)) and self._enlarged is None)

    # Qt

    def event(self, event: QEvent) -> bool:
        is_taken = super().event(event)
        # A press that the bench itself takes is one on the gap between docks: the person shares the space.
        if event.type() == QEvent.Type.MouseButtonPress and is_taken:
            self._is_touched = True
        return is_taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_touched and self._enlarged is None:
            self.share_space()


__all__ = ["COMPACT", "WIDE", "Bench", "PanelDock"]
