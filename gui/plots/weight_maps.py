"""The weights of one gate as heatmaps that share their units: W_xh, W_hh and biases side by side, W_hy below; one entry can be chosen."""

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.controls.keys import ARROWS, KeepsKeys
from gui.plots import colormaps, lettering
from gui.plots.canvas import Canvas
from gui.plots.marks import draw_readout
from gui.plots.numbers import MINUS, value_text
from gui.plots.scales import nice_step
from gui.plots.sticky import StickyBounds
from gui.plots.weight_blocks import HEAD, HEAD_BIAS, INPUT, RECURRENT, WeightBlock
from gui.theme import SIZE_TICK, Theme

PAD, GAP, HEAD_LINE, FOOT = 14.0, 8.0, 24.0, 20.0
VECTOR_WIDTH, LEAST_COLUMN, MOST_OF_WIDTH, MOST_OF_HEIGHT = 16.0, 9.0, 0.34, 0.3
"""Pixels at text size 1 of a vector and of a column of few inputs; shares that inputs and outputs may take of the room."""
LEAST_HEIGHT_WITH_HEAD = 76.0
WIDEST = 12.0
"""W_hh is at most so many times as wide as high."""
SYMBOL_SIZE = 15.0
INNER_PERCENT, ROUNDED_DOWN = 97.0, 1.4
"""So many per cent of the weights choose the colour scale, whose end is at most so many times smaller; the few beyond are drawn in its
end's colour: a scale for the largest ones too would leave all others nearly black."""
BAR_WIDTH, BAR_HEIGHT = 76.0, 7.0
Entry = tuple[str, int, int]


