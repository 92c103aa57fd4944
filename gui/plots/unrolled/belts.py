"""Belts: states and gradients as bands as thick as they are large, each one filled polygon."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from core.signal import Role
from core.snapshot import LayerTrace
from gui.plots.curves import pieces, polygon
from gui.plots.scales import LogScale
from gui.plots.unrolled.lens import Lens
from gui.walk import Span

Floats = NDArray[np.float64]
GRADIENT_SCALE = LogScale(1e-4, 1.0)
"""The same at all times, so that belts may be compared."""
HAIRLINE = 1.0
CHEVRON_SPACING, CHEVRON_SIZE, CHEVRON_SIDE = 66.0, 3.5, 12.0
STATES: tuple[Role, ...] = ("cell_state", "hidden")


@dataclass(frozen=True)
class Belt:
    """Sizes (T,) of a state, or of the gradient with respect to it: its Euclidean norm over the units at every step."""

    symbol: str
    role: Role
    norms: Floats
    is_gradient: bool
    is_backward: bool

    @property
    def runs_left(self) -> bool:
        """Whether it flows towards earlier steps: gradients flow against the order of reading."""
        return self.is_gradient != self.is_backward


def state_belts(layer: LayerTrace) -> list[Belt]:
    """‖C_t‖, where the cell has it, and ‖h_t‖ of the shown sequence."""
    signals = [signal for role in STATES for signal in layer.signals if signal.role == role]
    return [
        Belt(signal.symbol, signal.role, np.linalg.norm(layer.values[signal.name], axis=1), False, layer.is_backward) for signal in signals
    ]


def gradient_belts(layer: LayerTrace) -> list[Belt]:
    """‖∂L/∂C_t‖, where the cell has it, and ‖∂L/∂h_t‖."""
    belts = [] if layer.gradient_c is None else [Belt("∂C", "cell_state", layer.gradient_c, True, layer.is_backward)]
    return [*belts, Belt("∂h", "hidden", layer.gradient_h, True, layer.is_backward)]


def thicknesses(belt: Belt, most: float, largest_state: float) -> Floats:
    """Thickness (T,) in pixels, at most ``most``.

    A state's is in proportion to its size, ``largest_state`` being drawn ``most`` thick; a gradient's to its logarithm on
    GRADIENT_SCALE. NaN where there is nothing: the value is not finite, or the gradient was cut off.
    """
    norms = belt.norms
    if belt.is_gradient:
        shares = np.where(norms > 0, np.clip(GRADIENT_SCALE.fraction(norms), 0.0, 1.0), np.nan)
    else:
        shares = norms / largest_state if largest_state > 0 else np.zeros_like(norms)
    return np.where(np.isfinite(norms), shares, np.nan) * most


def draw_belt(painter: QPainter, edges: Floats, y: float, thickness: Floats, color: QColor, cuts: tuple[int, ...] = ()) -> None:
    """Fill the belt about ``y`` whose ``thickness`` (T,) stands at the middle of every step; ``edges`` (T + 1,) are the steps' ends.

    At ``cuts`` (steps) a gap parts it from the step before.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    ends = [0, *cuts, len(thickness)]
    for first, end in zip(ends[:-1], ends[1:], strict=True):
        left = edges[first] + (1.5 if first else 0.0)
        right = edges[end] - (1.5 if end < len(thickness) else 0.0)
        middles = (edges[first:end] + edges[first + 1 : end + 1]) / 2
        x = np.concatenate(([left], middles, [max(left, right)]))
        own = thickness[first:end]
        half = np.maximum(np.concatenate((own[:1], own, own[-1:])), HAIRLINE) / 2
        for piece_x, piece_half in pieces(*_thinned(x, half)):
            outline = polygon(np.concatenate((piece_x, piece_x[::-1])), np.concatenate((y - piece_half, (y + piece_half)[::-1])))
            painter.drawPolygon(outline)


def _thinned(x: Floats, half: Floats) -> tuple[Floats, Floats]:
    """No more than about two points a pixel: long sequences would be dear to fill."""
    every = int(len(x) / max(1.0, 2 * (x[-1] - x[0])))
    if every < 2:
        return x, half
    kept = np.unique(np.append(np.arange(0, len(x), every), len(x) - 1))
    return x[kept], half[kept]


def draw_chevrons(painter: QPainter, lens: Lens, span: Span, y: float, thickness: Floats, colors: tuple[str, str], runs_left: bool) -> None:
    """Small arrowheads that say which way a belt of ``thickness`` (T,) flows, in the steps of ``span``.

    ``colors`` are the belt's and the ground's; arrowheads wear the ground's where the belt is thick enough to hold them.
    """
    left, right = float(lens.edges[span[0]]), float(lens.edges[span[1]])
    if right - left < 3 * CHEVRON_SIZE:
        return
    count = max(1, int((right - left) / CHEVRON_SPACING))
    xs = left + (np.arange(count) + 0.5) * (right - left) / count
    at = thickness[np.clip(lens.position_at(xs).astype(int), 0, lens.seq_len - 1)]
    ratio = painter.device().devicePixelRatioF()
    for x, own in zip(xs.tolist(), at.tolist(), strict=True):
        if own == own:
            is_inside = own >= 2 * CHEVRON_SIZE - 1
            picture = _chevron(colors[1] if is_inside else colors[0], runs_left, ratio)
            painter.drawPixmap(QPointF(round(x) - CHEVRON_SIDE / 2, y - CHEVRON_SIDE / 2), picture)


@lru_cache(maxsize=32)
def _chevron(color: str, runs_left: bool, ratio: float) -> QPixmap:
    picture = QPixmap(round(CHEVRON_SIDE * ratio), round(CHEVRON_SIDE * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    middle, way, size = CHEVRON_SIDE / 2, -1.0 if runs_left else 1.0, CHEVRON_SIZE
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(color), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for side in (-1, 1):
            painter.drawLine(QPointF(middle + way * size / 2, middle), QPointF(middle - way * size / 2, middle + side * (size - 0.5)))
    return picture
