"""How far each matrix moved in the last update, as a share of itself: bars on a log axis, with the zone that is sane."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.curves import blend
from gui.plots.lettering import draw_symbol, symbol_width, words_and_symbol
from gui.plots.marks import draw_dot, draw_readout
from gui.plots.numbers import value_text
from gui.plots.scales import LogScale
from gui.theme import SIZE_BODY, SIZE_TICK, Theme

SCALE = LogScale(1e-7, 1.0)
SANE = (1e-4, 1e-2)
SANE_MIDDLE = 1e-3
ZONES = ((SANE[0], SANE[1], "sane", True), (3e-2, 1.0, "reckless", False), (3e-7, 3e-5, "hardly moves", False))
HEAD, FOOT, PAD, LEAST_ROW, MOST_ROW = 30.0, 22.0, 14.0, 15.0, 110.0
FIGURE_WIDTH = 54.0
LEGEND_ROOM, ROW_WITH_LEGEND = 50.0, 24.0
ROW_WITH_BODY = 30.0
"""From this height on, names and figures are written larger."""
SYMBOL_GROWTH, SYMBOL_SHARE = 1.35, 0.85
"""The serif of symbols is smaller than the letters beside it; a symbol takes so much of its row at most."""
LINE_SHARE, LEAST_LINE, MOST_LINE = 0.08, 2.0, 8.0
"""A bar's thickness: as a share of its row, and in pixels."""
LEGEND = (
    "‖Δθ‖ / ‖θ‖: how far the last update moved each matrix, as a share of itself.",
    "About 10⁻³ is sane; 0.1 is reckless; 10⁻⁶ hardly moves.",
)
RIGHT, CENTER = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True)
class Ratio:
    """One bar: its name, and the ratio, NaN where there is none."""

    name: str
    value: float


def short_names(names: list[str]) -> dict[str, str]:
    """Canonical name -> what stands beside its bar: "W_hh", with several layers "2 ← W_hh", "enc 1 W_xh"."""
    words = {"W_x": "W_xh", "W_h": "W_hh", "head.W": "W_hy", "head.b": "b_y", "start.W": "start W", "start.b": "start b"}
    layers = {name.rpartition(".")[0] for name in names if "layers." in name}
    short = {}
    for name in names:
        prefix, _, last = name.rpartition(".")
        if name in words or "layers." not in name:
            short[name] = words.get(name, name)
            continue
        number = int(prefix.partition("layers.")[2].split(".")[0]) + 1
        place = f"{'enc ' if prefix.startswith('encoder') else ''}{number}{' ←' if prefix.endswith('backward') else ''} "
        short[name] = (place if len(layers) > 1 else "") + words.get(last, last)
    return short


