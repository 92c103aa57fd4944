"""A series going on: what is known, the network's guesses one step ahead, its forecast with a band, and what really came.

A person should see the guesses hug the known values as the network learns, and the forecast, which feeds on itself, keep the
shape of the series for a while and then lose it: the band says how far it may be trusted.
"""

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.prediction import SeriesPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.curves import Curve, pieces, polygon
from gui.plots.numbers import value_text
from gui.plots.scales import LinearScale, snapped_bounds
from gui.plots.sticky import StickyBounds
from gui.plots.time_plot import TimePlot
from gui.theme import Theme
from gui.walk import Span

BAND_SHARE = 0.22
GUESS_REACH, BAND_REACH = 0.5, 0.3
"""Of the range of what is known: how far guesses and forecast, and then their band, may widen the axis on either side."""


class SeriesView(PredictionView):
    """One plot against time steps, the forecast at its right."""

    name = "series"
    prediction_type = SeriesPrediction
    default_length = 12

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: SeriesPrediction | None = None
        self._bounds = StickyBounds()
        self.plot = TimePlot(theme, self._y_scale)
        self.plot.decorate = self._draw_band
        self.plot.step_chosen.connect(self._on_step_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        if self.prediction is not None:
            self.show_prediction(self.prediction, None)

    def show_prediction(self, prediction: SeriesPrediction, trace: Trace | None) -> None:
        old = self.prediction
        if old is not None and (old.column, len(old.past)) != (prediction.column, len(prediction.past)):
            self._bounds.reset()
        self.prediction = prediction
        theme, known = self.theme, len(prediction.past)
        past = np.arange(1, known + 1, dtype=float)
        ahead = np.arange(known, known + len(prediction.forecast) + 1, dtype=float)
        last = prediction.past[-1:]
        curves = [Curve("known", past, prediction.past, theme.hidden.mark, 1.5)]
        if np.isfinite(prediction.one_step).any():
            curves.append(Curve("guessed one step ahead", past, prediction.one_step, theme.accent, 1.5, is_dotted=True))
        if np.isfinite(prediction.future).any():
            future = np.concatenate((last, prediction.future))
            curves.append(Curve("what came", ahead, future, theme.text_2, 1.5, is_dashed=True))
        if len(prediction.forecast):
            curves.append(Curve("forecast", ahead, np.concatenate((last, prediction.forecast)), theme.accent, 2.0, has_end_dot=True))
        self.plot.set_curves(curves, known + len(prediction.forecast))

    def set_cursor(self, step: int) -> None:
        self.plot.set_cursor_step(step)

    def band(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The drawn band: time steps from 1, low, high."""
        prediction = self.prediction
        if prediction is None or not len(prediction.forecast) or not len(prediction.past):
            return np.empty(0), np.empty(0), np.empty(0)
        steps = len(prediction.past) + np.arange(len(prediction.forecast) + 1, dtype=float)
        last = prediction.past[-1:]
        return steps, np.concatenate((last, prediction.low)), np.concatenate((last, prediction.high))

    def value_bounds(self) -> tuple[float, float] | None:
        return (self.plot.y_scale.low, self.plot.y_scale.high) if self.prediction is not None else None

    def set_seen(self, seen: Span | None) -> None:
        self.plot.set_seen(seen)

    def subtitle(self) -> str:
        prediction = self.prediction
        if prediction is None or not len(prediction.forecast):
            return ""
        unit = f" {prediction.unit}".rstrip()
        sentence = f"{prediction.column}{f' in{unit}' if unit else ''}: next {value_text(float(prediction.forecast[0]), 3)}"
        return sentence + (f", came {value_text(float(prediction.future[0]), 3)}" if np.isfinite(prediction.future[:1]).any() else "")

    def as_table(self) -> list[list[str]]:
        rows = [["t", "value", "guessed one step ahead", "forecast", "low", "high"]]
        prediction = self.prediction
        if prediction is None:
            return rows
        for t, (value, guess) in enumerate(zip(prediction.past, prediction.one_step, strict=True), 1):
            rows.append([str(t), f"{value:.6g}", f"{guess:.6g}" if np.isfinite(guess) else "", "", "", ""])
        ahead = zip(prediction.future, prediction.forecast, prediction.low, prediction.high, strict=True)
        for t, (value, *forecast) in enumerate(ahead, len(prediction.past) + 1):
            rows.append([str(t), f"{value:.6g}" if np.isfinite(value) else "", "", *(f"{number:.6g}" for number in forecast)])
        return rows

    def _on_step_chosen(self, step: int) -> None:
        if self.prediction is not None:
            self.step_chosen.emit(min(step, len(self.prediction.past) - 1))

    def _y_scale(self, curves: list[Curve]) -> LinearScale:
        drawn = _finite(np.concatenate([curve.y for curve in curves]) if curves else np.empty(0))
        if self.prediction is None or not len(drawn):
            return LinearScale(0, 1)
        real = _finite(np.concatenate((self.prediction.past, self.prediction.future)))
        lowest, highest = (float(real.min()), float(real.max())) if len(real) else (float(drawn.min()), float(drawn.max()))
        _, low, high = self.band()
        # What the network says may widen the axis, not rule it: a wild guess leads out of the picture.
        for said, share in ((drawn, GUESS_REACH), (_finite(np.concatenate((low, high))), BAND_REACH)):
            reach = share * (highest - lowest)
            if len(said) and reach > 0:
                lowest, highest = (
                    min(lowest, max(float(said.min()), lowest - reach)),
                    max(highest, min(float(said.max()), highest + reach)),
                )
        return LinearScale(*self._bounds.update(*snapped_bounds(lowest, highest, count=4)))

    def _draw_band(self, painter: QPainter) -> None:
        steps, low, high = self.band()
        color = QColor(self.theme.accent)
        color.setAlphaF(BAND_SHARE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for x, y in pieces(np.concatenate((steps, steps[::-1])), np.concatenate((low, high[::-1]))):
            painter.drawPolygon(polygon(self.plot.to_x(x), self.plot.to_y(y)))
        if len(steps):
            box = self.plot.plot_rect()
            border = round(float(self.plot.to_x(steps[0])))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.line_2), 1))
            painter.drawLine(QLineF(border, box.top(), border, box.bottom()))


def _finite(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


VIEW = SeriesView
