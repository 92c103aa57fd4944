"""The transport bar: reset, play, step, speed, counter, seed."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget

from gui.controls.bars import fill
from gui.controls.button import Button
from gui.controls.counter import Counter
from gui.controls.painting import painting, side_padding
from gui.controls.play_button import CANCEL, PAUSE, PLAY, PlayButton
from gui.controls.seed_field import SeedField
from gui.controls.segments import Segments
from gui.controls.separator import Separator
from gui.controls.speed_slider import SpeedSlider
from gui.controls.tooltips import tooltip
from gui.run_state import REWINDING
from gui.style import Styled, current_look
from gui.theme import HEIGHT_TRANSPORT, SIZE_LABEL

BUTTON = 36
STEP_HEIGHT = 28
SIZES = {
    "time step": "One time step of the shown sequence: forward to its end, then the gradient backward to its beginning, then one update",
    "sequence": "To the end of the forward pass, then of the backward pass, then one update",
    "update": "One update of the weights, from a whole batch",
    "epoch": "100 updates",
}
SHORT = {"time step": "t", "sequence": "seq"}
"""Where room is scarce."""
OFFERED = {"running": PAUSE, "rewinding": CANCEL}
"""What the large button offers in a state; PLAY in any other."""
STEP_HELP = "Do one step of the size beside it"
ON_THE_WAY = "The run is on its way back: wait until it is there, or cancel the rewind with Space"
RACE_TEXTS = {
    "": ("Race cells", "Let RNN, GRU and LSTM learn this task side by side, on the same data"),
    "waits": ("Back to race", "Play, step and reset mean your own run; press to give them to the race"),
    "driven": ("Own run", "Play, step and reset mean the race; press to give them back to your own run"),
}
"""What the race button says: no race is on, one waits, one has the transport."""


class TransportBar(Styled, QWidget):
    """Everything that makes time pass.

    ``step_requested`` carries the size, one of SIZES; ``speed_changed`` a speed as gui/speed.py has it.
    In compact mode the seed is left to the quick strip.
    """

    play_toggled = Signal()
    step_requested = Signal(str)
    reset_requested = Signal()
    seed_changed = Signal(int)
    speed_changed = Signal(float)
    race_requested = Signal()
    theme_toggled = Signal()
    help_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reset_button = _framed("reset", "Reset", "Start again with the same seed: the same weights, the same curve", "Backspace")
        self.play_button = PlayButton()
        self.step_button = _framed("step", "Step", STEP_HELP, "Enter")
        self.step_sizes = Segments([(size, size) for size in SIZES], "Step size", STEP_HEIGHT, SIZE_LABEL, 12, helps=tuple(SIZES.values()))
        self.step_sizes.set_value("update")
        self.speed = SpeedSlider()
        self.counter = Counter()
        self.seed = SeedField(letter="s")
        self.race_button = Button("Race cells", "race", frame="framed", height=BUTTON)
        self.race_button.hide()
        self._race, self._is_compact, self._is_race_offered, self._is_rewinding = "", False, False, False
        self.undo_button = _framed("undo", "Undo", "")
        self.redo_button = _framed("redo", "Redo", "")
        self.set_undo("", "")
        self.theme_button = _framed("sun", "Light or dark", "Change between the light and the dark theme")
        self.help_button = _framed("help", "Help", "Help on what has the focus", "F1")
        self._seed_line = Separator()
        self._lay_out()
        self.play_button.clicked.connect(self.play_toggled)
        self.reset_button.clicked.connect(self.reset_requested)
        self.step_button.clicked.connect(lambda: self.step_requested.emit(self.step_sizes.value()))
        self.seed.seed_changed.connect(self.seed_changed)
        self.speed.speed_changed.connect(self.speed_changed)
        self.race_button.clicked.connect(self.race_requested)
        self.undo_button.clicked.connect(self.undo_requested)
        self.redo_button.clicked.connect(self.redo_requested)
        self.theme_button.clicked.connect(self.theme_toggled)
        self.help_button.clicked.connect(self.help_requested)
        self.restyle()

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        fill(self._row, [self.reset_button, 12, self.play_button, 12, self.step_button, 8, self.step_sizes])
        fill(self._row, [12, Separator(), 12, self.speed, 12, Separator(), 12, self.counter, 12, self._seed_line, 12, self.seed])
        self._row.addStretch(1)
        fill(self._row, [self.undo_button, 8, self.redo_button, 12, self.race_button, 12, self.theme_button, 12, self.help_button])

    def set_state(self, word: str) -> None:
        """The state of the run: the large button offers what can be done in it; while it rewinds nothing can be stepped or undone."""
        self.play_button.offer(OFFERED.get(word.lower(), PLAY))
        is_rewinding = word.lower() == REWINDING.lower()
        if is_rewinding != self._is_rewinding:
            self._is_rewinding = is_rewinding
            self.step_button.setEnabled(not is_rewinding)
            self.step_button.setToolTip(tooltip(ON_THE_WAY if is_rewinding else STEP_HELP, note="Enter"))
            self.set_undo(*self._undo_texts)

    def set_step(self, step: int) -> None:
        """Show that ``step`` updates are done."""
        self.counter.set_step(step)

    def set_seed(self, seed: int) -> None:
        """Show the seed, silently."""
        self.seed.set_seed(seed)

    def set_undo(self, undo_text: str, redo_text: str) -> None:
        """What would be undone and redone, "" for nothing."""
        self._undo_texts = undo_text, redo_text
        for button, word, text, keys in (
            (self.undo_button, "Undo", undo_text, "Ctrl+Z"),
            (self.redo_button, "Redo", redo_text, "Ctrl+Shift+Z, Ctrl+Y"),
        ):
            button.setEnabled(bool(text) and not self._is_rewinding)
            button.setAccessibleName(f"{word} {text}".strip())
            help = f"{word} {text}" if text else f"Nothing to {word.lower()}"
            button.setToolTip(tooltip(ON_THE_WAY if self._is_rewinding else help, note=keys))

    def set_speed(self, speed: float) -> None:
        """Show the speed, silently."""
        self.speed.set_speed(speed)

    def offer_race(self, is_offered: bool) -> None:
        """Whether there is a panel in which cells can race."""
        self._is_race_offered = is_offered
        self._fit()

    def set_race(self, state: str) -> None:
        """A key of RACE_TEXTS: whether a race is on, and whose the transport is."""
        if state != self._race:
            self._race = state
            self._fit()

    def _show_race(self, is_scarce: bool) -> None:
        """The icon alone where room is scarce."""
        text, help = RACE_TEXTS[self._race]
        self.race_button.setText("" if is_scarce else text)
        self.race_button.setAccessibleName(text)
        self.race_button.setToolTip(tooltip(help, note=text if is_scarce else ""))
        self.race_button.updateGeometry()

    def set_compact(self, is_compact: bool) -> None:
        """In a narrow window the quick strip has the seed."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Give up parts in the order of ``levels``, as long as there is not enough room; the menus have them too."""
        levels: tuple[Callable[[bool], None], ...] = (
            self._show_race,
            self._set_short,
            lambda is_scarce: self.counter.set_words_shown(not is_scarce),
            lambda is_scarce: _set_visible(not is_scarce, self.undo_button, self.redo_button),
            lambda is_scarce: self.race_button.setVisible(self._is_race_offered and not is_scarce),
            lambda is_scarce: _set_visible(not self._is_compact and not is_scarce, self.seed, self._seed_line),
            lambda is_scarce: _set_visible(not is_scarce, self.theme_button, self.help_button),
            lambda is_scarce: _set_visible(not is_scarce, self.speed),
            lambda is_scarce: _set_visible(not is_scarce, self.step_sizes),
        )
        for level in levels:
            level(False)
        for level in levels:
            if self._least_width() <= self.width():
                break
            level(True)
        self._least_width()

    def _least_width(self) -> int:
        """With what is shown now; layouts would tell it only after events have been handled."""
        for part in (self.step_sizes, self.speed, self.counter, self.seed):
            layout = part.layout()
            if layout is not None:
                layout.invalidate()
            part.updateGeometry()
        self._row.invalidate()
        return self._row.minimumSize().width()

    def _set_short(self, is_short: bool) -> None:
        """Short words and a narrow slider."""
        self.speed.set_compact(is_short)
        self.step_sizes.set_texts({size: SHORT.get(size, size) if is_short else size for size in SIZES})

    def restyle(self) -> None:
        look = current_look()
        self.setFixedHeight(look.px(HEIGHT_TRANSPORT))
        self._row.setContentsMargins(side_padding(look), 0, side_padding(look), 1)
        self.theme_button.set_icon("sun" if look.theme.is_dark else "moon")
        super().restyle()
        self._fit()

    def minimumSizeHint(self) -> QSize:
        # It gives up parts instead.
        return QSize(0, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            painter.fillRect(self.rect(), look.color("panel"))
            painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))


def _framed(icon: str, name: str, help: str, key: str = "") -> Button:
    button = Button(icon=icon, name=name, frame="framed", height=BUTTON)
    button.setToolTip(tooltip(help, note=key))
    return button


def _set_visible(is_visible: bool, *widgets: QWidget) -> None:
    for widget in widgets:
        widget.setVisible(is_visible)
