"""A gate's dial: filled like a glass as far as the gate is open, a halo of ticks for its units, a number in it."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPaintEngine, QPainter, QPen, QPixmap

from core.signal import Signal
from gui.plots.canvas import Canvas
from gui.plots.cell_plan import CellStep, number_text
from gui.plots.curves import blend, polygon
from gui.plots.lettering import draw_halo_text
from gui.theme import SIZE_EMPHASIS, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE

MOST_TICKS = 48
INNER = 0.66
"""Radius of the glass as a share of the halo's."""
STUB = 0.12
LEAST_SIZE = 9
NUMBER_HALO = 2.0
BEYOND_HALO = 10.0
"""Pixels that the followed unit's dot reaches beyond the halo, and some to spare."""
LIQUID = {True: 0.5, False: 0.36}
"""How strong the liquid's colour is, in the dark theme and in the light one: the number must be readable on it."""


@dataclass(frozen=True)
class Glass:
    """Where a dial stands: its middle and the radius of its halo."""

    center: QPointF
    radius: float

    @property
    def inner(self) -> float:
        """Radius of the glass."""
        return self.radius * INNER

    def contains(self, at: QPointF) -> bool:
        """Whether a point is on the dial."""
        return math.hypot(at.x() - self.center.x(), at.y() - self.center.y()) <= self.radius + 4


def fraction(signal: Signal, value: float) -> float:
    """How far ``value`` lies on the signal's scale: 0…1, of a signed one −1…1; 0 for NaN."""
    if not math.isfinite(value):
        return 0.0
    end = signal.high if signal.low < 0 or not signal.low else signal.high - signal.low
    return min(1.0, max(-1.0, value / end)) if signal.low < 0 else min(1.0, max(0.0, value / end))


def merged(values: np.ndarray) -> np.ndarray:
    """At most MOST_TICKS values: neighbouring units together, by their mean."""
    if len(values) <= MOST_TICKS:
        return values
    edges = np.linspace(0, len(values), MOST_TICKS + 1).astype(int)
    return np.add.reduceat(values, edges[:-1]) / np.diff(edges)


class DialPictures:
    """Draws dials and keeps the last picture of each: one is drawn anew only where something changed by half a pixel or more."""

    def __init__(self) -> None:
        self._pictures: dict[str, tuple[tuple[object, ...], QPixmap]] = {}

    def draw(self, canvas: Canvas, painter: QPainter, glass: Glass, signal: Signal, step: CellStep) -> None:
        """The dial with the values of ``step``."""
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            draw_dial(canvas, painter, glass, signal, step)
            return
        ratio = painter.device().devicePixelRatioF()
        key = (*_looks(glass, signal, step), canvas.theme, canvas.text_scale, ratio)
        reach = glass.radius + BEYOND_HALO
        left, top = math.floor(glass.center.x() - reach), math.floor(glass.center.y() - reach)
        known = self._pictures.get(signal.name)
        if known is None or known[0] != key:
            side = math.ceil(2 * reach) + 1
            picture = QPixmap(round(side * ratio), round(side * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as inside:
                inside.translate(-left, -top)
                draw_dial(canvas, inside, glass, signal, step)
            self._pictures[signal.name] = known = key, picture
        painter.drawPixmap(QPointF(left, top), known[1])


def _looks(glass: Glass, signal: Signal, step: CellStep) -> tuple[object, ...]:
    """All that a dial's picture depends on, lengths in half pixels."""
    values, value = step.all_units(signal.name), step.shown(signal.name)
    ticks = np.rint(2 * (glass.radius - glass.inner) * _tick_shares(values, signal)).astype(np.int16).tobytes()
    level = round(4 * glass.inner * fraction(signal, value))
    unit = step.unit * min(len(values), MOST_TICKS) // len(values) if 0 <= step.unit < len(values) else -1
    return glass, signal, number_text(value), level, ticks, unit


def draw_dial(canvas: Canvas, painter: QPainter, glass: Glass, signal: Signal, step: CellStep) -> None:
    """The dial with the values of ``step``."""
    theme = canvas.theme
    mark = theme.tone(signal.role).mark
    box = QRectF(glass.center.x() - glass.inner, glass.center.y() - glass.inner, 2 * glass.inner, 2 * glass.inner)
    value = step.shown(signal.name)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_ticks(painter, glass, signal, step, mark, theme.line_2, canvas.growth)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.raised))
    painter.drawEllipse(box)
    text = number_text(value)
    sizes = (SIZE_EMPHASIS, SIZE_LABEL, SIZE_TICK, LEAST_SIZE)
    size = next((size for size in sizes if canvas.text_width(text, size, WEIGHT_TITLE) <= 1.8 * glass.inner), LEAST_SIZE)
    number = QRectF(0, 0, canvas.text_width(text, size, WEIGHT_TITLE) + 5, 1.15 * size * canvas.text_scale)
    number.moveCenter(box.center())
    liquid = blend(mark, theme.panel, LIQUID[theme.is_dark])
    _draw_liquid(painter, box, signal, fraction(signal, value), liquid, QColor(mark), number)
    painter.setPen(QPen(QColor(mark), 2 * canvas.growth))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box)
    font = canvas.text_font(size, WEIGHT_TITLE)
    at = QPointF(box.center().x() - (number.width() - 5) / 2, box.center().y() - QFontMetricsF(font).height() / 2)
    is_under = _covered(box, signal, fraction(signal, value), number) > 0.5
    draw_halo_text(painter, at, text, font, theme.text, liquid.name() if is_under else theme.raised, NUMBER_HALO)
    _draw_followed(painter, glass, step, len(step.all_units(signal.name)), theme.accent)


