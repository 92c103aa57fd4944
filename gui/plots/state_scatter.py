"""States as points in the plane of their two principal axes, and the way that one sequence takes among them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.looks.states import PointLabel, Projection, StateSpace
from gui.controls.keys import KeepsKeys
from gui.plots.curves import draw_line
from gui.plots.glyphs import Stamps, draw_glyph
from gui.plots.lettering import draw_halo_text
from gui.plots.marks import draw_dot, draw_readout
from gui.plots.numbers import count_text, share_text, value_text
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.point_colors import name_color, ramp, sign_of, value_range, worn
from gui.plots.scales import LinearScale, snapped_bounds
from gui.plots.sticky import StickyBounds
from gui.theme import SIZE_TICK, WEIGHT_TITLE, Theme

Floats = NDArray[np.float64]
ORDINALS = {1: "first", 2: "second"}
RADIUS, FAINT_RADIUS = 2.2, 1.3
OPACITY = 0.85
REACH = 12.0
"""Pixels within which the pointer finds a point."""
KEY_WIDTH, LEAST_WIDTH_WITH_KEY, ROW = 116.0, 340.0, 17.0
MOST_STEP_DOTS = 120
LEAST_HEIGHT = 24.0
BAR_WIDTH, MOST_BAR_HEIGHT = 9.0, 110.0


class StateScatter(KeepsKeys, Plot):
    """Points of one projection, coloured by one label.

    The way of the shown sequence is a line, the cursor's step a large dot on it; all other points of that step wear a ring. A press
    on a point chooses its time step (``step_chosen``) and draws the way of its sequence; with the keyboard, the arrows up and
    down choose a sequence.
    """

    kept_keys = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down})
    step_chosen = QtSignal(int)
    sequence_chosen = QtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(LEFT_MARGIN, 24, 16, 24), parent)
        self.space_of_states: StateSpace | None = None
        self.projection: Projection | None = None
        self.label: PointLabel | None = None
        self.cursor_step: int | None = None
        self.sequence: int | None = None
        self._bounds = StickyBounds(), StickyBounds()
        self.setCursor(Qt.CursorShape.CrossCursor)

    # Data

    def show_states(self, states: StateSpace, projection: Projection, label: PointLabel, is_other_picture: bool) -> None:
        """Draw ``projection``; ``is_other_picture`` where it has nothing to do with what was drawn before."""
        old_key = self._key()
        self.space_of_states, self.projection, self.label = states, projection, label
        if is_other_picture:
            self._bounds = StickyBounds(), StickyBounds()
        if self.sequence is not None and self.sequence not in states.sequences:
            self.sequence = None
        both = np.concatenate([projection.points, projection.path])
        scales = []
        for axis, bounds in enumerate(self._bounds):
            values = both[:, axis][np.isfinite(both[:, axis])]
            low, high = (float(values.min()), float(values.max())) if len(values) else (-1.0, 1.0)
            margin = 0.04 * (high - low) or 0.5
            scales.append(LinearScale(*bounds.update(*snapped_bounds(low - margin, high + margin, 12.0))))
        titles = [f"{ORDINALS[rank]} principal axis, {share_text(share)}" for rank, share in self._ranked()]
        if titles != [self.x_title, self.y_title] or self._key() != old_key:
            self.x_title, self.y_title = titles
            self.reframe()
        self.set_scales(*scales)
        self.refresh()

    def _ranked(self) -> list[tuple[int, float]]:
        assert self.projection is not None
        axes = self.projection.axes
        return list(zip(axes.ranks, axes.shares.tolist(), strict=True))

    def _key(self) -> tuple[object, ...]:
        """What the key at the right says."""
        label = self.label
        return () if label is None else (label.name, label.names, None if label.names else value_range(label))

    def clear(self) -> None:
        """Forget everything."""
        self.space_of_states, self.projection, self.label, self.sequence = None, None, None, None
        self._bounds = StickyBounds(), StickyBounds()
        self.reframe()

    def is_empty(self) -> bool:
        return self.projection is None

    def set_cursor_step(self, step: int | None) -> None:
        """Mark time step ``step`` (from 0)."""
        if step != self.cursor_step:
            self.cursor_step = step
            self.update()

    def choose_sequence(self, sequence: int | None) -> None:
        """Draw the way of another held-out sequence too; None: of none."""
        self.sequence = sequence
        self.update()
        self.sequence_chosen.emit()

    def set_zoom(self, zoom: tuple[float, float] | None) -> None:
        """All points are always shown."""

    # Drawing

    def _has_key(self) -> bool:
        return self.width() >= LEAST_WIDTH_WITH_KEY * self.text_scale

    def plot_rect(self) -> QRectF:
        if self._box is None:
            self.space.setRight(16 + (KEY_WIDTH if self._has_key() else 0))
        return super().plot_rect()

    def draw_frame(self, painter: QPainter) -> None:
        super().draw_frame(painter)
        if self.label is None or not self._has_key() or self.plot_rect().height() < LEAST_HEIGHT:
            return
        box, scale = self.plot_rect(), self.text_scale
        left, room = box.right() + 16 * scale, self.width() - box.right() - 22 * scale
        self.draw_text(painter, QRectF(left, box.top() - 4 * scale, room, ROW * scale), self.label.name, self.theme.text_2, SIZE_TICK)
        top = box.top() + (ROW - 2) * scale
        if self.label.names:
            self._draw_names(painter, self.label.names, left, top, room)
        else:
            self._draw_ramp(painter, left, top)

    def _draw_names(self, painter: QPainter, names: tuple[str, ...], left: float, top: float, room: float) -> None:
        """One row a name, closer where there are many; what has no room is counted."""
        scale = self.text_scale
        height = self.plot_rect().bottom() + 20 * scale - top
        row = min(ROW * scale, max(12 * scale, height / len(names)))
        most = int(height / row)
        shown = len(names) if len(names) <= most else max(0, most - 1)
        for number, name in enumerate(names[:shown]):
            y = top + (number + 0.5) * row
            color = QColor(name_color(names, number, self.theme))
            draw_glyph(painter, QPointF(left + 5 * scale, y), sign_of(names, number), color, 4 * scale)
            text = QRectF(left + 15 * scale, y - row / 2, room - 15 * scale, row)
            self.draw_text(painter, text, name, self.theme.text_2, SIZE_TICK)
        if shown < len(names):
            text = QRectF(left, top + shown * row, room, row)
            self.draw_text(painter, text, f"and {len(names) - shown} more", self.theme.text_3, SIZE_TICK)

    def _draw_ramp(self, painter: QPainter, left: float, top: float) -> None:
        assert self.label is not None
        scale, colors = self.text_scale, ramp(self.theme)
        height = min(MOST_BAR_HEIGHT * scale, self.plot_rect().bottom() - top - 8 * scale)
        if height < 12 * scale:
            return
        column = np.ascontiguousarray(colors[::-1])
        image = QImage(column.data, 1, len(column), 4, QImage.Format.Format_RGB32).copy()
        bar = QRectF(left, top + 6 * scale, BAR_WIDTH * scale, height)
        painter.drawImage(bar, image)
        low, high = value_range(self.label)
        for value, y in ((high, bar.top()), (low, bar.bottom())):
            box = QRectF(bar.right() + 6 * scale, y - 8 * scale, 80 * scale, 16 * scale)
            text = count_text(round(value)) if low == round(low) and high == round(high) else value_text(value, 3)
            self.draw_text(painter, box, text, self.theme.text_3, SIZE_TICK)

    def draw_content(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if self.projection is None or self.label is None or box.width() < 8 or box.height() < LEAST_HEIGHT:
            return
        ratio = painter.device().devicePixelRatioF()
        x, y = self.to_x(self.projection.points[:, 0]) - box.left(), self.to_y(self.projection.points[:, 1]) - box.top()
        stamps = Stamps(round(box.width() * ratio), round(box.height() * ratio))
        is_known = np.isfinite(self.label.values)
        radius = RADIUS * self.growth * (1 if len(x) > 1500 else 1.25)
        for wear in worn(self.label, self.theme):
            own = radius if is_known[wear.points[:1]].all() else FAINT_RADIUS * self.growth
            stamps.stamp(x[wear.points] * ratio, y[wear.points] * ratio, wear.sign, own * ratio, wear.colors, OPACITY)
        picture = stamps.image()
        picture.setDevicePixelRatio(ratio)
        painter.drawImage(box.topLeft(), picture)
        self._draw_path(painter)

    def _draw_path(self, painter: QPainter) -> None:
        """The way of the shown sequence, with its steps, from its first to its last."""
        assert self.projection is not None
        theme, path = self.theme, self.projection.path
        x, y = self.to_x(path[:, 0]), self.to_y(path[:, 1])
        draw_line(painter, x, y, QColor(theme.panel), 2.0 * self.growth)
        draw_line(painter, x, y, QColor(theme.text_2), self.growth)
        if len(x) <= MOST_STEP_DOTS:
            for k in range(len(x)):
                if np.isfinite(x[k] + y[k]):
                    draw_dot(painter, QPointF(x[k], y[k]), theme.text, theme.panel, 2.0 * self.growth)
        ends = {0: "1", len(x) - 1: str(len(x))}
        font = self.text_font(SIZE_TICK, WEIGHT_TITLE)
        for step, text in ends.items():
            if np.isfinite(x[step] + y[step]):
                at = QPointF(float(x[step]) + 6, float(y[step]) - 7 * self.text_scale)
                draw_halo_text(painter, at, text, font, theme.text, theme.panel)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.projection is None or self.space_of_states is None or self.plot_rect().height() < LEAST_HEIGHT:
            return
        theme, step = self.theme, self.cursor_step
        if self.sequence is not None:
            own = self.projection.points[self.space_of_states.sequences == self.sequence]
            draw_line(painter, self.to_x(own[:, 0]), self.to_y(own[:, 1]), QColor(theme.accent), 1.5 * self.growth, is_dashed=True)
        if step is not None and 0 <= step < len(self.projection.path):
            self._draw_step(painter, step)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.plot_rect().adjusted(-2, -2, 2, 2))
        found = None if self.hover is None else self.point_at(self.hover)
        if found is not None and self.hover is not None:
            draw_readout(self, painter, self.hover, self.readout_of(found))

    def _draw_step(self, painter: QPainter, step: int) -> None:
        """Where all sequences are at the cursor's step, and where the shown one is."""
        assert self.projection is not None and self.space_of_states is not None
        theme = self.theme
        same = self.projection.points[self.space_of_states.steps == step]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), self.growth))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in zip(self.to_x(same[:, 0]).tolist(), self.to_y(same[:, 1]).tolist(), strict=True):
            painter.drawEllipse(QPointF(x, y), 3.8 * self.growth, 3.8 * self.growth)
        x, y = float(self.to_x(self.projection.path[step, 0])), float(self.to_y(self.projection.path[step, 1]))
        if np.isfinite(x + y):
            draw_dot(painter, QPointF(x, y), theme.accent, theme.panel, 6.5 * self.growth)
            text, font = f"t = {step + 1}", self.text_font(SIZE_TICK, WEIGHT_TITLE)
            width = self.text_width(text, SIZE_TICK, WEIGHT_TITLE)
            left = x + 10 if x + 12 + width < self.plot_rect().right() else x - 10 - width
            draw_halo_text(painter, QPointF(left, y + 2), text, font, theme.accent, theme.panel)

    # The pointer and the keyboard

    def point_at(self, at: QPointF) -> int | None:
        """Which point is nearest to ``at``, within reach."""
        if self.projection is None or not len(self.projection.points):
            return None
        x, y = self.to_x(self.projection.points[:, 0]), self.to_y(self.projection.points[:, 1])
        away = np.nan_to_num(np.hypot(x - at.x(), y - at.y()), nan=np.inf)
        nearest = int(away.argmin())
        return nearest if away[nearest] <= REACH else None

    def readout_of(self, point: int) -> list[tuple[str, str, str]]:
        """What the pointer reads at a point."""
        assert self.space_of_states is not None
        rows = [(f"sequence {self.space_of_states.sequences[point] + 1}, t = {self.space_of_states.steps[point] + 1}", "", "")]
        for label in self.space_of_states.labels:
            value = float(label.values[point])
            if np.isfinite(value) and label.name != "Position":
                rows.append((label.name.lower(), label.names[int(value)] if label.names else value_text(value, 3), ""))
        return rows

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.point_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if event.button() == Qt.MouseButton.LeftButton and self.space_of_states is not None:
            self.choose_sequence(None if found is None else int(self.space_of_states.sequences[found]))
            if found is not None:
                self.step_chosen.emit(int(self.space_of_states.steps[found]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in self.kept_keys and self.space_of_states is not None:
            there = np.unique(self.space_of_states.sequences).tolist()
            ring = [None, *there]
            by = 1 if event.key() == Qt.Key.Key_Up else -1
            self.choose_sequence(ring[(ring.index(self.sequence) + by) % len(ring)])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()
