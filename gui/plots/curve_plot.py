"""A plot of a few curves over any axis, with rules (named lines across), a legend above, and values under the pointer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.plots import lettering
from gui.plots.curves import Curve, draw_line, stairs
from gui.plots.legend import Entry, draw_legend, row_count
from gui.plots.marks import draw_dot, draw_readout
from gui.plots.numbers import value_text
from gui.plots.plot import Plot
from gui.plots.scales import Scale
from gui.theme import SIZE_TICK, Theme

LEGEND_ROW = 17.0
TOP, BOTTOM = 28.0, 24.0


@dataclass(frozen=True)
class Rule:
    """A dashed line across at ``value``, with its name."""

    value: float
    name: str


class CurvePlot(Plot):
    """Draws what it is told; ``describe(x)`` puts a value on the x axis into words for the readout."""

    def __init__(self, theme: Theme, left: float, describe: Callable[[float], str], parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(left, TOP, 14, BOTTOM), parent)
        self.curves: list[Curve] = []
        self.rules: tuple[Rule, ...] = ()
        self._describe = describe
        self._entries: list[Entry] = []
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_curves(self, curves: Sequence[Curve], x_scale: Scale, y_scale: Scale, rules: Sequence[Rule] = (), x_title: str = "") -> None:
        """Draw ``curves``; those of one name stand once in the legend."""
        entries = [Entry(curve.name, curve.color, curve.is_dashed, curve.width) for curve in curves if curve.name]
        if (entries, tuple(rules), x_title) != (self._entries, self.rules, self.x_title):
            self._entries, self.rules, self.x_title = entries, tuple(rules), x_title
            self.reframe()
        self.curves = list(curves)
        self.set_scales(x_scale, y_scale)
        self.refresh()

    def clear(self) -> None:
        """Forget the curves."""
        self.curves = []
        self.refresh()

    def is_empty(self) -> bool:
        return not self.curves

    def full_range(self) -> tuple[float, float]:
        return self.x_scale.low, self.x_scale.high

    def set_zoom(self, zoom: tuple[float, float] | None) -> None:
        """All is always shown."""

    def plot_rect(self) -> QRectF:
        box = super().plot_rect()
        if self._entries and box.width() > 20:
            more = row_count(self, self._entries, box.width(), SIZE_TICK) - 1
            return box.adjusted(0, more * LEGEND_ROW * self.text_scale, 0, 0)
        return box

    def draw_frame(self, painter: QPainter) -> None:
        super().draw_frame(painter)
        box, theme, scale = self.plot_rect(), self.theme, self.text_scale
        draw_legend(self, painter, self._entries, QPointF(box.left(), 13 * scale), box.width(), SIZE_TICK)
        for rule in self.rules:
            y = float(self.to_y(rule.value))
            if not box.top() - 1 <= y <= box.bottom() + 1:
                continue
            pen = QPen(QColor(theme.text_2), 1)
            pen.setDashPattern([5, 4])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(pen)
            painter.drawLine(QLineF(box.left(), round(y), box.right(), round(y)))

    def draw_content(self, painter: QPainter) -> None:
        box = self.plot_rect()
        painter.setClipRect(box.adjusted(-1, -1, 3, 1))
        for curve in self.curves:
            x, y = stairs(curve.x, curve.y) if curve.is_stairs and len(curve.x) > 1 else (curve.x, curve.y)
            draw_line(painter, self.to_x(x), self.to_y(y), QColor(curve.color), curve.width * self.growth, curve.is_dashed)
        painter.setClipping(False)
        for curve in self.curves:
            known = np.flatnonzero(np.isfinite(curve.y))
            if curve.has_end_dot and len(known):
                at = QPointF(float(self.to_x(curve.x[known[-1]])), float(self.to_y(curve.y[known[-1]])))
                draw_dot(painter, at, curve.color, self.theme.panel)
        self._draw_rule_names(painter)

    def _draw_rule_names(self, painter: QPainter) -> None:
        """Above their line at its right end, or below where there is no room."""
        box, height = self.plot_rect(), 15 * self.text_scale
        for rule in self.rules:
            y = float(self.to_y(rule.value))
            width = self.text_width(rule.name, SIZE_TICK)
            if box.top() - 1 <= y <= box.bottom() + 1 and width < box.width() - 8:
                top = y - height - 2 if y - height - 2 > box.top() - 4 else y + 2
                at = QPointF(round(box.right() - width - 4), round(top))
                lettering.draw_halo_text(painter, at, rule.name, self.text_font(SIZE_TICK), self.theme.text_2, self.theme.panel)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.hover is None or not self.is_inside(self.hover):
            return
        box, at = self.plot_rect(), self.x_at(self.hover.x())
        rows = self.readout_at(at)
        if len(rows) > 1:
            x = round(self.hover.x())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.line_2), 1))
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))
            draw_readout(self, painter, self.hover, rows)

    def readout_at(self, at: float) -> list[tuple[str, str, str]]:
        """What the readout says at a value of x: rows of name, value, colour."""
        rows = [(self._describe(at), "", "")]
        for curve in self.curves:
            if curve.name and len(curve.x) and curve.x[0] - 0.5 <= at <= curve.x[-1] + 0.5:
                nearest = int(np.abs(curve.x - at).argmin())
                rows.append((curve.name, value_text(float(curve.y[nearest]), 3), curve.color))
        return rows
