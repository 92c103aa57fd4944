"""A structural number: − n +, never a slider, because every value rebuilds the network."""

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from core.fields import FieldInfo
from gui.controls.control import Control
from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.number_field import NumberField
from gui.controls.painting import draw_box, draw_icon, painting
from gui.controls.value_scale import round_step
from gui.style import Styled, current_look
from gui.theme import HEIGHT_BUTTON, RADIUS_BUTTON

# px at text size 1.0
BUTTON_WIDTH = 27
FIELD_WIDTH = 46
WIDE_FIELD_WIDTH = 64
# A range of at most this many whole numbers is walked one by one.
FEW = 24
STEPS_IN_RANGE = 20


def stepped(info: FieldInfo, value: float, direction: int) -> float:
    """The next sensible value: one by one where there are few, otherwise 1, 2, 3, 4, 6, 8, 12, 16 … or round steps."""
    assert info.minimum is not None and info.maximum is not None, f"{info.label} has no range"
    low, high = info.minimum, info.maximum
    if info.kind == "number":
        step = round_step((high - low) / STEPS_IN_RANGE)
        moved = float(f"{value + direction * step:.10g}")
    elif high - low <= FEW or low < 0:
        moved = value + direction
    else:
        moved = _next_in_series(value, direction, info.scale == "powers_of_two")
    return min(high, max(low, moved))


def _next_in_series(value: float, direction: int, is_powers_only: bool) -> float:
    factors = (2,) if is_powers_only else (2, 3)
    series = sorted({0, 1} | {factor * 2**k for factor in factors for k in range(32)})
    beyond = [member for member in series if (member > value if direction > 0 else member < value)]
    if not beyond:
        return value
    return min(beyond) if direction > 0 else max(beyond)


class StepButton(KeepsKeys, Styled, QAbstractButton):
    """The − or + of a stepper; goes on while it is held."""

    kept_keys = SPACE

    def __init__(self, icon: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoRepeat(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(current_look().px(BUTTON_WIDTH), current_look().px(HEIGHT_BUTTON))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            if self.isEnabled() and (self.underMouse() or self.isDown()):
                draw_box(painter, QRectF(self.rect()), RADIUS_BUTTON - 1, look.color("raised_2" if self.isDown() else "raised"))
            tone = "text_2" if self.isEnabled() else "line_2"
            center = QRectF(self.rect()).center()
            draw_icon(painter, look, self._icon, getattr(look.theme, tone), QPointF(center.x(), center.y()), 14)

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()


class Stepper(Control):
    """The number of field ``info`` between − and +; it can be typed too. The arrow keys up and down step."""

    def __init__(self, info: FieldInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        digits = len(f"{info.maximum:.0f}") if info.maximum is not None else 0
        self._field = NumberField(info, lambda value, direction, _fine: stepped(info, value, direction), parent=self)
        self._field_width = WIDE_FIELD_WIDTH if digits > 5 else FIELD_WIDTH
        self._field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._minus = StepButton("minus", f"{info.label}, less", self)
        self._plus = StepButton("plus", f"{info.label}, more", self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(1)
        for widget in (self._minus, self._field, self._plus):
            layout.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._minus.clicked.connect(lambda: self._on_stepped(-1))
        self._plus.clicked.connect(lambda: self._on_stepped(1))
        self._field.value_changed.connect(self._on_typed)
        self.set_value(info.default)
        self.restyle()

    @property
    def field(self) -> NumberField:
        """The number field."""
        return self._field

    @property
    def buttons(self) -> tuple[QAbstractButton, QAbstractButton]:
        """− and +."""
        return self._minus, self._plus

    def value(self) -> Any:
        return self._field.value()

    def set_value(self, value: Any) -> None:
        self._field.set_value(value)
        assert self._info.minimum is not None and self._info.maximum is not None
        self._minus.setEnabled(value > self._info.minimum)
        self._plus.setEnabled(value < self._info.maximum)

    def focus_target(self) -> QWidget:
        return self._field

    def show_error(self, message: str) -> None:
        self._field.show_error(message)

    def restyle(self) -> None:
        look = current_look()
        self.setFixedHeight(look.px(HEIGHT_BUTTON))
        self._field.setFixedSize(look.px(self._field_width), look.px(HEIGHT_BUTTON) - 2)
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            draw_box(painter, QRectF(self.rect()), RADIUS_BUTTON, None, look.color("line_2"))
            painter.setPen(look.color("line_2"))
            painter.setRenderHint(painter.RenderHint.Antialiasing, False)
            for x in (self._field.x() - 1, self._field.x() + self._field.width()):
                painter.drawLine(x, 1, x, self.height() - 2)

    def _on_stepped(self, direction: int) -> None:
        value = self._info.checked(self._info.label, stepped(self._info, self.value(), direction))
        if value != self.value():
            self._on_typed(value)

    def _on_typed(self, value: Any) -> None:
        self.set_value(value)
        self.value_changed.emit(value)
