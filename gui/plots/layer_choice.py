"""Which layer a panel shows: a small choice in its title bar, there only when the network has several layers."""

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.controls.segments import Segments
from gui.theme import HEIGHT_FIELD, SIZE_LABEL


class LayerChoice(QWidget):
    """Segments "Layer 1", "2", … from the bottom layer up, with an arrow each where layers read in both directions.

    The top layer that reads forward is chosen until a person chooses another.
    """

    layer_changed = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._directions: tuple[bool, ...] = ()
        self._chosen: int | None = None
        self._segments: Segments | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.setVisible(False)

    @property
    def layer(self) -> int:
        """Index of the chosen layer, 0 at the bottom."""
        return self._default if self._chosen is None else self._chosen

    @property
    def choices(self) -> list[tuple[int, str]]:
        """Index and label of every layer."""
        return list(enumerate(_labels(self._directions)))

    @property
    def _default(self) -> int:
        return max((index for index, is_backward in enumerate(self._directions) if not is_backward), default=-1)

    def set_layers(self, directions: tuple[bool, ...]) -> None:
        """Offer layers; each says whether it reads backwards."""
        if directions == self._directions:
            return
        self._directions, self._chosen = directions, None
        count = len(directions)
        if self._segments is not None:
            self._row.removeWidget(self._segments)
            self._segments.deleteLater()
            self._segments = None
        if count > 1:
            self._segments = Segments(self.choices, name="Layer shown", height=HEIGHT_FIELD, size=SIZE_LABEL)
            self._segments.set_value(self._default)
            self._segments.value_changed.connect(self._on_chosen)
            self._row.addWidget(self._segments)
        # Without a parent it would open as a window of its own; the title bar takes it in before the first snapshot.
        self.setVisible(count > 1 and self.parent() is not None)

    def show_layer(self, layer: int) -> None:
        """Another panel has chosen ``layer``: follow it, silently."""
        if layer != self.layer and 0 <= layer < len(self._directions):
            self._chosen = layer
            if self._segments is not None:
                self._segments.set_value(layer)

    def _on_chosen(self, layer: object) -> None:
        if layer != self.layer and isinstance(layer, int):
            self._chosen = layer
            self.layer_changed.emit()


def _labels(directions: tuple[bool, ...]) -> list[str]:
    per_level = 2 if any(directions) else 1
    arrows = ("", "") if per_level == 1 else (" →", " ←")
    return [
        f"{'Layer ' if index == 0 else ''}{index // per_level + 1}{arrows[is_backward]}" for index, is_backward in enumerate(directions)
    ]
