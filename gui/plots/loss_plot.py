"""The loss curve: raw and smoothed training loss, held-out loss, the baseline, marks of changes, on a log axis."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QMarginsF, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.controls.keys import ENTER, KeepsKeys
from gui.past_curve import PastCurve
from gui.plots.change_marks import draw_change_marks
from gui.plots.curves import blend, dashed_pen, draw_line, smoothed
from gui.plots.free_labels import FreeLabels
from gui.plots.ghosts import NAME, draw_ghost, ghost_curve, label_ghosts, value_at
from gui.plots.marks import draw_dot, draw_readout
from gui.plots.numbers import count_text, value_text
from gui.plots.past_curves import draw_past_curves
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.rewind_handle import RewindHandle
from gui.plots.scales import LogScale, UpdateScale, axis_end, snapped_log_scale
from gui.plots.settled import SettledCurves
from gui.run_history import LossBins, RunHistory
from gui.theme import Theme

Floats = NDArray[np.float64]
SMOOTHING_PIXELS, SMOOTHING_UPDATES = 7.0, 4.0
"""Width (standard deviation) of the smoothing: so many pixels, but at least so many updates."""
RAW_SHARE = 0.42
TOP, MARKS_HEIGHT = 28.0, 14.0
"""Pixels above the axes, and those of a row of marks."""
PICTURES_PER_PLACING = 20
"""Labels look for the freest place when the axes change, and every so many pictures: looking costs more than drawing the curves."""
SETTLED_DEVIATIONS = 3.0
"""Of the smoothing: points that lie so far back do not move any more."""


class LossPlot(KeepsKeys, Plot):
    """Loss against updates. A drag zooms into a stretch, the wheel about the pointer, a double click shows all again.

    The newest point can be dragged back, and Home and Page up choose where to, too: ``rewind_requested`` carries the update then.
    ``menu_requested`` carries the update under the pointer, and where on the screen to open the menu.
    """

    rewind_requested = Signal(int)
    menu_requested = Signal(int, QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(LEFT_MARGIN, 0, 16, 24), parent)
        self._make_room(False)
        self.x_spacing = 62.0
        self.history = RunHistory()
        self.past_curves: tuple[PastCurve, ...] = ()
        self.baseline_label = ""
        self.hint = "Press play: the loss is drawn here, update by update."
        self._lettering: tuple[object, ...] = ()
        self._bounds: tuple[float, float] | None = None
        self._drag: tuple[float, float] | None = None
        self._bins = LossBins(*(np.empty(0) for _ in range(4)))
        self._smooth: Floats = np.empty(0)
        self._sigma = 0.0
        self._settled = SettledCurves()
        self._labels = FreeLabels(self)
        self.handle = RewindHandle(self)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_history(self, history: RunHistory, unit: str, baseline_label: str) -> None:
        """Draw what ``history`` holds now. ``unit`` is the loss's, ``baseline_label`` names the dashed line."""
        if history.run_id != self.history.run_id or history.step < self.history.step:
            self._bounds, self.zoom = None, None
        levels = (history.baseline_loss, history.solved_below)
        lettering_of_frame = (unit, baseline_label, levels, tuple(history.marks), tuple(map(id, history.branches)))
        if lettering_of_frame != self._lettering:
            self._lettering = lettering_of_frame
            self.y_title, self.baseline_label = unit, baseline_label
            self._make_room(bool(history.marks))
            self.reframe()
        self.history = history
        self.handle.set_range(history.earliest, history.step)
        self._note_handle()
        self.rescale()
        self.refresh()

    def _make_room(self, has_marks: bool) -> None:
        """Above the axes for the unit, and for the labels of marks where there are some."""
        self.space.setTop(TOP + (MARKS_HEIGHT if has_marks else 0.0))
        self.y_title_rise = 8.0 + (MARKS_HEIGHT if has_marks else 0.0)

    def set_past_curves(self, curves: Sequence[PastCurve]) -> None:
        """Draw curves of past runs behind the present one."""
        self.past_curves, self._bounds = tuple(curves), None
        self.rescale()
        self.reframe()

    def clear(self) -> None:
        """Forget the curve."""
        self.history, self.zoom, self._bounds = RunHistory(), None, None
        self.handle.clear()
        self._note_handle()
        self.refresh()

    def is_empty(self) -> bool:
        return not len(self.history.losses) and not self.history.evaluations

    # What is drawn, in the loss's unit

    def training(self) -> tuple[Floats, Floats]:
        """The thin raw line: updates and losses; where a pixel holds several updates, the smallest and the largest in turn."""
        bins = self._bins
        if len(bins.updates) and np.array_equal(bins.low, bins.high, equal_nan=True):
            return bins.updates, bins.low
        return np.repeat(bins.updates, 2), np.column_stack((bins.low, bins.high)).ravel()

    def smoothed_training(self) -> tuple[Floats, Floats]:
        """The smoothed line: updates and losses."""
        return self._bins.updates, 10**self._smooth

    def held_out(self) -> tuple[Floats, Floats]:
        """Held-out losses, thinned to the width of the plot."""
        every = self._evaluations_per_point()
        keep = slice((len(self.history.evaluation_steps) - 1) % every, None, every)
        return self.history.evaluation_steps[keep], self.history.evaluation_losses[keep]

    def _evaluations_per_point(self) -> int:
        return max(1, len(self.history.evaluation_steps) // max(1, int(self.plot_rect().width())))

    def ghosts(self) -> list[tuple[Floats, Floats]]:
        """The curves that were left, oldest first: updates and smoothed losses."""
        low, high = self.visible_range()
        per_pixel = (high - low) / max(self.plot_rect().width(), 1.0)
        return [ghost_curve(branch, max(SMOOTHING_UPDATES, SMOOTHING_PIXELS * per_pixel)) for branch in self.history.branches]

    # Scales

    def full_range(self) -> tuple[float, float]:
        others = [*(curve.end for curve in self.past_curves), *(branch.last_step for branch in self.history.branches)]
        return 0.0, float(axis_end(max([self.history.step, *others])))

    def rescale(self) -> None:
        if self.is_empty():
            return
        low, high = self.visible_range()
        per_pixel = (high - low) / max(self.plot_rect().width(), 1.0)
        width = max(1, math.ceil(per_pixel))
        self._bins = self.history.loss_bins(math.floor(low), math.ceil(high), width)
        self._sigma = max(SMOOTHING_UPDATES, SMOOTHING_PIXELS * per_pixel) / width
        self._smooth = smoothed(self._bins.mean_log, self._sigma)
        self.x_title = "updates" if self.zoom is None else "updates; double-click for all"
        self.set_scales(UpdateScale(low, high), self._y_scale(low, high))

    def _y_scale(self, low: float, high: float) -> LogScale:
        steps, losses = self.history.evaluation_steps, self.history.evaluation_losses
        held_out = losses[(steps >= low) & (steps <= high)]
        past = [curve.losses for curve in self.past_curves]
        past += [branch.losses[(branch.updates >= low) & (branch.updates <= high)] for branch in self.history.branches]
        levels = [self.history.baseline_loss, self.history.solved_below or math.nan]
        shown = np.concatenate((self._bins.low, self._bins.high, 10**self._smooth, held_out, levels, *past))
        shown = shown[np.isfinite(shown) & (shown > 0)]
        lowest, highest = (float(shown.min()), float(shown.max())) if len(shown) else (0.1, 1.0)
        if self.zoom is None:  # only ever grows, so that the picture stands still
            known = self._bounds or (lowest, highest)
            self._bounds = lowest, highest = min(lowest, known[0]), max(highest, known[1])
        return snapped_log_scale(max(lowest, 1e-30), min(highest, 1e30))

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        super().draw_frame(painter)
        self._draw_level(painter, self._height_of(self.history.baseline_loss), 5, 4)
        self._draw_level(painter, self._height_of(self.history.solved_below), 1, 3)
        self._draw_other_curves(painter)
        draw_change_marks(self, painter, self.history.marks)

    def draw_content(self, painter: QPainter) -> None:
        theme = self.theme
        self._draw_curves(painter)
        placed = (self.frame_count, self.picture_count // PICTURES_PER_PLACING, self.history.solved_at, self.history.divergence)
        baseline, goal = self._height_of(self.history.baseline_loss), self._height_of(self.history.solved_below)
        self._labels.begin(placed, self._drawn_curves, baseline)
        if math.isfinite(baseline):
            text = f"{self.baseline_label}: {value_text(self.history.baseline_loss, 3)}"
            self._labels.draw_beside_line(painter, baseline, text)
        if math.isfinite(goal):
            self._labels.draw_beside_line(painter, goal, f"solved below {self.history.solved_below:.3g}", is_at_end=True)
        self._draw_solved(painter)
        self._draw_divergence(painter)
        is_finite = np.flatnonzero(np.isfinite(self._smooth))
        self.handle.newest = None
        if len(is_finite) and self.history.step <= self.visible_range()[1]:
            newest = self._bins.updates[is_finite[-1]], 10 ** self._smooth[is_finite[-1]]
            self.handle.newest = QPointF(float(self.to_x(newest[0])), float(self.to_y(newest[1])))
            draw_dot(painter, self.handle.newest, theme.accent, theme.panel, 4.0)

    def _draw_other_curves(self, painter: QPainter) -> None:
        """Those of past runs and those that were left: they don't change while the run goes on."""
        if self.past_curves or self.history.branches:
            painter.setClipRect(self.plot_rect().adjusted(0, -1, 3, 1))
            draw_past_curves(self, painter, self.past_curves)
            for curve in self.ghosts():
                draw_ghost(painter, *self._pixels(curve), self.theme.ghost)
            painter.setClipping(False)
            label_ghosts(self, painter, self.history.branches, [self._pixels(curve) for curve in self.ghosts()])

    def _draw_curves(self, painter: QPainter) -> None:
        """The three curves; what does not change any more comes from a picture that is kept."""
        bins, ground = self._bins, self.layer_below()
        settled = len(bins.updates) - math.ceil(SETTLED_DEVIATIONS * self._sigma) - 2
        every, first = self._evaluations_per_point(), bins.updates[:2].tolist()
        # Each evaluation of a thinned curve takes another one's place.
        key = (self.frame_count, self.history.run_id, tuple(first), every, len(self.history.evaluations) if every > 1 else 0)
        if ground is None or not len(bins.updates):
            self._draw_stretch(painter, 0, len(bins.updates) - 1)
        else:
            self._settled.draw(painter, ground, key, max(settled, 0), len(bins.updates), self._draw_stretch)

    def _draw_stretch(self, painter: QPainter, first: int, last: int) -> None:
        """The three curves from bin ``first`` to bin ``last``; the held-out one is drawn with the bins that its points lie in."""
        theme, bins = self.theme, self._bins
        raw_x, raw_y = self.training()
        share = max(1, len(raw_x) // max(1, len(bins.updates)))
        raw, smooth = slice(share * first, share * (last + 1)), slice(first, last + 1)
        held_out_x, held_out_y = self.held_out()
        if 0 <= last < len(bins.updates) - 1 or first > 0:
            begin = bins.updates[first] if first > 0 else -math.inf
            end = bins.updates[last] if last < len(bins.updates) - 1 else math.inf
            # Together with the point before, from which the line comes.
            low, high = int(np.searchsorted(held_out_x, begin, side="right")), int(np.searchsorted(held_out_x, end, side="right"))
            held_out = slice(max(0, low - 1), high if high > low else low)
        else:
            held_out = slice(None)
        smooth_x, smooth_y = self.smoothed_training()
        painter.setClipRect(self.plot_rect().adjusted(0, -1, 3, 1))
        draw_line(
            painter, *self._pixels((raw_x[raw], raw_y[raw])), blend(theme.accent, theme.panel, RAW_SHARE), 0 if self.growth == 1 else 1
        )
        draw_line(painter, *self._pixels((smooth_x[smooth], smooth_y[smooth])), QColor(theme.accent), 2.0 * self.growth)
        if len(held_out_x[held_out]) > 1 or len(held_out_x) == 1:
            draw_line(painter, *self._pixels((held_out_x[held_out], held_out_y[held_out])), QColor(theme.hidden.mark), 1.5 * self.growth)
        painter.setClipping(False)

    def _height_of(self, loss: float | None) -> float:
        """Pixels from the top of a line at ``loss``; NaN where there is none."""
        return float(self.to_y(loss)) if loss is not None and loss > 0 else math.nan

    def _draw_level(self, painter: QPainter, y: float, dash: int, gap: int) -> None:
        box = self.plot_rect()
        if math.isfinite(y) and box.top() <= y <= box.bottom() + 1:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(dashed_pen(self.theme.text_2, dash, gap))
            painter.drawLine(QLineF(box.left(), round(y), box.right(), round(y)))

    def _drawn_curves(self) -> list[tuple[Floats, Floats]]:
        """All curves in pixels."""
        return [self._pixels(curve) for curve in (self.training(), self.smoothed_training(), self.held_out())]

    def _pixels(self, points: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        return self.to_x(points[0]), self.to_y(points[1])

    def _draw_solved(self, painter: QPainter) -> None:
        step = self.history.solved_at
        if step is None or not self.visible_range()[0] <= step <= self.visible_range()[1]:
            return
        at = QPointF(float(self.to_x(step)), self._height_at(step))
        self._labels.draw_badge(painter, at, f"solved at {count_text(step)}", self.theme.ok)

    def _draw_divergence(self, painter: QPainter) -> None:
        if self.history.divergence is None:
            return
        step = self.history.divergence.step
        at = QPointF(float(self.to_x(step)), self._height_at(step))
        self._labels.draw_badge(painter, at, f"diverged at {count_text(step)}", self.theme.bad)

    def _height_at(self, step: int) -> float:
        """Pixels from the top of the held-out curve at ``step``, or of the smoothed one where nothing was held out yet."""
        box = self.plot_rect()
        for x, y in (self.held_out(), self.smoothed_training()):
            is_known = np.isfinite(y)
            if is_known.any():
                y_at = float(self.to_y(10 ** np.interp(step, x[is_known], np.log10(np.maximum(y[is_known], 1e-300)))))
                return min(max(y_at, box.top()), box.bottom())
        return box.center().y()

    # Values under the pointer, zoom by dragging

    def readout_at(self, update: int) -> list[tuple[str, str, str]]:
        """What the readout says at ``update``: rows of name, value, colour."""
        theme, losses = self.theme, self.history.losses
        rows = [(f"update {count_text(update)}", "", "")]
        if 1 <= update <= len(losses):
            rows.append(("training", value_text(float(losses[update - 1]), 3), theme.accent))
        known = int(np.searchsorted(self.history.evaluation_steps, update, side="right"))
        if known:
            evaluation = self.history.evaluations[known - 1]
            rows.append(("held out", value_text(evaluation.loss, 3), theme.hidden.mark))
            unit = f" {evaluation.metric.unit}".rstrip()
            rows.append((evaluation.metric.name, value_text(evaluation.metric.value, 3) + unit, ""))
        for branch in self.history.branches:
            if math.isfinite(left := value_at(branch, update)):
                rows.append((NAME, value_text(left, 3), theme.ghost))
        reach = 5 * (self.visible_range()[1] - self.visible_range()[0]) / max(self.plot_rect().width(), 1.0)
        rows += [(mark.label, "", "") for mark in self.history.marks if abs(mark.step - update) <= reach]
        return rows

    def draw_overlay(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if self.handle.step is not None:
            self.handle.draw(painter)
        elif self._drag is not None:
            wash = QColor(self.theme.accent)
            wash.setAlphaF(0.18)
            left, right = sorted(min(max(x, box.left()), box.right()) for x in self._drag)
            painter.fillRect(QRectF(left, box.top(), right - left, box.height()), wash)
        elif self.hover is not None and self.is_inside(self.hover):
            update = min(max(round(self.x_at(self.hover.x())), 0), self.history.step)
            x = round(float(self.to_x(update)))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.line_2), 1))
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))
            rows = self.readout_at(update)
            if self.handle.is_at(self.hover):
                self.handle.draw_hover(painter)
                rows.append(("drag to rewind", "", ""))
            draw_readout(self, painter, self.hover, rows)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.is_empty():
            return
        if self.handle.is_at(event.position()):
            self.handle.take_hold()
        elif self.is_inside(event.position()):
            self._drag = (event.position().x(), event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.handle.is_dragged:
            self.handle.move_to(self.x_at(event.position().x()))
        elif self._drag is not None:
            self._drag = (self._drag[0], event.position().x())
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.handle.is_dragged:
            self._ask(self.handle.let_go())
        elif self._drag is not None:
            left, right = sorted(self._drag)
            self._drag = None
            if right - left > 6:
                self.set_zoom((self.x_at(left), self.x_at(right)))
            self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key asks for the place that was chosen with the keys, the mouse for the one under it."""
        if self.is_empty():
            return
        is_by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        chosen = self.history.step if self.handle.step is None else self.handle.step
        update = round(self.x_at(event.pos().x())) if is_by_mouse else chosen
        at = event.globalPos() if is_by_mouse else self.mapToGlobal(self.plot_rect().center().toPoint())
        self.menu_requested.emit(min(max(update, self.history.earliest), self.history.step), at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.handle.step is not None and event.key() in ENTER:
            self._ask(self.handle.let_go())
        elif self.handle.step is not None and event.key() == Qt.Key.Key_Escape:
            self.handle.clear()
        elif self.is_empty() or not self.handle.move_by_key(event.key()):
            super().keyPressEvent(event)
        self._note_handle()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.handle.is_dragged:
            self.handle.clear()
            self._note_handle()
            self.update()

    def _note_handle(self) -> None:
        self.kept_keys = self.handle.kept_keys

    def _ask(self, step: int | None) -> None:
        self._note_handle()
        self.update()
        if step is not None:
            self.rewind_requested.emit(step)
