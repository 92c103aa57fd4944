"""The track of a slider: a line with ticks and a ring to pull."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from gui.controls.keys import ARROWS, PAGES, KeepsKeys
from gui.controls.painting import draw_box, painting
from gui.controls.value_scale import FINE_STEPS, ValueScale
from gui.style import Styled, current_look

# px at text size 1.0
TRACK = 4
RING_RADIUS = 7
RING_PEN = 2
INSET = 8
TICK_START, TICK_END = 4, 7
HEIGHT = 20
RESOLUTION = 10_000


class SliderTrack(KeepsKeys, Styled, QAbstractSlider):
    """Shows and sets a value on ``scale``.

    Arrows go to the next tick, with Shift a tenth of the way; Home and End to the ends; a double click asks for the default
    (``default_requested``). ``value_chosen`` is sent while the ring is pulled. The mouse wheel scrolls what is around the slider.
    """

    kept_keys = ARROWS | PAGES

    value_chosen = Signal(object)
    default_requested = Signal()

    def __init__(self, scale: ValueScale, has_ticks: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._has_ticks = has_ticks
        self._number = scale.ticks[0]
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, RESOLUTION)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self._on_position_changed)
        self.restyle()

    def number(self) -> float:
        """The value on the scale."""
        return self._number

    def set_number(self, value: float) -> None:
        """Show ``value``, silently; values between round ones are kept as they are."""
        self._number = value
        self.blockSignals(True)
        self.setValue(round(self._scale.position(value) * RESOLUTION))
        self.blockSignals(False)
        self.update()

    def stepped(self, value: float, direction: int, is_fine: bool) -> float:
        """The value one tick, or a tenth of one, further than ``value``."""
        return self._scale.moved(value, direction / FINE_STEPS) if is_fine else self._scale.stepped(value, direction)

    def restyle(self) -> None:
        self.setFixedHeight(current_look().px(HEIGHT))
        super().restyle()

    def sizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(160), look.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(48), look.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            middle = self._middle()
            half = look.px(TRACK) / 2
            whole = QRectF(0, middle - half, self.width(), 2 * half)
            x = self._x_of(self._number)
            draw_box(painter, whole, half, look.color("raised_2"))
            draw_box(painter, QRectF(0, middle - half, x, 2 * half), half, look.color("accent_fill" if self.isEnabled() else "line_2"))
            if self._has_ticks:
                painter.setPen(QPen(look.color("text_3"), 1.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                for tick in self._scale.ticks:
                    at = round(self._x_of(tick)) - 0.5
                    painter.drawLine(QPointF(at, middle + look.px(TICK_START)), QPointF(at, middle + look.px(TICK_END)))
            radius = look.px(RING_RADIUS)
            if self.hasFocus():
                painter.setPen(QPen(look.color("accent"), 1.0))
                painter.setBrush(look.color("accent_wash"))
                painter.drawEllipse(QPointF(x, middle), radius + 2.5, radius + 2.5)
            painter.setPen(QPen(look.color("accent" if self.isEnabled() else "line_2"), RING_PEN))
            painter.setBrush(look.color("accent_wash" if self.isSliderDown() else "panel"))
            painter.drawEllipse(QPointF(x, middle), radius, radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.default_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        key = event.key()
        if key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            self._choose(self.stepped(self._number, 1, is_fine))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self._choose(self.stepped(self._number, -1, is_fine))
        elif key == Qt.Key.Key_Home:
            self._choose(self._scale.ticks[0])
        elif key == Qt.Key.Key_End:
            self._choose(self._scale.ticks[-1])
        else:
            event.ignore()

    def _middle(self) -> float:
        return float(current_look().px(10))

    def _x_of(self, value: float) -> float:
        inset = current_look().px(INSET)
        return inset + self._scale.position(value) * (self.width() - 2 * inset)

    def _go_to(self, x: float) -> None:
        inset = current_look().px(INSET)
        position = min(1.0, max(0.0, (x - inset) / max(1, self.width() - 2 * inset)))
        self._choose(self._scale.value_at(position))

    def _on_position_changed(self, position: int) -> None:
        """Assistive technology has moved the slider."""
        self._choose(self._scale.value_at(position / RESOLUTION))

    def _choose(self, value: float) -> None:
        is_new = value != self._number
        self.set_number(value)
        if is_new:
            self.value_chosen.emit(value)
