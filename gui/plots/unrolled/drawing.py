"""Draws what of the unrolled network changes with the data and the walk."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from core.snapshot import Trace
from gui.plots import lettering
from gui.plots.curves import blend
from gui.plots.numbers import shorter_texts, value_text
from gui.plots.unrolled.bands import Kind, Row, Show
from gui.plots.unrolled.belt_picture import HAIRLINE, draw_belt
from gui.plots.unrolled.belts import Belt, draw_chevrons
from gui.plots.unrolled.cells_row import FAINT, CellsPlan, draw_chosen_box, draw_gates, draw_head
from gui.plots.unrolled.input_strip import LabelRow, draw_labels
from gui.plots.unrolled.lens import Lens
from gui.plots.unrolled.lensed import visible_cuts
from gui.plots.unrolled.standing import SYMBOL, caption
from gui.theme import SIZE_EMPHASIS, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE
from gui.walk import Phase

if TYPE_CHECKING:
    from gui.plots.unrolled.unrolled_plot import UnrolledPlot

READS, WRITES = "reads", "writes"
LEAST_NUMBER_WIDTH = 34.0
FIRST_NUMBER_LEFT = 28.0
HEAD_RADIUS = 7.0
RIGHT_ALIGNED, CENTERED = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


def draw_moving(painter: QPainter, plot: "UnrolledPlot", trace: Trace) -> None:
    """All that changes with the data and the walk, from back to front, over what moves with the lens alone."""
    lens, rows = plot.lens, plot.rows
    if not rows:
        return
    for row in plot.rows_of(Kind.CELLS):
        _draw_cells(painter, plot, lens, row)
    for row in plot.rows_of(Kind.ANSWERS):
        _draw_answers(painter, plot, lens, row)
    for row, belt in plot.lanes():
        cuts = visible_cuts(lens, plot.layers[row.band.layer].cuts)
        _draw_belt(painter, plot, lens, belt, row.middle, plot.lane_most(row), cuts)
        _draw_end_numbers(painter, plot, lens, belt, row.middle)
    _draw_boundary(painter, plot, lens, trace.decoder_start)
    if not plot.answers.is_each_step and plot.show_what is not Show.BACKWARD:
        _draw_last_answer(painter, plot, lens)


def _draw_cells(painter: QPainter, plot: "UnrolledPlot", lens: Lens, row: Row) -> None:
    plan, theme = plot.plan(row), plot.theme
    layer = plot.layers[row.band.layer]
    is_gradient = plot.show_what is Show.BACKWARD
    cuts = visible_cuts(lens, layer.cuts) if is_gradient else ()
    if plan.gates is not None:
        draw_gates(painter, plot, lens, plan.gates, layer.gates, plot.seen(layer.states[0]))
    belts = plot.belts_in(row)
    for belt, y in zip(belts, plan.belts, strict=True):
        _draw_belt(painter, plot, lens, belt, y, plan.most, cuts)
        if is_gradient:
            _draw_end_numbers(painter, plot, lens, belt, y)
    draw_chosen_box(painter, theme, lens, plan.box)
    if not is_gradient and row.band.layer == plot.chosen:
        _draw_sizes_at_lens(painter, plot, lens, plan, belts)


def _draw_sizes_at_lens(painter: QPainter, plot: "UnrolledPlot", lens: Lens, plan: CellsPlan, belts: tuple[Belt, ...]) -> None:
    """The states' sizes as numbers in the cell under the lens, above the upper belt and below the lower one."""
    scale, step = plot.text_scale, lens.cursor
    if step is None or plan.gates is None or lens.widths[step] < LEAST_NUMBER_WIDTH * scale:
        return
    left, width, height = float(lens.edges[step]), float(lens.widths[step]), 13 * scale
    for k, (belt, y) in enumerate(zip(belts, plan.belts, strict=True)):
        thickness = plot.drawn_thickness(belt, plan.most)[step]
        half = max(float(thickness), HAIRLINE) / 2 if np.isfinite(thickness) else 0.0
        if plot.walk.phase is Phase.FORWARD and plot.walk.step == step:
            half = max(half, head_radius(plot, plan.most))
        is_above = k == 0 and len(belts) > 1
        top = y - half - height if is_above else y + half + 1
        box = QRectF(left + 1, top, width - 2, height)
        if plan.box.top() < box.top() and box.bottom() < plan.box.bottom() - 1:
            first, end = plot.seen(belt)
            text = value_text(float(belt.norms[step]), 3) if first <= step < end else "…"
            plot.draw_text(painter, box, text, plot.theme.tone(belt.role).text, SIZE_TICK, CENTERED)


