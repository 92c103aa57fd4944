"""Heatmaps of every gate and state, unit by time step, in a grid that suits the room: one widget that copies small images."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from core.signal import Signal
from core.snapshot import LayerTrace
from gui.plots import colormaps, lettering
from gui.plots.canvas import Canvas
from gui.plots.marks import draw_cursor, draw_marked_steps, draw_readout
from gui.plots.numbers import MINUS, value_text
from gui.plots.scales import StepScale, nice_step
from gui.plots.sticky import StickyBounds
from gui.plots.veil import draw_veil
from gui.theme import SIZE_LABEL, SIZE_TICK, Theme
from gui.walk import Walk

BEST_SHAPE, GAP, PAD = 2.0, 10.0, 14.0
HEAD, FOOT = 24.0, 18.0
NAME_LEFT = 38.0
SYMBOL_SIZE = 17.0
MOST_TICKS = 12
ROUNDING = 1e-6
"""A value may lie so far beyond its scale, as a share of it, by rounding alone."""


@dataclass(frozen=True)
class Tile:
    """Where one heatmap stands: its whole ``cell`` of the grid, the ``map`` within, whether it wears a time axis."""

    cell: QRectF
    map: QRectF
    has_axis: bool


def range_text(low: float, high: float, is_beyond: bool = False) -> str:
    """The ends of a colour scale: "0…1", "±4"; "≤−4…≥4" where values lie ``is_beyond`` them."""
    if is_beyond:
        return f"≤{low:g}…≥{high:g}".replace("-", MINUS)
    if low == -high:
        return f"±{high:g}"
    return f"{low:g}…{high:g}".replace("-", MINUS)


def needed_end(signal: Signal, values: NDArray[np.float64]) -> float:
    """The upper end of the scale that holds ``values``, from the signal's own on: 1, 2 or 5 times a power of ten."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return signal.high if largest <= signal.high else nice_step(largest, 1)


def best_columns(count: int, width: float, height: float) -> int:
    """How many columns give ``count`` tiles the most pleasing shape: near ``BEST_SHAPE`` times as wide as high, no gaps in the grid."""

    def cost(columns: int) -> float:
        rows = math.ceil(count / columns)
        tile_width, tile_height = width / columns - GAP, height / rows - HEAD - FOOT
        if tile_height < 8 or tile_width < 24:
            return 100.0 + rows
        return abs(math.log(tile_width / tile_height / BEST_SHAPE)) + 0.8 * (rows * columns - count)

    return min(range(1, count + 1), key=cost)


