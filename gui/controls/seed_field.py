"""The seed: always visible, editable, with a die for a new one."""

from PySide6.QtCore import QRandomGenerator, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.fields import FieldInfo, fields_of
from core.settings import TrainingSettings
from gui.controls.button import Button
from gui.controls.caption import FieldLabel
from gui.controls.number_field import NumberField
from gui.controls.tooltips import tooltip
from gui.style import Styled

BUTTON = 36
# Seeds that the die draws: short enough to be told from row to row.
MOST_DRAWN = 10_000


def stepped_by_one(info: FieldInfo, value: float, direction: int) -> float:
    """The next whole number, within the range."""
    assert info.minimum is not None and info.maximum is not None, f"{info.label} has no range"
    return min(info.maximum, max(info.minimum, value + direction))


class SeedField(Styled, QWidget):
    """``seed_changed`` carries a seed that a person typed or drew. ``letter`` is the label's mnemonic."""

    seed_changed = Signal(int)

    def __init__(self, has_die: bool = True, letter: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        info: FieldInfo = fields_of(TrainingSettings)["seed"]
        self._label = FieldLabel(f"&{info.label}" if letter else info.label, parent=self)
        self._label.set_tone("text_2")
        self._field = NumberField(info, lambda value, direction, _fine: stepped_by_one(info, value, direction), parent=self)
        self._field.set_help(tooltip(info.help, letter))
        self._label.setBuddy(self._field)
        self._die = Button(icon="dice", name="New seed", help="Draw another seed, start again", frame="framed", height=BUTTON, parent=self)
        self._die.setVisible(has_die)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for widget in (self._label, self._field, self._die):
            row.addWidget(widget)
        self._field.value_changed.connect(lambda seed: self.seed_changed.emit(seed))
        self._die.clicked.connect(self.draw_seed)
        self.restyle()

    @property
    def field(self) -> NumberField:
        """The number field."""
        return self._field

    @property
    def die(self) -> Button:
        """Draws a new seed."""
        return self._die

    def restyle(self) -> None:
        self._label.setMinimumWidth(self._label.sizeHint().width())
        super().restyle()

    def seed(self) -> int:
        """The seed shown."""
        return int(self._field.value())

    def set_seed(self, seed: int) -> None:
        """Show a seed, silently."""
        self._field.set_value(seed)

    def draw_seed(self) -> None:
        """Another seed than the present one, by chance."""
        drawn = QRandomGenerator.global_().bounded(MOST_DRAWN - 1)
        seed = drawn if drawn < self.seed() else drawn + 1
        self.set_seed(seed)
        self.seed_changed.emit(seed)