def _draw_belt(painter: QPainter, plot: "UnrolledPlot", lens: Lens, belt: Belt, y: float, most: float, cuts: tuple[int, ...]) -> None:
    theme, thickness = plot.theme, plot.drawn_thickness(belt, most)
    mark = theme.tone(belt.role).mark
    first, end = plot.seen(belt)
    spans = [(float(lens.edges[first]), float(lens.edges[end]))] if first < end else []
    if (first, end) != (0, plot.seq_len):
        draw_belt(painter, lens.edges, y, thickness, blend(mark, theme.panel, FAINT), cuts)
        if not spans:
            return
        painter.save()
        painter.setClipRect(QRectF(spans[0][0], y - most, spans[0][1] - spans[0][0], 2 * most))
        draw_belt(painter, lens.edges, y, thickness, QColor(mark), cuts)
        painter.restore()
    else:
        draw_belt(painter, lens.edges, y, thickness, QColor(mark), cuts)
    if belt.is_gradient or belt.is_backward:
        draw_chevrons(painter, lens, (first, end), y, thickness, (mark, theme.panel), belt.runs_left)
    is_in_phase = plot.walk.phase is (Phase.BACKWARD if belt.is_gradient else Phase.FORWARD)
    if is_in_phase and plot.walk.seq_len == plot.seq_len:
        x = spans[0][0] if belt.runs_left else spans[0][1]
        radius = head_radius(plot, most)
        draw_head(painter, theme, QPointF(min(max(x, lens.left + 2), lens.left + lens.width - 2), y), belt.runs_left, radius)


def head_radius(plot: "UnrolledPlot", most: float) -> float:
    """Of the head that runs along a belt of at most ``most`` pixels."""
    return min(HEAD_RADIUS * plot.text_scale, max(5.0, most / 2))


def _draw_end_numbers(painter: QPainter, plot: "UnrolledPlot", lens: Lens, belt: Belt, y: float) -> None:
    """The gradient's size at the first step and at the last, beside the ends of its belt; none where the walk has not come yet."""
    scale = plot.text_scale
    first, end = plot.seen(belt)
    if end == plot.seq_len and first < end:
        box = QRectF(lens.left + lens.width + 8 * scale, y - 9 * scale, plot.width() - lens.left - lens.width - 9 * scale, 18 * scale)
        plot.draw_text(painter, box, value_text(float(belt.norms[-1])), plot.theme.text_2, SIZE_TICK)
    if first == 0 < end:
        _draw_first_number(painter, plot, lens, belt, y)


def _draw_first_number(painter: QPainter, plot: "UnrolledPlot", lens: Lens, belt: Belt, y: float) -> None:
    """How much comes back to the first step, left of the belt; where there is no room above its thin end: it matters most when small."""
    scale, texts = plot.text_scale, shorter_texts(float(belt.norms[0]))
    room = 0.0 if plot.is_narrow else lens.left - (plot.symbol_left + FIRST_NUMBER_LEFT) * scale
    text = next((text for text in texts if plot.text_width(text, SIZE_TICK) <= room), None)
    if text is not None:
        box = QRectF(0, y - 9 * scale, lens.left - 6 * scale, 18 * scale)
        plot.draw_text(painter, box, text, plot.theme.text_2, SIZE_TICK, RIGHT_ALIGNED)
    else:
        at = QPointF(lens.left + 3 * scale, y - 14 * scale)
        lettering.draw_halo_text(painter, at, texts[-1], plot.text_font(SIZE_TICK), plot.theme.text_2, plot.theme.panel)


