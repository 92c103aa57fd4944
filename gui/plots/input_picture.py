"""What goes in as a picture: steps from left to right, one row for each number of an input, in line with a plot against time below it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots import colormaps
from gui.plots.canvas import Canvas
from gui.plots.marks import draw_cursor, draw_readout
from gui.plots.numbers import value_text
from gui.plots.plot import LEFT_MARGIN
from gui.theme import SIZE_TICK, Theme

RIGHT_MARGIN, TOP, BOTTOM = 14.0, 8.0, 2.0


class InputPicture(Canvas):
    """``values`` (T, D), the first number of an input at the bottom. A press or a drag chooses a time step (from 0)."""

    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.values: NDArray[np.float64] | None = None
        self.cursor_step: int | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_values(self, values: NDArray[np.float64] | None) -> None:
        """Draw other values; None: nothing."""
        is_same = values is self.values or (values is not None and self.values is not None and np.array_equal(values, self.values))
        if not is_same:
            self.values = values
            self.refresh()

    def set_cursor_step(self, step: int | None) -> None:
        """Mark time step ``step`` (from 0)."""
        if step != self.cursor_step:
            self.cursor_step = step
            self.update()

    def is_empty(self) -> bool:
        return self.values is None

    def picture_rect(self) -> QRectF:
        """Where the steps' middles lie at the left and right edges, as on a plot against time."""
        scale = self.text_scale
        return QRectF(self.rect()).adjusted(LEFT_MARGIN * scale, TOP * scale, -RIGHT_MARGIN * scale, -BOTTOM * scale)

    def draw_content(self, painter: QPainter) -> None:
        box, values = self.picture_rect(), self.values
        if values is None or box.height() < 4:
            return
        half = self._pitch() / 2
        top = max(float(values.max()), 1e-9)
        image = colormaps.to_image(np.ascontiguousarray(values.T[::-1]), 0.0, top, "viridis", self.theme.panel)
        painter.drawImage(box.adjusted(-half, 0, half, 0), image)
        for text, y in (("high", box.top()), ("low", box.bottom() - 16 * self.text_scale)):
            label = QRectF(0, y, box.left() - half - 6 * self.text_scale, 16 * self.text_scale)
            self.draw_text(painter, label, text, self.theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)

    def draw_overlay(self, painter: QPainter) -> None:
        box, values = self.picture_rect(), self.values
        if values is None:
            return
        if self.cursor_step is not None and self.cursor_step < len(values):
            draw_cursor(painter, box.left() + self.cursor_step * self._pitch(), box.top(), box.bottom(), self.theme)
        if self.hover is not None and box.contains(self.hover):
            step = self._step_at(self.hover.x())
            row = min(int((box.bottom() - self.hover.y()) / box.height() * values.shape[1]), values.shape[1] - 1)
            draw_readout(
                self, painter, self.hover, [(f"t = {step + 1}", "", ""), (f"band {row + 1}", value_text(float(values[step, row]), 3), "")]
            )

    def _pitch(self) -> float:
        """Pixels from one step to the next."""
        return self.picture_rect().width() / max(1, len(self.values) - 1) if self.values is not None else 1.0

    def _step_at(self, x: float) -> int:
        last = len(self.values) - 1 if self.values is not None else 0
        return min(max(round((x - self.picture_rect().left()) / self._pitch()), 0), last)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty():
            self.step_chosen.emit(self._step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton and not self.is_empty():
            self.step_chosen.emit(self._step_at(event.position().x()))
