"""A plot against time steps: curves, the one time cursor, the task's marked steps, values under the pointer."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots.curves import Curve, draw_line, stairs
from gui.plots.legend import MOST_ROWS, ROW_HEIGHT, Entry, draw_legend, row_count
from gui.plots.marks import draw_cursor, draw_dot, draw_marked_steps, draw_readout
from gui.plots.numbers import value_text
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.scales import Scale, StepScale
from gui.plots.veil import draw_veil
from gui.theme import SIZE_TICK, Theme
from gui.walk import Span

Floats = NDArray[np.float64]
Range = tuple[float, float]
TOP = 30.0
"""Pixels above the axes, with one row of the legend."""
TIME = "time step"
LEAST_WIDTH_WITH_TIME = 230.0
LOW = 170.0
"""Pixels of height below which the legend keeps to one row."""


class TimePlot(Plot):
    """Curves whose x are time steps t = 1 … T.

    ``choose_y_scale`` makes the y axis from the curves each time they change. A press or a drag chooses a time step
    (``step_chosen``, from 0); moving the cursor redraws no curve.
    """

    step_chosen = QtSignal(int)
    dot_radius = 3.5

    def __init__(self, theme: Theme, choose_y_scale: Callable[[list[Curve]], Scale], parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(LEFT_MARGIN, TOP, 14, 24), parent)
        self.choose_y_scale = choose_y_scale
        self.curves: list[Curve] = []
        self.seq_len = 0
        self.marked_steps: tuple[int, ...] = ()
        self.cursor_step: int | None = None
        self.seen: Span | None = None
        self.step_name: Callable[[int], str] = lambda step: f"t = {step + 1}"
        self.decorate: Callable[[QPainter], None] | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_curves(self, curves: list[Curve], seq_len: int, marked_steps: tuple[int, ...] = ()) -> None:
        """Show ``curves`` over ``seq_len`` steps."""
        legend_changed = [(c.name, c.color) for c in curves] != [(c.name, c.color) for c in self.curves]
        if seq_len != self.seq_len:
            self.zoom = None
        if legend_changed or seq_len != self.seq_len:
            self.reframe()
        self.curves, self.seq_len, self.marked_steps = curves, seq_len, marked_steps
        self.rescale()
        self.refresh()

    def set_cursor_step(self, step: int | None) -> None:
        """Mark time step ``step`` (from 0)."""
        if step != self.cursor_step:
            self.cursor_step = step
            self.update()

    def set_seen(self, seen: Span | None) -> None:
        """Veil what lies beyond the steps ``seen`` (first, and the one after the last); None: nothing."""
        if seen != self.seen:
            self.seen = seen
            self.update()

    def clear(self) -> None:
        """Forget the curves."""
        self.set_curves([], 0)

    def is_empty(self) -> bool:
        return self.seq_len == 0

    def full_range(self) -> Range:
        return (1.0, float(self.seq_len))

    def rescale(self) -> None:
        if self.seq_len:
            self.set_scales(StepScale(*self.visible_range()), self.choose_y_scale(self.curves))

    def legend_entries(self) -> list[Entry]:
        """The named curves."""
        return [Entry(curve.name, curve.color, curve.is_dashed, is_dotted=curve.is_dotted) for curve in self.curves if curve.name]

    def _legend_room(self) -> float:
        """Pixels of a row of the legend."""
        return self.width() - self.space.left() * self.text_scale - 4

    def _legend_rows(self) -> int:
        """Rows that the legend may take: where the plot is low its curves need the room."""
        return 1 if self.height() < LOW * self.text_scale else MOST_ROWS

    def plot_rect(self) -> QRectF:
        if self._box is None:
            rows = row_count(self, self.legend_entries(), self._legend_room(), most_rows=self._legend_rows())
            self.space.setTop(TOP + (rows - 1) * ROW_HEIGHT)
        return super().plot_rect()

    def draw_frame(self, painter: QPainter) -> None:
        box = self.plot_rect()
        name_time(self)
        super().draw_frame(painter)
        entries = self.legend_entries()
        first_row = QPointF(box.left(), (TOP - 17) * self.text_scale)
        draw_legend(self, painter, entries, first_row, self._legend_room(), most_rows=self._legend_rows())

    def draw_content(self, painter: QPainter) -> None:
        box = self.plot_rect()
        painter.setClipRect(box.adjusted(-2, -2, 3, 3))
        if self.decorate:
            self.decorate(painter)
        for curve in self.curves:
            x, y = self.to_x(curve.x), self.to_y(curve.y)
            if curve.is_stairs:
                x, y = stairs(x, y)
            draw_line(painter, x, y, QColor(curve.color), curve.width * self.growth, curve.is_dashed, curve.is_dotted)
        painter.setClipping(False)
        shown = [float(self.to_x(step + 1)) for step in self.marked_steps]
        draw_marked_steps(
            painter, [x for x in shown if box.left() - 1 <= x <= box.right() + 1], box.bottom(), self.theme, 4.0 * self.growth
        )
        for curve in self.curves:
            if curve.has_end_dot and len(curve.x) and np.isfinite(curve.y[-1]):
                end = QPointF(float(self.to_x(curve.x[-1])), float(self.to_y(curve.y[-1])))
                if box.adjusted(-1, -1, 1, 1).contains(end):
                    draw_dot(painter, end, curve.color, self.theme.panel, 4.0 * self.growth)

    def draw_overlay(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if self.seen is not None:
            left, right = self.to_x(np.array(self.seen) + 0.5)
            draw_veil(painter, box.adjusted(-2, -2, 3, 0), float(left), float(right), self.theme)
        if self.cursor_step is not None and self.visible_range()[0] <= self.cursor_step + 1 <= self.visible_range()[1]:
            x = float(self.to_x(self.cursor_step + 1))
            draw_cursor(painter, x, box.top(), box.bottom(), self.theme)
            for curve in self.curves:
                value = self.value_at(curve, self.cursor_step)
                if np.isfinite(value):
                    y = float(self.to_y(value))
                    draw_dot(
                        painter,
                        QPointF(x, min(max(y, box.top()), box.bottom())),
                        curve.color,
                        self.theme.panel,
                        self.dot_radius * self.growth,
                    )
        if self.hover is not None and self.is_inside(self.hover):
            step = self.step_at(self.hover.x())
            draw_readout(self, painter, self.hover, [(self.step_name(step), "", ""), *self.values_read(step)])

    def values_read(self, step: int) -> list[tuple[str, str, str]]:
        """What the pointer reads at time step ``step`` (from 0): names, values and their colours."""
        return [(curve.name, value_text(self.value_at(curve, step), 3), curve.color) for curve in self.curves if curve.name]

    def value_at(self, curve: Curve, step: int) -> float:
        """The value of ``curve`` at time step ``step`` (from 0); NaN where it has none."""
        index = int(np.searchsorted(curve.x, step + 1))
        return float(curve.y[index]) if index < len(curve.x) and curve.x[index] == step + 1 else float("nan")

    def step_at(self, pixel: float) -> int:
        """The time step (from 0) nearest to a pixel."""
        return min(max(round(self.x_at(pixel)) - 1, 0), self.seq_len - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty() and self._reach().contains(event.position()):
            self.step_chosen.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton and not self.is_empty():
            self.step_chosen.emit(self.step_at(event.position().x()))

    def _reach(self) -> QRectF:
        return self.plot_rect().adjusted(-6, 0, 6, self.space.bottom())


def name_time(plot: Plot) -> None:
    """Say on the x axis that it is time, before the last step's tick, where there is room."""
    box, scale = plot.plot_rect(), plot.text_scale
    plot.x_title = TIME if box.width() >= LEAST_WIDTH_WITH_TIME * scale else ""
    last = plot.x_scale.ticks(box.width(), box.width())[-1:]
    plot.x_title_inset = (plot.text_width(last[0][1], SIZE_TICK) / 2 if last else 0.0) + 10 * scale
