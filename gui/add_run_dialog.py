"""Asks what the next run of a race is to be: what may differ while the data stay the same."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import InputError
from core.fields import fields_of
from core.registry import cells, optimizers
from core.settings import NetworkSettings, Settings, TrainingSettings
from gui.controls.caption import FieldLabel, Title, WrappedCaption
from gui.controls.field_row import FieldRow
from gui.controls.switch import Switch
from gui.controls.tooltips import tooltip
from gui.style import current_look
from gui.theme import GAP

WIDTH = 340
MATCH = "Match parameters"
SECTIONS = {"network": NetworkSettings, "training": TrainingSettings}
KEYS = ("network.cell", "network.hidden_size", "training.learning_rate", "training.optimizer", "network.init", "training.clip_norm")


class AddRunDialog(QDialog):
    """Begins with the settings ``base``. ``chosen`` carries settings, and whether the hidden size is to be matched."""

    chosen = Signal(object, bool)

    def __init__(self, parent: QWidget, base: Settings, is_matched: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add a run")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._base = base
        self.rows: dict[str, FieldRow] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(GAP)
        layout.addWidget(Title("Add a run"))
        layout.addWidget(
            WrappedCaption("It learns from the same data, from the first update on; the others wait for it where they keep step.")
        )
        titles = {"network.cell": _titles(cells()), "training.optimizer": _titles(optimizers())}
        values, taken = base.to_dict(), {"a", "m"}
        for key in KEYS:
            section, _, name = key.partition(".")
            row = FieldRow(fields_of(SECTIONS[section])[name], titles.get(key, {}), taken, self)
            row.control.set_value(values[section][name])
            self.rows[key] = row
            layout.addWidget(row)
            if key == "network.cell":
                self.match = Switch(MATCH)
                self.match.setToolTip(tooltip("The hidden size follows from it: the one whose number of parameters comes closest."))
                self.match.set_value(is_matched)
                self.match_label = FieldLabel(f"&{MATCH}", "", self)
                self.match_label.setBuddy(self.match.focus_target())
                beside = QHBoxLayout()
                beside.addWidget(self.match_label, 1)
                beside.addWidget(self.match)
                layout.addLayout(beside)
        self.note = WrappedCaption(tone="bad")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add_button = self.buttons.addButton("&Add it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.add_button.setDefault(True)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)
        self.note.hide()
        self.setMinimumWidth(current_look().px(WIDTH))
        self.match.value_changed.connect(lambda _value: self._show_idle())
        self.buttons.accepted.connect(self._on_accepted)
        self.buttons.rejected.connect(self.reject)
        self._show_idle()

    def settings(self) -> Settings:
        """What was chosen. Raises InputError where it can't be."""
        changes = {key: row.control.value() for key, row in self.rows.items()}
        return self._base.with_changes(changes)

    def _show_idle(self) -> None:
        is_matched = bool(self.match.value())
        self.rows["network.hidden_size"].show_idle("it follows from the number of parameters" if is_matched else "")

    def _on_accepted(self) -> None:
        try:
            settings = self.settings()
        except InputError as error:
            self.note.setText(str(error))
            self.note.show()
            return
        self.chosen.emit(settings, bool(self.match.value()))
        self.accept()


def _titles(members: dict) -> dict[str, str]:
    return {name: member.title for name, member in members.items()}