def _ends_of_liquid(box: QRectF, signal: Signal, share: float) -> tuple[float, float]:
    """Where the liquid begins, and its surface, in pixels from the top."""
    zero = box.center().y() if signal.low < 0 else box.bottom()
    return zero, zero - share * (box.height() / 2 if signal.low < 0 else box.height())


def _covered(box: QRectF, signal: Signal, share: float, number: QRectF) -> float:
    """The share of the number's height that stands in the liquid."""
    top, bottom = sorted(_ends_of_liquid(box, signal, share))
    return max(0.0, min(bottom, number.bottom()) - max(top, number.top())) / max(1.0, number.height())


def _draw_liquid(painter: QPainter, box: QRectF, signal: Signal, share: float, color: QColor, edge: QColor, number: QRectF) -> None:
    """The liquid; behind the ``number`` its surface has no line: it would seem to cross it out."""
    if not share:
        return
    zero, level = _ends_of_liquid(box, signal, share)
    painter.setClipRect(QRectF(QPointF(box.left(), min(zero, level)), QPointF(box.right(), max(zero, level))))
    painter.setBrush(color)
    painter.drawEllipse(box)
    painter.setClipping(False)
    half = math.sqrt(max(0.0, (box.width() / 2) ** 2 - (level - box.center().y()) ** 2))
    painter.setPen(QPen(edge, 1.5))
    left, right = box.center().x() - half, box.center().x() + half
    if not number.top() < level < number.bottom():
        painter.drawLine(QLineF(left, level, right, level))


@lru_cache(maxsize=64)
def _directions(count: int) -> np.ndarray:
    """Unit vectors (count, 2), clockwise from the top."""
    angles = 2 * np.pi * (np.arange(count) + 0.5) / max(count, 1)
    return np.column_stack([np.sin(angles), -np.cos(angles)])


def _tick_shares(values: np.ndarray, signal: Signal) -> np.ndarray:
    """Lengths of the ticks of units with ``values``, −1…1."""
    shown = merged(values)
    return np.asarray(np.clip(np.where(np.isnan(shown), 0.0, shown) / (signal.high or 1.0), -1.0, 1.0))


def _draw_ticks(painter: QPainter, glass: Glass, signal: Signal, step: CellStep, mark: str, negative: str, growth: float) -> None:
    shares = _tick_shares(step.all_units(signal.name), signal)
    start, room = glass.inner + 4, glass.radius - glass.inner - 4
    center = np.array([glass.center.x(), glass.center.y()])
    half = max(1.2, min(2.4 * growth, glass.radius / 18)) / 2
    directions = _directions(len(shares))
    across = half * np.column_stack([-directions[:, 1], directions[:, 0]])
    first = center + directions * start
    last = first + directions * (room * np.maximum(STUB, np.abs(shares)))[:, None]
    corners = np.stack([first - across, first + across, last + across, last - across, first - across], axis=1)
    painter.setPen(Qt.PenStyle.NoPen)
    for is_negative, color in ((False, mark), (True, negative)):
        own = corners[(shares < 0) == is_negative]
        if len(own):
            # One polygon for all, several times as fast as one for each: from tick to tick and the same way back, which fills nothing.
            outline = np.concatenate((own.reshape(-1, 2), own[::-1, 0]))
            painter.setBrush(QColor(color))
            painter.drawPolygon(polygon(outline[:, 0], outline[:, 1]), Qt.FillRule.WindingFill)


def _draw_followed(painter: QPainter, glass: Glass, step: CellStep, units: int, accent: str) -> None:
    if not 0 <= step.unit < units:
        return
    ticks = min(units, MOST_TICKS)
    direction = _directions(ticks)[step.unit * ticks // units]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(accent))
    at = glass.radius + 4
    painter.drawEllipse(QPointF(glass.center.x() + at * direction[0], glass.center.y() + at * direction[1]), 2.8, 2.8)
