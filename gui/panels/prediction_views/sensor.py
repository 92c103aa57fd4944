"""Channels of a machine: what they show, where something really is wrong, and how likely the network thinks so at each step.

A person should see the probability rise where the ground is shaded, soon after the fault begins, and stay low elsewhere.
"""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.prediction import SensorPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.curves import Curve, polygon
from gui.plots.lane_plot import LanePlot
from gui.plots.scales import LinearScale
from gui.plots.time_plot import TimePlot
from gui.theme import Theme
from gui.walk import Span

LANES, PROBABILITY = 60, 40
WRONG_SHARE, AREA_SHARE = 0.2, 0.22


class SensorView(PredictionView):
    """Above the channels, below the probability of an alarm, on one time axis."""

    name = "sensor"
    prediction_type = SensorPrediction

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: SensorPrediction | None = None
        self.lanes = LanePlot(theme)
        self.lanes.decorate = lambda painter: self._draw_wrong(painter, self.lanes)
        self.plot = TimePlot(theme, lambda curves: LinearScale(0, 1))
        self.plot.decorate = self._draw_alarm
        for plot in (self.lanes, self.plot):
            plot.step_chosen.connect(self.step_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.lanes, LANES)
        layout.addWidget(self.plot, PROBABILITY)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.lanes.set_theme(theme)
        self.plot.set_theme(theme)
        if self.prediction is not None:
            self.show_prediction(self.prediction, None)

    def show_prediction(self, prediction: SensorPrediction, trace: Trace | None) -> None:
        old, self.prediction = self.prediction, prediction
        is_new = old is None or old.wanted != prediction.wanted or not np.array_equal(old.channels, prediction.channels)
        if is_new or self.lanes.curves[0].color != self.theme.hidden.mark:
            self.lanes.set_channels(prediction.names, prediction.channels)
        steps = np.arange(1, len(prediction.probabilities) + 1, dtype=float)
        self.plot.set_curves(
            [
                Curve("alarm threshold", steps[[0, -1]], np.full(2, prediction.threshold), self.theme.text_3, 1.0, is_dashed=True),
                Curve("probability that something is wrong", steps, prediction.probabilities, self.theme.accent, 2.0),
                # Only for the legend: the shaded ground.
                Curve("something is wrong", np.empty(0), np.empty(0), self.theme.bad, 6.0),
            ],
            len(steps),
        )

    def set_cursor(self, step: int) -> None:
        self.lanes.set_cursor_step(step)
        self.plot.set_cursor_step(step)

    def is_wrong(self) -> np.ndarray:
        """Whether something is wrong at each step (T,)."""
        prediction = self.prediction
        is_wrong = np.zeros(0 if prediction is None else len(prediction.probabilities), bool)
        for first, last in prediction.wanted if prediction is not None else ():
            is_wrong[first : last + 1] = True
        return is_wrong

    def set_seen(self, seen: Span | None) -> None:
        self.plot.set_seen(seen)

    def subtitle(self) -> str:
        prediction = self.prediction
        if prediction is None:
            return ""
        is_wrong, is_alarm = self.is_wrong(), prediction.probabilities >= prediction.threshold
        found, false = int((is_wrong & is_alarm).sum()), int((~is_wrong & is_alarm).sum())
        return f"{found} of {int(is_wrong.sum())} faulty steps found, {false} false alarm{'' if false == 1 else 's'}"

    def as_table(self) -> list[list[str]]:
        prediction = self.prediction
        if prediction is None:
            return [["t", "something is wrong", "probability"]]
        rows = [["t", *prediction.names, "something is wrong", "probability"]]
        steps = zip(prediction.channels.T, self.is_wrong(), prediction.probabilities, strict=True)
        for t, (values, is_wrong, share) in enumerate(steps, 1):
            rows.append([str(t), *(f"{value:.6g}" for value in values), str(int(is_wrong)), f"{share:.4f}"])
        return rows

    def _draw_wrong(self, painter: QPainter, plot: TimePlot) -> None:
        """The ground of the steps at which something is wrong, half a step wider on either side."""
        if self.prediction is None:
            return
        box, color = plot.plot_rect(), QColor(self.theme.bad)
        color.setAlphaF(WRONG_SHARE)
        for first, last in self.prediction.wanted:
            left, right = (float(x) for x in plot.to_x(np.array([first + 0.5, last + 1.5])))
            painter.fillRect(QRectF(left, box.top(), right - left, box.height()), color)

    def _draw_alarm(self, painter: QPainter) -> None:
        """The area under the probability."""
        self._draw_wrong(painter, self.plot)
        shares = self.prediction.probabilities if self.prediction is not None else np.empty(0)
        if not len(shares) or not np.isfinite(shares).all():
            return
        steps = np.arange(1, len(shares) + 1, dtype=float)
        color = QColor(self.theme.accent)
        color.setAlphaF(AREA_SHARE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        x = self.plot.to_x(np.concatenate((steps, steps[[-1, 0]])))
        y = self.plot.to_y(np.concatenate((shares, [0.0, 0.0])))
        painter.drawPolygon(polygon(x, y))


VIEW = SensorView
