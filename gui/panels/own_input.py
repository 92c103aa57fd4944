"""Try your own input: a line to type in, what it needs besides, and the network's answer."""

from PySide6.QtCore import QSize
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from core.prediction import Answer
from gui.controls.button import Button
from gui.controls.text_field import LineField
from gui.controls.tooltips import tooltip
from gui.panels.answer_area import AnswerArea
from gui.panels.answer_options import AnswerOptions
from gui.panels.answer_view import AnswerView
from gui.style import Styled, current_look
from gui.theme import DARK, HEIGHT_FIELD, SIZE_LABEL, Theme

# Below these the field moves from the line to the options.
WIDTH_WITH_LENGTH, WIDTH_WITH_TEMPERATURE, LEAST_WIDTH = 540, 400, 240


class OwnInput(Styled, QWidget):
    """A line edit and buttons; for texts a temperature and more options, for what is continued a length. The answer stands below.

    What was asked last stays open: the panel's owner may answer it anew as the network changes. ``forgotten`` follows when nobody
    waits for an answer any more, because something else is being typed.
    """

    try_requested = QtSignal(str, object, int)
    forgotten = QtSignal()
    drawing_toggled = QtSignal(bool)

    def __init__(self, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_length = self._has_chance = False
        self._asked = ""
        self._is_waiting = True
        self.line = LineField()
        self.line.setToolTip(tooltip("An input of your own: Enter asks the network as it is now."))
        self.line.setAccessibleName("Your own input")
        self.line.returnPressed.connect(self._on_try)
        self.line.textEdited.connect(self._on_edited)
        self.options = AnswerOptions()
        self.options.changed.connect(self.ask_again)
        self.button = _button("Try", "Try your own input", "Let the network answer what you typed.")
        self.button.clicked.connect(self._on_try)
        self.draw_button = _button("Draw", "Draw your own input", "Draw an input instead of typing it; the network answers every stroke.")
        self.draw_button.setCheckable(True)
        self.draw_button.toggled.connect(self.drawing_toggled)
        self.options_button = _button("", "Options of the answer", "How the answer is drawn: length, chance, seed.", icon="setup")
        self.options_button.setCheckable(True)
        self.options_button.toggled.connect(lambda _is_open: self._fit())
        self.answer_view = AnswerView(theme)
        self.answer_area = AnswerArea(self.answer_view)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        for widget in (self.line, self.options.length, self.options.temperature, self.draw_button, self.options_button, self.button):
            self._row.addWidget(widget, 1 if widget is self.line else 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 2, 16, 8)
        layout.setSpacing(4)
        # Narrower than what stands in the line now: then less stands there.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        layout.addLayout(self._row)
        layout.addWidget(self.options)
        layout.addWidget(self.answer_area)
        self.configure("", default_length=0, has_chance=False, has_pad=False)
        self.restyle()

    def configure(self, hint: str, default_length: int, has_chance: bool, has_pad: bool) -> None:
        """Suit another kind of prediction; ``has_chance`` where the answer is drawn at random."""
        self.line.setPlaceholderText(f"Try your own: {hint}" if hint else "")
        self._has_length = default_length > 0
        if self._has_length:
            self.options.length_field.set_value(default_length)
        self._has_chance = has_chance
        self.draw_button.setChecked(False)
        self.draw_button.setVisible(has_pad)
        self.line.clear()
        self.clear()
        self._fit()

    @property
    def asked(self) -> str:
        """What was asked last; "" where nothing is."""
        return self._asked

    def set_room(self, height: int) -> None:
        """The answer may be so high, in px; what is longer scrolls."""
        self.answer_area.set_room(height)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.answer_view.bars.set_theme(theme)

    def restyle(self) -> None:
        look = current_look()
        self.line.setFont(look.font(SIZE_LABEL))
        self.line.setFixedHeight(look.px(HEIGHT_FIELD))

    def ask(self, text: str) -> None:
        """Ask ``text`` with the options as they are."""
        self._asked, self._is_waiting = text, True
        self.try_requested.emit(text, self.options.sampling(self._has_length), self.options.seed())

    def ask_drawn(self, text: str) -> None:
        """Ask what was drawn, which then stands in the line too; "" forgets it."""
        self.line.setText(text)
        self.line.setCursorPosition(0)
        if text:
            self.ask(text)
        else:
            self._forget()

    def ask_again(self) -> None:
        """Ask once more what was asked last: the options, or the network, are others."""
        if self._asked:
            self.ask(self._asked)

    def show_answer(self, answer: Answer, step: int | None = None, has_bars: bool = True) -> None:
        """Show what the network answered after ``step`` updates, unless nobody waits for it any more."""
        if self._is_waiting:
            self.answer_view.show_answer(answer, step, has_bars)

    def show_problem(self, message: str) -> None:
        """Show why there is no answer."""
        if self._is_waiting:
            self.answer_view.show_problem(message)

    def clear(self) -> None:
        """Forget question and answer."""
        self._asked = ""
        self.answer_view.clear()

    def clear_answer(self) -> None:
        """Forget the answer only: another run is asked the same."""
        self.answer_view.clear()

    def minimumSizeHint(self) -> QSize:
        return QSize(current_look().px(LEAST_WIDTH), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Length and temperature stand in the line where there is room, else among the options."""
        look, options = current_look(), self.options
        is_length_here = self.width() >= look.px(WIDTH_WITH_LENGTH)
        is_temperature_here = self.width() >= look.px(WIDTH_WITH_TEMPERATURE)
        moved = []
        for widget, is_here in ((options.length, is_length_here), (options.temperature, is_temperature_here)):
            if is_here and self._row.indexOf(widget) < 0:
                is_before = widget is options.length and self._row.indexOf(options.temperature) >= 0
                self._row.insertWidget(self._row.indexOf(options.temperature if is_before else self.draw_button), widget)
            elif not is_here:
                moved.append(widget)
        if any(self._row.indexOf(widget) >= 0 for widget in moved):
            options.take_in(moved)
        options.length.setVisible(self._has_length)
        options.temperature.setVisible(self._has_chance)
        for widget in options.of_chance:
            widget.setVisible(self._has_chance)
        has_options = self._has_chance or (self._has_length and not is_length_here)
        self.options_button.setVisible(has_options)
        options.setVisible(has_options and self.options_button.isChecked())

    def _on_try(self) -> None:
        text = self.line.text().strip()
        if text:
            self.ask(text)

    def _on_edited(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.clear()
        self._is_waiting = False
        self.forgotten.emit()


def _button(text: str, name: str, help: str, icon: str = "") -> Button:
    return Button(text, icon=icon, name=name, help=help, height=HEIGHT_FIELD, size=SIZE_LABEL)
