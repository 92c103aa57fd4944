"""A field for a column of a person's table: a list of what there is, with what each column holds."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from core.fields import FieldInfo
from core.readers.recognition import ColumnSummary
from gui.controls.choice_box import ListBox
from gui.controls.control import Control
from gui.style import current_look
from gui.theme import HEIGHT_BUTTON

AUTOMATIC = "Automatic"
LEAST_CHARACTERS = 12


class ColumnField(Control):
    """The name of a column of field ``info``; "" leaves it to the program, and says which one it found.

    ``set_columns`` tells what the table holds. A name that is not among it is shown all the same.
    """

    arrangement = "below"

    def __init__(self, info: FieldInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._list = ListBox(self)
        self._list.setAccessibleName(info.label)
        self._list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._list.setMinimumContentsLength(LEAST_CHARACTERS)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._list)
        self._columns: tuple[ColumnSummary, ...] = ()
        self._picked = ""
        self._value = ""
        self._list.activated.connect(self._on_activated)
        self._fill()
        self.restyle()

    @property
    def list_box(self) -> QComboBox:
        """The combo box."""
        return self._list

    def set_columns(self, columns: Sequence[ColumnSummary], picked: str) -> None:
        """Offer these columns; ``picked`` is the one that is taken where none is chosen."""
        self._columns, self._picked = tuple(columns), picked
        self._fill()

    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        self._value = value
        self._fill()

    def focus_target(self) -> QWidget:
        return self._list

    def restyle(self) -> None:
        self._list.setFixedHeight(current_look().px(HEIGHT_BUTTON))
        super().restyle()

    def _fill(self) -> None:
        """Anew: automatic, the columns, and the chosen one where it is not among them."""
        wanted = self._value.strip().casefold()
        self._list.clear()
        self._list.addItem(f"{AUTOMATIC}: {self._picked}" if self._picked and not wanted else AUTOMATIC, "")
        for column in self._columns:
            self._list.addItem(f"{column.name} – {column.content}", column.name)
        place = next((k for k in range(self._list.count()) if str(self._list.itemData(k)).casefold() == wanted), -1)
        if place < 0:
            place = self._list.count()
            self._list.addItem(self._value, self._value)
        self._list.setCurrentIndex(place)

    def _on_activated(self, index: int) -> None:
        value = str(self._list.itemData(index))
        if value.casefold() != self._value.strip().casefold():
            self.set_value(value)
            self.value_changed.emit(value)
