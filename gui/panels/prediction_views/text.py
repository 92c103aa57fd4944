"""A text read symbol by symbol: where it surprised the network, what the network expects next, and how it goes on by itself.

A person should see surprise gather where a word begins and vanish inside words the network can spell, and see that low
temperatures repeat what is likely while high ones dare and err.
"""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.prediction import TextPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.next_symbols import NextSymbols
from gui.plots.numbers import share_text
from gui.plots.passage import line_break_shown
from gui.plots.passage_picture import PassagePicture
from gui.theme import Theme

LEAST_WIDTH_WITH_BARS = 400


class TextView(PredictionView):
    """Left the passage and the continuations, right what comes next."""

    name = "text"
    prediction_type = TextPrediction
    default_length = 60
    has_temperature = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: TextPrediction | None = None
        self.passage = PassagePicture(theme)
        self.passage.step_chosen.connect(self.step_chosen)
        self.next_symbols = NextSymbols(theme)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.passage, 66)
        layout.addWidget(self.next_symbols, 34)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.next_symbols.setVisible(self.width() >= LEAST_WIDTH_WITH_BARS * self.passage.text_scale)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.passage.set_theme(theme)
        self.next_symbols.set_theme(theme)

    def show_prediction(self, prediction: TextPrediction, trace: Trace | None) -> None:
        self.prediction = prediction
        self.passage.show_prediction(prediction)
        self.next_symbols.show_prediction(prediction)

    def set_cursor(self, step: int) -> None:
        self.passage.set_cursor_step(step)

    def subtitle(self) -> str:
        if self.prediction is None or not self.prediction.next_symbols:
            return ""
        best = line_break_shown(self.prediction.next_symbols[0])
        return f"“{self.prediction.prompt}” goes on with “{best}” ({share_text(float(self.prediction.next_probabilities[0]))})"

    def as_table(self) -> list[list[str]]:
        rows = [["t", "symbol", "surprise in bits"]]
        if self.prediction is not None:
            pairs = zip(self.prediction.read, self.prediction.surprise, strict=True)
            rows += [[str(t), symbol, f"{bits:.4g}"] for t, (symbol, bits) in enumerate(pairs, 1)]
        return rows


VIEW = TextView
