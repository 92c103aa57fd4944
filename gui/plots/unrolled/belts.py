"""Belts: states and gradients as bands as thick as they are large, and the arrowheads on them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from core.signal import Role
from core.snapshot import LayerTrace
from gui.plots.scales import LogScale
from gui.plots.unrolled.lens import Lens
from gui.walk import Span

Floats = NDArray[np.float64]
GRADIENT_SCALE = LogScale(1e-4, 1.0)
"""The same at all times, so that belts may be compared."""
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
