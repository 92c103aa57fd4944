"""The bar beside a picture of gradient sizes that says which colour is which size."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from gui.plots import colormaps
from gui.plots.canvas import Canvas
from gui.plots.numbers import log_tick_text
from gui.theme import SIZE_TICK

WIDTH, GAP = 8.0, 8.0
RAMP = np.linspace(1, 0, colormaps.COLORS)[:, np.newaxis]
LEAST_HEIGHT_WITH_MIDDLE = 60.0


def labelled_exponents(decades: tuple[int, int], has_room: bool) -> tuple[int, ...]:
    """Exponents that the bar names: its ends, and the middle where that is one and has room."""
    low, high = decades
    return (high, (low + high) // 2, low) if (high - low) % 2 == 0 and has_room else (high, low)


def draw_color_bar(canvas: Canvas, painter: QPainter, box: QRectF, decades: tuple[int, int], is_beyond: tuple[bool, bool]) -> None:
    """Draw it at the right of the picture in ``box``; ``is_beyond`` says whether values lie below the lower, above the upper end."""
    scale, (low, high) = canvas.text_scale, decades
    bar = QRectF(box.right() + GAP * scale, box.top(), WIDTH * scale, box.height())
    painter.drawImage(bar, colormaps.to_image(RAMP, 0, 1, "magma", canvas.theme.raised))
    for exponent in labelled_exponents(decades, box.height() >= LEAST_HEIGHT_WITH_MIDDLE * scale):
        y = box.top() + box.height() * (high - exponent) / (high - low)
        label = QRectF(bar.right() + 5 * scale, min(max(y - 8 * scale, 0), canvas.height()), 50 * scale, 16 * scale)
        sign = "≤" if exponent == low and is_beyond[0] else "≥" if exponent == high and is_beyond[1] else ""
        canvas.draw_text(painter, label, sign + log_tick_text(10.0**exponent), canvas.theme.text_3, SIZE_TICK)
