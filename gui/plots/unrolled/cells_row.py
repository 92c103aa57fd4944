"""One layer's cells in a row: a box for each time step, the belts that go through them, and gate bars where the lens makes room."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.signal import Signal
from core.snapshot import LayerTrace
from gui.plots.canvas import Canvas
from gui.plots.curves import blend
from gui.plots.unrolled.lens import Lens
from gui.theme import Theme
from gui.walk import Span

Floats = NDArray[np.float64]
LEAST_BOX, LEAST_SEPARATOR = 4.0, 2.5
"""Pixels: narrower steps share a box, or are parted by a line alone."""
WIDEST_PLAIN, CUT_CORNER = 14.0, 2.0
"""Pixels: a box up to so wide has plain corners, cut so far."""
BELT_SHARES: dict[tuple[int, bool], tuple[float, ...]] = {
    (2, True): (0.27, 0.78),
    (2, False): (0.31, 0.69),
    (1, True): (0.74,),
    (1, False): (0.5,),
}
"""Where belts stand in the height of a cell, by their number and whether there are gates."""
LEAST_GATES_WIDTH, LEAST_GATES_HEIGHT = 15.0, 64.0
FAINT = 0.28
"""How much of its colour is left to what is not computed yet."""


@dataclass(frozen=True)
class Gate:
    """The mean over the units of one gate at every step, (T,), 0…1."""

    signal: Signal
    means: Floats


def gates_of(layer: LayerTrace) -> tuple[Gate, ...]:
    """The gates of a layer with their means."""
    return tuple(Gate(signal, layer.values[signal.name].mean(axis=1)) for signal in layer.signals if signal.is_gate)


@dataclass(frozen=True)
class CellsPlan:
    """Where things stand in a row of cells.

    ``belts`` are the belts' middles, ``gates`` the strip for gate bars (None: there is no room), ``most`` is how thick a belt may be.
    """

    box: QRectF
    belts: tuple[float, ...]
    gates: QRectF | None
    most: float


def plan_cells(box: QRectF, belt_count: int, has_gates: bool, scale: float) -> CellsPlan:
    """Belts above and below, gates between them where there is room for all."""
    height = box.height()
    has_room = has_gates and height >= LEAST_GATES_HEIGHT * scale
    shares = BELT_SHARES[belt_count, has_room]
    most = min(64.0 * scale, (0.2 if has_room else 0.27 if belt_count > 1 else 0.5) * height)
    gates = None
    if has_room:
        top, bottom = (0.395, 0.66) if belt_count > 1 else (0.14, 0.54)
        gates = QRectF(box.left(), box.top() + top * height, box.width(), (bottom - top) * height)
    return CellsPlan(box, tuple(box.top() + share * height for share in shares), gates, most)


def draw_boxes(painter: QPainter, theme: Theme, lens: Lens, box: QRectF) -> None:
    """The cells' outlines; steps that are too narrow for boxes are parted by lines, or not at all."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.line_2), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    widths, edges = lens.widths, lens.edges
    boxes = np.flatnonzero(widths >= LEAST_BOX)
    top, height = round(box.top()) + 0.5, round(box.height()) - 1.0
    narrow = []
    for left, right in zip(np.rint(edges[boxes]).tolist(), np.rint(edges[boxes + 1]).tolist(), strict=True):
        if right - left > WIDEST_PLAIN:
            painter.drawRoundedRect(QRectF(left + 0.5, top, right - left - 1, height), 6, 6)
        else:
            narrow.append((left, right - 1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawLines(_plain_boxes(narrow, round(box.top()), round(box.top()) + round(box.height()) - 1))
    if len(boxes) == lens.seq_len:
        return
    ends = (0, lens.seq_len) if not len(boxes) else (0, int(boxes[0]), int(boxes[-1]) + 1, lens.seq_len)
    for first, end in zip(ends[::2], ends[1::2], strict=True):
        if first < end:
            left, right = float(edges[first]), float(edges[end])
            painter.drawRect(QRectF(round(left), round(box.top()), round(right - left) - 1, round(box.height()) - 1))
            for step in range(first + 1, end):
                if widths[step] >= LEAST_SEPARATOR:
                    x = round(float(edges[step]))
                    painter.drawLine(x, round(box.top()), x, round(box.bottom()) - 1)


def _plain_boxes(sides: list[tuple[float, float]], top: float, bottom: float) -> list[QLineF]:
    """Four lines a box that leave out its corners, on whole pixels: drawn all at once, and at this size as good as rounded ones."""
    lines = []
    for left, right in sides:
        cut = min(CUT_CORNER, (right - left) / 3)
        lines += [QLineF(x, top + cut, x, bottom - cut) for x in (left, right)]
        lines += [QLineF(left + cut, y, right - cut, y) for y in (top, bottom)]
    return lines


def draw_chosen_box(painter: QPainter, theme: Theme, lens: Lens, box: QRectF) -> None:
    """The cell under the lens wears the accent."""
    if lens.cursor is None:
        return
    left, right = float(lens.edges[lens.cursor]), float(lens.edges[lens.cursor + 1])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.accent), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = min(6.0, (right - left) / 3)
    painter.drawRoundedRect(QRectF(left + 0.25, box.top() + 0.25, max(right - left - 0.5, 1.5), box.height() - 0.5), radius, radius)


def draw_gates(painter: QPainter, canvas: Canvas, lens: Lens, strip: QRectF, gates: tuple[Gate, ...], seen: Span) -> None:
    """Bars as high as the gates' means where the cells are wide enough; what lies outside ``seen`` is faint."""
    if not gates:
        return
    theme, scale = canvas.theme, canvas.text_scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for step in np.flatnonzero(lens.widths >= LEAST_GATES_WIDTH).tolist():
        left, width = float(lens.edges[step]), float(lens.widths[step])
        room = min(width - 8, 18.0 * scale * len(gates))
        bar = room / len(gates)
        start = left + (width - room) / 2
        bottom = strip.bottom()
        for k, gate in enumerate(gates):
            mean = float(gate.means[step])
            tone = theme.tone(gate.signal.role)
            is_seen = seen[0] <= step < seen[1]
            color = QColor(tone.mark) if is_seen else blend(tone.mark, theme.panel, FAINT)
            x = start + k * bar
            if np.isfinite(mean):
                height = min(max(mean, 0.0), 1.0) * (bottom - strip.top())
                painter.fillRect(QRectF(round(x), bottom - height, max(1.0, round(x + bar - 1) - round(x)), height), color)


def draw_head(painter: QPainter, theme: Theme, at: QPointF, runs_left: bool, radius: float) -> None:
    """Where the walk stands on a belt: a bright disc with an arrow the way it goes."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    glow = QColor(theme.accent)
    glow.setAlphaF(0.3)
    painter.setBrush(glow)
    painter.drawEllipse(at, radius + 4, radius + 4)
    painter.setPen(QPen(QColor(theme.panel), 1.5))
    painter.setBrush(QColor(theme.accent_fill))
    painter.drawEllipse(at, radius, radius)
    painter.setPen(QPen(QColor(theme.on_accent), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    way, size = (-1.0 if runs_left else 1.0), 0.42 * radius
    tip = QPointF(at.x() + way * size * 0.7, at.y())
    for side in (-1, 1):
        painter.drawLine(tip, QPointF(at.x() - way * size * 0.7, at.y() + side * size))
