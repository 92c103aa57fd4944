"""The gradient over training: one row an update, one column a time step, magma on log10 of the size.

The colours mean the same in every run: 10⁻⁴ … 1, unless all sizes lie beyond.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots import colormaps
from gui.plots.color_bar import draw_color_bar
from gui.plots.decade_axis import USUAL, color_decades
from gui.plots.marks import draw_cursor, draw_marked_steps, draw_readout
from gui.plots.numbers import count_text, log_tick_text, value_text
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.scales import StepScale, UpdateScale
from gui.run_history import GradientRows
from gui.theme import SIZE_TICK, Theme

Floats = NDArray[np.float64]
LOOKED_AT = 50
"""Rows, evenly spread, that are looked through for sizes beyond the colours."""
MOVE = 3.0


class GradientMap(Plot):
    """Rows of GradientRows as a picture, the newest on top, with its colour bar."""

    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(LEFT_MARGIN, 30, 64, 24), parent)
        self.title = ""
        self.rows = GradientRows()
        self.seq_len = 0
        self.marked_steps: tuple[int, ...] = ()
        self.cursor_step: int | None = None
        self.decades = USUAL
        self.is_beyond = (False, False)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_rows(self, rows: GradientRows, title: str, seq_len: int, marked_steps: tuple[int, ...]) -> None:
        """Draw ``rows`` over ``seq_len`` time steps."""
        if title != self.title:
            self.title = title
            self.reframe()
        self.rows, self.seq_len, self.marked_steps = rows, seq_len, marked_steps
        if rows.steps:
            self._rescale_rows()
            self._rescale_colors()
        self.refresh()

    def _rescale_rows(self) -> None:
        """Fit the axes to the rows; that of updates only once it would move by MOVE pixels, for its labels are drawn anew then."""
        x_scale, steps = StepScale(0.5, self.seq_len + 0.5), self.rows.steps
        first, last = max(0, 2 * steps[0] - steps[1]) if len(steps) > 1 else 0, steps[-1]
        drawn = (self.y_scale.low, self.y_scale.high)
        is_moved = first != drawn[0] or not 0 <= last - drawn[1] < MOVE * (last - first) / max(self.plot_rect().height(), 1.0)
        self.set_scales(x_scale, UpdateScale(first, max(last, first + 1)) if is_moved else self.y_scale)

    def _rescale_colors(self) -> None:
        """See whether all sizes, or some, lie beyond the colours."""
        every = max(1, len(self.rows.rows) // LOOKED_AT)
        values = np.concatenate([*self.rows.rows[::every], self.rows.rows[-1]])
        values = values[np.isfinite(values) & (values > 0)]
        if not len(values):
            return
        decades = color_decades(values)
        is_beyond = bool(values.min() < 10.0 ** decades[0]), bool(values.max() > 10.0 ** decades[1])
        if (decades, is_beyond) != (self.decades, self.is_beyond):
            self.decades, self.is_beyond = decades, is_beyond
            self.reframe()

    @property
    def caption(self) -> str:
        """The title, and where the colours had to move, that they did."""
        if self.decades == USUAL:
            return self.title
        side, end = ("below", USUAL[0]) if self.decades[1] <= USUAL[0] else ("above", USUAL[1])
        return f"{self.title}, all {side} {log_tick_text(10.0**end)}"

    def set_cursor_step(self, step: int | None) -> None:
        """Mark time step ``step`` (from 0)."""
        if step != self.cursor_step:
            self.cursor_step = step
            self.update()

    def clear(self) -> None:
        """Forget the rows."""
        self.rows, self.seq_len = GradientRows(), 0
        self.refresh()

    def is_empty(self) -> bool:
        return not self.rows.steps

    def set_zoom(self, zoom: tuple[float, float] | None) -> None:
        """The whole of training is always shown."""

    def row_at(self, update: float) -> int:
        """Index of the row that stands for ``update``: a row is drawn from the one before it up to its own update."""
        return min(int(np.searchsorted(self.rows.steps, update)), len(self.rows.steps) - 1)

    def matrix(self, height: int) -> Floats:
        """The picture's values, (height, T), newest on top; NaN where a row is shorter than T."""
        first, last = self.y_scale.low, self.y_scale.high
        updates = first + (np.arange(height, 0, -1) - 0.5) / height * (last - first)
        chosen = np.minimum(np.searchsorted(self.rows.steps, updates), len(self.rows.steps) - 1)
        rows = [self.rows.rows[index] for index in chosen]
        if all(len(row) == self.seq_len for row in rows):
            return np.array(rows)
        return np.array([np.pad(row[: self.seq_len], (0, max(0, self.seq_len - len(row))), constant_values=np.nan) for row in rows])

    def draw_frame(self, painter: QPainter) -> None:
        super().draw_frame(painter)
        box, theme, scale = self.plot_rect(), self.theme, self.text_scale
        title = QRectF(box.left(), box.top() - 26 * scale, self.width() - box.left() - 4, 18 * scale)
        self.draw_text(painter, title, self.caption, theme.text_2, SIZE_TICK)
        draw_color_bar(self, painter, box, self.decades, self.is_beyond)

    def draw_content(self, painter: QPainter) -> None:
        box = self.plot_rect()
        height = round(box.height())
        if height < 2:
            return
        with np.errstate(divide="ignore"):
            logs = np.log10(self.matrix(height))
        image = colormaps.to_image(logs, *self.decades, "magma", self.theme.raised)
        painter.drawImage(box, image)
        draw_marked_steps(painter, [float(self.to_x(step + 1)) for step in self.marked_steps], box.bottom(), self.theme)

    def draw_overlay(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if self.cursor_step is not None and self.cursor_step < self.seq_len:
            draw_cursor(painter, float(self.to_x(self.cursor_step + 1)), box.top(), box.bottom(), self.theme)
        if self.hover is not None and self.is_inside(self.hover):
            draw_readout(self, painter, self.hover, self.readout_at(self.hover.x(), self.hover.y()))

    def readout_at(self, x: float, y: float) -> list[tuple[str, str, str]]:
        """What the readout says at a pixel."""
        box, step = self.plot_rect(), self.step_at(x)
        index = self.row_at(self.y_scale.value((box.bottom() - y) / box.height()))
        row = self.rows.rows[index]
        value = float(row[step]) if step < len(row) else math.nan
        return [(f"update {count_text(self.rows.steps[index])}, t = {step + 1}", value_text(value), "")]

    def step_at(self, pixel: float) -> int:
        """The time step (from 0) under a pixel."""
        return min(max(round(self.x_at(pixel)) - 1, 0), self.seq_len - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty() and self.is_inside(event.position()):
            self.step_chosen.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton and not self.is_empty():
            self.step_chosen.emit(self.step_at(event.position().x()))
