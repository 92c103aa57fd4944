"""Draw an input instead of typing it: a pad, and what helps with it."""

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.pads import CurvePad, Pad, PixelPad
from core.prediction import Answer
from gui.controls.button import Button
from gui.controls.caption import WrappedCaption
from gui.panels.pads.curve_pad_view import CurvePadView
from gui.panels.pads.pad_view import PadView
from gui.panels.pads.pixel_pad_view import PixelPadView
from gui.theme import HEIGHT_FIELD, SIZE_LABEL


def view_of(pad: Pad) -> PadView:
    """The widget on which ``pad`` is drawn."""
    return PixelPadView(pad) if isinstance(pad, PixelPad) else CurvePadView(pad)


class DrawingPage(QWidget):
    """``drawn`` carries the text of every stroke; "" where it is too little. ``example_requested`` asks for something to begin with."""

    drawn = QtSignal(str)
    example_requested = QtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pad: Pad | None = None
        self.view: PadView | None = None
        self._hint = WrappedCaption("", SIZE_LABEL, "text_3")
        self.example_button = _button("Example", "Show an example that the network has not learned from, to change it.")
        self.clear_button = _button("Clear", "Take everything away that was drawn.")
        self.example_button.clicked.connect(self.example_requested)
        self.clear_button.clicked.connect(self._on_clear)
        row = QHBoxLayout()
        row.setContentsMargins(16, 4, 16, 2)
        row.setSpacing(8)
        row.addWidget(self._hint, 1)
        row.addWidget(self.example_button)
        row.addWidget(self.clear_button)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addLayout(row)

    def set_pad(self, pad: Pad) -> None:
        """Draw on another pad; the same one keeps what was drawn."""
        if pad == self.pad and self.view is not None:
            return
        if self.view is not None:
            self._layout.removeWidget(self.view)
            self.view.deleteLater()
        self.pad, self.view = pad, view_of(pad)
        self._hint.setText(self.view.hint)
        self.view.drawn.connect(self._on_drawn)
        self._layout.addWidget(self.view, 1)

    def set_bounds(self, low: float, high: float) -> None:
        """The values between which a curve is drawn."""
        if isinstance(self.view, CurvePadView):
            self.view.set_bounds(low, high)

    def show_text(self, text: str) -> None:
        """Show an example, as if it had been drawn."""
        if self.view is not None:
            self.view.set_text(text)
            self._on_drawn()

    def show_answer(self, answer: Answer | None) -> None:
        """Draw the answer too, where it can be drawn."""
        if self.view is not None:
            self.view.show_answer(answer)

    def is_curve(self) -> bool:
        """Whether a curve is drawn, not pixels."""
        return isinstance(self.pad, CurvePad)

    def _on_clear(self) -> None:
        if self.view is not None:
            self.view.clear()
            self._on_drawn()

    def _on_drawn(self) -> None:
        if self.view is not None:
            self.drawn.emit(self.view.text())


def _button(text: str, help: str) -> Button:
    return Button(text, name=f"{text}: drawing", help=help, height=HEIGHT_FIELD, size=SIZE_LABEL)
