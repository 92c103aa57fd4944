"""The loss curves of up to six runs in one plot, each with its letter at its end, on a log axis."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.plots import lettering
from gui.plots.curves import blend, draw_line, smoothed
from gui.plots.labels import freest
from gui.plots.marks import draw_readout
from gui.plots.numbers import count_text, value_text
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.run_badge import SIDE, draw_badge, run_color
from gui.plots.scales import LinearScale, Scale, UpdateScale, axis_end, snapped_log_scale
from gui.race_run import RaceRun
from gui.theme import SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

Floats = NDArray[np.float64]
SMOOTHING_PIXELS, SMOOTHING_UPDATES = 7.0, 4.0
RAW_SHARE, RAW_SHARE_OF_MANY, MANY = 0.4, 0.22, 4
RIGHT_WITH_LETTERS, LEAST_OF_NAMES, NAMES_SHARE, NAMES_FROM = 34.0, 116.0, 0.22, 430.0
"""Room at the right; names get so much at least, and where the plot is wide this share of it."""
LEADER_SHARE, LEADER_SLANT, LEADER_DASHES = 0.6, 16.0, (1.0, 4.0)
"""From the end of a curve to its letter: faint and dotted, so that nobody takes it for losses."""
LABEL_GAP = 6.0
LABEL_PLACES = 9
PICTURES_OF_A_PLACE = 12


class RaceCurve:
    """The curve of one run over the visible stretch: ``x`` (n,), losses ``low``, ``high`` and ``smooth`` (n,)."""

    def __init__(self, run: RaceRun, low: float, high: float, width: float, is_by_time: bool) -> None:
        self.run = run
        first, last = (run.update_at(low), run.update_at(high)) if is_by_time else (low, high)
        per_pixel = max(last - first, 1.0) / max(width, 1.0)
        group = max(1, math.ceil(per_pixel))
        bins = run.history.loss_bins(math.floor(first), math.ceil(last), group)
        self.x = run.seconds_at(bins.updates) if is_by_time else bins.updates
        self.low, self.high = bins.low, bins.high
        sigma = max(SMOOTHING_UPDATES, SMOOTHING_PIXELS * per_pixel) / group
        self.smooth: Floats = 10 ** smoothed(bins.mean_log, sigma) if len(bins.updates) else np.empty(0)

    @property
    def raw(self) -> tuple[Floats, Floats]:
        """The thin line: where a pixel holds several updates, the smallest and the largest in turn."""
        if np.array_equal(self.low, self.high, equal_nan=True):
            return self.x, self.low
        return np.repeat(self.x, 2), np.column_stack((self.low, self.high)).ravel()

    def end(self) -> tuple[float, float] | None:
        """The newest point of the smooth curve."""
        known = np.flatnonzero(np.isfinite(self.smooth))
        return (float(self.x[known[-1]]), float(self.smooth[known[-1]])) if len(known) else None

    def loss_at(self, x: float) -> float:
        """The smooth loss at ``x``; NaN where there is none."""
        known = np.isfinite(self.smooth) & (self.smooth > 0)
        if not known.any() or not self.x[known][0] <= x <= self.x[known][-1]:
            return math.nan
        return float(10 ** np.interp(x, self.x[known], np.log10(self.smooth[known])))


class RacePlot(Plot):
    """Loss against updates, or against the seconds that each run has trained. The wheel zooms, a double click shows all again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(LEFT_MARGIN, 28, RIGHT_WITH_LETTERS, 24), parent)
        self.y_title_rise = 8.0
        self.x_spacing = 62.0
        self.runs: Sequence[RaceRun] = ()
        self.curves: list[RaceCurve] = []
        self.is_by_time = False
        self._line, self._line_label = math.nan, ""
        self._solved_below = math.nan
        self._bounds: tuple[float, float] | None = None
        self._identity: tuple[int, ...] = ()
        self._places: dict[str, int] = {}
        self._taken: list[QRectF] = []
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Loss curves of the race")

    def show_runs(self, runs: Sequence[RaceRun], unit: str, line_label: str, is_by_time: bool) -> None:
        """Draw what ``runs`` have shown by now. ``unit`` is the loss's, ``line_label`` names the dashed line."""
        identity = tuple(run.run_id for run in runs)
        if identity != self._identity or is_by_time != self.is_by_time:
            self._identity, self._bounds, self.zoom = identity, None, None
            self._places = {}
            self.reframe()
        lines = [run.history.baseline_loss for run in runs if run.history.baseline_loss > 0]
        line = lines[0] if lines else math.nan
        if (unit, line_label) != (self.y_title, self._line_label) or not (line == self._line or math.isnan(line)):
            self.y_title, self._line_label, self._line = unit, line_label, line
            self.reframe()
        solved = next((run.solved_below for run in runs if run.solved_below is not None), math.nan)
        if not (solved == self._solved_below or math.isnan(solved) and math.isnan(self._solved_below)):
            self._solved_below, self._bounds = solved, None
            self.reframe()
        names = [run.name for run in runs]
        if names != [run.name for run in self.runs]:
            self.reframe()
        self.runs, self.is_by_time = runs, is_by_time
        self.rescale()
        self.refresh()

    def clear(self) -> None:
        """Forget the curves."""
        self.runs, self.curves, self.zoom, self._bounds = (), [], None, None
        self.refresh()

    def is_empty(self) -> bool:
        return not any(len(run.history.losses) for run in self.runs)

    # Scales

    def plot_rect(self) -> QRectF:
        if self._box is None:
            names = max((self.text_width(run.name, SIZE_LABEL, WEIGHT_TITLE) / self.text_scale for run in self.runs), default=0.0)
            has_names = self.width() >= NAMES_FROM * self.text_scale
            most = max(LEAST_OF_NAMES, NAMES_SHARE * self.width() / self.text_scale)
            self.space.setRight(RIGHT_WITH_LETTERS + (min(names + 8, most) if has_names else 0.0))
        return super().plot_rect()

    def full_range(self) -> tuple[float, float]:
        if self.is_by_time:
            most = max((run.seconds for run in self.runs), default=0.0)
            power = 10.0 ** math.floor(math.log10(max(1.04 * most, 0.01)))
            return 0.0, next(power * end for end in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if power * end >= 1.04 * most)
        return 0.0, float(axis_end(max((run.step for run in self.runs), default=0)))

    def rescale(self) -> None:
        if self.is_empty():
            return
        low, high = self.visible_range()
        width = self.plot_rect().width()
        self.curves = [RaceCurve(run, low, high, width, self.is_by_time) for run in self.runs]
        title = "seconds of training" if self.is_by_time else "updates"
        self.x_title = title if self.zoom is None else f"{title}; double-click for all"
        x_scale: Scale = LinearScale(low, high) if self.is_by_time else UpdateScale(low, high)
        self.set_scales(x_scale, self._y_scale())

    def _y_scale(self) -> Scale:
        parts = [np.concatenate((curve.low, curve.high, curve.smooth)) for curve in self.curves]
        shown = np.concatenate([*parts, [self._line, self._solved_below]])
        shown = shown[np.isfinite(shown) & (shown > 0)]
        lowest, highest = (float(shown.min()), float(shown.max())) if len(shown) else (0.1, 1.0)
        if self.zoom is None:  # only ever grows, so that the picture stands still
            known = self._bounds or (lowest, highest)
            self._bounds = lowest, highest = min(lowest, known[0]), max(highest, known[1])
        return snapped_log_scale(max(lowest, 1e-30), min(highest, 1e30))

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        super().draw_frame(painter)
        box = self.plot_rect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for loss, color, dashes in ((self._line, self.theme.text_2, [5, 4]), (self._solved_below, self.theme.ok, [1.5, 3])):
            height = self._height_of(loss)
            if math.isfinite(height):
                pen = QPen(QColor(color), 1)
                pen.setDashPattern(dashes)
                painter.setPen(pen)
                painter.drawLine(QLineF(box.left(), round(height), box.right(), round(height)))

    def draw_content(self, painter: QPainter) -> None:
        box, theme = self.plot_rect(), self.theme
        painter.setClipRect(box.adjusted(0, -1, 2, 1))
        share = RAW_SHARE if len(self.curves) < MANY else RAW_SHARE_OF_MANY
        for curve in self.curves:
            draw_line(painter, *self._pixels(*curve.raw), blend(run_color(theme, curve.run.letter), theme.panel, share), 0)
        for curve in self.curves:
            draw_line(painter, *self._pixels(curve.x, curve.smooth), QColor(run_color(theme, curve.run.letter)), 2.0)
        painter.setClipping(False)
        self._taken = []
        self._draw_ends(painter)
        for curve in self.curves:
            self._draw_happenings(painter, curve)
        self._draw_line_label(painter, self._line, f"{self._line_label}: {value_text(self._line, 3)}", theme.text_2)
        self._draw_line_label(painter, self._solved_below, f"solved below {value_text(self._solved_below)}", theme.ok)

    def _pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        return self.to_x(x), self.to_y(y)

    def _height_of(self, loss: float) -> float:
        return float(self.to_y(loss)) if loss > 0 else math.nan

    def _freest(self, key: str, places: Sequence[QRectF]) -> int:
        """Where a label stands; another place is looked for in some pictures only, for that takes longer than drawing it."""
        known = self._places.get(key)
        if known is None or self.picture_count % PICTURES_OF_A_PLACE == 0:
            known = self._places[key] = freest(places, self.plot_rect(), self._drawn(), self._taken, known)
        return known

    def _drawn(self) -> list[tuple[Floats, Floats]]:
        """The smooth curves in pixels: words on the thin ones can be read."""
        return [self._pixels(curve.x, curve.smooth) for curve in self.curves]

    def _draw_ends(self, painter: QPainter) -> None:
        """Letters, and names where there is room, at the right of the plot, as high as the curves end; none covers another."""
        box, scale = self.plot_rect(), self.text_scale
        side = SIDE * scale
        ends = []
        for curve in self.curves:
            end = curve.end()
            if end is not None:
                ends.append(
                    (min(max(float(self.to_y(end[1])), box.top() + side / 2), box.bottom() - side / 2), float(self.to_x(end[0])), curve)
                )
        ends.sort(key=lambda each: each[0])
        heights = spread([height for height, _, _ in ends], side + 2 * scale, box.top() + side / 2, box.bottom() - side / 2)
        names_room = self.width() - box.right() - side - 18 * scale
        for (height, x, curve), middle in zip(ends, heights, strict=True):
            color = QColor(run_color(self.theme, curve.run.letter))
            left = box.right() + 8 * scale
            self._draw_leader(painter, color, QPointF(min(x + 3, box.right()), height), QPointF(left - 3, middle))
            draw_badge(
                painter, self.theme, curve.run.letter, QPointF(left + side / 2, middle), self.text_font(SIZE_TICK, WEIGHT_TITLE), side
            )
            if names_room > 24 * scale:
                name = QRectF(left + side + 6 * scale, middle - 9 * scale, names_room, 18 * scale)
                self.draw_text(painter, name, curve.run.name, self.theme.text, SIZE_LABEL, weight=WEIGHT_TITLE)

    def _draw_leader(self, painter: QPainter, color: QColor, start: QPointF, end: QPointF) -> None:
        """Level with the end of the curve, and up or down to its letter only where the plot ends."""
        if end.x() <= start.x():
            return
        pen = QPen(blend(color.name(), self.theme.panel, LEADER_SHARE), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        pen.setDashPattern(LEADER_DASHES)
        turn = QPointF(max(start.x(), end.x() - LEADER_SLANT * self.text_scale), start.y())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawPolyline([start, turn, end])

    def _draw_happenings(self, painter: QPainter, curve: RaceCurve) -> None:
        """A ring and words where a run has solved the task, or diverged."""
        run, theme = curve.run, self.theme
        divergence = run.history.divergence
        if run.history.solved_at is not None:
            x = run.history.solved_at if not self.is_by_time else run.seconds_to_solved
            if x is not None:
                words = f"{run.letter} solved at {count_text(run.history.solved_at) if not self.is_by_time else value_text(x) + ' s'}"
                self._draw_ring(painter, curve, float(x), words, theme.ok)
        if divergence is not None:
            x_end = curve.end()
            if x_end is not None:
                self._draw_ring(painter, curve, x_end[0], f"{run.letter} diverged at {count_text(divergence.step)}", theme.bad)

    def _draw_ring(self, painter: QPainter, curve: RaceCurve, x: float, text: str, color: str) -> None:
        box = self.plot_rect()
        loss = curve.loss_at(x)
        if not self.visible_range()[0] <= x <= self.visible_range()[1] or not math.isfinite(loss):
            return
        at = QPointF(float(self.to_x(x)), min(max(float(self.to_y(loss)), box.top()), box.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(color), 2))
        painter.setBrush(QColor(self.theme.panel))
        painter.drawEllipse(at, 4.5, 4.5)
        width, height = self.text_width(text, SIZE_TICK, WEIGHT_TITLE), 15 * self.text_scale
        lefts = (at.x() + 10, at.x() - 10 - width, at.x() - width / 2)
        tops = [at.y() + (rise - 0.5) * height for rise in (0, -0.9, 0.9, -1.8, 1.8, -3, 3)]
        places = [QRectF(round(left), round(top), width, height) for top in tops for left in lefts]
        key = f"{curve.run.letter} {color}"
        place = places[self._freest(key, places)]
        self._taken.append(place.adjusted(-LABEL_GAP, 0, LABEL_GAP, 0))
        lettering.draw_halo_text(painter, place.topLeft(), text, self.text_font(SIZE_TICK, WEIGHT_TITLE), color, self.theme.panel)

    def _draw_line_label(self, painter: QPainter, loss: float, text: str, color: str) -> None:
        """Name the line at ``loss`` where no curve passes."""
        y = self._height_of(loss)
        if not math.isfinite(y):
            return
        box, width, height = self.plot_rect(), self.text_width(text, SIZE_TICK), 15 * self.text_scale
        if width > box.width():
            return
        ends = box.right() - width - 6, box.left() + 10
        lefts = (*ends, *np.linspace(*ends, LABEL_PLACES)[1:-1])
        places = [QRectF(round(left), round(top), width, height) for left in lefts for top in (y + 3, y - height - 3)]
        place = places[self._freest(f"line {color}", places)]
        self._taken.append(place)
        lettering.draw_halo_text(painter, place.topLeft(), text, self.text_font(SIZE_TICK), color, self.theme.panel)

    # Values under the pointer

    def readout_at(self, x: float) -> list[tuple[str, str, str]]:
        """What the readout says at ``x``: rows of name, value, colour."""
        head = f"{value_text(x)} s" if self.is_by_time else f"update {count_text(round(x))}"
        rows = [(head, "", "")]
        for curve in self.curves:
            rows.append((curve.run.title, value_text(curve.loss_at(x), 3), run_color(self.theme, curve.run.letter)))
        return rows

    def draw_overlay(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if self.hover is not None and self.is_inside(self.hover):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.line_2), 1))
            painter.drawLine(QLineF(round(self.hover.x()), box.top(), round(self.hover.x()), box.bottom()))
            draw_readout(self, painter, self.hover, self.readout_at(self.x_at(self.hover.x())))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))


def spread(heights: Sequence[float], apart: float, top: float, bottom: float) -> list[float]:
    """Ascending ``heights`` moved as little as it takes for them to lie ``apart``, between ``top`` and ``bottom``."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart if placed else top))
    limit = bottom
    for k in reversed(range(len(placed))):
        placed[k] = min(placed[k], limit)
        limit = placed[k] - apart
    return placed
