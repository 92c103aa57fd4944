"""Which gate a panel shows: small segments with the gates' symbols, there only when the cell has several."""

from collections.abc import Sequence

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.controls.segments import Segments
from gui.plots.lettering import parts_of
from gui.theme import HEIGHT_FIELD, SIZE_LABEL


class GateChoice(QWidget):
    """One of the gates of a cell; the first that is shown is chosen until a person chooses another."""

    gate_changed = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gates: tuple[tuple[str, str], ...] = ()
        self._segments: Segments | None = None
        self.gate = ""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setVisible(False)

    @property
    def gates(self) -> list[str]:
        """All that may be chosen."""
        return [gate for gate, _ in self._gates]

    def set_gates(self, gates: Sequence[tuple[str, str]]) -> None:
        """Offer gates, each with its symbol."""
        if tuple(gates) == self._gates:
            return
        self._gates = tuple(gates)
        if self.gate not in self.gates:
            self.gate = self.gates[0] if self._gates else ""
        if self._segments is not None:
            self._row.removeWidget(self._segments)
            self._segments.deleteLater()
            self._segments = None
        if len(self._gates) > 1:
            helps = [f"The weights of the {gate} gate." for gate in self.gates]
            self._segments = Segments(self._gates, "Gate shown", HEIGHT_FIELD, SIZE_LABEL, helps=helps)
            for gate in self.gates:
                self._segments.segment(gate).setAccessibleName(gate)
                self._segments.segment(gate).symbol = parts_of(self._segments.segment(gate).text())
            self._segments.set_value(self.gate)
            self._segments.value_changed.connect(self._on_chosen)
            self._row.addWidget(self._segments)
        # Without a parent it would open as a window of its own.
        self.setVisible(len(self._gates) > 1 and self.parent() is not None)

    def _on_chosen(self, gate: object) -> None:
        self.gate = str(gate)
        self.gate_changed.emit()