class WeightMaps(KeepsKeys, Canvas):
    """Blocks of one gate. A press, or the arrow keys, choose an entry: ``entry_chosen`` follows."""

    kept_keys = ARROWS
    entry_chosen = QtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.blocks: dict[str, WeightBlock] = {}
        self.areas: dict[str, QRectF] = {}
        self.chosen: Entry | None = None
        self.followed_unit: int | None = None
        self.scale_end = 1.0
        self.is_beyond = False
        self.vector_ends: dict[str, tuple[float, float]] = {}
        self._bounds = StickyBounds()
        self._vector_bounds: dict[tuple[str, str], StickyBounds] = {}
        self._shapes: tuple[object, ...] = ()
        self.hint = "Press play: the weights are drawn here."
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    # Data

    def show_blocks(self, blocks: Mapping[str, WeightBlock], all_weights: list[np.ndarray]) -> None:
        """Draw ``blocks``, with colours that suit ``all_weights`` of the layer, so that another gate has the same ones."""
        self.blocks = dict(blocks)
        shapes = tuple((key, block.symbol, block.values.shape) for key, block in blocks.items())
        end = float(f"{10 ** self._bounds.update(-6.0, math.log10(color_end(all_weights)))[1]:.3g}")
        if self.chosen is not None and not self._is_there(self.chosen):
            self.chosen = None
        shown = [block.values for block in blocks.values() if block.source]
        is_beyond = any(bool((np.abs(values) > end).any()) for values in shown)
        self.vector_ends = {key: self._vector_end(block) for key, block in blocks.items() if not block.source}
        if (shapes, end, is_beyond) != (self._shapes, self.scale_end, self.is_beyond):
            self._shapes, self.scale_end, self.is_beyond = shapes, end, is_beyond
            self.reframe()
        else:
            self.refresh()

    def _vector_end(self, block: WeightBlock) -> tuple[float, float]:
        known = block.values[np.isfinite(block.values)].astype(np.float64)
        if not len(known):
            return -1.0, 1.0
        # Held for each gate: the forget gate's biases begin at 1, those of the others at 0.
        bounds = self._vector_bounds.setdefault((block.key, block.gate), StickyBounds())
        return vector_range(*bounds.update(float(known.min()), float(known.max())))

    def clear(self) -> None:
        """Forget the weights."""
        self._vector_bounds.clear()
        self.blocks, self.areas, self.chosen, self.followed_unit, self._shapes = {}, {}, None, None, ()
        self._bounds.reset()
        self.reframe()

    def is_empty(self) -> bool:
        return not self.blocks

    def follow(self, unit: int | None) -> None:
        """Mark the row and the column of ``unit``."""
        self.followed_unit = unit
        self.update()

    def choose(self, entry: Entry | None) -> None:
        """Choose an entry (key, row, column), silently."""
        self.chosen = entry
        self.update()

    def _is_there(self, entry: Entry) -> bool:
        key, row, column = entry
        return key in self.blocks and row < self.blocks[key].values.shape[0] and column < self.blocks[key].values.shape[1]

    # Where the blocks stand

    def _lay_out(self) -> dict[str, QRectF]:
        scale = self.text_scale
        room = QRectF(self.rect()).adjusted(PAD * scale, (6 + HEAD_LINE) * scale, -PAD * scale, -FOOT * scale)
        vectors = [key for key in self.blocks if not self.blocks[key].source and key != HEAD_BIAS]
        units, inputs = self.blocks[RECURRENT].values.shape[0], self.blocks[INPUT].values.shape[1]
        gap = GAP * scale
        vector_width = min(VECTOR_WIDTH * scale, 0.06 * room.width())
        for_vectors = len(vectors) * (vector_width + gap)
        has_head = HEAD in self.blocks and room.height() >= LEAST_HEIGHT_WITH_HEAD * scale
        outputs = self.blocks[HEAD].values.shape[0] if has_head else 0
        for_head = 0.0
        if has_head:
            least = min(max(outputs * LEAST_COLUMN * scale, 14 * scale), MOST_OF_HEIGHT * room.height())
            for_head = min(max(room.height() * outputs / (units + outputs), least), MOST_OF_HEIGHT * room.height())
        height = room.height() - (for_head + HEAD_LINE * scale if has_head else 0)
        share = inputs / (units + inputs)
        for_inputs = min(
            max(share * room.width(), min(inputs * LEAST_COLUMN * scale, 60 * scale), 22 * scale), MOST_OF_WIDTH * room.width()
        )
        width = min(room.width() - for_inputs - gap - for_vectors, WIDEST * height)
        if width < 8 or height < 8:
            return {}
        left = room.left()
        areas = {INPUT: _whole(left, room.top(), for_inputs, height)}
        left += for_inputs + gap
        areas[RECURRENT] = _whole(left, room.top(), width, height)
        x = left + width + gap
        for key in vectors:
            areas[key] = _whole(x, room.top(), vector_width, height)
            x += vector_width + gap
        if has_head:
            top = room.top() + height + HEAD_LINE * scale
            areas[HEAD] = _whole(left, top, width, for_head)
            areas[HEAD_BIAS] = _whole(left + width + gap, top, vector_width, for_head)
        return areas

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        if not self.blocks:
            return
        self.areas = self._lay_out()
        theme, scale = self.theme, self.text_scale
        for key, area in self.areas.items():
            block = self.blocks[key]
            baseline = QPointF(area.left(), area.top() - 10 * scale)
            lettering.draw_symbol(painter, baseline, block.letter, SYMBOL_SIZE * scale, theme.text, block.subscript)
        if RECURRENT not in self.areas:
            return
        area = self.areas[RECURRENT]
        count = self.blocks[RECURRENT].values.shape[0]
        words = f"{count} × {count}, rows: to, columns: from" if area.width() > 250 * scale else f"{count} × {count}"
        line = QRectF(area.left() + 34 * scale, area.top() - 24 * scale, area.width() - 34 * scale, 18 * scale)
        self.draw_text(painter, line, words, theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        self._draw_scale(painter)

    def _draw_scale(self, painter: QPainter) -> None:
        """The colour bar with its ends, at the foot."""
        theme, scale = self.theme, self.text_scale
        left = self.areas[INPUT].left()
        y = self.height() - FOOT * scale / 2
        low, high = f"{'≤ ' * self.is_beyond}{MINUS}{self.scale_end:g}", f"{'≥ ' * self.is_beyond}{self.scale_end:g}"
        widths = [self.text_width(text, SIZE_TICK) + 2 for text in (low, high)]
        self.draw_text(painter, QRectF(left, y - 9 * scale, widths[0], 18 * scale), low, theme.text_3, SIZE_TICK)
        bar = QRectF(left + widths[0] + 5 * scale, y - BAR_HEIGHT * scale / 2, BAR_WIDTH * scale, BAR_HEIGHT * scale)
        ramp = np.linspace(-1, 1, colormaps.COLORS)[np.newaxis]
        painter.drawImage(bar, colormaps.to_image(ramp, -1, 1, self._map_name, theme.raised))
        self.draw_text(painter, QRectF(bar.right() + 6 * scale, y - 9 * scale, widths[1], 18 * scale), high, theme.text_3, SIZE_TICK)

    def _draw_vector_ends(self, painter: QPainter) -> None:
        """The range of each vector, which has one of its own, below it or right of it, as far as there is room."""
        theme, scale = self.theme, self.text_scale
        y = self.height() - FOOT * scale / 2
        vectors = [key for key in self.areas if key in self.vector_ends and key != HEAD_BIAS]
        texts = [f"{self.blocks[key].symbol} {ends_text(*self.vector_ends[key])}" for key in vectors]
        line = ",  ".join(texts)
        right = self.width() - PAD * scale
        taken = self.areas[INPUT].left() + (BAR_WIDTH + 90) * scale
        if line and self.text_width(line, SIZE_TICK) + 2 <= right - taken:
            self.draw_text(
                painter, QRectF(taken, y - 9 * scale, right - taken, 18 * scale), line, theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight
            )

    @property
    def _map_name(self) -> str:
        return "berlin" if self.theme.is_dark else "vik"

    def draw_content(self, painter: QPainter) -> None:
        if INPUT in self.areas:
            self._draw_vector_ends(painter)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for key, area in self.areas.items():
            values = self.blocks[key].values
            rows, columns = _thinned(values.shape[0], area.height()), _thinned(values.shape[1], area.width())
            shown = values[np.ix_(rows, columns)].astype(np.float64)
            low, high = self.vector_ends.get(key, (-self.scale_end, self.scale_end))
            name = "viridis" if low * high >= 0 else self._map_name
            painter.drawImage(area, colormaps.to_image(shown, low, high, name, self.theme.ghost))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.line), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(-1, -1, 0, 0))

    def draw_overlay(self, painter: QPainter) -> None:
        if RECURRENT not in self.areas:
            return
        if self.followed_unit is not None:
            self._draw_followed(painter, self.followed_unit)
        if self.chosen is not None and self.chosen[0] in self.areas:
            box = self.cell_rect(self.chosen)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width, out in ((self.theme.panel, 4.0, 2.0), (self.theme.accent, 2.0, 2.0)):
                painter.setPen(QPen(QColor(color), width))
                painter.drawRect(box.adjusted(-out, -out, out, out))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3.5, 3.5, -3.5, -3.5), 4, 4)
        entry = None if self.hover is None else self.entry_at(self.hover)
        if entry is not None and self.hover is not None:
            block = self.blocks[entry[0]]
            draw_readout(self, painter, self.hover, [(block.title(*entry[1:]), value_text(self.value_of(entry), 3), "")])

    def _draw_followed(self, painter: QPainter, unit: int) -> None:
        """Accent arrows at the unit's row and column."""
        block, area = self.blocks[RECURRENT], self.areas[RECURRENT]
        if unit >= block.values.shape[0]:
            return
        box = self.cell_rect((RECURRENT, unit, unit)).center()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.accent))
        x, y, size = area.left() - 2, box.y(), 4.0
        painter.drawPolygon([QPointF(x, y), QPointF(x - size - 1, y - size), QPointF(x - size - 1, y + size)])
        x, y = box.x(), area.top() - 2
        painter.drawPolygon([QPointF(x, y), QPointF(x - size, y - size - 1), QPointF(x + size, y - size - 1)])

    # Entries

    def value_of(self, entry: Entry) -> float:
        """The value of an entry."""
        return float(self.blocks[entry[0]].values[entry[1], entry[2]])

    def cell_rect(self, entry: Entry) -> QRectF:
        """Where an entry stands, in pixels."""
        key, row, column = entry
        area, (rows, columns) = self.areas[key], self.blocks[key].values.shape
        width, height = area.width() / columns, area.height() / rows
        return QRectF(area.left() + column * width, area.top() + row * height, width, height)

    def entry_at(self, at: QPointF) -> Entry | None:
        """The entry under a point of the widget."""
        for key, area in self.areas.items():
            if area.contains(at):
                rows, columns = self.blocks[key].values.shape
                row = min(int((at.y() - area.top()) / area.height() * rows), rows - 1)
                return key, row, min(int((at.x() - area.left()) / area.width() * columns), columns - 1)
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        entry = self.entry_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if entry is not None:
            self.choose(entry)
            self.entry_chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ARROWS or RECURRENT not in self.areas:
            super().keyPressEvent(event)
            return
        self.choose((RECURRENT, 0, 0) if self.chosen is None else self._beside(self.chosen, event.key()))
        self.entry_chosen.emit()

    def _beside(self, entry: Entry, key: int) -> Entry:
        """The next entry in the direction of an arrow key; beyond an edge the nearest of the next block; at the last edge the same."""
        block, row, column = entry
        rows, columns = self.blocks[block].values.shape
        down = (key == Qt.Key.Key_Down) - (key == Qt.Key.Key_Up)
        right = (key == Qt.Key.Key_Right) - (key == Qt.Key.Key_Left)
        if 0 <= row + down < rows and 0 <= column + right < columns:
            return block, row + down, column + right
        box = self.cell_rect(entry).center()
        beyond = []
        for other, area in self.areas.items():
            here = self.areas[block]
            is_beside = bool(right) and (area.left() - here.left()) * right > 0 and area.top() <= box.y() <= area.bottom()
            is_below = bool(down) and (area.top() - here.top()) * down > 0 and area.left() <= box.x() <= area.right()
            if other != block and (is_beside or is_below):
                beyond.append((abs(area.left() - here.left()) + abs(area.top() - here.top()), other))
        if not beyond:
            return entry
        area = self.areas[min(beyond)[1]]
        inside = QPointF(min(max(box.x(), area.left() + 0.5), area.right() - 0.5), min(max(box.y(), area.top() + 0.5), area.bottom() - 0.5))
        return self.entry_at(inside) or entry


