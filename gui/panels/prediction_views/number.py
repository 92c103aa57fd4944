"""One number at the end of a sequence: the answer if asked at every step, and answers against targets on held-out data.

A person should see the answer jump to the right place when something that matters arrives, and stay there; and the cloud of
held-out answers close up to the diagonal as the network learns.
"""

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.prediction import NumberPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.canvas import Canvas
from gui.plots.curves import Curve, polygon
from gui.plots.numbers import MINUS, count_text, share_text, value_text
from gui.plots.scales import LinearScale, snapped_bounds
from gui.plots.sticky import StickyBounds
from gui.plots.time_plot import TimePlot
from gui.theme import SIZE_BODY, SIZE_HEADLINE, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE, Theme
from gui.walk import Span

LEAST_WIDTH_WITH_SCATTER, LEAST_WIDTH_WITH_FIGURES = 420, 230
SQUARE_LEFT = 38.0
MOST_QUARTERS = 4
"""By which the scatter is widened for answers beyond the targets."""
RIGHT = Qt.AlignmentFlag.AlignRight


def figures(prediction: NumberPrediction) -> tuple[float, float]:
    """Share of held-out answers within the tolerance, and their mean error; NaN where there are none."""
    errors = np.abs(prediction.held_out_answers - prediction.held_out_targets)
    if not len(errors):
        return float("nan"), float("nan")
    return float((errors <= prediction.tolerance).mean()), float(errors.mean())


class Line(NamedTuple):
    """A line of the figures: its text, type size, colour and height in px."""

    text: str
    size: int
    color: str
    height: int


