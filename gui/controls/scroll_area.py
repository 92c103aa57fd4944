"""A scroll area through which its surroundings can be seen."""

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from gui.style import Styled, wear


class ScrollArea(Styled, QScrollArea):
    """Scrolls what is higher than its place, with the window's scroll bars; what it holds is as wide as it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.viewport().setAutoFillBackground(False)
        self._wear()

    def setWidget(self, widget: QWidget) -> None:
        super().setWidget(widget)
        # Qt has it filled.
        widget.setAutoFillBackground(False)

    def restyle(self) -> None:
        self._wear()
        super().restyle()

    def _wear(self) -> None:
        # Not the area itself: all that it holds would be dressed with it.
        for bar in (self.verticalScrollBar(), self.horizontalScrollBar()):
            wear(bar, "scroll")
