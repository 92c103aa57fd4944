"""The quick strip: the settings that matter most, in one row, where the window is too narrow for the setup column."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QActionGroup, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget

from core import registry
from core.fields import FieldInfo
from core.idle import idle_keys
from gui.controls.bars import fill
from gui.controls.button import Button
from gui.controls.chip import live_chip
from gui.controls.menu import Menu
from gui.controls.painting import draw_card, side_padding
from gui.controls.seed_field import SeedField
from gui.controls.separator import Separator
from gui.controls.slider_field import SliderField
from gui.style import Styled, current_look
from gui.theme import HEIGHT_STRIP, SIZE_LABEL

LEARNING_RATE, CLIP, SEED = "learning_rate", "clip_norm", "seed"
CLIP_LABEL = "Clip at"


class MenuButton(Button):
    """A button that opens a menu of (value, text) pairs, one of them ticked. ``chosen`` carries another value."""

    chosen = Signal(str)

    def __init__(self, choices: Mapping[str, str], name: str, help: str, icon: str = "", is_dashed: bool = False) -> None:
        super().__init__("", icon, name, help, size=SIZE_LABEL)
        self.set_chevron(is_dashed)
        self.menu = Menu(self)
        group = QActionGroup(self)
        self._actions = {}
        for value, text in choices.items():
            action = self.menu.add(text)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, value=value: self._on_triggered(value))
            self._actions[value] = action
        self._value = ""
        self.clicked.connect(lambda: self.menu.popup(self.mapToGlobal(self.rect().bottomLeft())))

    def set_choice(self, value: str, text: str) -> None:
        """Tick ``value`` and show ``text`` on the button."""
        self._value = value
        self._actions[value].setChecked(True)
        self.setText(text)
        self.updateGeometry()
        self.update()

    def _on_triggered(self, value: str) -> None:
        if value != self._value:
            self._actions[self._value].setChecked(True)
            self.chosen.emit(value)


class QuickStrip(Styled, QWidget):
    """Task, cell, learning rate, clipping and seed.

    ``changed`` carries section, key and value; ``task_selected`` another task's name; ``seed_changed`` another seed.
    """

    changed = Signal(str, str, object)
    task_selected = Signal(str)
    seed_changed = Signal(int)

    def __init__(self, training_fields: Mapping[str, FieldInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._cells = registry.tasks(), registry.cells()
        self.task = MenuButton({name: task.title for name, task in self._tasks.items()}, "Task", "The task that is learned")
        cells = {name: cell.title for name, cell in self._cells.items()}
        self.cell = MenuButton(cells, "Cell", "The kind of recurrent unit. A change builds a new network.", "cube", True)
        self.rate = SliderField(training_fields[LEARNING_RATE], is_inline=True, track_width=136)
        self.clip = SliderField(training_fields[CLIP], is_inline=True, track_width=96, label=CLIP_LABEL)
        self.seed = SeedField()
        self._row = QHBoxLayout(self)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        items: list[QWidget | int] = [self.task, 16, self.cell, 16, Separator(), 16, live_chip(), 16, self.rate, 16, self.clip]
        fill(self._row, items)
        self._row.addStretch(1)
        fill(self._row, [12, self.seed])
        self.task.chosen.connect(self.task_selected)
        self.cell.chosen.connect(lambda name: self.changed.emit("network", "cell", name))
        self.rate.value_changed.connect(lambda value: self.changed.emit("training", LEARNING_RATE, value))
        self.clip.value_changed.connect(lambda value: self.changed.emit("training", CLIP, value))
        self.seed.seed_changed.connect(self.seed_changed)
        self.restyle()

    def set_settings(
        self, task_name: str, task_values: Mapping[str, Any], network_values: Mapping[str, Any], training_values: Mapping[str, Any]
    ) -> None:
        """Show settings, silently."""
        title = self._tasks[task_name].title
        length = task_values.get("seq_len")
        self.task.set_choice(task_name, title if length is None else f"{title}, length {length}")
        cell = network_values["cell"]
        self.cell.set_choice(cell, f"{self._cells[cell].title}, {network_values['hidden_size']} units")
        self.rate.set_value(training_values[LEARNING_RATE])
        self.clip.set_value(training_values[CLIP])
        self.seed.set_seed(training_values[SEED])
        idle = idle_keys(task_name, network_values, training_values)
        for key, field in ((LEARNING_RATE, self.rate), (CLIP, self.clip)):
            field.setEnabled(f"training.{key}" not in idle)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        """Where the row is too long, clipping gives way first, then the seed."""
        for widget in (self.clip, self.seed):
            widget.setVisible(True)
        for widget in (self.clip, self.seed):
            self._row.invalidate()
            widget.setVisible(self._row.minimumSize().width() <= self.width())

    def restyle(self) -> None:
        look = current_look()
        self.setFixedHeight(look.px(HEIGHT_STRIP))
        self._row.setContentsMargins(side_padding(look), 0, side_padding(look), 0)
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_card(self, current_look())
