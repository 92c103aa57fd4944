"""How a text is drawn: how far, how boldly, from which symbols, with which random numbers."""

from collections.abc import Sequence

from PySide6.QtCore import QRandomGenerator
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from core.fields import FieldInfo
from core.sampling import Sampling
from gui.controls.button import Button
from gui.controls.caption import Caption
from gui.controls.flow_layout import FlowLayout
from gui.controls.number_field import NumberField, Step
from gui.controls.switch import SwitchButton
from gui.controls.tooltips import tooltip
from gui.theme import HEIGHT_FIELD, SIZE_LABEL

MOST_SEED = 9_999
LENGTH = FieldInfo("Length", "How many steps to go on for.", "integer", 12, 1, 1000)
TEMPERATURE = FieldInfo(
    "Temperature", "Below 1 careful, above 1 bold: how much chance there is in the choice of the next symbol.", "number", 0.7, 0.05, 5.0
)
LIKELIEST = FieldInfo("Likeliest", "Always take the likeliest symbol, as at temperature 0: nothing is left to chance.", "flag", False)
TOP_K = FieldInfo("Only the best", "Draw from so many likeliest symbols only; 0 or off: from all.", "integer", 0, 0, 1000, off_value=0)
STOPS = FieldInfo("Stop at the end", "Stop where the network writes the end of a text. Off: it goes on behind it.", "flag", True)
SEED = FieldInfo(
    "Seed", "Start of the random numbers: the same seed, the same text while the network is the same.", "integer", 0, 0, MOST_SEED
)
FIELD_WIDTH = 52


class Labelled(QWidget):
    """A caption and what it names, kept together."""

    def __init__(self, info: FieldInfo, *widgets: QWidget) -> None:
        super().__init__()
        self.label = Caption(info.label, SIZE_LABEL, "text_2")
        self.label.setToolTip(tooltip(info.help))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.label)
        for widget in widgets:
            row.addWidget(widget)


class AnswerOptions(QWidget):
    """The fields, in as many rows as they need. ``changed`` when a person changed one.

    ``length`` and ``temperature`` may stand elsewhere while there is room for them.
    """

    changed = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.length_field = NumberField(LENGTH, _number_step(1, 1, LENGTH), FIELD_WIDTH)
        self.temperature_field = NumberField(TEMPERATURE, _number_step(0.1, 0.01, TEMPERATURE), FIELD_WIDTH)
        self.top_k_field = NumberField(TOP_K, _number_step(1, 1, TOP_K), FIELD_WIDTH)
        self.seed_field = NumberField(SEED, _number_step(1, 1, SEED), FIELD_WIDTH)
        self.likeliest_switch = _switch(LIKELIEST)
        self.stops_switch = _switch(STOPS)
        self.die = Button(
            icon="dice", name="New seed for the text", help="Draw another text: with another seed.", frame="framed", height=HEIGHT_FIELD
        )
        self.length = Labelled(LENGTH, self.length_field)
        self.temperature = Labelled(TEMPERATURE, self.temperature_field)
        self.of_chance = (
            Labelled(LIKELIEST, self.likeliest_switch),
            Labelled(TOP_K, self.top_k_field),
            Labelled(STOPS, self.stops_switch),
            Labelled(SEED, self.seed_field, self.die),
        )
        self._flow = FlowLayout(self)
        for widget in self.of_chance:
            self._flow.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        for field in (self.length_field, self.temperature_field, self.top_k_field, self.seed_field):
            field.value_changed.connect(lambda _value: self.changed.emit())
        self.likeliest_switch.toggled.connect(self._on_likeliest_toggled)
        self.stops_switch.toggled.connect(lambda _is_on: self.changed.emit())
        self.die.clicked.connect(self._on_die_clicked)

    def take_in(self, widgets: Sequence[QWidget]) -> None:
        """Show ``widgets`` here, before the others."""
        for widget in reversed(widgets):
            self._flow.insert_widget(0, widget)

    def sampling(self, has_length: bool) -> Sampling:
        """What is chosen now."""
        return Sampling(
            length=self.length_field.value() if has_length else 1,
            temperature=0.0 if self.likeliest_switch.isChecked() else self.temperature_field.value(),
            top_k=self.top_k_field.value(),
            stops_at_end=self.stops_switch.isChecked(),
        )

    def seed(self) -> int:
        """Of the random numbers that a text is drawn with."""
        return int(self.seed_field.value())

    def _on_likeliest_toggled(self, is_on: bool) -> None:
        for widget in (self.temperature, *self.of_chance[1::2]):
            widget.setEnabled(not is_on)
        self.changed.emit()

    def _on_die_clicked(self) -> None:
        drawn = QRandomGenerator.global_().bounded(MOST_SEED)
        self.seed_field.set_value(drawn if drawn < self.seed() else drawn + 1)
        self.changed.emit()


def _number_step(by: float, fine: float, info: FieldInfo) -> Step:
    """What the arrow keys do: within the range."""
    assert info.minimum is not None and info.maximum is not None
    low, high = info.minimum, info.maximum
    return lambda value, direction, is_fine: min(high, max(low, round(value + direction * (fine if is_fine else by), 6)))


def _switch(info: FieldInfo) -> SwitchButton:
    button = SwitchButton(info.label)
    button.setChecked(info.default)
    button.setToolTip(tooltip(info.help))
    button.setAccessibleDescription(info.help)
    return button
