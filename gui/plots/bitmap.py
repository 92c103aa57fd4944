"""A small picture of pixels, 0 blank to 1 full, as large as there is room."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.canvas import Canvas
from gui.plots.curves import blend
from gui.theme import Theme

PAD = 12.0
WIDTH = 124
LARGEST_PIXEL = 24.0
GAP_SHARE = 0.08


class BitmapPlot(Canvas):
    """Draws a picture (rows, columns), and an outline around the pixels that are read at one step, row by row from the top left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.picture: NDArray[np.float64] | None = None
        self._steps = 0
        self._cursor_step: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture")

    def sizeHint(self) -> QSize:
        return QSize(round(WIDTH * self.text_scale), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def show_picture(self, picture: NDArray[np.float64], steps: int = 0) -> None:
        """Show ``picture``, which is read in so many steps; 0: all at once."""
        if self.picture is None or not np.array_equal(picture, self.picture):
            self.picture = picture
            self.refresh()
        self._steps = steps

    def set_cursor(self, step: int) -> None:
        """Mark what is read at time step ``step`` (from 0)."""
        self._cursor_step = step
        self.update()

    def is_empty(self) -> bool:
        return self.picture is None

    def side(self) -> float:
        """Of one pixel of the picture, on screen."""
        assert self.picture is not None
        scale = self.text_scale
        rows, columns = self.picture.shape
        return min((self.width() - 2 * PAD * scale) / columns, (self.height() - 2 * PAD * scale) / rows, LARGEST_PIXEL * scale)

    def box(self, row: int, column: int, columns: int = 1) -> QRectF:
        """Where some pixels of a row stand."""
        assert self.picture is not None
        side = self.side()
        left = (self.width() - side * self.picture.shape[1]) / 2
        return QRectF(left + column * side, PAD * self.text_scale + row * side, columns * side, side)

    def draw_content(self, painter: QPainter) -> None:
        if self.picture is None or self.side() < 1:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        gap = GAP_SHARE * self.side()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, pixels in enumerate(self.picture.tolist()):
            for column, ink in enumerate(pixels):
                painter.setBrush(blend(self.theme.text, self.theme.line, min(max(ink, 0.0), 1.0)))
                painter.drawRoundedRect(self.box(row, column).adjusted(gap, gap, -gap, -gap), gap, gap)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.picture is None or self._cursor_step is None or not 0 <= self._cursor_step < self._steps:
            return
        columns = self.picture.shape[1]
        first, behind = (step * self.picture.size // self._steps for step in (self._cursor_step, self._cursor_step + 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self.theme.accent), 1.5))
        painter.drawRoundedRect(self.box(first // columns, first % columns, min(behind - first, columns)), 2, 2)
