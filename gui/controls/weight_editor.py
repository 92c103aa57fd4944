"""One row to set a weight by hand: what it is, its new value as a number and on a slider, and what is often wanted."""

import math

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.fields import FieldInfo
from gui.controls.button import Button
from gui.controls.caption import ElidedCaption
from gui.controls.number_field import NumberField
from gui.controls.slider_track import SliderTrack
from gui.controls.value_scale import LinearScale
from gui.style import Styled, current_look
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, SIZE_TICK

LARGEST = 1000.0
VALUE = FieldInfo(
    "New value", "The weight's new value; Set gives it to the network, the optimizer's memory stays.", "number", 0.0, -LARGEST, LARGEST
)
SLIDER_END = 2.0
# px at text size 1.0
SLIDER_WIDTH, LEAST_WIDTH_WITH_SLIDER = 96, 500
NOTHING_CHOSEN = "Click a weight to change it, or walk there with Tab and the arrow keys."


class WeightEditor(Styled, QWidget):
    """``set_requested`` carries the value that a person wants for the weight that is shown."""

    set_requested = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = 0.0
        self._title = NOTHING_CHOSEN
        self.caption = ElidedCaption(NOTHING_CHOSEN, SIZE_TICK, "text_3", parent=self)
        self.track = SliderTrack(LinearScale(-SLIDER_END, SLIDER_END, False), False, self)
        self.track.setAccessibleName("New value, slider")
        self.field = NumberField(VALUE, self._stepped, parent=self)
        self.set_button = self._make_button("Set", "Set the weight to this value")
        self.negate_button = self._make_button("±", "Turn the weight's sign round")
        self.zero_button = self._make_button("0", "Set the weight to 0: cut the connection")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 2, 12, 2)
        row.setSpacing(6)
        row.addWidget(self.caption, 1)
        self._controls = (self.track, self.field, self.set_button, self.negate_button, self.zero_button)
        for control in self._controls:
            row.addWidget(control)
        self.track.value_chosen.connect(self.field.set_value)
        self.field.value_changed.connect(self.track.set_number)
        self.field.error_changed.connect(self._on_error_changed)
        self.set_button.clicked.connect(self._on_set_clicked)
        self.negate_button.clicked.connect(lambda: self._ask(-self._now))
        self.zero_button.clicked.connect(lambda: self._ask(0.0))
        self.show_nothing()
        self.restyle()

    def show_nothing(self) -> None:
        """No weight is chosen."""
        self._title = NOTHING_CHOSEN
        self.caption.setText(NOTHING_CHOSEN)
        self._show_controls(is_shown=False)

    def show_weight(self, title: str, value: float) -> None:
        """A weight was chosen: its value is the first proposal."""
        self._propose(value)
        self.show_value(title, value)
        self._show_controls(is_shown=True)

    def show_value(self, title: str, value: float) -> None:
        """The weight has another value by now; what was typed stays."""
        self._now = value
        self._title = title
        if not self.field.is_bad:
            self.caption.setText(title)

    def restyle(self) -> None:
        self.setFixedHeight(current_look().px(HEIGHT_FIELD + 8))
        self.track.setFixedWidth(current_look().px(SLIDER_WIDTH))
        super().restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_controls(is_shown=not self.field.isHidden())

    def _show_controls(self, is_shown: bool) -> None:
        has_slider = is_shown and self.width() >= current_look().px(LEAST_WIDTH_WITH_SLIDER)
        for control in self._controls:
            control.setVisible(has_slider if control is self.track else is_shown)

    def _make_button(self, text: str, help: str) -> Button:
        return Button(text, name=help, help=f"{help}.", height=HEIGHT_FIELD, size=SIZE_LABEL, parent=self)

    def _stepped(self, value: float, direction: int, is_fine: bool) -> float:
        return value + direction * (0.01 if is_fine else 0.1)

    def _propose(self, value: float) -> None:
        """With as many digits as the field has room for; NaN is no proposal."""
        shown = float(f"{value:.3g}") if math.isfinite(value) else 0.0
        self.field.set_value(min(max(shown, -LARGEST), LARGEST))
        self.track.set_number(self.field.value())

    def _on_set_clicked(self) -> None:
        # What is wrong with the number stands at the left.
        if not self.field.is_bad:
            self.set_requested.emit(float(self.field.value()))

    def _on_error_changed(self, message: str) -> None:
        self.caption.set_tone("bad" if message else "text_3")
        self.caption.setText(message or self._title)

    def _ask(self, value: float) -> None:
        self._propose(value)
        self.set_requested.emit(value)
