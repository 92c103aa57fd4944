"""A switch: on or off."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from gui.controls.control import Control
from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.painting import OPACITY_DISABLED, draw_box, draw_focus_ring, painting
from gui.style import Styled, current_look

# px at text size 1.0
WIDTH, HEIGHT, MARGIN = 32, 18, 3


class SwitchButton(KeepsKeys, Styled, QAbstractButton):
    """The sliding button."""

    kept_keys = SPACE

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(WIDTH) + 4, look.px(HEIGHT) + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect()).adjusted(2, 2, -2, -2)
            radius = rect.height() / 2
            if not self.isEnabled():
                painter.setOpacity(OPACITY_DISABLED)
            if self.isChecked():
                draw_box(painter, rect, radius, look.color("accent_fill"))
            else:
                draw_box(painter, rect, radius, look.color("raised_2"), look.color("text_3"))
            knob = radius - look.px(MARGIN)
            x = rect.right() - radius if self.isChecked() else rect.left() + radius
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("on_accent" if self.isChecked() else "text_2"))
            painter.drawEllipse(QPointF(x, rect.center().y()), knob, knob)
            if self.hasFocus():
                draw_focus_ring(painter, look, QRectF(self.rect()), radius + 2)


class Switch(Control):
    """A flag."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._button = SwitchButton(name, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._button.clicked.connect(lambda is_on: self.value_changed.emit(is_on))

    @property
    def button(self) -> QAbstractButton:
        """The button."""
        return self._button

    def value(self) -> bool:
        return self._button.isChecked()

    def set_value(self, value: bool) -> None:
        self._button.setChecked(value)

    def focus_target(self) -> QWidget:
        return self._button
