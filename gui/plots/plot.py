"""A plot: two axes with a quiet grid, and a wheel that zooms along x."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.scales import LinearScale, Scale
from gui.theme import SIZE_TICK, Theme

Floats = NDArray[np.float64]
X_SPACING, Y_SPACING = 42.0, 26.0
"""Least distance between ticks in pixels at text size 1."""
MOST_X_TICKS, MOST_Y_TICKS = 13, 7
WHEEL_FACTOR = 0.8
LEFT_MARGIN = 46.0
"""The same on every plot, so that plots below each other align."""


class Plot(Canvas):
    """Axes from ``x_scale`` and ``y_scale``; the wheel zooms along x about the pointer, a double click shows all again.

    ``space`` are the margins around the plot's rectangle at text size 1. ``zoom`` is the visible stretch of x, None for all of it;
    subclasses say with ``full_range`` what all of it is, and set their scales in ``rescale``.
    """

    def __init__(self, theme: Theme, space: QMarginsF, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.space = space
        self.x_scale: Scale = LinearScale(0, 1)
        self.y_scale: Scale = LinearScale(0, 1)
        self.x_spacing = X_SPACING
        self.x_title = ""
        self.x_title_inset = 0.0
        self.y_title = ""
        self.y_title_rise = 8.0
        self.zoom: tuple[float, float] | None = None
        self._box: QRectF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    # Geometry

    def plot_rect(self) -> QRectF:
        """The rectangle inside the axes, in pixels."""
        if self._box is None:
            self._box = QRectF(self.rect()).marginsRemoved(self.space * self.text_scale)
        return self._box

    def reframe(self) -> None:
        self._box = None
        super().reframe()

    def set_scales(self, x_scale: Scale, y_scale: Scale) -> None:
        """Take other scales; the frame is drawn anew only if they differ."""
        if (x_scale, y_scale) != (self.x_scale, self.y_scale):
            self.x_scale, self.y_scale = x_scale, y_scale
            self.reframe()

    def to_x(self, values: Floats | float) -> Floats:
        """Pixels from the left of values on the x axis."""
        box = self.plot_rect()
        return box.left() + self.x_scale.fraction(np.asarray(values, dtype=float)) * box.width()

    def to_y(self, values: Floats | float) -> Floats:
        """Pixels from the top of values on the y axis; infinite values lie on the nearer edge."""
        box = self.plot_rect()
        fraction = self.y_scale.fraction(np.asarray(values, dtype=float))
        return box.bottom() - np.where(np.isinf(fraction), fraction > 0, fraction) * box.height()

    def x_at(self, pixel: float) -> float:
        """Value on the x axis under a pixel."""
        box = self.plot_rect()
        return self.x_scale.value((pixel - box.left()) / max(box.width(), 1.0))

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        box, theme, scale = self.plot_rect(), self.theme, self.text_scale
        if box.width() < 8 or box.height() < 8:
            return
        line_height = 16 * scale
        for value, text in self.y_scale.ticks(box.height(), max(Y_SPACING * scale, box.height() / MOST_Y_TICKS)):
            y = round(float(self.to_y(value))) + 0.5
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            label = QRectF(0, y - line_height / 2, box.left() - 8 * scale, line_height)
            self.draw_text(painter, label, text, theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        title_left = title_right = float(self.width())
        if self.x_title:
            # Ticks give way to it; those in the inset stay.
            title_right = box.right() - self.x_title_inset
            title_left = title_right - self.text_width(self.x_title, SIZE_TICK)
            title = QRectF(title_left, box.bottom() + 4 * scale, title_right - title_left + 1, line_height)
            self.draw_text(painter, title, self.x_title, theme.text_2, SIZE_TICK)
        for value, text in self.x_scale.ticks(box.width(), max(self.x_spacing * scale, box.width() / MOST_X_TICKS)):
            width = self.text_width(text, SIZE_TICK) + 1
            left = min(float(self.to_x(value)) - width / 2, self.width() - width - 1)
            if left + width + 8 * scale <= title_left or left >= title_right + 4 * scale or not self.x_title:
                label = QRectF(left, box.bottom() + 4 * scale, width, line_height)
                self.draw_text(painter, label, text, theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter)
        if self.y_title:
            label = QRectF(0, box.top() - self.y_title_rise * scale - line_height, box.left() - 8 * scale, line_height)
            if self.text_width(self.y_title, SIZE_TICK) > label.width():
                label = QRectF(10 * scale, label.top(), self.text_width(self.y_title, SIZE_TICK) + 2, line_height)
            self.draw_text(painter, label, self.y_title, theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignRight)

    # Zooming

    def full_range(self) -> tuple[float, float]:
        """All of x."""
        return self.x_scale.low, self.x_scale.high

    def rescale(self) -> None:
        """Set scales for the visible stretch of x."""

    def visible_range(self) -> tuple[float, float]:
        """The visible stretch of x."""
        return self.zoom or self.full_range()

    def set_zoom(self, zoom: tuple[float, float] | None) -> None:
        """Show a stretch of x, kept inside all of it and at least a step long; None or all of it shows all."""
        if zoom is not None:
            low, high = self.full_range()
            left, right = max(low, zoom[0]), min(high, zoom[1])
            if right - left < 2:
                return
            zoom = None if (left, right) == (low, high) else (left, right)
        self.zoom = zoom
        self.rescale()
        self.refresh()

    def zoom_by(self, factor: float, center: float) -> None:
        """Scale the visible stretch by ``factor`` about the x value ``center``."""
        low, high = self.visible_range()
        self.set_zoom((center + (low - center) * factor, center + (high - center) * factor))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if self.is_empty() or turned == 0:
            event.ignore()
            return
        self.zoom_by(WHEEL_FACTOR ** (turned / 120), self.x_at(event.position().x()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.set_zoom(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        middle = sum(self.visible_range()) / 2
        if event.text() == "+":
            self.zoom_by(WHEEL_FACTOR, middle)
        elif event.text() == "-":
            self.zoom_by(1 / WHEEL_FACTOR, middle)
        elif event.text() == "0":
            self.set_zoom(None)
        else:
            super().keyPressEvent(event)

    def is_inside(self, at: QPointF) -> bool:
        """Whether a point of the widget lies within the axes."""
        return self.plot_rect().contains(at)
