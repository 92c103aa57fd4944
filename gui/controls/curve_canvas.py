"""A canvas to draw a curve on, from left to right, with the mouse or the arrow keys."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.controls.keys import ARROWS, KeepsKeys
from gui.controls.painting import draw_box, draw_focus_ring, painting
from gui.style import Styled, current_look
from gui.theme import RADIUS_FIELD, SIZE_TICK

PLACES = 400
SIZE = QSize(560, 260)
KEY_STEP = PLACES // 50
KEY_RISE = 0.04
GRID_LINES = 4
HINT = "Draw a curve from left to right with the mouse;\nwith the keyboard: ← → draw on, ↑ ↓ move the pen"


class CurveCanvas(KeepsKeys, Styled, QWidget):
    """Heights 0…1 at PLACES places, NaN where nothing is drawn. A new stroke replaces what was drawn at its places.

    Left and right draw on with the keyboard, up and down raise and lower the pen. ``changed`` follows every stroke.
    """

    changed = Signal()
    kept_keys = ARROWS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Curve")
        self.setAccessibleDescription("Draw a curve with the mouse, or with the arrow keys: right draws on, up and down move the pen.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._heights = np.full(PLACES, np.nan)
        self._shown: NDArray[np.float64] = np.empty(0)
        self._last: tuple[int, float] | None = None
        self._pen = (0, 0.5)
        self._bounds = (0.0, 1.0)

    def set_bounds(self, low: float, high: float) -> None:
        """The values at the lower and the upper edge, for the axis."""
        self._bounds = (low, high)
        self.update()

    @property
    def heights(self) -> NDArray[np.float64]:
        """What is drawn, (PLACES,)."""
        return self._heights.copy()

    def clear(self) -> None:
        """Forget what is drawn."""
        self._heights[:] = np.nan
        self._pen = (0, 0.5)
        self._say_changed()

    def show_points(self, points: NDArray[np.float64]) -> None:
        """Show what becomes of the curve: heights 0…1 evenly spread over what is drawn."""
        self._shown = points
        self.update()

    def sizeHint(self) -> QSize:
        return SIZE * current_look().text_size

    def draw_line(self, start: tuple[int, float], end: tuple[int, float]) -> None:
        """Draw from one (place, height) to another."""
        (first, low), (last, high) = sorted((start, end))
        places = np.arange(first, last + 1)
        self._heights[places] = np.interp(places, [first, max(last, first + 1)], [low, high]) if last > first else end[1]
        self._pen = end
        self._say_changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._last = self._place(event.position())
            self.draw_line(self._last, self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            here = self._place(event.position())
            self.draw_line(self._last, here)
            self._last = here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._last = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place, height = self._pen
        moves = {Qt.Key.Key_Up: (0, KEY_RISE), Qt.Key.Key_Down: (0, -KEY_RISE), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0)}
        if event.key() not in moves:
            super().keyPressEvent(event)
            return
        steps, rise = moves[Qt.Key(event.key())]
        moved = (min(max(place + steps * KEY_STEP, 0), PLACES - 1), min(max(height + rise, 0.0), 1.0))
        self.draw_line(moved if rise else self._pen, moved)

    def _say_changed(self) -> None:
        self.changed.emit()
        self.update()

    def _place(self, position: QPointF) -> tuple[int, float]:
        place = round(position.x() / max(self.width() - 1, 1) * (PLACES - 1))
        return min(max(place, 0), PLACES - 1), min(max(1 - position.y() / max(self.height() - 1, 1), 0.0), 1.0)

    def _point(self, place: float, height: float) -> QPointF:
        return QPointF(place / (PLACES - 1) * (self.width() - 1), (1 - height) * (self.height() - 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        drawn = np.flatnonzero(np.isfinite(self._heights))
        with painting(self) as painter:
            draw_box(painter, QRectF(self.rect()), RADIUS_FIELD, look.color("raised"), look.color("line"))
            painter.setPen(QPen(look.color("line"), 1))
            for k in range(1, GRID_LINES):
                painter.drawLine(self._point(0, k / GRID_LINES), self._point(PLACES - 1, k / GRID_LINES))
            self._draw_axis(painter)
            if len(drawn):
                painter.setPen(QPen(look.color("ghost"), 1.5))
                painter.drawPolyline(QPolygonF([self._point(float(k), float(self._heights[k])) for k in drawn]))
            if len(self._shown) and len(drawn):
                places = np.linspace(drawn[0], drawn[-1], len(self._shown))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("accent"))
                for place, height in zip(places, self._shown, strict=True):
                    painter.drawEllipse(self._point(float(place), float(height)), 2.0, 2.0)
            elif not len(drawn):
                painter.setPen(look.color("text_3"))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, HINT)
            if self.hasFocus():
                draw_focus_ring(painter, look, QRectF(self.rect()), RADIUS_FIELD)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look.color("accent"), 1.5))
                painter.drawEllipse(self._point(*self._pen), 4.0, 4.0)

    def _draw_axis(self, painter: QPainter) -> None:
        """The values at the grid lines, above them."""
        look, (low, high) = current_look(), self._bounds
        painter.setFont(look.font(SIZE_TICK))
        painter.setPen(look.color("text_3"))
        row = look.px(16)
        for k in range(GRID_LINES + 1):
            value = low + k / GRID_LINES * (high - low)
            y = max(self._point(0, k / GRID_LINES).y() - row, 1.0)
            painter.drawText(QRectF(look.px(6), y, self.width(), row), Qt.AlignmentFlag.AlignVCenter, f"{value:,.4g}")