class RatioBars(Canvas):
    """Horizontal bars, one a parameter; where not all have room matrices come first, and a line says how many are left out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.ratios: list[Ratio] = []
        self._names: tuple[str, ...] = ()
        self.hint = "Press play: how far each matrix moves is drawn here."

    def show_ratios(self, ratios: Mapping[str, float]) -> None:
        """Draw ratios by canonical name."""
        short = short_names(list(ratios))
        # Matrices first: biases are few and small.
        order = sorted(ratios, key=lambda name: not name.rpartition(".")[2].startswith("W"))
        self.ratios = [Ratio(short[name], ratios[name]) for name in order]
        names = tuple(ratio.name for ratio in self.ratios)
        if names != self._names:
            self._names = names
            self.reframe()
        else:
            self.refresh()

    def clear(self) -> None:
        """Forget the bars."""
        self.ratios, self._names = [], ()
        self.refresh()

    def is_empty(self) -> bool:
        return not self.ratios

    # Where things stand

    def shown(self) -> list[Ratio]:
        """Those that have room."""
        most = max(1, int(self._room().height() / (LEAST_ROW * self.text_scale)))
        return self.ratios if len(self.ratios) <= most else self.ratios[: max(1, most - 1)]

    def _room(self) -> QRectF:
        scale = self.text_scale
        return QRectF(self.rect()).adjusted(PAD * scale, HEAD * scale, -PAD * scale, -FOOT * scale)

    def track_rect(self) -> QRectF:
        """Where the bars run, in pixels."""
        room, scale = self._room(), self.text_scale
        names = max((self._name_width(ratio.name) for ratio in self.ratios), default=0.0) + 8 * scale
        figures = FIGURE_WIDTH * scale * self._text_size / SIZE_TICK
        return room.adjusted(min(names, 0.4 * room.width()), 0, -figures, 0)

    @property
    def _text_size(self) -> int:
        return SIZE_BODY if self._row_height() >= ROW_WITH_BODY * self.text_scale else SIZE_TICK

    def _symbol_pixels(self) -> float:
        return min(SYMBOL_GROWTH * self._text_size * self.text_scale, SYMBOL_SHARE * self._row_height())

    def _name_width(self, name: str) -> float:
        words, symbol = words_and_symbol(name)
        width = self.text_width(words, self._text_size)
        return width if symbol is None else width + symbol_width(symbol[0], self._symbol_pixels(), symbol[1])

    def _row_height(self) -> float:
        rows = len(self.shown()) + (len(self.shown()) < len(self.ratios))
        height, legend = self._room().height(), LEGEND_ROOM * self.text_scale
        # The words below stay where there is room for them too.
        height -= legend if height - legend >= ROW_WITH_LEGEND * self.text_scale * rows else 0.0
        return min(height / max(1, rows), MOST_ROW * self.text_scale)

    def x_of(self, value: float) -> float:
        """Pixels from the left; beyond the axis its end."""
        track = self.track_rect()
        fraction = float(SCALE.fraction(np.array(value))) if value > 0 else 0.0
        return track.left() + min(max(fraction, 0.0), 1.0) * track.width()

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        if not self.ratios:
            return
        theme, scale, track = self.theme, self.text_scale, self.track_rect()
        if track.width() < 20 or track.height() < 10:
            return
        rows = self._row_height() * (len(self.shown()) + (len(self.shown()) < len(self.ratios)))
        bottom = track.top() + rows
        left, right = self.x_of(SANE[0]), self.x_of(SANE[1])
        painter.fillRect(QRectF(left, track.top() - 2, right - left, rows + 4), blend(theme.ok, theme.panel, 0.14))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for value, text in SCALE.ticks(track.width(), 40 * scale):
            x = round(self.x_of(value))
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QLineF(x, track.top(), x, bottom))
            width = self.text_width(text, SIZE_TICK) + 2
            self.draw_text(painter, QRectF(x - width / 2, bottom + 3 * scale, width, 16 * scale), text, theme.text_3, SIZE_TICK, CENTER)
        middle = round(self.x_of(SANE_MIDDLE))
        pen = QPen(QColor(theme.ok), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QLineF(middle, track.top() - 2, middle, bottom + 2))
        self._draw_zones(painter, track)
        y = bottom + 28 * scale
        for words in LEGEND:
            if y + 18 * scale <= self.height() and self.text_width(words, SIZE_TICK) <= self._room().width():
                self.draw_text(painter, QRectF(self._room().left(), y, self._room().width(), 16 * scale), words, theme.text_3, SIZE_TICK)
                y += 18 * scale

    def _draw_zones(self, painter: QPainter, track: QRectF) -> None:
        """What to think of an update of that size, above the bars; "sane" always has its word."""
        scale = self.text_scale
        taken: list[QRectF] = []
        for low, high, words, is_sane in ZONES:
            middle, width = (self.x_of(low) + self.x_of(high)) / 2, self.text_width(words, SIZE_TICK) + 2
            left = min(max(middle - width / 2, 2.0), self.width() - width - 2)
            box = QRectF(left, track.top() - 20 * scale, width, 16 * scale)
            if not any(box.adjusted(-6 * scale, 0, 6 * scale, 0).intersects(other) for other in taken):
                self.draw_text(painter, box, words, self.theme.ok if is_sane else self.theme.text_3, SIZE_TICK, CENTER)
                taken.append(box)

    def draw_content(self, painter: QPainter) -> None:
        theme, scale, track = self.theme, self.text_scale, self.track_rect()
        row = self._row_height()
        for k, ratio in enumerate(self.shown()):
            line = QRectF(self._room().left(), track.top() + k * row, self._room().width(), row)
            self._draw_name(painter, ratio.name, QRectF(line.left(), line.top(), track.left() - line.left() - 8 * scale, row))
            self.draw_text(painter, line, value_text(ratio.value), theme.text, self._text_size, RIGHT)
            if not ratio.value > 0 or track.width() < 20:
                continue
            end, color = self.x_of(ratio.value), theme.accent
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            thickness = min(max(LINE_SHARE * row, LEAST_LINE), MOST_LINE * scale)
            painter.setPen(QPen(QColor(color), thickness, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawLine(QLineF(track.left(), line.center().y(), max(end, track.left() + 1), line.center().y()))
            draw_dot(painter, QPointF(end, line.center().y()), color, theme.panel, 3.0 + thickness / 2)
        hidden = len(self.ratios) - len(self.shown())
        if hidden:
            line = QRectF(self._room().left(), track.top() + len(self.shown()) * row, self._room().width(), row)
            self.draw_text(painter, line, f"and {hidden} more, in the table", theme.text_3, SIZE_TICK)

    def _draw_name(self, painter: QPainter, name: str, box: QRectF) -> None:
        """A parameter's name, right-aligned in ``box``, with the symbol of the equations."""
        words, symbol = words_and_symbol(name)
        color, size, pixels = self.theme.text_2, self._text_size, self._symbol_pixels()
        if symbol is None or self._name_width(name) > box.width():
            self.draw_text(painter, box, name, color, size, RIGHT)
            return
        left = box.right() - self._name_width(name)
        self.draw_text(painter, QRectF(left, box.top(), box.right() - left, box.height()), words, color, size)
        baseline = QPointF(left + self.text_width(words, size), box.center().y() + 0.32 * pixels)
        draw_symbol(painter, baseline, symbol[0], pixels, color, symbol[1])

    def draw_overlay(self, painter: QPainter) -> None:
        if self.hover is None:
            return
        number = math.floor((self.hover.y() - self.track_rect().top()) / max(self._row_height(), 1.0))
        if 0 <= number < len(self.shown()):
            ratio = self.shown()[number]
            rows = [(ratio.name, value_text(ratio.value, 3), ""), ("of itself, in the last update", "", "")]
            draw_readout(self, painter, self.hover, rows)
        else:
            draw_readout(self, painter, self.hover, [(LEGEND[1], "", "")])
