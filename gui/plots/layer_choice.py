"""Which layer a panel shows: a small choice in its title bar, there only when the network has several layers."""

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.controls.segments import Segments
from gui.theme import HEIGHT_FIELD, SIZE_LABEL


class LayerChoice(QWidget):
    """Segments "layer 1", "2", … from the bottom layer up; the top layer is chosen until a person chooses another."""

    layer_changed = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._chosen: int | None = None
        self._segments: Segments | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setVisible(False)

    @property
    def layer(self) -> int:
        """Index of the chosen layer, 0 at the bottom."""
        return self._count - 1 if self._chosen is None else self._chosen

    def set_count(self, count: int) -> None:
        """Offer ``count`` layers."""
        if count == self._count:
            return
        self._count, self._chosen = count, None
        if self._segments is not None:
            self._row.removeWidget(self._segments)
            self._segments.deleteLater()
            self._segments = None
        if count > 1:
            choices = [(layer, f"Layer {layer + 1}" if layer == 0 else str(layer + 1)) for layer in range(count)]
            self._segments = Segments(choices, name="Layer shown", height=HEIGHT_FIELD, size=SIZE_LABEL)
            self._segments.set_value(count - 1)
            self._segments.value_changed.connect(self._on_chosen)
            self._row.addWidget(self._segments)
        # Without a parent it would open as a window of its own; the title bar takes it in before the first snapshot.
        self.setVisible(count > 1 and self.parent() is not None)

    def _on_chosen(self, layer: object) -> None:
        if layer != self.layer and isinstance(layer, int):
            self._chosen = layer
            self.layer_changed.emit()
