"""Segments in a title bar whose choices come with the data: there only where there is something to choose."""

from collections.abc import Sequence

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.controls.segments import Segments
from gui.theme import HEIGHT_FIELD, SIZE_LABEL


class ChangingChoice(QWidget):
    """One of the choices that ``set_choices`` offers; the first until a person chooses another.

    A choice is remembered by its name while others come and go.
    """

    changed = QtSignal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._choices: tuple[tuple[str, str], ...] = ()
        self._chosen = ""
        self._segments: Segments | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setVisible(False)

    @property
    def value(self) -> str:
        """The chosen one, "" while there is none."""
        values = [value for value, _ in self._choices]
        return self._chosen if self._chosen in values else values[0] if values else ""

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What there is to choose: values and their words."""
        return self._choices

    def set_choices(self, choices: Sequence[tuple[str, str]], helps: Sequence[str] = ()) -> None:
        """Offer (value, text) pairs."""
        if tuple(choices) == self._choices:
            return
        self._choices = tuple(choices)
        if self._segments is not None:
            self._row.removeWidget(self._segments)
            self._segments.deleteLater()
            self._segments = None
        if len(choices) > 1:
            self._segments = Segments(choices, name=self._name, height=HEIGHT_FIELD, size=SIZE_LABEL, padding=8, helps=helps)
            self._segments.set_value(self.value)
            self._segments.value_changed.connect(self._on_chosen)
            self._row.addWidget(self._segments)
        # Without a parent it would open as a window of its own; the title bar takes it in before the first snapshot.
        self.setVisible(len(choices) > 1 and self.parent() is not None)

    def choose(self, value: str) -> None:
        """Choose ``value`` as a person does."""
        if self._segments is not None:
            self._segments.set_value(value)
        self._on_chosen(value)

    def _on_chosen(self, value: object) -> None:
        self._chosen = str(value)
        self.changed.emit()
