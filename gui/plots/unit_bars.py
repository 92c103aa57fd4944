"""One value for every unit, as bars; a press follows the unit."""

import numpy as np
from PySide6.QtCore import QLineF, QMarginsF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.signal import Signal
from gui.controls.keys import KeepsKeys
from gui.controls.tooltips import tooltip
from gui.plots.canvas import Canvas
from gui.plots.cell_plan import CellStep, full_name, number_text
from gui.plots.curves import blend
from gui.plots.marks import draw_readout
from gui.plots.scales import LinearScale, nice_step
from gui.theme import SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

SPACE = QMarginsF(34, 30, 14, 22)
LEAST_BAR = 3.0
"""Pixels of a bar with a gap; narrower ones stand side by side, and below one pixel some are left out."""
LABEL_ROOM = 34.0
QUIET = {True: 0.62, False: 0.58}
LEAST_HEIGHT = 60.0
ORDER_WORDS = ", every unit, most changing first, as in Gates"
ORDER_HELP = "The unit whose state changes most over time stands first, whatever it is now: bars need not fall from left to right."


class UnitBars(KeepsKeys, Canvas):
    """The units from left to right in ``order``; the arrow keys follow the next one."""

    kept_keys = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right})
    unit_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.signal: Signal | None = None
        self.step: CellStep | None = None
        self.order = np.empty(0, dtype=np.intp)
        self._end = 1.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Every unit at this time step")

    def show_step(self, signal: Signal, order: np.ndarray, step: CellStep) -> None:
        """Bars of ``signal`` at ``step``."""
        values = step.all_units(signal.name)
        largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
        end = signal.high if signal.has_fixed_scale else max(signal.high, nice_step(max(largest, 1e-9), 1))
        if signal.role == "cell_state":
            end = max(1.0, nice_step(max(largest, 1e-9), 1))
        is_other = signal is not self.signal or not np.array_equal(order, self.order)
        self.signal, self.order, self.step = signal, order, step
        if is_other or end > self._end or end < 0.4 * self._end:
            self._end = end
            self.reframe()
        mean = number_text(float(np.nanmean(values))) if np.isfinite(values).any() else "–"
        self.setAccessibleDescription(f"{full_name(signal, signal.name)}: mean {mean}, unit {step.unit}: {self._value_text()}")
        self.update()

    def _value_text(self) -> str:
        return number_text(self.step.of_unit(self.signal.name)) if self.step is not None and self.signal is not None else "–"

    def clear(self) -> None:
        """Forget the values."""
        self.step = None
        self.update()

    def is_empty(self) -> bool:
        return self.step is None or self.signal is None or not len(self.order)

    # Geometry

    def box(self) -> QRectF:
        """The rectangle of the bars."""
        return QRectF(self.rect()).marginsRemoved(SPACE * self.text_scale)

    @property
    def scale(self) -> LinearScale:
        """The axis of the values."""
        assert self.signal is not None
        return LinearScale(-self._end if self.signal.low < 0 else 0.0, self._end)

    def shown_units(self) -> np.ndarray:
        """The units that have a bar, left to right."""
        most = max(1, int(self.box().width()))
        if len(self.order) <= most:
            return self.order
        return self.order[(np.arange(most) * len(self.order)) // most]

    def unit_at(self, x: float) -> int:
        """The unit whose bar stands at ``x``."""
        shown, box = self.shown_units(), self.box()
        place = int((x - box.left()) / max(box.width(), 1) * len(shown))
        return int(shown[min(max(place, 0), len(shown) - 1)])

    def _y(self, values: np.ndarray | float) -> np.ndarray:
        box = self.box()
        return box.bottom() - np.clip(self.scale.fraction(np.nan_to_num(np.asarray(values, float))), 0, 1) * box.height()

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        assert self.signal is not None
        box, theme, scale = self.box(), self.theme, self.text_scale
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.line))
        head = QRectF(14, 6 * scale, self.width() - 28, 18 * scale)
        name = full_name(self.signal, self.signal.name)
        name = name[0].upper() + name[1:]
        self.draw_text(painter, head, name, theme.tone(self.signal.role).text, SIZE_LABEL, weight=WEIGHT_TITLE)
        width = self.text_width(name, SIZE_LABEL, WEIGHT_TITLE)
        rest, hint = ORDER_WORDS, "click a bar to follow its unit"
        self.draw_text(painter, head.adjusted(width, 0, 0, 0), rest, theme.text_2, SIZE_LABEL)
        if head.width() - width - self.text_width(rest) - self.text_width(hint, SIZE_TICK) > 24:
            self.draw_text(painter, head, hint, theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        if box.height() < 8:
            return
        for value, text in self.scale.ticks(box.height(), max(24 * scale, box.height() / 3)):
            y = round(float(self._y(value))) + 0.5
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            label = QRectF(0, y - 8 * scale, box.left() - 6 * scale, 16 * scale)
            self.draw_text(painter, label, text, theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        shown = self.shown_units()
        every = max(1, round(LABEL_ROOM * scale / (box.width() / len(shown))))
        for place in range(0, len(shown), every):
            self._draw_label(painter, place, int(shown[place]), theme.text_3)

    def _draw_label(self, painter: QPainter, place: int, unit: int, color: str) -> None:
        box, count = self.box(), len(self.shown_units())
        label = QRectF(0, box.bottom() + 3 * self.text_scale, 40 * self.text_scale, 16 * self.text_scale)
        label.moveLeft(box.left() + (place + 0.5) / count * box.width() - label.width() / 2)
        self.draw_text(painter, label, str(unit), color, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.step is None or self.signal is None or self.box().height() < 8:
            return
        box, theme, shown = self.box(), self.theme, self.shown_units()
        values = self.step.all_units(self.signal.name)
        if len(values) <= int(shown.max(initial=0)):
            return
        mark = theme.tone(self.signal.role).mark
        width = box.width() / len(shown)
        gap = 2.0 if width >= 2 * LEAST_BAR else 1.0 if width >= LEAST_BAR else 0.0
        zero, tops = float(self._y(0.0)), self._y(values[shown])
        lefts = box.left() + np.arange(len(shown)) * width
        bars = [
            QRectF(left + gap / 2, min(top, zero), max(1.0, width - gap), max(1.0, abs(zero - top)))
            for left, top in zip(lefts.tolist(), tops.tolist(), strict=True)
        ]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(blend(mark, theme.panel, QUIET[theme.is_dark]))
        painter.drawRects(bars)
        self._draw_mean(painter, values, theme.tone(self.signal.role).text)
        place = np.flatnonzero(shown == self.step.unit)
        if len(place):
            self._draw_followed(painter, int(place[0]), bars[int(place[0])], mark)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 6, 6)
        if self.hover is not None and box.contains(self.hover):
            unit = self.unit_at(self.hover.x())
            draw_readout(self, painter, self.hover, [(f"unit {unit}", number_text(float(values[unit])), mark)])

    def _draw_mean(self, painter: QPainter, values: np.ndarray, color: str) -> None:
        is_known = np.isfinite(values)
        if is_known.any():
            pen = QPen(QColor(color), 1.2)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            y = round(float(self._y(float(values[is_known].mean())))) + 0.5
            painter.drawLine(QLineF(self.box().left(), y, self.box().right(), y))

    def _draw_followed(self, painter: QPainter, place: int, bar: QRectF, mark: str) -> None:
        box, theme, unit = self.box(), self.theme, int(self.shown_units()[place])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(bar, QColor(mark))
        around = QRectF(bar.left() - 2, box.top() - 4, max(5.0, bar.width() + 4), box.height() + 5)
        painter.setPen(QPen(QColor(theme.accent), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(around, 3, 3)
        label = QRectF(0, box.bottom() + 3, self.text_width(str(unit), SIZE_TICK, WEIGHT_TITLE) + 12, 16 * self.text_scale)
        label.moveLeft(around.center().x() - label.width() / 2)
        painter.fillRect(label, QColor(theme.panel))
        self.draw_text(painter, label, str(unit), theme.accent, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter, WEIGHT_TITLE)

    # Choosing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        # On the bars it would cover what the readout says.
        self.setToolTip(tooltip(ORDER_HELP) if event.position().y() < self.box().top() else "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        reach = self.box().adjusted(0, -6, 0, SPACE.bottom())
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty() and reach.contains(event.position()):
            self.unit_chosen.emit(self.unit_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in self.kept_keys and self.step is not None and len(self.order):
            place = np.flatnonzero(self.order == self.step.unit)
            by = 1 if event.key() == Qt.Key.Key_Right else -1
            self.unit_chosen.emit(int(self.order[(int(place[0]) + by) % len(self.order)] if len(place) else self.order[0]))
        else:
            super().keyPressEvent(event)
