"""Bars of what comes next."""

from typing import Protocol

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.passage import line_break_shown
from gui.plots.share_bars import OTHERS, draw_share_rows
from gui.theme import SIZE_TICK, Theme

PAD, CAPTION = 16.0, 20.0
NARROW_BAR_ROW, WIDE_BAR_ROW = 20.0, 30.0


class NextPrediction(Protocol):
    """What the bars need of a prediction: after ``prompt`` the likeliest symbols, best first, with their probabilities."""

    @property
    def prompt(self) -> str: ...
    @property
    def next_symbols(self) -> tuple[str, ...]: ...
    @property
    def next_probabilities(self) -> np.ndarray: ...
    @property
    def is_words(self) -> bool: ...


class NextSymbols(Canvas):
    """Bars of the likeliest next symbols."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: NextPrediction | None = None

    def show_prediction(self, prediction: NextPrediction) -> None:
        """Draw another prediction."""
        self.prediction = prediction
        self.refresh()

    def is_empty(self) -> bool:
        return self.prediction is None

    def rows(self) -> list[tuple[str, float]]:
        """What the bars show: symbols that there is room for, and the rest as one."""
        prediction = self.prediction
        if prediction is None:
            return []
        room = max(1, int((self.height() - (CAPTION + 8) * self.text_scale) / (NARROW_BAR_ROW * self.text_scale)))
        pairs = list(zip(prediction.next_symbols, map(float, prediction.next_probabilities), strict=True))
        shown = pairs[: max(1, room - 1)]
        rest = 1 - sum(probability for _, probability in shown)
        return [*shown, (OTHERS, rest)] if room > 1 and rest > 5e-4 else shown

    def draw_content(self, painter: QPainter) -> None:
        theme, scale, prediction = self.theme, self.text_scale, self.prediction
        if prediction is None:
            return
        caption = QRectF(0, 4 * scale, self.width() - PAD * scale, 18 * scale)
        self.draw_text(painter, caption, f"next after “{prediction.prompt}”", theme.text_2, SIZE_TICK)
        rows = self.rows()
        has_rest = len(rows) > 1 and rows[-1][0] == OTHERS
        symbols = rows[:-1] if has_rest else rows
        shown = [(name if prediction.is_words else line_break_shown(name).replace(" ", "␣"), share) for name, share in symbols]
        shown += rows[-1:] if has_rest else []
        row = min(WIDE_BAR_ROW * scale, (self.height() - (CAPTION + 8) * scale) / len(rows))
        draw_share_rows(self, painter, shown, QRectF(0, (CAPTION + 6) * scale, self.width() - PAD * scale, row * len(rows)))
