"""Try your own input: a line to type in, what it needs besides, and the network's answer."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.fields import FieldInfo
from core.prediction import Answer
from core.sampling import Sampling
from gui.controls.button import Button
from gui.controls.caption import Caption, WrappedCaption
from gui.controls.number_field import NumberField
from gui.controls.text_field import LineField
from gui.style import Styled, current_look
from gui.theme import HEIGHT_FIELD, SIZE_LABEL

LEAST_WIDTH_WITH_LENGTH, LEAST_WIDTH_WITH_LABEL, LEAST_WIDTH = 460, 360, 240
TEMPERATURE = FieldInfo(
    "Temperature", "Below 1 careful, above 1 bold: how much chance there is in the choice of the next symbol.", "number", 0.7, 0.05, 5.0
)
LENGTH = FieldInfo("Length", "How many steps to go on for.", "integer", 12, 1, 1000)


class OwnInput(Styled, QWidget):
    """A line edit and a button; for texts a temperature, for what is continued a length. The answer stands below."""

    try_requested = QtSignal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_length = False
        self._has_temperature = False
        self.line = LineField()
        self.line.setAccessibleName("Your own input")
        self.line.returnPressed.connect(self._on_try)
        self.line.textEdited.connect(self.clear)
        self.temperature_label = Caption(TEMPERATURE.label, SIZE_LABEL, "text_2")
        self.temperature = NumberField(TEMPERATURE, lambda value, direction, is_fine: value + direction * (0.01 if is_fine else 0.1), 52)
        self.length_label = Caption(LENGTH.label, SIZE_LABEL, "text_2")
        self.length = NumberField(LENGTH, lambda value, direction, is_fine: value + direction, 52)
        self.button = Button(
            "Try", name="Try your own input", help="Let the network answer what you typed.", height=HEIGHT_FIELD, size=SIZE_LABEL
        )
        self.button.clicked.connect(self._on_try)
        self.answer = WrappedCaption("", SIZE_LABEL, "text")
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.answer.setAccessibleName("Answer")
        self.answer.setVisible(False)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        for widget in (self.length_label, self.length, self.temperature_label, self.temperature, self.button):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 2, 16, 8)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.answer)
        self.configure("", 0, False)
        self.restyle()

    def configure(self, hint: str, default_length: int, has_temperature: bool) -> None:
        """Suit another kind of prediction."""
        self.line.setPlaceholderText(f"Try your own: {hint}" if hint else "")
        self._has_length = default_length > 0
        if self._has_length:
            self.length.set_value(default_length)
        self._has_temperature = has_temperature
        self.line.clear()
        self.clear()
        self._fit()

    def restyle(self) -> None:
        look = current_look()
        self.line.setFont(look.font(SIZE_LABEL))
        self.line.setFixedHeight(look.px(HEIGHT_FIELD))

    def show_answer(self, answer: Answer) -> None:
        """Show what the network answered."""
        self._show(answer.text, "text")

    def show_problem(self, message: str) -> None:
        """Show why there is no answer."""
        self._show(message, "bad")

    def clear(self) -> None:
        """Forget the answer."""
        self.answer.clear()
        self.answer.setVisible(False)

    def minimumSizeHint(self) -> QSize:
        return QSize(current_look().px(LEAST_WIDTH), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Hide what there is no room for: first the length, which has a good default, then the word beside the temperature."""
        for widget in (self.length_label, self.length):
            widget.setVisible(self._has_length and self.width() >= current_look().px(LEAST_WIDTH_WITH_LENGTH))
        self.temperature.setVisible(self._has_temperature)
        self.temperature_label.setVisible(self._has_temperature and self.width() >= current_look().px(LEAST_WIDTH_WITH_LABEL))

    def _show(self, text: str, tone: str) -> None:
        self.answer.set_tone(tone)
        self.answer.setText(text)
        self.answer.setVisible(True)

    def _on_try(self) -> None:
        text = self.line.text().strip()
        if text:
            self.try_requested.emit(text, Sampling(self.length.value() if self._has_length else 1, self.temperature.value()))
