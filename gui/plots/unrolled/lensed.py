"""Draws what of the unrolled network moves with the lens alone: outlines of the cells, inputs, axis. Kept as a picture while it stands."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.snapshot import Trace
from gui.plots.scales import nice_step
from gui.plots.unrolled.bands import Kind, Row, Show
from gui.plots.unrolled.cells_row import draw_boxes
from gui.plots.unrolled.input_strip import draw_inputs
from gui.plots.unrolled.lens import Lens
from gui.plots.unrolled.places import Places
from gui.plots.unrolled.standing import caption
from gui.theme import SIZE_TICK, WEIGHT_TITLE

if TYPE_CHECKING:
    from gui.plots.unrolled.unrolled_plot import UnrolledPlot

TICK_SPACING = 38.0
LEAST_CUT_DISTANCE = 4.0
CENTERED = Qt.AlignmentFlag.AlignHCenter


def draw_lensed(painter: QPainter, plot: "UnrolledPlot", trace: Trace) -> None:
    """All that depends on the lens but on no number of the network, from back to front."""
    lens, rows = plot.lens, plot.rows
    if not rows:
        return
    _draw_wash(painter, plot, lens)
    for row in rows:
        if row.band.kind in (Kind.FORWARD_CAPTION, Kind.BACKWARD_CAPTION):
            box = QRectF(lens.left, row.top, plot.width() - lens.left - 6, row.height)
            plot.draw_text(painter, box, caption(plot, row.band.kind), plot.theme.text_2, SIZE_TICK)
    for row in plot.rows_of(Kind.CELLS):
        box = plot.plan(row).box
        draw_boxes(painter, plot.theme, lens, box)
        if plot.show_what is Show.BACKWARD:
            _draw_cuts(painter, plot, lens, visible_cuts(lens, plot.layers[row.band.layer].cuts), box.top(), box.bottom())
    for row in plot.rows_of(Kind.INPUTS):
        draw_inputs(painter, plot, lens, QRectF(lens.left, row.top, lens.width, row.height), trace)
    for row, _ in plot.lanes():
        _draw_bed(painter, plot, lens, row.middle)
        _draw_cuts(painter, plot, lens, visible_cuts(lens, plot.layers[row.band.layer].cuts), row.top, row.bottom)
    for row in plot.rows_of(Kind.AXIS):
        _draw_axis(painter, plot, lens, row)


def visible_cuts(lens: Lens, cuts: tuple[int, ...]) -> tuple[int, ...]:
    """Of the cuts those that lie far enough apart on screen to be told from each other."""
    shown: list[int] = []
    last = lens.left
    for cut in cuts:
        x = float(lens.edges[cut])
        if x - last >= LEAST_CUT_DISTANCE:
            shown.append(cut)
            last = x
    return tuple(shown)


def _draw_wash(painter: QPainter, plot: "UnrolledPlot", lens: Lens) -> None:
    if lens.cursor is None:
        return
    left, right = float(lens.edges[lens.cursor]), float(lens.edges[lens.cursor + 1])
    widened = max(0.0, 3.0 - (right - left)) / 2
    box = QRectF(left - widened, plot.rows[0].top, right - left + 2 * widened, plot.rows[-1].bottom - plot.rows[0].top)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(plot.theme.accent_wash))
    painter.drawRoundedRect(box, 4, 4)


def _draw_bed(painter: QPainter, plot: "UnrolledPlot", lens: Lens, y: float) -> None:
    """A thin line where a gradient would come back: to be seen where none does."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(plot.theme.line_2), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QLineF(lens.left, round(y), lens.left + lens.width, round(y)))


def _draw_cuts(painter: QPainter, plot: "UnrolledPlot", lens: Lens, cuts: tuple[int, ...], top: float, bottom: float) -> None:
    if not cuts:
        return
    pen = QPen(QColor(plot.theme.warn), 1)
    pen.setDashPattern([3, 2])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen)
    painter.drawLines([QLineF(round(lens.edges[cut]), top, round(lens.edges[cut]), bottom) for cut in cuts])


def _draw_axis(painter: QPainter, plot: "UnrolledPlot", lens: Lens, row: Row) -> None:
    """The time cursor's pill, and ticks at round steps where there is room."""
    theme, scale = plot.theme, plot.text_scale
    places = Places(0.0, float(plot.width()))
    height = 16 * scale
    if lens.cursor is not None:
        text = f"t = {lens.cursor + 1}"
        width = plot.text_width(text, SIZE_TICK, WEIGHT_TITLE) + 12 * scale
        left = places.take(float(lens.middles[lens.cursor]), width)
        if left is not None:
            pill = QRectF(left, row.middle - height / 2, width, height)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_fill))
            painter.drawRoundedRect(pill, height / 2, height / 2)
            plot.draw_text(painter, pill, text, theme.on_accent, SIZE_TICK, CENTERED, WEIGHT_TITLE)
    every = max(1, round(nice_step(max(plot.seq_len - 1, 1), lens.width / (TICK_SPACING * scale))))
    for tick in dict.fromkeys((1, plot.seq_len, *range(every, plot.seq_len, every))):
        text = str(tick)
        width = plot.text_width(text, SIZE_TICK) + 1
        left = places.take(float(lens.middles[tick - 1]), width)
        if left is not None:
            box = QRectF(left, row.middle - height / 2, width, height)
            plot.draw_text(painter, box, text, theme.text_3, SIZE_TICK, CENTERED)
