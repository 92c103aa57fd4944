"""What goes in as a picture: steps from left to right, one row for each number of an input, in line with a plot against time below it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots import colormaps
from gui.plots.marks import draw_cursor, draw_readout
from gui.plots.numbers import value_text
from gui.plots.step_row import StepRow
from gui.theme import SIZE_TICK, Theme


class InputPicture(StepRow):
    """``values`` (T, D), the first number of an input at the bottom. A press or a drag chooses a time step (from 0)."""

    top, bottom = 8.0, 2.0

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.values: NDArray[np.float64] | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_values(self, values: NDArray[np.float64] | None) -> None:
        """Draw other values; None: nothing."""
        is_same = values is self.values or (values is not None and self.values is not None and np.array_equal(values, self.values))
        if not is_same:
            self.values = values
            self.refresh()

    @property
    def step_count(self) -> int:
        return 0 if self.values is None else len(self.values)

    def is_empty(self) -> bool:
        return self.values is None

    def draw_content(self, painter: QPainter) -> None:
        box, values = self.row, self.values
        if values is None or box.height() < 4:
            return
        half = self.pitch / 2
        top = max(float(values.max()), 1e-9)
        image = colormaps.to_image(np.ascontiguousarray(values.T[::-1]), 0.0, top, "viridis", self.theme.panel)
        painter.drawImage(box.adjusted(-half, 0, half, 0), image)
        for text, y in (("high", box.top()), ("low", box.bottom() - 16 * self.text_scale)):
            label = QRectF(0, y, box.left() - half - 6 * self.text_scale, 16 * self.text_scale)
            self.draw_text(painter, label, text, self.theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)

    def draw_overlay(self, painter: QPainter) -> None:
        box, values = self.row, self.values
        if values is None:
            return
        if self.cursor_step is not None and self.cursor_step < len(values):
            draw_cursor(painter, self.x_of(self.cursor_step), box.top(), box.bottom(), self.theme)
        if self.hover is not None and box.contains(self.hover):
            step = self.step_at(self.hover) or 0
            row = min(int((box.bottom() - self.hover.y()) / box.height() * values.shape[1]), values.shape[1] - 1)
            draw_readout(
                self, painter, self.hover, [(f"t = {step + 1}", "", ""), (f"band {row + 1}", value_text(float(values[step, row]), 3), "")]
            )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        step = self.step_at(event.position()) if event.buttons() & Qt.MouseButton.LeftButton else None
        if step is not None:
            self.step_chosen.emit(step)
