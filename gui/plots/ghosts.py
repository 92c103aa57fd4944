"""Curves that a run has left by being rewound: dotted, in a neutral colour, behind the present one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.branch import Branch
from gui.plots import lettering
from gui.plots.curves import pieces, polygon, smoothed
from gui.plots.numbers import count_text, value_text
from gui.plots.plot import Plot
from gui.theme import SIZE_TICK

Floats = NDArray[np.float64]
NAME = "before the rewind"
WIDTH = 2.0
DOT, GAP = 0.1, 2.0
"""Length of a dot and of the gap between two, in widths; round ends make the dot as long as it is wide."""
LEAST_SIGMA = 0.5
LABEL_RISES = (-1.3, 0.3, -2.3, 1.3, -3.3, 2.3)
"""Tops of a label in its own heights from the end of its curve."""


def ghost_curve(branch: Branch, sigma: float) -> tuple[Floats, Floats]:
    """Updates and smoothed losses of a branch; ``sigma`` is the width (standard deviation) of the smoothing in updates."""
    updates = branch.updates
    spacing = float(updates[1] - updates[0]) if len(updates) > 1 else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(branch.losses)
    logs[~np.isfinite(logs)] = np.nan
    return updates, 10 ** smoothed(logs, max(LEAST_SIGMA, sigma / spacing))


def value_at(branch: Branch, update: int) -> float:
    """The branch's loss at an update, the mean of its group; NaN where it has none."""
    if not branch.first_step < update <= branch.last_step or not len(branch.updates):
        return float("nan")
    return float(branch.losses[int(np.abs(branch.updates - update).argmin())])


def draw_ghost(painter: QPainter, x: Floats, y: Floats, color: str) -> None:
    """Draw points in pixels as a dotted line."""
    pen = QPen(QColor(color), WIDTH, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap)
    pen.setDashPattern([DOT, GAP])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    for piece_x, piece_y in pieces(x, y):
        painter.drawPolyline(polygon(piece_x, piece_y))


def label_ghosts(plot: Plot, painter: QPainter, branches: Sequence[Branch], curves: Sequence[tuple[Floats, Floats]]) -> None:
    """Where there are several ``branches``, say at the end of each of their ``curves`` (pixels) which it is."""
    if len(branches) < 2:
        return
    box, height, taken = plot.plot_rect(), 15 * plot.text_scale, list[QRectF]()
    for branch, (x, y) in zip(branches, curves, strict=True):
        shown = np.flatnonzero(np.isfinite(y) & (x >= box.left()) & (x <= box.right()))
        if not len(shown):
            continue
        text, end = ghost_label(branch), shown[-1]
        width = plot.text_width(text, SIZE_TICK)
        left = min(max(float(x[end]) - width / 2, box.left() + 2), box.right() - width - 2)
        tops = [float(y[end]) + rise * height for rise in LABEL_RISES]
        places = [QRectF(left, top, width, height) for top in tops]
        place = next((place for place in places if box.contains(place) and not any(map(place.intersects, taken))), None)
        if place is not None:
            taken.append(place)
            lettering.draw_halo_text(painter, place.topLeft(), text, plot.text_font(SIZE_TICK), plot.theme.text_2, plot.theme.panel)


def ghost_label(branch: Branch) -> str:
    """What tells it from others: where it ended, and with which rate."""
    return f"to {count_text(branch.last_step)}, rate {branch.settings.training.learning_rate:g}"


def branch_words(branch: Branch) -> str:
    """What returning to ``branch`` is called."""
    if branch.divergence is not None:
        ending = f", where it diverged at {count_text(branch.divergence.step)}"
    else:
        ending = f": held out {value_text(branch.evaluations[-1].loss)}" if branch.evaluations else ""
    return f"Return to the curve that ended at {count_text(branch.last_step)}{ending}"
