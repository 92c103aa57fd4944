"""Curves of past runs behind the present one: neutral lines told apart by their dashes and by a number at their ends."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.past_curve import PastCurve
from gui.plots import lettering
from gui.plots.curves import polygon
from gui.plots.legend import Entry
from gui.plots.plot import Plot
from gui.theme import SIZE_TICK, WEIGHT_TITLE, Theme

DASHES = ((6.0, 3.0), (2.0, 2.0), (9.0, 3.0, 2.0, 3.0))
WIDTH = 1.5


def draw_past_curves(plot: Plot, painter: QPainter, curves: Sequence[PastCurve]) -> None:
    """Draw ``curves``; the n-th ends with its number, which the legend repeats."""
    theme, box = plot.theme, plot.plot_rect()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for k, curve in enumerate(curves):
        x, y = plot.to_x(curve.updates), plot.to_y(np.maximum(curve.losses, 1e-300))
        pen = QPen(QColor(theme.text_3), WIDTH)
        pen.setDashPattern(list(DASHES[k % len(DASHES)]))
        painter.setPen(pen)
        painter.drawPolyline(polygon(x, y))
        is_inside = np.flatnonzero((x >= box.left()) & (x <= box.right()))
        if len(is_inside):
            end = is_inside[-1]
            font = plot.text_font(SIZE_TICK, WEIGHT_TITLE)
            at = QPointF(min(float(x[end]) + 3, box.right() - 10), float(y[end]) - 8 * plot.text_scale)
            lettering.draw_halo_text(painter, at, str(k + 1), font, theme.text_2, theme.panel)


def past_entries(curves: Sequence[PastCurve], theme: Theme) -> list[Entry]:
    """What the legend says of them."""
    return [Entry(f"{k}: {curve.title}", theme.text_3, is_dashed=True, width=WIDTH) for k, curve in enumerate(curves, 1)]
