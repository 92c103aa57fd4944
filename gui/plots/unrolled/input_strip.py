"""What the network reads, below its cells: bars for numbers, words for symbols, a picture where each input has many numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.snapshot import Trace
from gui.plots import colormaps
from gui.plots.canvas import Canvas
from gui.plots.unrolled.lens import Lens
from gui.plots.unrolled.places import Places, steps_by_importance
from gui.theme import SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE

MOST_BARS = 2
"""More numbers an input than a value and its mark are drawn as a picture."""
WIDEST_LABEL = 120.0
WIDEST_BAR = 12.0
ARROW = 3.0


class InputKind(Enum):
    """How the inputs of a sequence are drawn."""

    BARS = "bars"
    LABELS = "labels"
    PICTURE = "picture"


def kind_of(trace: Trace) -> InputKind:
    """Symbols, and what a decoder reads, are labels; of numbers a few are bars."""
    x = trace.inputs
    if trace.decoder_start is not None or len(x) != trace.seq_len:
        return InputKind.LABELS
    is_symbols = x.shape[1] > 1 and bool(np.isin(x, (0.0, 1.0)).all()) and bool((x.sum(axis=1) <= 1).all())
    if is_symbols:
        return InputKind.LABELS
    return InputKind.BARS if x.shape[1] <= MOST_BARS else InputKind.PICTURE


def draw_inputs(painter: QPainter, canvas: Canvas, lens: Lens, box: QRectF, trace: Trace) -> None:
    """Draw the inputs of ``trace`` in ``box``; marked steps are emphasised, with an arrow up to their cell."""
    kind = kind_of(trace)
    gap = 12.0 * canvas.text_scale if box.height() >= 30 * canvas.text_scale else 2.0
    inner = box.adjusted(0, gap, 0, 0)
    if kind is InputKind.BARS:
        _draw_bars(painter, canvas, lens, inner, trace)
    elif kind is InputKind.PICTURE:
        _draw_picture(painter, canvas, lens, inner, trace.inputs)
    else:
        draw_labels(painter, canvas, lens, [LabelRow(trace.input_labels, inner.center().y())], trace.marked_steps)
    if gap > 4:
        _draw_arrows(painter, canvas, lens, box.top() + 1, inner.top(), trace.marked_steps)


@dataclass(frozen=True)
class LabelRow:
    """A text for each step, in one ``color``, "": as inputs are; ``middle`` is where the row stands."""

    texts: tuple[str, ...]
    middle: float
    color: str = ""


def draw_labels(painter: QPainter, canvas: Canvas, lens: Lens, rows: Sequence[LabelRow], marked: tuple[int, ...] = ()) -> None:
    """Draw the texts of each step below each other, as far as they find room beside those of other steps, those at the cursor first."""
    theme, scale = canvas.theme, canvas.text_scale
    places, emphasised = Places(lens.left - 24, lens.left + lens.width + 24), set(marked)
    for step in steps_by_importance(lens, marked):
        texts = [row.texts[step] if step < len(row.texts) else "" for row in rows]
        is_chosen = step == lens.cursor
        size, weight = (SIZE_LABEL, WEIGHT_TITLE) if is_chosen or step in emphasised else (SIZE_TICK, WEIGHT_BODY)
        width = min(max(canvas.text_width(text, size, weight) for text in texts) + 1, WIDEST_LABEL * scale)
        left = places.take(float(lens.middles[step]), width, is_shifted=is_chosen) if any(texts) else None
        if left is None:
            continue
        for row, text in zip(rows, texts, strict=True):
            color = row.color or (theme.accent if step in emphasised else theme.text if is_chosen else theme.text_2)
            box = QRectF(left, row.middle - 9 * scale, width, 18 * scale)
            canvas.draw_text(painter, box, text, color, size, Qt.AlignmentFlag.AlignHCenter, weight)


def _draw_bars(painter: QPainter, canvas: Canvas, lens: Lens, box: QRectF, trace: Trace) -> None:
    theme, values = canvas.theme, np.nan_to_num(trace.inputs[:, 0])
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    span = max(high - low, 1e-12)
    zero = box.bottom() + low / span * box.height()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.line_2), 1))
    painter.drawLine(QPointF(lens.left, round(zero) + 0.5), QPointF(lens.left + lens.width, round(zero) + 0.5))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    emphasised = {step for step in trace.marked_steps if step < len(values)}
    plain, strong, chosen = QColor(theme.ghost), QColor(theme.accent), QColor(theme.text_2)
    widths = np.minimum(0.62 * lens.widths, WIDEST_BAR * canvas.text_scale)
    widths[list(emphasised)] = np.maximum(widths[list(emphasised)], 3.0)
    lefts, widths_list = (lens.middles - widths / 2).tolist(), widths.tolist()
    heights = (values / span * box.height()).tolist()
    for step in _drawn_steps(lens, emphasised):
        color = strong if step in emphasised else chosen if step == lens.cursor else plain
        height = heights[step]
        painter.fillRect(QRectF(lefts[step], zero - max(height, 0.0), widths_list[step], max(abs(height), 0.75)), color)


def _drawn_steps(lens: Lens, emphasised: set[int]) -> list[int]:
    """All steps; of those that share a pixel with others only some. The emphasised ones come last, on top."""
    every = max(1, int(1.0 / max(float(lens.widths.min()), 1e-6)))
    plain = [step for step in range(0, lens.seq_len, every) if step not in emphasised]
    return [*plain, *sorted(emphasised)]


def _draw_picture(painter: QPainter, canvas: Canvas, lens: Lens, box: QRectF, values: NDArray[np.float64]) -> None:
    """One row for each number of an input, the first at the bottom."""
    pixels = np.arange(int(lens.width), dtype=np.float64) + (lens.left + 0.5)
    steps = np.clip(lens.position_at(pixels).astype(int), 0, len(values) - 1)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if not low < high:
        low, high = low - 1, low + 1
    is_signed = low < 0
    if is_signed:
        high = max(-low, high)
        low = -high
    name = "viridis" if not is_signed else "berlin" if canvas.theme.is_dark else "vik"
    image = colormaps.to_image(np.ascontiguousarray(values[steps].T[::-1]), low, high, name, canvas.theme.line_2)
    painter.drawImage(QRectF(lens.left, box.top(), lens.width, box.height()), image)


def _draw_arrows(painter: QPainter, canvas: Canvas, lens: Lens, top: float, bottom: float, marked: tuple[int, ...]) -> None:
    """From the marked inputs up into their cells."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(canvas.theme.accent), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    last = -np.inf
    for step in marked:
        if step >= lens.seq_len:
            continue
        x = float(lens.middles[step])
        if x - last < 3 * ARROW:
            continue
        last = x
        painter.drawLine(QPointF(x, bottom - 2), QPointF(x, top))
        for side in (-1, 1):
            painter.drawLine(QPointF(x, top), QPointF(x + side * ARROW, top + ARROW + 0.5))