class AnswerScatter(Canvas):
    """Held-out answers against targets, with the share of right ones and the mean error as headlines where there is room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: NumberPrediction | None = None
        self.scale = LinearScale(0, 1)
        self._bounds = StickyBounds()

    def show_prediction(self, prediction: NumberPrediction) -> None:
        """Draw anew if the held-out answers changed."""
        old, self.prediction = self.prediction, prediction
        scale = LinearScale(*self._bounds.update(*_widened(prediction.held_out_targets, prediction.held_out_answers, MOST_QUARTERS)))
        if scale != self.scale:
            self.scale = scale
            self.reframe()
        if old is None or not np.array_equal(old.held_out_answers, prediction.held_out_answers, equal_nan=True):
            self.refresh()

    def is_empty(self) -> bool:
        return self.prediction is None

    def square(self) -> QRectF:
        """Where the plot's square stands, in pixels: left of the figures, above them in a high panel."""
        scale, (beside, below) = self.text_scale, self._room_for_figures()
        side = min(self.height() - 44 * scale - below, self.width() - (SQUARE_LEFT + 4) * scale - beside)
        return QRectF(SQUARE_LEFT * scale, (self.height() - below - side - 22 * scale) / 2, side, side)

    def _room_for_figures(self) -> tuple[float, float]:
        """Pixels for the figures at the right of the square, and below it."""
        scale = self.text_scale
        if self.height() >= 0.95 * self.width():
            return 16 * scale, 78 * scale
        return (140 * scale if self.width() >= LEAST_WIDTH_WITH_FIGURES * scale else 4.0), 0.0

    def draw_frame(self, painter: QPainter) -> None:
        square, theme, scale = self.square(), self.theme, self.text_scale
        if square.width() < 24:
            return
        painter.fillRect(square, QColor(theme.raised))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line_2), 1))
        painter.drawLine(QLineF(square.bottomLeft(), square.topRight()))
        low, high = (f"{end:.4g}".replace("-", MINUS) for end in (self.scale.low, self.scale.high))
        row = 16 * scale
        below = QRectF(square.left(), square.bottom() + 4 * scale, square.width(), row)
        for text, top in ((high, square.top()), (low, square.bottom() - row)):
            self.draw_text(painter, QRectF(0, top, square.left() - 6 * scale, row), text, theme.text_3, SIZE_TICK, RIGHT)
        self.draw_text(painter, below, low, theme.text_3, SIZE_TICK)
        self.draw_text(painter, below, high, theme.text_3, SIZE_TICK, RIGHT)
        # The axis' name stands between its ends, so far as it has room there.
        if self._has_room_between(low, high, "target", square.width()):
            self.draw_text(painter, below, "target", theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter)
        painter.save()
        painter.translate(square.left() - 6 * scale - row, square.center().y())
        painter.rotate(-90)
        upwards = QRectF(-square.height() / 2, 0, square.height(), row)
        self.draw_text(painter, upwards, "answer", theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter)
        painter.restore()

    def _has_room_between(self, low: str, high: str, name: str, width: float) -> bool:
        """Whether ``name`` can stand in the middle of ``width`` pixels with the ends ``low`` and ``high`` at its sides."""
        longest = max(self.text_width(end, SIZE_TICK) for end in (low, high))
        return self.text_width(name, SIZE_TICK) + 2 * (longest + 4 * self.text_scale) <= width

    def draw_content(self, painter: QPainter) -> None:
        prediction, square = self.prediction, self.square()
        if prediction is None or square.width() < 24:
            return
        is_finite = np.isfinite(prediction.held_out_answers)
        x = square.left() + self.scale.fraction(prediction.held_out_targets[is_finite]) * square.width()
        heights = np.clip(self.scale.fraction(prediction.held_out_answers[is_finite]), 0, 1)  # those farther off lie on the edge
        y = square.bottom() - heights * square.height()
        painter.setClipRect(square)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        color = QColor(self.theme.accent)
        color.setAlphaF(0.75)
        painter.setPen(QPen(color, 3 * self.growth, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(polygon(x, y))
        painter.setClipping(False)
        self._draw_figures(painter, prediction, square)

    def _draw_figures(self, painter: QPainter, prediction: NumberPrediction, square: QRectF) -> None:
        theme, scale, (beside, below) = self.theme, self.text_scale, self._room_for_figures()
        share, error = figures(prediction)
        count = Line(f"{count_text(len(prediction.held_out_answers))} held-out answers", SIZE_TICK, theme.text_3, 18)
        right = [
            Line(share_text(share), SIZE_HEADLINE, theme.text, 28),
            Line(f"within {value_text(prediction.tolerance, 1)} of target", SIZE_TICK, theme.text_3, 18),
        ]
        wrong = [Line(value_text(error), SIZE_BODY + 2, theme.text, 22), Line("mean error", SIZE_TICK, theme.text_3, 16)]
        if below:
            top = square.bottom() + 34 * scale
            self._draw_lines(painter, right, QPointF(square.left(), top))
            self._draw_lines(painter, wrong, QPointF(square.left() + 140 * scale, top + 6 * scale))
        elif beside >= 100:
            lines = [count, *right, Line("", SIZE_TICK, theme.text, 8), *wrong]
            if sum(line.height for line in lines) * scale > self.height():
                lines = right
            height = sum(line.height for line in lines) * scale
            self._draw_lines(painter, lines, QPointF(square.right() + 16 * scale, max(0.0, (self.height() - height) / 2)))

    def _draw_lines(self, painter: QPainter, lines: list[Line], at: QPointF) -> None:
        y = at.y()
        for line in lines:
            weight = WEIGHT_BODY if line.size == SIZE_TICK else WEIGHT_TITLE
            box = QRectF(at.x(), y, self.width() - at.x() - 4, line.height * self.text_scale)
            self.draw_text(painter, box, line.text, line.color, line.size, weight=weight)
            y += line.height * self.text_scale


class NumberView(PredictionView):
    """Left the answer if asked at every step and the right one so far, right the held-out answers."""

    name = "number"
    prediction_type = NumberPrediction

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: NumberPrediction | None = None
        self._bounds = StickyBounds()
        self.plot = TimePlot(theme, self._y_scale)
        self.plot.setAccessibleName("Answer at every time step")
        self.plot.step_chosen.connect(self.step_chosen)
        self.scatter = AnswerScatter(theme)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.plot, 56)
        layout.addWidget(self.scatter, 44)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scatter.setVisible(self.width() >= LEAST_WIDTH_WITH_SCATTER * self.plot.text_scale)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        self.scatter.set_theme(theme)
        if self.prediction is not None:
            self.show_prediction(self.prediction, None)

    def show_prediction(self, prediction: NumberPrediction, trace: Trace | None) -> None:
        marked_steps = self.plot.marked_steps if trace is None else trace.marked_steps
        self.prediction = prediction
        steps = np.arange(1, len(prediction.answers) + 1, dtype=float)
        curves = [
            Curve("answer if asked at t", steps, prediction.answers, self.theme.accent, has_end_dot=True),
            Curve("right answer so far", steps, prediction.running_targets, self.theme.text_2, 1.5, is_dashed=True, is_stairs=True),
        ]
        self.plot.set_curves(curves, len(steps), marked_steps)
        self.scatter.show_prediction(prediction)

    def set_cursor(self, step: int) -> None:
        self.plot.set_cursor_step(step)

    def set_seen(self, seen: Span | None) -> None:
        self.plot.set_seen(seen)

    def subtitle(self) -> str:
        if self.prediction is None or not len(self.prediction.answers):
            return ""
        answer, target = float(self.prediction.answers[-1]), float(self.prediction.running_targets[-1])
        return f"answers {value_text(answer, 3)}, right is {value_text(target, 3)}"

    def as_table(self) -> list[list[str]]:
        rows = [["t", "answer if asked at t", "right answer so far"]]
        if self.prediction is not None:
            pairs = zip(self.prediction.answers, self.prediction.running_targets, strict=True)
            rows += [[str(step), f"{answer:.6g}", f"{target:.6g}"] for step, (answer, target) in enumerate(pairs, 1)]
        return rows

    def _y_scale(self, curves: list[Curve]) -> LinearScale:
        """The targets' range, widened by quarters where answers lie beyond it."""
        targets = self.prediction.held_out_targets if self.prediction is not None else np.empty(0)
        right = np.concatenate([targets, *(curve.y for curve in curves[1:])])
        return LinearScale(*self._bounds.update(*_widened(right, curves[0].y if curves else right)))


def _widened(right: np.ndarray, answers: np.ndarray, most_quarters: float = math.inf) -> tuple[float, float]:
    """Round bounds of what is right, widened by quarters, at most so many on either side, where answers lie beyond them."""
    low, high = snapped_bounds(*_ends(right), count=1)
    lowest, highest = _ends(answers) if np.isfinite(answers).any() else (low, high)
    quarter = (high - low) / 4
    below, above = (min(most_quarters, max(0, math.ceil(beyond / quarter - 0.1))) for beyond in (low - lowest, highest - high))
    return low - below * quarter, high + above * quarter


def _ends(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


VIEW = NumberView
