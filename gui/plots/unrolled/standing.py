"""Draws what of the unrolled network stands: the symbols and labels at its left; and words that say what thickness means."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.plots import lettering
from gui.plots.unrolled.bands import Kind, Row
from gui.plots.unrolled.cells_row import LEAST_GATES_WIDTH
from gui.plots.unrolled.lens import Lens
from gui.theme import SIZE_TICK

if TYPE_CHECKING:
    from gui.plots.unrolled.unrolled_plot import UnrolledPlot

FORWARD_CAPTION = "forward: thickness = size of the state"
BACKWARD_CAPTION = "backward: thickness = log of the gradient"
SYMBOL, SMALL_SYMBOL, LEAST_SYMBOL = 17.0, 14.0, 16.0
GATE_SYMBOL_PITCH = 14.0


def draw_standing(painter: QPainter, plot: "UnrolledPlot") -> None:
    """The symbols at the left."""
    theme, scale, lens = plot.theme, plot.text_scale, plot.lens
    has_many = len({row.band.layer for row in plot.rows if row.band.layer >= 0}) > 1
    for row in plot.rows:
        kind = row.band.kind
        if kind is Kind.CELLS:
            middles = plot.plan(row).belts
            room = (middles[-1] - middles[0]) / scale if len(middles) > 1 else SYMBOL
            for belt, y in zip(plot.belts_in(row), middles, strict=True):
                pixels = SYMBOL if row.band.layer == plot.chosen else SMALL_SYMBOL
                _draw_symbol(painter, plot, belt.symbol, theme.tone(belt.role).text, y, min(pixels, room + 1))
            _draw_gate_symbols(painter, plot, row)
            if has_many:
                _draw_layer_label(painter, plot, plot.layers[row.band.layer].label, (middles[0] + middles[-1]) / 2)
        elif kind is Kind.INPUTS:
            _draw_symbol(painter, plot, "x", theme.accent, row.bottom - 9 * scale, SYMBOL)
        elif kind is Kind.ANSWERS:
            half = row.height / 2 if row.height >= 30 * scale else row.height
            _draw_symbol(painter, plot, "ŷ", theme.text, row.top + half / 2, SMALL_SYMBOL)
            if half < row.height:
                box = QRectF(2, row.top + half, lens.left - 12 * scale, half)
                plot.draw_text(painter, box, "target", theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
    for lane, belt in plot.lanes():
        _draw_symbol(painter, plot, belt.symbol, theme.tone(belt.role).text, lane.middle, min(SMALL_SYMBOL, lane.height / scale + 1))
        if has_many and belt is plot.layers[lane.band.layer].gradients[0]:
            _draw_layer_label(painter, plot, plot.layers[lane.band.layer].label, lane.middle)


def caption(plot: "UnrolledPlot", kind: Kind) -> str:
    """What thickness means, and where the gradient is cut."""
    if kind is Kind.FORWARD_CAPTION:
        return FORWARD_CAPTION
    cuts = any(layer.cuts for layer in plot.layers)
    every = "at every step" if plot.truncate == 1 else f"every {plot.truncate} steps"
    return f"{BACKWARD_CAPTION}{f', cut {every}' if cuts else ''}"


def _draw_symbol(painter: QPainter, plot: "UnrolledPlot", symbol: str, color: str, y: float, pixels: float) -> None:
    scale = plot.text_scale
    painter.setFont(lettering.mathematical(pixels * scale))
    painter.setPen(QColor(color))
    left = plot.symbol_left
    painter.drawText(QRectF(left * scale, y - 14 * scale, 30 * scale, 26 * scale), int(Qt.AlignmentFlag.AlignVCenter), symbol)


def _draw_gate_symbols(painter: QPainter, plot: "UnrolledPlot", row: Row) -> None:
    """The symbols of the bars in the cells, in the bars' order and colours."""
    plan, scale, theme = plot.plan(row), plot.text_scale, plot.theme
    strip = plan.gates
    widest = Lens(plot.seq_len, plot.seq_len // 2, plot.lens.left, plot.lens.width).widths.max()
    if strip is None or strip.height() < LEAST_SYMBOL * scale or widest < LEAST_GATES_WIDTH:
        return
    painter.setFont(lettering.mathematical(min(SMALL_SYMBOL * scale, 0.75 * strip.height())))
    for k, gate in enumerate(plot.layers[row.band.layer].gates):
        painter.setPen(QColor(theme.tone(gate.signal.role).text))
        left = (plot.symbol_left + GATE_SYMBOL_PITCH * k) * scale
        if left + 8 * scale < plot.lens.left:
            painter.drawText(QPointF(left, strip.bottom() - 0.5 * (strip.height() - 9 * scale)), gate.signal.symbol)


def _draw_layer_label(painter: QPainter, plot: "UnrolledPlot", label: str, y: float) -> None:
    scale = plot.text_scale
    box = QRectF(4 * scale, y - 9 * scale, (plot.symbol_left - 4) * scale, 18 * scale)
    plot.draw_text(painter, box, label, plot.theme.text_2, SIZE_TICK)
