"""The parts of the cell panel and how they share its room: the drawing alone, with the equation, with the bars, or with everything."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.panels.panel import FRAME_MARGINS
from gui.plots.cell_diagram import CellDiagram
from gui.plots.code_view import CodeView
from gui.plots.equation_strip import EquationStrip
from gui.plots.gate_view import GateView
from gui.plots.growth import growth_around
from gui.plots.unit_bars import UnitBars
from gui.plots.unit_curves import UnitCurves
from gui.style import current_look
from gui.theme import Theme

# Sizes of the panel, in pixels at text size 1, from which on there is room.
WIDTH_FOR_ALL, HEIGHT_FOR_ALL = 880, 460
HEIGHT_FOR_STRIP, HEIGHT_FOR_BARS, HEIGHT_FOR_GATE, HEIGHT_FOR_CODE = 205, 390, 620, 880
STRIP_HEIGHT, STATE_HEIGHT, GATE_HEIGHT = 64, 104, 196
LEAST_BARS, BARS_SHARE = 120, 0.24
LEFT_SHARE, RIGHT_SHARE = 61, 39
HEIGHT_FOR_CURVES = 250


class CellPage(QWidget):
    """Nothing but layout; the panel fills the parts. Until there is something to show only the drawing stands here, with its hint."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.diagram = CellDiagram(theme)
        self.strip = EquationStrip(theme)
        self.gate = GateView(theme)
        self.bars = UnitBars(theme)
        self.code = CodeView(theme)
        self.state = EquationStrip(theme, "Into the state")
        self.curves = UnitCurves(theme)
        self._is_filled = False
        self._code_lines = 0
        self.right = QWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(*FRAME_MARGINS)
        row.setSpacing(1)
        left, right = QVBoxLayout(), QVBoxLayout(self.right)
        for column in (left, right):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(0)
        left.addWidget(self.diagram, 1)
        for part in (self.strip, self.gate, self.bars):
            left.addWidget(part)
        self._left = left
        right.addWidget(self.code)
        right.addWidget(self.state)
        right.addWidget(self.curves, 1)
        row.addLayout(left, LEFT_SHARE)
        row.addWidget(self.right, RIGHT_SHARE)
        self._right = right
        self.arrange()

    @property
    def is_large(self) -> bool:
        """Whether everything has room."""
        scale = current_look().text_size * growth_around(self)
        return self.width() >= WIDTH_FOR_ALL * scale and self.height() >= HEIGHT_FOR_ALL * scale

    def set_filled(self, is_filled: bool, code_lines: int = 0) -> None:
        """Whether there is anything to show, and how many lines the code has."""
        if (is_filled, code_lines) != (self._is_filled, self._code_lines):
            self._is_filled, self._code_lines = is_filled, code_lines
            self.arrange()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        for part in (self.diagram, self.strip, self.gate, self.bars, self.code, self.state, self.curves):
            part.set_theme(theme)
        self.arrange()

    def clear(self) -> None:
        """Forget everything."""
        for part in (self.diagram, self.strip, self.gate, self.bars, self.code, self.state, self.curves):
            part.clear()
        self.set_filled(False)

    def arrange(self) -> None:
        """Show what has room, and give it its height."""
        scale = current_look().text_size * growth_around(self)
        height = self.height() / scale
        is_large = self._is_filled and self.is_large
        has_gate = self._is_filled and (is_large or height >= HEIGHT_FOR_GATE)
        has_bars = self._is_filled and height >= (HEIGHT_FOR_ALL + 80 if is_large else HEIGHT_FOR_BARS)
        has_code = self._is_filled and not is_large and height >= HEIGHT_FOR_CODE
        self.gate.setFixedHeight(round(GATE_HEIGHT * scale))
        self.strip.setFixedHeight(round(STRIP_HEIGHT * scale))
        self.state.setFixedHeight(round(STATE_HEIGHT * scale))
        self.bars.setFixedHeight(round(max(LEAST_BARS, BARS_SHARE * height) * scale))
        self._place_code(is_large)
        wanted = self.code.wanted_height(self._code_lines)
        room = self.height() - self.state.height() - HEIGHT_FOR_CURVES * scale if is_large else wanted
        self.code.setFixedHeight(max(1, min(wanted, round(room))))
        self.right.setVisible(is_large)
        self.strip.setVisible(self._is_filled and not has_gate and height >= HEIGHT_FOR_STRIP)
        self.gate.setVisible(has_gate)
        self.bars.setVisible(has_bars)
        self.code.setVisible(is_large or has_code)

    def _place_code(self, is_right: bool) -> None:
        """The code stands at the right, or below all others where the panel is high and narrow."""
        wanted = self._right if is_right else self._left
        if wanted.indexOf(self.code) < 0:
            (self._left if is_right else self._right).removeWidget(self.code)
            wanted.insertWidget(0 if is_right else wanted.count(), self.code)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()