def color_end(matrices: list[np.ndarray]) -> float:
    """The size of a weight that has the last colour of the scale, the same in all ``matrices``; in steps of 1, 2, 5, that jump rarely."""
    return nice_step(max(inner_size(matrices, INNER_PERCENT) / ROUNDED_DOWN, 1e-6), 1)


def inner_size(matrices: list[np.ndarray], percent: float) -> float:
    """The size that ``percent`` of all their finite entries do not exceed; 1 where there is none."""
    sizes = np.abs(np.concatenate([weights.ravel() for weights in matrices])).astype(np.float64)
    sizes = sizes[np.isfinite(sizes)]
    return float(np.percentile(sizes, percent)) if len(sizes) else 1.0


def vector_range(low: float, high: float) -> tuple[float, float]:
    """Ends of the colours of values from ``low`` to ``high``, rounded outwards: about 0 where both signs occur."""
    if low < 0 < high:
        high = nice_step(max(-low, high), 1)
        return -high, high
    step = nice_step(max(high - low, 0.01 * max(abs(low), abs(high)), 1e-6), 2)
    return step * math.floor(low / step + 1e-9), step * max(math.ceil(high / step - 1e-9), math.floor(low / step + 1e-9) + 1)


def ends_text(low: float, high: float) -> str:
    """±0.2; 0.98…1.02."""
    return f"±{high:.3g}" if low == -high else f"{low:.3g}…{high:.3g}".replace("-", MINUS)


def _whole(left: float, top: float, width: float, height: float) -> QRectF:
    """On whole pixels, at least one."""
    return QRectF(round(left), round(top), max(1, round(width)), max(1, round(height)))


def _thinned(size: int, pixels: float) -> np.ndarray:
    """Indices of ``size`` rows or columns that fit on ``pixels``: all of them, or evenly spread ones."""
    shown = min(size, max(1, round(pixels)))
    return ((np.arange(shown) + 0.5) * (size / shown)).astype(np.intp)
