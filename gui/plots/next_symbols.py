"""Bars of what comes next."""

from typing import Protocol

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.numbers import share_text
from gui.plots.passage import line_break_shown
from gui.theme import SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE, Theme

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
        return [*shown, ("all others", rest)] if room > 1 and rest > 5e-4 else shown

    def draw_content(self, painter: QPainter) -> None:
        theme, scale, prediction = self.theme, self.text_scale, self.prediction
        if prediction is None:
            return
        caption = QRectF(0, 4 * scale, self.width() - PAD * scale, 18 * scale)
        self.draw_text(painter, caption, f"next after “{prediction.prompt}”", theme.text_2, SIZE_TICK)
        rows = self.rows()
        names = min(max(self.text_width(line_break_shown(name), SIZE_LABEL, WEIGHT_TITLE) for name, _ in rows) + 2, 0.4 * self.width())
        left, figure = names + 8 * scale, 40 * scale
        track = self.width() - left - figure - PAD * scale
        right = Qt.AlignmentFlag.AlignRight
        row = min(WIDE_BAR_ROW * scale, (self.height() - (CAPTION + 8) * scale) / len(rows))
        for k, (name, probability) in enumerate(rows):
            y = (CAPTION + 6) * scale + k * row
            is_best, is_rest = k == 0, k >= len(prediction.next_symbols) or name == "all others"
            weight = WEIGHT_TITLE if is_best else WEIGHT_BODY
            color = theme.text_3 if is_rest else theme.text
            shown = line_break_shown(name).replace(" ", "␣") if not prediction.is_words else name
            self.draw_text(painter, QRectF(0, y, names, row), name if is_rest else shown, color, SIZE_LABEL, right, weight)
            figure_box = QRectF(self.width() - figure - PAD * scale, y, figure, row)
            self.draw_text(painter, figure_box, share_text(probability), color, SIZE_LABEL, right, weight)
            if track > 12 and not is_rest:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                bar = QRectF(left, y + row / 2 - row / 5, track, 0.4 * row)
                painter.setBrush(QColor(theme.raised_2))
                painter.drawRoundedRect(bar, 2, 2)
                painter.setBrush(QColor(theme.accent if is_best else theme.ghost))
                bar.setWidth(max(1.0, track * min(max(probability, 0.0), 1.0)))
                painter.drawRoundedRect(bar, 2, 2)
