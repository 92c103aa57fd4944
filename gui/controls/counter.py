"""The counter of updates."""

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.caption import Caption
from gui.controls.steady_caption import Figure, SteadyCaption
from gui.style import Styled
from gui.theme import SIZE_COUNTER, SIZE_TICK

UPDATES_PER_EPOCH = 100
DIGITS = 6


def counter_text(step: int) -> str:
    """1240 -> "001,240"."""
    return f"{step:0{DIGITS + 1},}"


def epoch_text(step: int) -> str:
    """1240 -> "epoch 12.4"."""
    return f"epoch {step / UPDATES_PER_EPOCH:,.1f}"


class Counter(Styled, QWidget):
    """Updates done, in figures that do not jump about, and the epoch of 100 updates."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure = Figure(SIZE_COUNTER, self)
        self._unit = Caption("updates", SIZE_TICK, "text_3", parent=self)
        self._epoch = SteadyCaption(SIZE_TICK, "text_3", parent=self)
        self._words = words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._unit)
        words.addWidget(self._epoch)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._figure)
        row.addLayout(words)
        self._step = -1
        self.set_step(0)
        self.restyle()

    @property
    def text(self) -> str:
        """The figure as shown."""
        return self._figure.text()

    @property
    def epoch(self) -> str:
        """The epoch as shown."""
        return self._epoch.text()

    def set_step(self, step: int) -> None:
        """Show that ``step`` updates are done."""
        if step != self._step:
            self._step = step
            self._figure.setText(counter_text(step))
            self._epoch.setText(epoch_text(step))
            self.setAccessibleName(f"{step:,} updates, {epoch_text(step)}")

    def set_words_shown(self, is_shown: bool) -> None:
        """Whether "updates" and the epoch stand beside the figure."""
        self._unit.setVisible(is_shown)
        self._epoch.setVisible(is_shown)
        # Qt tells only the outer layout, and that only later: whoever asks now how wide this is shall hear it.
        self._words.invalidate()

    def restyle(self) -> None:
        for caption, least in ((self._figure, counter_text(0)), (self._epoch, "epoch 1,000.0")):
            caption.restyle()
            caption.setMinimumWidth(QFontMetrics(caption.font()).horizontalAdvance(least) + 1)
        self._words.invalidate()
        super().restyle()
