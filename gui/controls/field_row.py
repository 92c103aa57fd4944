"""One setting in a form: its label, the control that suits it, and what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.fields import FieldInfo
from gui.controls.caption import Caption, FieldLabel, WrappedCaption
from gui.controls.choice_box import ChoiceBox
from gui.controls.column_field import ColumnField
from gui.controls.control import Control, shown_unit
from gui.controls.file_field import FileField
from gui.controls.number_field import NumberField
from gui.controls.segments import Segments
from gui.controls.slider_field import SliderField
from gui.controls.stepper import Stepper
from gui.controls.switch import Switch
from gui.controls.text_field import TextField
from gui.controls.tooltips import choose_mnemonic, tooltip, with_mnemonic
from gui.style import Styled, current_look
from gui.theme import HEIGHT_BUTTON, SIZE_TICK

# A structural choice of at most this many words, all together this wide (px), is shown as segments.
MOST_SEGMENTS = 3
SEGMENTS_WIDTH = 150
SEGMENT_PADDING = 10
GROWING = "growing keeps learning"


def make_control(info: FieldInfo, titles: Mapping[str, str], letter: str) -> Control:
    """The control for a field: live numbers slide, structural ones step."""
    if info.kind in ("integer", "number"):
        return SliderField(info, letter) if info.is_live else Stepper(info)
    if info.kind == "flag":
        return Switch(info.label)
    if info.kind == "file":
        return FileField(info)
    if info.kind == "column":
        return ColumnField(info)
    if info.kind == "text":
        return TextField(info)
    choices = [(choice, titles.get(choice, choice)) for choice in info.choices]
    if not info.is_live and _fits_segments([text for _, text in choices]):
        return Segments(choices, info.label, padding=SEGMENT_PADDING)
    return ChoiceBox(choices, info.label)


def _fits_segments(texts: list[str]) -> bool:
    metrics = QFontMetrics(current_look().font())
    width = sum(metrics.horizontalAdvance(text) + 2 * current_look().px(SEGMENT_PADDING) for text in texts)
    return len(texts) <= MOST_SEGMENTS and width <= current_look().px(SEGMENTS_WIDTH)


class FieldRow(Styled, QWidget):
    """The row of field ``info``. ``titles`` are words to show for the words of a choice; ``taken`` are mnemonics in use.

    ``changed`` carries a new value.
    """

    changed = Signal(object)

    def __init__(self, info: FieldInfo, titles: Mapping[str, str], taken: set[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.letter = choose_mnemonic(info.label, taken)
        self.control = make_control(info, titles, self.letter)
        self.control.set_value(info.default)
        self.is_told_error = False
        self._idle = ""
        self._error: WrappedCaption | None = None
        self._note: WrappedCaption | None = None
        self._rows = QVBoxLayout(self)
        self.label = self.control.own_label or self._make_label()
        self._lay_out()
        self.restyle()
        self.control.value_changed.connect(self._on_changed)
        field = self.control.focus_target()
        if isinstance(field, NumberField):
            field.error_changed.connect(self._show_message)

    @property
    def error(self) -> str:
        """What is wrong, as shown; "" where nothing is."""
        return self._error.text() if self._error is not None else ""

    def show_error(self, message: str) -> None:
        """Show ``message``, that others found out, at the control and below it; "" removes it."""
        self.is_told_error = bool(message)
        self.control.show_error(message)
        self._show_message(message)

    @property
    def note(self) -> str:
        """What was found out about the value, as shown."""
        return self._note.text() if self._note is not None else ""

    def show_note(self, text: str) -> None:
        """Show below the control what was found out about its value; "" removes it."""
        if self._note is None:
            if not text:
                return
            self._note = WrappedCaption(size=SIZE_TICK, parent=self)
            self._rows.insertWidget(self._rows.count() - (self._error is not None), self._note)
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self.control.focus_target().setAccessibleDescription(f"{self.info.help} {text}")
        self.restyle()

    def show_idle(self, reason: str) -> None:
        """Grey out the row and say why in its tooltip; "" makes it usable again."""
        if reason == self._idle:
            return
        self._idle = reason
        self.setEnabled(not reason)
        note = f"Without effect now: {reason}." if reason else ""
        help = tooltip(self.info.help, self.letter, note)
        for widget in (self.label, self.control, self.control.focus_target()):
            widget.setToolTip(help)

    def tab_stops(self) -> list[QWidget]:
        """What the Tab key reaches, in order."""
        # The list that drops down from a combo box is a window of its own.
        widgets = [widget for widget in self.control.findChildren(QWidget) if widget.window() is self.window()]
        return [widget for widget in widgets if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]

    def _show_message(self, message: str) -> None:
        if self._error is None:
            if not message:
                return
            self._error = WrappedCaption(tone="bad", parent=self)
            self._rows.addWidget(self._error)
        self._error.setText(message)
        self._error.setVisible(bool(message))
        self.restyle()

    def restyle(self) -> None:
        look = current_look()
        has_air = self.info.is_live and self.control.arrangement != "own"
        air = look.px(4) if has_air else 0
        below = max(air, look.px(6)) if self.error or self.note else air
        self._rows.setContentsMargins(0, air, 0, below)
        self._rows.setSpacing(look.px(4))
        if self.control.arrangement == "beside":
            self.label.setMinimumHeight(0 if self.info.is_growing else look.px(HEIGHT_BUTTON))
        super().restyle()

    def _make_label(self) -> FieldLabel:
        label = FieldLabel(with_mnemonic(self.info.label, self.letter), shown_unit(self.info), self)
        help = tooltip(self.info.help, self.letter)
        label.setToolTip(help)
        label.setBuddy(self.control.focus_target())
        self.control.setToolTip(help)
        target = self.control.focus_target()
        if not target.toolTip():
            target.setToolTip(help)
        target.setAccessibleDescription(self.info.help)
        return label

    def _lay_out(self) -> None:
        if self.control.arrangement == "own":
            self._rows.addWidget(self.control)
        elif self.control.arrangement == "below":
            self._rows.addWidget(self.label)
            self._rows.addWidget(self.control)
        else:
            row = QHBoxLayout()
            row.setSpacing(8)
            if self.info.is_growing:
                words = QVBoxLayout()
                words.setSpacing(0)
                words.addWidget(self.label)
                words.addWidget(Caption(GROWING, SIZE_TICK, "text_3", parent=self))
                row.addLayout(words, 1)
            else:
                row.addWidget(self.label, 1)
            row.addWidget(self.control)
            self._rows.addLayout(row)

    def _on_changed(self, value: Any) -> None:
        self.show_error("")
        if self.info.kind == "file":
            self.show_note(f"Reading {Path(value).name} …" if value else "")
        self.changed.emit(value)
