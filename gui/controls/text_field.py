"""A field for a free text."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.fields import FieldInfo
from gui.controls.control import Control
from gui.controls.keys import ENTER, KeepsKeys
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look, wear
from gui.theme import HEIGHT_BUTTON


class LineField(KeepsKeys, Styled, QLineEdit):
    """A line of text that can turn to the theme's bad colour."""

    kept_keys = ENTER | {Qt.Key.Key_Escape}

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.restyle()

    def restyle(self) -> None:
        wear(self, "line", "menu")
        super().restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives the keyboard back to the window."""
        if event.key() == Qt.Key.Key_Escape:
            self.clearFocus()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are for the window: their names are no text to insert."""
        if event.mimeData().hasUrls():
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def show_error(self, message: str, help: str) -> None:
        """Turn bad with ``message`` as tooltip; "" turns back, to ``help``."""
        self.setToolTip(tooltip(message or help))
        if bool(self.property("is_bad")) != bool(message):
            self.setProperty("is_bad", bool(message))
            self.style().unpolish(self)
            self.style().polish(self)


class TextField(Control):
    """The text of field ``info``; it counts when it is confirmed."""

    arrangement = "below"

    def __init__(self, info: FieldInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._info = info
        self._line = LineField(self)
        self._line.setAccessibleName(info.label)
        self._line.editingFinished.connect(self._on_editing_finished)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line)
        self._value = ""
        self.set_value(info.default)
        self.restyle()

    @property
    def line(self) -> QLineEdit:
        """The line edit."""
        return self._line

    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        self._value = value
        if value != self._line.text():
            self._line.setText(value)
        self.show_error("")

    def focus_target(self) -> QWidget:
        return self._line

    def show_error(self, message: str) -> None:
        self._line.show_error(message, self._info.help)

    def restyle(self) -> None:
        self._line.setFixedHeight(current_look().px(HEIGHT_BUTTON))
        super().restyle()

    def _on_editing_finished(self) -> None:
        if self._line.text() != self._value:
            self.set_value(self._line.text())
            self.value_changed.emit(self._value)
