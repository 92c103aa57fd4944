"""A live number: label, number field and slider, one widget."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.fields import FieldInfo
from gui.controls.caption import FieldLabel
from gui.controls.control import Control, shown_unit
from gui.controls.number_field import NumberField
from gui.controls.number_text import number_text
from gui.controls.slider_track import SliderTrack
from gui.controls.tooltips import tooltip, with_mnemonic
from gui.controls.value_scale import scale_of
from gui.style import current_look
from gui.theme import HEIGHT_SLIDER_ROW


class SliderField(Control):
    """The number of field ``info``: typed, pulled, stepped with the arrow keys; a double click brings its default.

    ``letter`` is the label's mnemonic. Inline, everything stands in one row, the slider at most ``track_width`` px wide.
    """

    arrangement = "own"

    def __init__(
        self,
        info: FieldInfo,
        letter: str = "",
        is_inline: bool = False,
        track_width: int = 0,
        label: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._info = info
        self._is_inline = is_inline
        self._track_width = track_width
        help = tooltip(info.help, letter)
        unit = shown_unit(info)
        self._label = FieldLabel(with_mnemonic(label or info.label, letter), "" if is_inline else unit, self)
        self._label.setToolTip(help)
        self._field = NumberField(info, self._stepped, parent=self)
        self._field.set_help(help)
        self._track = SliderTrack(scale_of(info), not is_inline, self)
        self._track.setAccessibleName(f"{info.label}, slider")
        self._track.setToolTip(help)
        if unit:
            self._field.setAccessibleName(f"{info.label}, {unit}")
        self._label.setBuddy(self._field)
        self._lay_out()
        self._field.value_changed.connect(self._on_typed)
        self._track.value_chosen.connect(self._on_slid)
        self._track.default_requested.connect(self.reset)
        self.set_value(info.default)
        self.restyle()

    def _lay_out(self) -> None:
        if self._is_inline:
            row = QHBoxLayout(self)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(8)
            self._label.set_tone("text_2")
            for widget in (self._label, self._track, self._field):
                row.addWidget(widget)
            return
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self._label, 1)
        top.addWidget(self._field)
        rows.addLayout(top)
        rows.addWidget(self._track)

    @property
    def own_label(self) -> FieldLabel:
        return self._label

    @property
    def field(self) -> NumberField:
        """The number field."""
        return self._field

    @property
    def track(self) -> SliderTrack:
        """The slider."""
        return self._track

    def value(self) -> Any:
        return self._field.value()

    def set_value(self, value: Any) -> None:
        self._field.set_value(value)
        self._track.set_number(value)
        self._track.setAccessibleDescription(number_text(self._info, value))

    def reset(self) -> None:
        """Go back to the default."""
        self._change(self._info.default)

    def focus_target(self) -> QWidget:
        return self._field

    def show_error(self, message: str) -> None:
        self._field.show_error(message)

    def restyle(self) -> None:
        look = current_look()
        if self._is_inline:
            self._label.setMinimumWidth(self._label.sizeHint().width())
            if self._track_width:
                self._track.setMaximumWidth(look.px(self._track_width))
        else:
            self.setFixedHeight(look.px(HEIGHT_SLIDER_ROW))
        super().restyle()

    def _stepped(self, value: float, direction: int, is_fine: bool) -> float:
        return self._track.stepped(value, direction, is_fine)

    def _on_typed(self, value: Any) -> None:
        self.set_value(value)
        self.value_changed.emit(value)

    def _on_slid(self, value: float) -> None:
        self._change(self._info.checked(self._info.label, value))

    def _change(self, value: Any) -> None:
        is_new = value != self.value()
        self.set_value(value)
        if is_new:
            self.value_changed.emit(value)
