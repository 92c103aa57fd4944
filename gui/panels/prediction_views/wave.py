"""A wave written from its description: what is wanted, and what the network writes when it goes by its own numbers.

A person should see that a network which is right at every step when it is told the last value may still lose its way when it reads its own,
and the two curves come together as it learns: first the amplitude, then the frequency, the corners last.
"""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from core.prediction import WavePrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.canvas import Canvas
from gui.plots.curves import Curve, polygon
from gui.plots.scales import LinearScale, snapped_bounds
from gui.plots.sticky import StickyBounds
from gui.plots.time_plot import TimePlot
from gui.theme import SIZE_LABEL, WEIGHT_BODY, WEIGHT_TITLE, Theme
from gui.walk import Span

ERROR_SHARE = 0.18
STRIP_HEIGHT, LEFT, GAP, ENTRY_GAP = 24, 16.0, 5.0, 18.0
# A wave that runs away does not rule the axis.
MOST_REACH = 2.0


class DescriptionStrip(Canvas):
    """What goes in: the names and numbers of the vector, in one row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.described: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(round(STRIP_HEIGHT * self.text_scale))
        super().restyle()

    def show_description(self, described: tuple[tuple[str, str], ...]) -> None:
        """Show another vector."""
        if described != self.described:
            self.described = described
            self.setAccessibleName("In: " + ", ".join(" ".join(pair).strip() for pair in described))
            self.refresh()

    def draw_content(self, painter: QPainter) -> None:
        scale = self.text_scale
        x = LEFT * scale
        for name, value in self.described:
            words = [(name, self.theme.text_2, WEIGHT_BODY), (value, self.theme.text, WEIGHT_TITLE)] if value else []
            for text, color, weight in words or [(name, self.theme.text, WEIGHT_TITLE)]:
                width = self.text_width(text, SIZE_LABEL, weight) + 1
                if x + width > self.width():
                    return
                self.draw_text(painter, QRectF(x, 0, width, self.height()), text, color, SIZE_LABEL, weight=weight)
                x += width + GAP * scale
            x += (ENTRY_GAP - GAP) * scale


class WaveView(PredictionView):
    """The description above one plot against time steps."""

    name = "wave"
    prediction_type = WavePrediction

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: WavePrediction | None = None
        self._bounds = StickyBounds()
        self.strip = DescriptionStrip(theme)
        self.plot = TimePlot(theme, self._y_scale)
        self.plot.decorate = self._draw_error
        self.plot.step_chosen.connect(self.step_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.plot, 1)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.strip.set_theme(theme)
        self.plot.set_theme(theme)
        if self.prediction is not None:
            self.show_prediction(self.prediction, None)

    def show_prediction(self, prediction: WavePrediction, trace: Trace | None) -> None:
        if self.prediction is not None and self.prediction.described != prediction.described:
            self._bounds.reset()
        self.prediction = prediction
        steps = np.arange(1, len(prediction.wanted) + 1, dtype=float)
        theme = self.theme
        self.strip.show_description(prediction.described)
        self.plot.set_curves(
            [
                Curve("wanted", steps, prediction.wanted, theme.text_2, 1.5, is_dashed=True),
                Curve("told the last value", steps, prediction.taught, theme.hidden.mark, 1.0),
                Curve("written by itself", steps, prediction.written, theme.accent, 2.0, has_end_dot=True),
            ],
            len(steps),
        )

    def set_cursor(self, step: int) -> None:
        self.plot.set_cursor_step(step)

    def mean_error(self) -> float:
        """Of the values that it writes by itself, in per cent of the largest that is wanted."""
        prediction = self.prediction
        if prediction is None or not np.isfinite(prediction.written).all():
            return float("nan")
        return 100 * float(np.abs(prediction.written - prediction.wanted).mean() / np.abs(prediction.wanted).max(initial=1e-12))

    def set_seen(self, seen: Span | None) -> None:
        self.plot.set_seen(seen)

    def subtitle(self) -> str:
        error = self.mean_error()
        if not np.isfinite(error):
            return ""
        return f"off by {f'{error:.1f}' if error < 1000 else 'over 1000'} % of its height on average"

    def as_table(self) -> list[list[str]]:
        rows = [["t", "wanted", "told the last value", "written by itself"]]
        if self.prediction is not None:
            steps = zip(self.prediction.wanted, self.prediction.taught, self.prediction.written, strict=True)
            rows += [[str(t), *(f"{value:.6g}" if np.isfinite(value) else "" for value in values)] for t, values in enumerate(steps, 1)]
        return rows

    def _y_scale(self, curves: list[Curve]) -> LinearScale:
        values = np.concatenate([curve.y for curve in curves]) if curves else np.empty(0)
        values = values[np.isfinite(values)]
        if self.prediction is None or not len(values):
            return LinearScale(-1, 1)
        reach = MOST_REACH * float(np.abs(self.prediction.wanted).max(initial=1e-6))
        highest = min(reach, float(np.abs(values).max(initial=1e-6)))
        return LinearScale(*self._bounds.update(*snapped_bounds(-highest, highest, count=4)))

    def _draw_error(self, painter: QPainter) -> None:
        """The ground between what is wanted and what is written."""
        prediction = self.prediction
        if prediction is None or not np.isfinite(prediction.written).all():
            return
        color = QColor(self.theme.accent)
        color.setAlphaF(ERROR_SHARE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        steps = np.arange(1, len(prediction.wanted) + 1, dtype=float)
        x = self.plot.to_x(np.concatenate((steps, steps[::-1])))
        painter.drawPolygon(polygon(x, self.plot.to_y(np.concatenate((prediction.wanted, prediction.written[::-1])))))


VIEW = WaveView
