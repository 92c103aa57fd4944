"""The tab bars that Qt makes where several docks share a place."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QTabBar

from gui.controls.tab_overflow import TabOverflow
from gui.controls.tooltips import tooltip
from gui.style import current_look, wear

NAME = "Panels"


def shown_bars(bench: QMainWindow) -> list[QTabBar]:
    """Those with tabs in them; Qt keeps spare ones, hidden."""
    return [bar for bar in _all_bars(bench) if bar.isVisible()]


def bar_with(bench: QMainWindow, title: str) -> QTabBar | None:
    """The tab bar in which ``title`` stands."""
    return next((bar for bar in shown_bars(bench) if title in [bar.tabText(k) for k in range(bar.count())]), None)


def make_ready(bench: QMainWindow) -> None:
    """Names, help and room for those that are new."""
    for bar in shown_bars(bench):
        if bar.accessibleName() != NAME:
            bar.setAccessibleName(NAME)
            bar.setToolTip(tooltip("Panels that share this place; Ctrl+Tab turns to the next one."))
            bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setExpanding(False)
            bar.setDrawBase(False)
            TabOverflow(bar)


def dress_all(bench: QMainWindow) -> None:
    """In the look of now."""
    for bar in _all_bars(bench):
        dress(bar)


def dress(bar: QTabBar) -> None:
    """In the look of now; its font too: what wears a sheet may keep the one that it was made with."""
    bar.setFont(current_look().font())
    wear(bar, "tabs")


def _all_bars(bench: QMainWindow) -> list[QTabBar]:
    return bench.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
