"""The bench: the docks in which the panels stand, which a person may rearrange, tab, float, close and enlarge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from gui import bench_tabs
from gui.arrangement import CLOSED, COMPACT, WIDE, Arrangement
from gui.bench_style import BenchStyle
from gui.panel_dock import PanelDock
from gui.panel_spec import PanelSpec
from gui.panels.panel import Panel
from gui.plots.drawing_turns import drawing_turns
from gui.style import Styled
from gui.theme import Theme

SHARED, SIZED = 3, 4
"""Versions of a remembered layout: its sizes follow the window's, or a person chose them; one of another version is not taken."""
AREAS = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)


@dataclass(frozen=True)
class Opened:
    """Names of the panels that are open, of those brought to the front of their group, and of the one that is enlarged."""

    names: frozenset[str] = frozenset()
    in_front: frozenset[str] = frozenset()
    enlarged: str | None = None


class Bench(Styled, QMainWindow):
    """Docks side by side; no window of its own."""

    def __init__(self, specs: Sequence[PanelSpec], theme: Theme) -> None:
        super().__init__(None, Qt.WindowType.Widget)
        self.setObjectName("bench")
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)
        # Docks that slide to their places draw their panels anew all the way, and must not be arranged again before they are there.
        self.setAnimated(False)
        self._gaps = BenchStyle()
        self.setStyle(self._gaps)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.docks = {spec.name: PanelDock(spec, theme) for spec in specs}
        # As long as the person has not moved anything, the shares of the space follow the window's size.
        self._is_touched = False
        # As the person left it: taken before a narrower window squeezes it.
        self._state_touched = QByteArray()
        self._arrangement = WIDE
        # Kept, because every frame asks; None: look again.
        self._visible: list[Panel] | None = None
        self._enlarged: str | None = None
        self._state_before = QByteArray()
        self._opened_before = Opened()
        self._tidying = QTimer(self)
        self._tidying.setSingleShot(True)
        self._tidying.setInterval(0)
        self._tidying.timeout.connect(self._tidy)
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self._tell_headers)
        for name, dock in self.docks.items():
            # Qt puts docks behind tabs some time after it was told to, and only then moves them.
            dock.place_changed.connect(self._telling.start)
            dock.maximise_requested.connect(lambda name=name: self.toggle_enlarged(name))
            dock.place_changed.connect(self._forget_visible)
            for changed in (dock.topLevelChanged, dock.visibilityChanged, dock.dockLocationChanged):
                changed.connect(lambda _=None: self._tidying.start())
                changed.connect(lambda _=None: self._forget_visible())
            # A dock floats as soon as it is pulled.
            dock.topLevelChanged.connect(self._on_floated)
        self.tabifiedDockWidgetActivated.connect(lambda _dock: self._tidying.start())
        self._sharing = QTimer(self)
        self._sharing.setSingleShot(True)
        self._sharing.setInterval(0)
        self._sharing.timeout.connect(self._share_if_untouched)
        self.arrange()

    @property
    def panels(self) -> list[Panel]:
        """The panels that have been made: those that a person has seen, and those that were asked for."""
        return [dock.panel for dock in self.docks.values() if dock.is_made]

    def for_every_panel(self, take: Callable[[Panel], object]) -> None:
        """Hand ``take`` every panel that there is, and each of the others when it is made."""
        for dock in self.docks.values():
            if dock.is_made:
                take(dock.panel)
            else:
                dock.panel_made.connect(take)

    def set_theme(self, theme: Theme) -> None:
        """Show all panels in another theme."""
        for dock in self.docks.values():
            dock.set_theme(theme)

    @property
    def enlarged(self) -> str | None:
        """Name of the panel that has the whole bench."""
        return self._enlarged

    def visible_panels(self) -> list[Panel]:
        """Panels that a person can see: not those behind a tab or closed."""
        if self._visible is None:
            self._visible = [dock.panel for dock in self.docks.values() if dock.is_made and self._is_in_view(dock)]
        return self._visible

    def _is_in_view(self, dock: PanelDock) -> bool:
        # Behind a tab Qt takes a dock for visible, and moves it beside the bench.
        has_place = dock.isFloating() or self.rect().intersects(dock.geometry())
        return dock.panel.isVisible() and has_place and not dock.panel.size().isEmpty()

    def make_seen(self) -> None:
        """Make the panels that a person would see."""
        for dock in self.docks.values():
            if not dock.is_made and dock.is_seen():
                dock.make()

    # Layouts

    def arrange(self, arrangement: Arrangement | None = None) -> None:
        """Put every dock where it stood at first."""
        self._forget_enlarged()
        self._arrangement = arrangement or self._arrangement
        self._is_touched, self._state_touched = False, QByteArray()
        for dock in self.docks.values():
            # It takes Qt milliseconds also where nothing changes.
            if dock.isFloating():
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
        drawing_turns.give_way()

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

    @property
    def is_touched(self) -> bool:
        """Whether a person has moved docks or the gaps between them: then the window's size changes the shares no more."""
        return self._is_touched

    def layout_state(self) -> QByteArray:
        """What ``restore_layout`` takes; without the enlargement."""
        if self._enlarged is not None:
            return self._state_before
        if self._is_touched and not self._state_touched.isEmpty():
            return self._state_touched
        return self._saved()

    def restore_layout(self, state: QByteArray) -> bool:
        """Arrange the docks as they were; returns whether ``state`` could be read, and changes nothing where not."""
        self._forget_enlarged()
        before = self._saved()
        if not self._restored(state):
            self._restored(before)
            return False
        self._share_if_untouched()
        self._tidying.start()
        return True

    def _saved(self) -> QByteArray:
        return self.saveState(SIZED if self._is_touched else SHARED)

    def _restored(self, state: QByteArray) -> bool:
        for version in (SHARED, SIZED):
            if self.restoreState(state, version):
                self._is_touched = version == SIZED
                self._state_touched = state if self._is_touched else QByteArray()
                drawing_turns.give_way()
                return True
        return False

    def opened(self) -> Opened:
        """Which panels a person looks at, whatever the arrangement."""
        if self._enlarged is not None:
            return replace(self._opened_before, enlarged=self._enlarged)
        groups = [group for column in self._arrangement.of(self.docks).columns for group, _ in column]
        first = {group[0] for group in groups}
        return Opened(
            frozenset(name for name in self.docks if self.is_open(name)),
            frozenset(name for name, dock in self.docks.items() if dock.is_seen() and name not in first and not dock.isFloating()),
        )

    def open_as(self, opened: Opened) -> None:
        """Open and close panels so that the person looks at the same ones as before."""
        for name, dock in self.docks.items():
            dock.setVisible(name in opened.names)
        for name in opened.in_front:
            self.docks[name].raise_()
        if not self._is_touched:
            self.share_space()
        if opened.enlarged is not None:
            self.enlarge(opened.enlarged)

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
        self._opened_before, self._state_before = self.opened(), self.layout_state()
        self._enlarged = name
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
            self._restored(self._state_before)
            if is_closed:
                self.docks[name].hide()
            # The window may have changed its size meanwhile.
            self._share_if_untouched()
            self._tidying.start()

    def toggle_enlarged(self, name: str | None = None) -> None:
        """Enlarge the panel (left out: the one that has the keyboard, or the first), or go back to all of them."""
        if self._enlarged is not None:
            self.leave_enlarged()
        else:
            chosen = name or self.focused() or next((name for name in self.docks if self.docks[name].isVisible()), None)
            if chosen is not None:
                self.enlarge(chosen)

    def focused(self) -> str | None:
        """Name of the panel that has the keyboard, or whose title bar has."""
        focus = QApplication.focusWidget()
        return next((name for name, dock in self.docks.items() if focus is not None and dock.isAncestorOf(focus)), None)

    def _forget_visible(self) -> None:
        self._visible = None

    def _forget_enlarged(self) -> None:
        if self._enlarged is not None:
            self.docks[self._enlarged].header.set_enlarged(False)
            self._enlarged = None

    def is_behind(self, widget: QWidget) -> bool:
        """Whether a widget stands behind a tab, where Qt still takes it for visible, or is one of Qt's spare tab bars."""
        if isinstance(widget, QTabBar) and widget.parent() is self:
            return widget.count() == 0 or widget.visibleRegion().isEmpty()
        return any(dock.isAncestorOf(widget) and dock.visibleRegion().isEmpty() for dock in self.docks.values())

    # Tabs

    def turn_tab(self, by: int) -> None:
        """The next or previous tab of the group that has the keyboard, or of the largest group."""
        focused = self.focused()
        group = bench_tabs.bar_with(self, self.docks[focused].windowTitle()) if focused is not None else None
        bar = group or max(bench_tabs.shown_bars(self), key=QTabBar.count, default=None)
        if bar is not None and bar.count():
            bar.setCurrentIndex((bar.currentIndex() + by) % bar.count())

    def _tidy(self) -> None:
        """Tab bars and title bars as they should be after docks have moved."""
        self._forget_visible()
        if self._enlarged is not None and self.docks[self._enlarged].isHidden():
            self.leave_enlarged()
        if self._is_touched and self._enlarged is None:
            self._state_touched = self._saved()
        self.make_seen()
        bench_tabs.make_ready(self)
        self._tell_headers()

    def _tell_headers(self) -> None:
        """Title bars say their titles where no tab does."""
        for dock in self.docks.values():
            dock.header.set_tabbed(not dock.isFloating() and bool(self.tabifiedDockWidgets(dock)) and self._enlarged is None)

    def _on_floated(self, is_floating: bool) -> None:
        self._is_touched = self._is_touched or is_floating

    def _share_if_untouched(self) -> None:
        if not self._is_touched and self._enlarged is None:
            self.share_space()

    # Qt

    def event(self, event: QEvent) -> bool:
        is_taken = super().event(event)
        # A press that the bench itself takes is one on the gap between docks: the person shares the space.
        if not isinstance(event, QMouseEvent):
            return is_taken
        if event.type() == QEvent.Type.MouseButtonPress and is_taken:
            self._is_touched = True
        elif event.type() == QEvent.Type.MouseButtonRelease and self._is_touched:
            self._tidying.start()
        return is_taken

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        # Qt makes tab bars as it needs them.
        if event.polished() and isinstance(event.child(), QTabBar):
            bench_tabs.dress(event.child())  # type: ignore[arg-type]

    def restyle(self) -> None:
        bench_tabs.dress_all(self)
        super().restyle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.make_seen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._forget_visible()
        # When the docks have taken the new size: within this event they are moved twice, and Qt may keep the first shares.
        self._sharing.start()


__all__ = ["COMPACT", "WIDE", "Bench", "PanelDock"]
