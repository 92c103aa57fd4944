"""A field for one number: checks what is typed, keeps the last good value."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from core.errors import InputError
from core.fields import FieldInfo
from gui.controls.keys import ENTER, KeepsKeys
from gui.controls.number_text import number_text, parse_number
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look, wear
from gui.theme import HEIGHT_FIELD, WIDTH_NUMBER_FIELD

Step = Callable[[float, int, bool], float]


class NumberField(KeepsKeys, Styled, QLineEdit):
    """Shows and edits the number of field ``info``.

    A number counts when it is confirmed (Enter, Tab, click elsewhere), not while it is typed. One that is out of range turns the
    field to the theme's bad colour, its tooltip says what is allowed, and the last good value stays. Escape brings that back.
    ``step(value, direction, is_fine)`` is what the arrow keys up and down do; ``error_changed`` carries what is wrong, "" for nothing.
    """

    kept_keys = ENTER | {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape}

    value_changed = Signal(object)
    error_changed = Signal(str)

    def __init__(
        self,
        info: FieldInfo,
        step: Step | None = None,
        width: int = WIDTH_NUMBER_FIELD,
        height: int = HEIGHT_FIELD,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._info = info
        self._step = step
        self._width = width
        self._height = height
        self._help = tooltip(info.help)
        self._error = ""
        self._value: Any = info.default
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(info.label)
        self.setAccessibleDescription(info.help)
        self.editingFinished.connect(self._on_editing_finished)
        self.textEdited.connect(self._on_text_edited)
        self._show(info.default)
        self.set_help(self._help)
        self.restyle()

    @property
    def is_bad(self) -> bool:
        """Whether what stands in the field can't be used."""
        return bool(self._error)

    def value(self) -> Any:
        """The last good value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show ``value``; the same value again does not disturb who is typing."""
        if value != self._value or not (self.hasFocus() and self.isModified()):
            self._show(value)

    def set_help(self, help: str) -> None:
        """The tooltip for as long as nothing is wrong (rich text)."""
        self._help = help
        self.setToolTip(help)

    def show_error(self, message: str) -> None:
        """Turn to the bad colour with ``message`` as tooltip; "" turns back."""
        if message == self._error:
            return
        self._error = message
        self.setToolTip(tooltip(message) if message else self._help)
        self.setProperty("is_bad", bool(message))
        self.style().unpolish(self)
        self.style().polish(self)
        self.error_changed.emit(message)

    def restyle(self) -> None:
        look = current_look()
        self.setFixedSize(look.px(self._width), look.px(self._height))
        wear(self, "line", "menu")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            typed = self.text()
            self._show(self._value)
            if typed == self.text() and isinstance(self.window(), QDialog):
                # Nothing to bring back: it is meant for the dialog.
                event.ignore()
            else:
                self.clearFocus()
        elif key in ENTER:
            super().keyPressEvent(event)
            # The keys of the window work again, unless there is something to mend.
            if not self._error:
                self.clearFocus()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._step is not None:
            direction = 1 if key == Qt.Key.Key_Up else -1
            is_fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._accept(self._info.checked(self._info.label, self._step(self._value, direction, is_fine)))
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def _on_text_edited(self, text: str) -> None:
        self.show_error("")

    def _on_editing_finished(self) -> None:
        if self.text() == number_text(self._info, self._value):
            self.show_error("")
            return
        try:
            value = parse_number(self._info, self.text())
        except InputError as error:
            self.show_error(str(error))
            return
        self._accept(value)

    def _show(self, value: Any) -> None:
        self._value = value
        self.setText(number_text(self._info, value))
        self.show_error("")

    def _accept(self, value: Any) -> None:
        is_new = value != self._value
        self._show(value)
        if is_new:
            self.value_changed.emit(value)