class GateMaps(Canvas):
    """All signals of a layer as images, units from top to bottom in a given order.

    A press chooses the time step (``step_chosen``) and the unit (``unit_chosen``) under the pointer; the followed unit wears an
    arrow at its row. Moving cursor or arrow redraws no image. Where there are more units or steps than pixels, some are left out.
    """

    step_chosen = QtSignal(int)
    unit_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.layer: LayerTrace | None = None
        self.order: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self.marked_steps: tuple[int, ...] = ()
        self.cursor_step: int | None = None
        self.followed_unit: int | None = None
        self.walk = Walk()
        self.tiles: list[Tile] = []
        self._bounds: dict[str, StickyBounds] = {}
        self._ends: dict[str, tuple[float, float]] = {}
        self._beyond: set[str] = set()
        self.hint = "Press play: what every gate does at every time step is drawn here."
        self.setCursor(Qt.CursorShape.CrossCursor)

    # Data

    def show_layer(self, layer: LayerTrace, order: NDArray[np.intp], marked_steps: tuple[int, ...]) -> None:
        """Draw ``layer`` with its units in ``order`` (H,)."""
        is_same_frame = (
            self.layer is not None and layer.signals == self.layer.signals and len(layer.gradient_h) == len(self.layer.gradient_h)
        )
        self.layer, self.order, self.marked_steps = layer, order, marked_steps
        if not is_same_frame:
            self._bounds.clear()
        old = self._ends, self._beyond
        self._ends = self._scale_ends(layer)
        self._beyond = {signal.name for signal in layer.signals if self._is_beyond(layer, signal)}
        if is_same_frame and old == (self._ends, self._beyond):
            self.refresh()
        else:
            self.reframe()

    def _scale_ends(self, layer: LayerTrace) -> dict[str, tuple[float, float]]:
        """The colour scale of every signal: its own, or, where values have no bound, one that holds them."""
        ends = {signal.name: (signal.low, signal.high) for signal in layer.signals}
        for signal in layer.signals:
            if not signal.has_fixed_scale:
                needed = needed_end(signal, layer.values[signal.name])
                _, high = self._bounds.setdefault(signal.name, StickyBounds()).update(0.0, needed)
                ends[signal.name] = (-high if signal.low < 0 else 0.0, high)
        return ends

    def _is_beyond(self, layer: LayerTrace, signal: Signal) -> bool:
        """Whether values lie beyond the scale, and are drawn in its end's colour."""
        values, (low, high) = layer.values[signal.name], self._ends[signal.name]
        margin = ROUNDING * (high - low)
        return bool((values < low - margin).any() or (values > high + margin).any())

    def scale_of(self, signal: Signal) -> tuple[float, float]:
        """The ends of the colour scale that ``signal`` is drawn with."""
        return self._ends[signal.name]

    def clear(self) -> None:
        """Forget the layer."""
        self._bounds.clear()
        self.layer, self.followed_unit = None, None
        self.reframe()

    def set_cursor_step(self, step: int | None) -> None:
        """Mark time step ``step`` (from 0)."""
        if step != self.cursor_step:
            self.cursor_step = step
            self.update()

    def follow(self, unit: int | None) -> None:
        """Mark the row of ``unit``."""
        self.followed_unit = unit
        self.update()

    def set_walk(self, walk: Walk) -> None:
        """Veil the steps that ``walk`` has not come to yet."""
        if walk != self.walk:
            self.walk = walk
            self.update()

    def is_empty(self) -> bool:
        return self.layer is None

    @property
    def seq_len(self) -> int:
        """T."""
        return 0 if self.layer is None else len(self.layer.gradient_h)

    def picture_values(self, signal: Signal) -> NDArray[np.float64]:
        """What the map of ``signal`` shows, (H, T), the top row first."""
        assert self.layer is not None
        return self.layer.values[signal.name].T[self.order]

    # Drawing

    def _lay_out(self, signals: tuple[Signal, ...]) -> list[Tile]:
        scale = self.text_scale
        room = QRectF(self.rect()).adjusted(PAD, 6 * scale, -PAD, -4 * scale)
        columns = best_columns(len(signals), room.width(), room.height())
        rows = math.ceil(len(signals) / columns)
        width, height = (room.width() - GAP * (columns - 1)) / columns, room.height() / rows
        has_axis = height >= (HEAD + FOOT + 22) * scale
        tiles = []
        for i in range(len(signals)):
            cell = QRectF(room.left() + i % columns * (width + GAP), room.top() + i // columns * height, width, height)
            foot = FOOT * scale if has_axis or i // columns == rows - 1 else 4.0
            area = QRectF(round(cell.left()), round(cell.top() + HEAD * scale), round(width), round(height - HEAD * scale - foot))
            tiles.append(Tile(cell, area, foot > 4))
        return tiles

    def draw_frame(self, painter: QPainter) -> None:
        if self.layer is None:
            return
        theme, scale = self.theme, self.text_scale
        self.tiles = self._lay_out(self.layer.signals)
        has_names = all(self._has_room_for_name(signal, tile) for signal, tile in zip(self.layer.signals, self.tiles, strict=True))
        for signal, tile in zip(self.layer.signals, self.tiles, strict=True):
            head = QRectF(tile.cell.left(), tile.cell.top(), tile.cell.width(), HEAD * scale - 2)
            tone = theme.tone(signal.role)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tone.mark))
            painter.drawRoundedRect(QRectF(head.left(), head.center().y() - 7 * scale, 4, 14 * scale), 2, 2)
            baseline = QPointF(head.left() + 11 * scale, head.center().y() + 5 * scale)
            lettering.draw_symbol(painter, baseline, signal.symbol, SYMBOL_SIZE * scale, tone.text)
            ends = range_text(*self.scale_of(signal), signal.name in self._beyond)
            ends_width = self.text_width(ends, SIZE_TICK) + 2
            if ends_width > head.width() - NAME_LEFT * scale:
                # Beside the symbol there is room for the end alone: "≥4".
                ends = ends.rpartition("…")[2]
                ends_width = self.text_width(ends, SIZE_TICK) + 2
            self.draw_text(
                painter,
                QRectF(head.right() - ends_width, head.top(), ends_width, head.height()),
                ends,
                theme.text_3,
                SIZE_TICK,
                Qt.AlignmentFlag.AlignRight,
            )
            name = QRectF(head.left() + NAME_LEFT * scale, head.top(), head.width() - NAME_LEFT * scale - ends_width - 6, head.height())
            if has_names:
                self.draw_text(painter, name, signal.name, theme.text_2, SIZE_LABEL)
            if tile.has_axis:
                self._draw_time_axis(painter, tile)

    def _has_room_for_name(self, signal: Signal, tile: Tile) -> bool:
        """Whether the whole name has room between symbol and range: cut names say less than symbols alone."""
        taken = (
            NAME_LEFT * self.text_scale + self.text_width(range_text(*self.scale_of(signal), signal.name in self._beyond), SIZE_TICK) + 8
        )
        return self.text_width(signal.name, SIZE_LABEL) <= tile.cell.width() - taken

    def _draw_time_axis(self, painter: QPainter, tile: Tile) -> None:
        scale = self.text_scale
        for step, text in StepScale(0.5, self.seq_len + 0.5).ticks(tile.map.width(), max(36 * scale, tile.map.width() / MOST_TICKS)):
            width = self.text_width(text, SIZE_TICK) + 1
            left = self._x_of(tile, round(step) - 1) - width / 2
            left = min(max(left, tile.map.left()), tile.map.right() - width)
            box = QRectF(left, tile.map.bottom() + 2 * scale, width, 16 * scale)
            self.draw_text(painter, box, text, self.theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter)

    def draw_content(self, painter: QPainter) -> None:
        if self.layer is None:
            return
        for signal, tile in zip(self.layer.signals, self.tiles, strict=True):
            if tile.map.height() < 1 or tile.map.width() < 1:
                continue
            values = self.layer.values[signal.name].T
            rows, columns = (
                _thinned(size, pixels) for size, pixels in zip(values.shape, (tile.map.height(), tile.map.width()), strict=True)
            )
            shown = values[np.ix_(self.order[rows], columns)]
            name = colormaps.name_for(signal, self.theme)
            painter.drawImage(tile.map, colormaps.to_image(shown, *self.scale_of(signal), name, self.theme.line_2))
            xs = [self._x_of(tile, step) for step in self.marked_steps if step < self.seq_len]
            draw_marked_steps(painter, xs, tile.map.bottom(), self.theme)

    def draw_overlay(self, painter: QPainter) -> None:
        unit = self.followed_unit
        if self.layer is not None and self.walk.is_on and self.walk.seq_len == self.seq_len:
            first, end = self.walk.values_seen(self.layer.is_backward)
            for tile in self.tiles:
                half = tile.map.width() / self.seq_len / 2
                draw_veil(painter, tile.map, self._x_of(tile, first) - half, self._x_of(tile, end - 1) + half, self.theme)
        for tile in self.tiles:
            if self.cursor_step is not None and self.cursor_step < self.seq_len:
                draw_cursor(painter, self._x_of(tile, self.cursor_step), tile.map.top(), tile.map.bottom(), self.theme)
            if unit is not None and unit < len(self.order):
                y = self._y_of(tile, unit)
                x = tile.map.left() - 1
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(self.theme.accent))
                painter.drawPolygon(QPolygonF([QPointF(x - 7, y - 4), QPointF(x - 7, y + 4), QPointF(x, y)]))
        found = None if self.hover is None else self.value_under(self.hover)
        if found is not None and self.hover is not None:
            signal, unit, step, value = found
            head = f"unit {unit}, t = {step + 1}"
            name = signal.name
            draw_readout(self, painter, self.hover, [(head, "", ""), (name, value_text(value, 3), self.theme.tone(signal.role).mark)])

    def _x_of(self, tile: Tile, step: int) -> float:
        return tile.map.left() + (step + 0.5) / self.seq_len * tile.map.width()

    def _y_of(self, tile: Tile, unit: int) -> float:
        row = int(np.flatnonzero(self.order == unit)[0])
        return tile.map.top() + (row + 0.5) / len(self.order) * tile.map.height()

    # What is under the pointer

    def value_under(self, at: QPointF) -> tuple[Signal, int, int, float] | None:
        """Signal, unit, time step (from 0) and value under a point of the widget."""
        if self.layer is None:
            return None
        for signal, tile in zip(self.layer.signals, self.tiles, strict=False):
            area = tile.map
            if area.contains(at) and area.width() > 0 and area.height() > 0:
                step = min(int((at.x() - area.left()) / area.width() * self.seq_len), self.seq_len - 1)
                row = min(int((at.y() - area.top()) / area.height() * len(self.order)), len(self.order) - 1)
                unit = int(self.order[row])
                return signal, unit, step, float(self.layer.values[signal.name][step, unit])
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.value_under(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if found is not None:
            self.unit_chosen.emit(found[1])
            self.step_chosen.emit(found[2])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        found = self.value_under(event.position()) if event.buttons() & Qt.MouseButton.LeftButton else None
        if found is not None:
            self.step_chosen.emit(found[2])


def _thinned(size: int, pixels: float) -> NDArray[np.intp]:
    """Indices of ``size`` rows or columns that fit on ``pixels``: all of them, or evenly spread ones."""
    shown = min(size, max(1, round(pixels)))
    return ((np.arange(shown) + 0.5) * (size / shown)).astype(np.intp)
