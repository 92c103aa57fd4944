"""Settings to make single controls of, and what their tests do with them."""

import dataclasses
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.fields import fields_of, file, text
from core.settings import NetworkSettings, TrainingSettings
from gui.controls.control import Control

TRAINING, NETWORK = fields_of(TrainingSettings), fields_of(NetworkSettings)


@dataclasses.dataclass(frozen=True)
class Sample:
    path: str = file((".txt",), "Text", "Your own text.")
    word: str = text("a", "Word", "Any word.")


PATH, WORD = fields_of(Sample).values()


def shown(qtbot: QtBot, widget: QWidget, width: int = 256) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, widget.sizeHint().height())
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget


def recorded(control: Control) -> list[Any]:
    values: list[Any] = []
    control.value_changed.connect(values.append)
    return values


def retype(qtbot: QtBot, field: QWidget, typed: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
