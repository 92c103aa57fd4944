"""Where everything stands in the window: transport bar, setup column or rail, bench of panels, status line."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.fields import fields_of
from core.settings import TrainingSettings
from gui.bench import Bench
from gui.controls.drawer import Drawer
from gui.controls.quick_strip import QuickStrip
from gui.controls.rail import Rail
from gui.controls.setup_column import SetupColumn
from gui.controls.status_line import StatusLine
from gui.controls.transport_bar import TransportBar
from gui.panel_spec import PanelSpec
from gui.style import current_look
from gui.theme import GAP, WIDTH_COMPACT


class WindowBody(QWidget):
    """Makes all parts and lays them out. ``compact_changed`` follows when the window becomes narrow, or wide again."""

    compact_changed = Signal(bool)

    def __init__(self, panels: Sequence[PanelSpec]) -> None:
        super().__init__()
        self.is_compact: bool | None = None
        self.transport = TransportBar()
        self.setup = SetupColumn()
        self.rail = Rail()
        self.quick_strip = QuickStrip(fields_of(TrainingSettings))
        self.bench = Bench(panels, current_look().theme)
        self.status_line = StatusLine()
        self._lay_out()
        self._set_tab_order()

    def _lay_out(self) -> None:
        beside_widget = QWidget()
        beside = QVBoxLayout(beside_widget)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(GAP)
        beside.addWidget(self.quick_strip)
        beside.addWidget(self.bench, 1)
        row = QWidget()
        self._row_layout = QHBoxLayout(row)
        self._row_layout.setContentsMargins(GAP, GAP, GAP, GAP)
        self._row_layout.setSpacing(GAP)
        self._row_layout.addWidget(self.rail)
        self._row_layout.addWidget(beside_widget, 1)
        self.drawer = Drawer(beside_widget, row)
        self.drawer.set_content(self.setup)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.transport)
        layout.addWidget(row, 1)
        layout.addWidget(self.status_line)

    def _set_tab_order(self) -> None:
        """Tab goes as things are seen: transport bar, setup, panels, status line."""
        parts = (self.transport, self.rail, self.setup, self.quick_strip, self.bench, self.status_line)
        stops = [widget for part in parts for widget in part.findChildren(QWidget) if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for stop, following in pairwise(stops):
            QWidget.setTabOrder(stop, following)

    def fit_to_width(self, width: int) -> None:
        """Below 1440 px the setup column folds to a rail, and the most used settings stand in a strip."""
        is_compact = width < WIDTH_COMPACT
        self.transport.set_compact(is_compact)
        self.rail.setVisible(is_compact)
        self.quick_strip.setVisible(is_compact)
        if is_compact != self.is_compact:
            self.is_compact = is_compact
            self.compact_changed.emit(is_compact)
            if is_compact:
                self._row_layout.removeWidget(self.drawer)
                self.drawer.slide()
            else:
                self._row_layout.insertWidget(1, self.drawer)
                self.drawer.stand()
