"""The gradient over training: one row an update, one column a time step, magma on log10 of the size, over the decades that there are."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots import colormaps
from gui.plots.marks import draw_cursor, draw_marked_steps, draw_readout
from gui.plots.numbers import count_text, log_tick_text, value_text
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.scales import StepScale, UpdateScale
from gui.plots.sticky import StickyBounds
from gui.run_history import GradientRows
from gui.theme import SIZE_TICK, Theme

Floats = NDArray[np.float64]
FEWEST_DECADES, MOST_DECADES = 2, 12
"""Of the colour scale; what is fainter than its end is drawn in the end's colour."""
FAINT_PERCENT = 2.0
"""Of the values, the faintest ones do not choose the scale."""
LOOKED_AT = 50
"""Rows, evenly spread, that choose the scale."""
BAR_WIDTH, MOVE = 8.0, 3.0
RAMP = np.linspace(1, 0, colormaps.COLORS)[:, np.newaxis]


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
        self.decades = (-FEWEST_DECADES, 0)
        self.has_fainter = False
        self._bounds = StickyBounds()
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_rows(self, rows: GradientRows, title: str, seq_len: int, marked_steps: tuple[int, ...]) -> None:
        """Draw ``rows`` over ``seq_len`` time steps."""
        if title != self.title:
            self.title = title
            self.reframe()
        if rows is not self.rows:
            self._bounds.reset()
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
        """Fit the colour scale to the rows, by whole decades."""
        every = max(1, len(self.rows.rows) // LOOKED_AT)
        values = np.concatenate([*self.rows.rows[::every], self.rows.rows[-1]])
        values = values[np.isfinite(values) & (values > 0)]
        if not len(values):
            return
        high = math.ceil(math.log10(values.max()) - 1e-9)
        faint = float(np.percentile(values, FAINT_PERCENT))
        low = max(high - MOST_DECADES, min(high - FEWEST_DECADES, math.floor(math.log10(faint) + 1e-9)))
        low_exponent, high_exponent = (round(exponent) for exponent in self._bounds.update(low, high))
        decades = max(low_exponent, high_exponent - MOST_DECADES), high_exponent
        has_fainter = bool(values.min() < 10.0 ** decades[0])
        if (decades, has_fainter) != (self.decades, self.has_fainter):
            self.decades, self.has_fainter = decades, has_fainter
            self.reframe()

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
        self.draw_text(painter, title, self.title, theme.text_2, SIZE_TICK)
        bar = QRectF(box.right() + 8 * scale, box.top(), BAR_WIDTH * scale, box.height())
        painter.drawImage(bar, colormaps.to_image(RAMP, 0, 1, "magma", theme.raised))
        low, high = self.decades
        for exponent in self.labelled():
            y = box.top() + box.height() * (high - exponent) / (high - low)
            label = QRectF(bar.right() + 5 * scale, min(max(y - 8 * scale, 0), self.height()), 50 * scale, 16 * scale)
            text = ("≤" if exponent == low and self.has_fainter else "") + log_tick_text(10.0**exponent)
            self.draw_text(painter, label, text, theme.text_3, SIZE_TICK)

    def labelled(self) -> tuple[int, ...]:
        """Exponents that the colour bar names: its ends, and the middle where that is one and has room."""
        low, high = self.decades
        has_middle = (high - low) % 2 == 0 and self.plot_rect().height() >= 60 * self.text_scale
        return (high, (low + high) // 2, low) if has_middle else (high, low)

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
