"""The status line: in which state the run is, what is going on in one sentence, and what would help."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from gui.controls.bars import fill
from gui.controls.button import Button
from gui.controls.caption import Caption
from gui.controls.chip import StateChip
from gui.controls.painting import painting, side_padding
from gui.controls.sentence import Sentence
from gui.controls.steady_caption import SteadyCaption
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look, wear
from gui.theme import HEIGHT_STATUS, SIZE_LABEL

MOST_REMEDIES = 3
REMEDY_HEIGHT = 26
BAR_WIDTH = 120
GAP, REMEDY_GAP = 16, 12
# Every state has a word; the colour only repeats it.
TONES = {
    "running": "ok",
    "paused": "warn",
    "diverged": "bad",
    "failed": "bad",
    "loading": "accent",
    "stopped": "text_2",
    "rewinding": "accent",
}


class StatusLine(Styled, QWidget):
    """``remedy_chosen`` carries the key of a remedy button."""

    remedy_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = StateChip(self)
        self.sentence = Sentence()
        self.facts = SteadyCaption(is_right=True)
        self._progress_text = Caption("", SIZE_LABEL, "text_2")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._remedies: list[Button] = []
        self._remedy_row = QHBoxLayout()
        self._remedy_row.setSpacing(REMEDY_GAP)
        self._row = QHBoxLayout(self)
        fill(self._row, [self.state, GAP, self.sentence, GAP])
        self._row.addLayout(self._remedy_row)
        self._row.addStretch(1)
        fill(self._row, [GAP, self._progress_text, GAP // 2, self._progress, GAP, self.facts])
        self.set_state("Paused")
        self.set_progress(None)
        self.restyle()

    @property
    def remedies(self) -> list[Button]:
        """The remedy buttons."""
        return list(self._remedies)

    def set_state(self, word: str) -> None:
        """Running, Paused, Diverged, Failed, Loading, Rewinding or Stopped, in capitals or not."""
        self.state.set_state(word.capitalize(), TONES[word.lower()])

    def set_sentence(self, sentence: str) -> None:
        """What is going on."""
        if sentence != self.sentence.text():
            self.sentence.setText(sentence)
            self._fit()

    def set_facts(self, facts: Sequence[str]) -> None:
        """Figures at the right."""
        text = " · ".join(facts)
        if text != self.facts.text():
            self.facts.setText(text)
            self._fit()

    def set_remedies(self, remedies: Sequence[tuple[str, str]]) -> None:
        """Offer (key, text) pairs as buttons, the best first; at most three."""
        remedies = list(remedies)[:MOST_REMEDIES]
        if [(button.objectName(), button.text()) for button in self._remedies] == remedies:
            return
        for button in self._remedies:
            self._remedy_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._remedies = [self._make_remedy(key, text, k == 0) for k, (key, text) in enumerate(remedies)]
        self._fit()

    def set_progress(self, share: float | None, text: str = "") -> None:
        """Show that work goes on in the background: ``share`` 0…1 of it is done; None: nothing is going on."""
        is_shown = share is not None
        self._progress_text.setText(text)
        self._progress.setToolTip(tooltip(text))
        self._progress.setVisible(is_shown)
        if share is not None:
            self._progress.setValue(round(1000 * share))
            self._progress.setAccessibleName(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The words of the background yield where the sentence has no room in one line, the figures where it has none in two.

        Then the tooltip of the state has the figures.
        """
        is_busy = not self._progress.isHidden()
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - 4 * GAP
        parts: list[QWidget] = [self.state, *self._remedies]
        room -= sum(part.sizeHint().width() for part in parts) + REMEDY_GAP * max(0, len(self._remedies) - 1)
        room -= self._progress.width() + GAP if is_busy else 0
        least = min(self.sentence.sizeHint().width(), self.sentence.least_width)
        has_facts = self.facts.sizeHint().width() <= room - least
        room -= self.sentence.sizeHint().width() + (self.facts.sizeHint().width() if has_facts else 0)
        self._progress_text.setVisible(is_busy and self._progress_text.sizeHint().width() + GAP // 2 <= room)
        self.facts.setVisible(has_facts)
        self.state.setToolTip("" if has_facts else tooltip(self.facts.text()))

    def restyle(self) -> None:
        look = current_look()
        self.setFixedHeight(look.px(HEIGHT_STATUS))
        self._row.setContentsMargins(side_padding(look), 1, side_padding(look), 0)
        self._progress.setFixedSize(look.px(BAR_WIDTH), 4)
        wear(self._progress, "progress")
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            painter.fillRect(self.rect(), look.color("panel"))
            painter.fillRect(0, 0, self.width(), 1, look.color("line"))

    def _make_remedy(self, key: str, text: str, is_first: bool) -> Button:
        button = Button(text, frame="accent" if is_first else "outlined", height=REMEDY_HEIGHT, size=SIZE_LABEL)
        button.setObjectName(key)
        button.clicked.connect(lambda: self.remedy_chosen.emit(key))
        self._remedy_row.addWidget(button)
        return button
