"""A drop-down list: one of many values."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStyledItemDelegate, QWidget

from gui.controls.control import Control
from gui.controls.keys import ARROWS, PAGES, SPACE, KeepsKeys
from gui.controls.painting import draw_icon, painting
from gui.style import Styled, current_look, wear
from gui.theme import HEIGHT_BUTTON

WIDTH = 120


class ListBox(KeepsKeys, Styled, QComboBox):
    """Qt's combo box with our arrow; the mouse wheel scrolls what is around it."""

    kept_keys = ARROWS | PAGES | SPACE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Qt's own for combo boxes does not follow the style sheet.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.restyle()

    def restyle(self) -> None:
        wear(self, "choice", "scroll")
        super().restyle()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        look = current_look()
        with painting(self) as painter:
            center = QPointF(self.width() - look.px(16), self.height() / 2)
            draw_icon(painter, look, "chevron-down", look.theme.text_2 if self.isEnabled() else look.theme.text_3, center)


class ChoiceBox(Control):
    """One of ``choices``, (value, text) pairs, in a drop-down list."""

    def __init__(self, choices: Sequence[tuple[Any, str]], name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = ListBox(self)
        self._list.setAccessibleName(name)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for value, text in choices:
            self._list.addItem(text, value)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._list)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._list.activated.connect(self._on_activated)
        self._value: Any = choices[0][0] if choices else None
        self.restyle()

    @property
    def list_box(self) -> QComboBox:
        """The combo box."""
        return self._list

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        self._list.setCurrentIndex(self._list.findData(value))

    def focus_target(self) -> QWidget:
        return self._list

    def restyle(self) -> None:
        look = current_look()
        self._list.setFixedHeight(look.px(HEIGHT_BUTTON))
        self._list.setMinimumWidth(look.px(WIDTH))
        super().restyle()

    def _on_activated(self, index: int) -> None:
        value = self._list.itemData(index)
        if value != self._value:
            self._value = value
            self.value_changed.emit(value)
