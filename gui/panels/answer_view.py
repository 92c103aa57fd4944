"""What the network answered: the words, which wrap, can be selected and scroll; bars where it gave probabilities; and when it was."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.prediction import Answer
from gui.controls.caption import Caption, WrappedCaption
from gui.controls.chip import Chip
from gui.controls.scroll_area import ScrollArea
from gui.controls.tooltips import tooltip
from gui.plots.numbers import counted
from gui.plots.share_bars import ShareBars
from gui.style import Styled, current_look
from gui.theme import SIZE_LABEL, SIZE_TICK, Theme

MOST_LINES = 5
WIDTH_WITH_BARS_BESIDE, SHARE_OF_BARS = 420, 0.42
LIVE_HELP = "Asked again while the network learns: with the same seed, so that only the network makes the difference."


class AnswerText(ScrollArea):
    """A text as high as it is, up to MOST_LINES lines; longer ones scroll."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = WrappedCaption("", SIZE_LABEL, "text")
        self.caption.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.caption.setAccessibleName("Answer")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self.caption)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str, tone: str) -> None:
        """Show another text in one of the theme's colours."""
        self.caption.set_tone(tone)
        self.caption.setText(text)
        self._fit()

    def restyle(self) -> None:
        super().restyle()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(current_look().px(200), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _height(self) -> int:
        line = self.caption.fontMetrics().lineSpacing()
        return min(MOST_LINES * line, max(line, self.caption.heightForWidth(self.viewport().width())))

    def _fit(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())


class AnswerView(Styled, QWidget):
    """Text and note at the left, bars at the right, or below where there is little room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = AnswerText()
        self.bars = ShareBars(theme)
        self.live_chip = Chip("Live", "pulse", True, LIVE_HELP)
        self.note = Caption("", SIZE_TICK, "text_3")
        self.note.setToolTip(tooltip("How many updates the network had learned from when it answered."))
        self._step: int | None = None
        self._is_running = self._is_diverged = False
        noted = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        noted.setSpacing(8)
        noted.addWidget(self.live_chip)
        noted.addWidget(self.note, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addLayout(noted)
        words.addStretch(1)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(16)
        self._layout.addLayout(words, 100 - round(100 * SHARE_OF_BARS))
        self._layout.addWidget(self.bars, round(100 * SHARE_OF_BARS))
        self._layout.setAlignment(self.bars, Qt.AlignmentFlag.AlignTop)
        self.clear()

    def show_answer(self, answer: Answer, step: int | None, has_bars: bool = True) -> None:
        """Show what the network answered after ``step`` updates; without bars where these stand elsewhere."""
        self._step = step
        self.text.set_text(answer.text, "text")
        shares = (answer.probabilities or {}) if has_bars else {}
        self.bars.show_shares(shares)
        self._show(has_bars=bool(shares))

    def show_problem(self, message: str) -> None:
        """Show why there is no answer."""
        self._step = None
        self.text.set_text(message, "bad")
        self._show(has_bars=False)

    def set_run_state(self, is_running: bool, is_diverged: bool) -> None:
        """What the run is doing, for the note."""
        self._is_running, self._is_diverged = is_running, is_diverged
        self._say_note()

    def clear(self) -> None:
        """Forget the answer."""
        self.text.caption.clear()
        self.setVisible(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= current_look().px(WIDTH_WITH_BARS_BESIDE)
        self._layout.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        self._layout.setSpacing(16 if is_wide else 4)

    def _show(self, has_bars: bool) -> None:
        self.bars.setVisible(has_bars)
        self._say_note()
        self.setVisible(True)

    def _say_note(self) -> None:
        has_note = self._step is not None
        self.live_chip.setVisible(has_note and self._is_running)
        self.note.setVisible(has_note)
        if self._step is not None:
            words = "before the first update: a guess" if self._step == 0 else f"after {counted(self._step, 'update')}"
            if self._is_diverged:
                words += "; training diverged, these are its last finite weights"
            self.note.setText(words)