def _draw_boundary(painter: QPainter, plot: "UnrolledPlot", lens: Lens, start: int | None) -> None:
    """Where the encoder ends and the decoder begins."""
    if not start:
        return
    theme, scale, x = plot.theme, plot.text_scale, float(lens.edges[start])
    drawn = [row for row in plot.rows if row.band.kind in (Kind.CELLS, Kind.GRADIENTS)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.text_2), 2))
    for row in drawn:
        painter.drawLine(QPointF(round(x), row.top), QPointF(round(x), row.bottom))
    captions = [row for row in plot.rows if row.band.kind in (Kind.FORWARD_CAPTION, Kind.BACKWARD_CAPTION)]
    if not captions:
        return
    row = captions[0]
    end_of_caption = lens.left + plot.text_width(caption(plot, row.band.kind), SIZE_TICK) + 12 * scale
    reads, writes = (plot.text_width(text, SIZE_TICK) + 2 for text in (READS, WRITES))
    if x - 8 * scale - reads >= end_of_caption:
        box = QRectF(x - 8 * scale - reads, row.top, reads, row.height)
        plot.draw_text(painter, box, READS, theme.text_2, SIZE_TICK)
    if x + 8 * scale >= end_of_caption and x + 8 * scale + writes < plot.width():
        plot.draw_text(painter, QRectF(x + 8 * scale, row.top, writes, row.height), WRITES, theme.text_2, SIZE_TICK)


def _draw_answers(painter: QPainter, plot: "UnrolledPlot", lens: Lens, row: Row) -> None:
    """What is answered at each step, and what is right, near the lens."""
    first, end = plot.seen(plot.layers[-1].states[0])
    given = tuple(text if first <= step < end else "" for step, text in enumerate(plot.answers.given))
    half = row.height / 2 if row.height >= 30 * plot.text_scale else row.height
    rows = [LabelRow(given, row.top + half / 2, plot.theme.text)]
    if half < row.height:
        rows.append(LabelRow(plot.answers.wanted, row.top + 1.5 * half, plot.theme.text_2))
    draw_labels(painter, plot, lens, rows)


def _draw_last_answer(painter: QPainter, plot: "UnrolledPlot", lens: Lens) -> None:
    """The one answer at the end: an arrow out of the top layer, the answer, what would be right."""
    rows = plot.rows_of(Kind.CELLS)
    if not rows or not plot.answers.given:
        return
    theme, scale = plot.theme, plot.text_scale
    row = next((row for row in rows if not plot.belts_in(row)[0].is_backward), rows[0])
    plan, belts = plot.plan(row), plot.belts_in(row)
    y, end = plan.belts[-1], lens.left + lens.width
    thickness = float(np.nan_to_num(plot.drawn_thickness(belts[-1], plan.most)[-1]))
    is_there = plot.seen(belts[-1])[1] == plot.seq_len
    color = QColor(theme.hidden.mark) if is_there else blend(theme.hidden.mark, theme.panel, FAINT)
    half, head = max(thickness, HAIRLINE) / 2, max(thickness / 2 + 3, 5.0)
    shaft, tip = end + 12 * scale, end + 12 * scale + 1.4 * head
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRect(QRectF(end, y - half, shaft - end, 2 * half))
    painter.drawPolygon(QPolygonF([QPointF(shaft, y - head), QPointF(tip, y), QPointF(shaft, y + head)]))
    left = tip + 5 * scale
    width = plot.width() - left - 4 * scale
    symbol = QRectF(left, y - 30 * scale, width, 20 * scale)
    painter.setFont(lettering.mathematical(SYMBOL * scale))
    painter.setPen(QColor(theme.text))
    painter.drawText(symbol, int(Qt.AlignmentFlag.AlignVCenter), "ŷ")
    given = plot.answers.given[-1] if is_there else "…"
    size = next((size for size in (SIZE_EMPHASIS, SIZE_LABEL) if plot.text_width(given, size, WEIGHT_TITLE) <= width), SIZE_TICK)
    plot.draw_text(painter, QRectF(left, y - 9 * scale, width, 18 * scale), given or "–", theme.text, size, weight=WEIGHT_TITLE)
    plot.draw_text(painter, QRectF(left, y + 9 * scale, width, 15 * scale), "target", theme.text_2, SIZE_TICK)
    plot.draw_text(painter, QRectF(left, y + 23 * scale, width, 15 * scale), plot.answers.wanted[-1] or "–", theme.text_2, SIZE_TICK)
