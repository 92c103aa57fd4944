"""A curve to draw from left to right; the network's forecast goes on with it at once."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from core.pads import CurvePad
from core.prediction import Answer
from gui.controls.keys import ARROWS
from gui.controls.painting import draw_box, draw_focus_ring, painting
from gui.panels.pads.pad_view import PadView
from gui.plots.curves import polygon
from gui.plots.numbers import value_text
from gui.style import current_look
from gui.theme import RADIUS_FIELD, SIZE_TICK

LEAST_VALUES = 2
SIGNIFICANT_STEPS = 500  # what is typed tells at least so many heights apart
BAND_SHARE = 0.22
MARGIN, LABELS = 8, 44
SMALL_STEP = 0.02
DRAWN_SHARE = 0.7

Floats = NDArray[np.float64]


class CurvePadView(PadView):
    """Values at the steps 1 … N, NaN where nothing was drawn yet. Steps between two that were drawn lie on the line between them."""

    kept_keys = ARROWS
    hint = "Draw from left to right with the mouse; with the keyboard: ← → choose a step, ↑ ↓ its value."

    def __init__(self, pad: CurvePad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = pad.steps
        self._low, self._high = pad.low, pad.high
        self._values: Floats = np.full(pad.steps, np.nan)
        self._answer: Answer | None = None
        self._cursor = 0
        self._last: tuple[int, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Curve of {pad.steps} values")
        self._say()

    @property
    def steps(self) -> int:
        """How many values can be drawn."""
        return self._steps

    @property
    def bounds(self) -> tuple[float, float]:
        """The values at the lower and the upper edge."""
        return self._low, self._high

    def set_bounds(self, low: float, high: float) -> None:
        """Other values at the edges."""
        if high > low:
            self._low, self._high = low, high
            self.update()

    def values(self) -> Floats:
        """From the first step that was drawn to the last, (n,)."""
        (drawn,) = np.nonzero(np.isfinite(self._values))
        if not len(drawn):
            return np.empty(0)
        every = np.arange(drawn[0], drawn[-1] + 1)
        return np.interp(every, drawn, self._values[drawn])

    def text(self) -> str:
        values = self.values()
        decimals = max(0, math.ceil(math.log10(SIGNIFICANT_STEPS / (self._high - self._low))))
        return ", ".join(f"{value:.{decimals}f}" for value in values) if len(values) >= LEAST_VALUES else ""

    def set_text(self, text: str) -> None:
        values = np.array([float(word) for word in text.split(",")])[-self._steps :]
        self._values = np.full(self._steps, np.nan)
        self._values[self._steps - len(values) :] = values
        self._answer = None
        self._say()
        self.update()

    def clear(self) -> None:
        self._values = np.full(self._steps, np.nan)
        self._answer, self._cursor = None, 0
        self._say()
        self.update()

    def show_answer(self, answer: Answer | None) -> None:
        self._answer = answer
        self.update()

    def plot_box(self) -> QRectF:
        """Where curve and forecast are drawn."""
        look = current_look()
        margin = look.px(MARGIN)
        return QRectF(self.rect()).adjusted(look.px(LABELS), margin, -2 * margin, -margin)

    def point_of(self, step: float, value: float) -> QPointF:
        """Where ``value`` at ``step`` (from 0, whole or between) is drawn."""
        box = self.plot_box()
        x = box.left() + DRAWN_SHARE * box.width() * step / max(1, self._steps - 1)
        return QPointF(x, box.bottom() - box.height() * (value - self._low) / (self._high - self._low))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._last = None
        self._draw_to(event.position(), is_erasing=event.button() == Qt.MouseButton.RightButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton):
            self._draw_to(event.position(), is_erasing=bool(event.buttons() & Qt.MouseButton.RightButton))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._cursor = min(max(self._cursor + (1 if key == Qt.Key.Key_Right else -1), 0), self._steps - 1)
            self._say()
            self.update()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            by = SMALL_STEP * (self._high - self._low) * (1 if key == Qt.Key.Key_Up else -1)
            self._set(self._cursor, self._value_at_cursor() + by)
            self._changed()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, box = current_look(), self.plot_box()
        with painting(self) as painter:
            draw_box(painter, box, RADIUS_FIELD, look.color("raised"), look.color("line"))
            self._draw_labels(painter, box)
            border = self.point_of(self._steps - 1, self._low).x()
            painter.setPen(QPen(look.color("line_2"), 1))
            painter.drawLine(QLineF(border, box.top(), border, box.bottom()))
            painter.setClipRect(box)
            self._draw_forecast(painter)
            self._draw_curve(painter)
            painter.setClipping(False)
            if self.hasFocus():
                draw_focus_ring(painter, look, box, RADIUS_FIELD)

    def _draw_labels(self, painter: QPainter, box: QRectF) -> None:
        look = current_look()
        painter.setFont(look.font(SIZE_TICK))
        painter.setPen(look.color("text_3"))
        row = look.px(16)
        for value, top in ((self._high, box.top()), (self._low, box.bottom() - row)):
            label = QRectF(0, top, box.left() - 6, row)
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), value_text(value, 3))

    def _draw_curve(self, painter: QPainter) -> None:
        look, values = current_look(), self.values()
        first = self._first_drawn()
        points = [self.point_of(first + k, value) for k, value in enumerate(values)]
        painter.setPen(QPen(look.color("text"), 2))
        painter.drawPolyline(points)
        painter.setBrush(look.color("text"))
        painter.setPen(Qt.PenStyle.NoPen)
        for point in points:
            painter.drawEllipse(point, 2, 2)
        if self.hasFocus():
            painter.setBrush(look.color("accent"))
            painter.drawEllipse(self.point_of(self._cursor, self._value_at_cursor()), 4, 4)

    def _draw_forecast(self, painter: QPainter) -> None:
        look, values, answer = current_look(), self.values(), self._answer
        if answer is None or len(values) < LEAST_VALUES:
            return
        last = self._first_drawn() + len(values) - 1
        room = (1 - DRAWN_SHARE) / DRAWN_SHARE * (self._steps - 1)
        stride = min(1.0, room / max(1, len(answer.output)))
        x = last + stride * np.arange(len(answer.output) + 1)

        def line(ahead: tuple[float, ...]) -> list[QPointF]:
            return [self.point_of(*pair) for pair in zip(x, (values[-1], *ahead), strict=True)]

        if answer.low is not None and answer.high is not None:
            outline = [*line(answer.low), *reversed(line(answer.high))]
            color = QColor(look.color("accent"))
            color.setAlphaF(BAND_SHARE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawPolygon(polygon(np.array([p.x() for p in outline]), np.array([p.y() for p in outline])))
        painter.setPen(QPen(look.color("accent"), 2))
        painter.drawPolyline(line(tuple(map(float, answer.output))))

    def _first_drawn(self) -> int:
        (drawn,) = np.nonzero(np.isfinite(self._values))
        return int(drawn[0]) if len(drawn) else 0

    def _value_at_cursor(self) -> float:
        """The value there, on the line between those drawn, that of the nearest end, or the middle where nothing is drawn."""
        values, first = self.values(), self._first_drawn()
        if not len(values):
            return (self._low + self._high) / 2
        return float(values[min(max(self._cursor - first, 0), len(values) - 1)])

    def _draw_to(self, position: QPointF, is_erasing: bool) -> None:
        """The stroke reaches ``position``: every step that it passed gets its value, or loses it."""
        box = self.plot_box()
        step = round((position.x() - box.left()) / (DRAWN_SHARE * box.width()) * (self._steps - 1))
        step = min(max(step, 0), self._steps - 1)
        value = self._low + (box.bottom() - position.y()) / max(1.0, box.height()) * (self._high - self._low)
        from_step, from_value = self._last if self._last is not None else (step, value)
        for passed in range(min(step, from_step), max(step, from_step) + 1):
            share = (passed - from_step) / (step - from_step) if step != from_step else 1.0
            if is_erasing:
                self._values[passed] = np.nan
            else:
                self._set(passed, from_value + share * (value - from_value))
        self._last, self._cursor = (step, value), step
        self._changed()

    def _set(self, step: int, value: float) -> None:
        self._values[step] = min(max(value, self._low), self._high)

    def _changed(self) -> None:
        self._say()
        self.update()
        self.drawn.emit()

    def _say(self) -> None:
        value = value_text(self._value_at_cursor(), 4)
        self.setAccessibleDescription(f"{len(self.values())} values drawn; step {self._cursor + 1} is at {value}")
