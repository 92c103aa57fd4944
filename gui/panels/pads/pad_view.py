"""What all pads share: they are drawn on, and say in a text what was drawn."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.prediction import Answer
from gui.controls.keys import KeepsKeys
from gui.style import Styled


class PadView(KeepsKeys, Styled, QWidget):
    """``drawn`` follows every stroke of a person's."""

    drawn = Signal()
    hint = ""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def text(self) -> str:
        """What was drawn, as the task reads it; "" where it is too little to answer."""
        raise NotImplementedError

    def set_text(self, text: str) -> None:
        """Show what ``text`` says, silently."""
        raise NotImplementedError

    def clear(self) -> None:
        """Take everything away that was drawn."""
        raise NotImplementedError

    def show_answer(self, answer: Answer | None) -> None:
        """Draw the answer too, where it can be drawn."""
