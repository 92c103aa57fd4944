"""Labels that stand where they cover least of the curves: the name of a line across the plot, and badges on a curve."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from gui.plots import lettering
from gui.plots.labels import freest
from gui.plots.plot import Plot
from gui.theme import SIZE_TICK, WEIGHT_TITLE

Floats = NDArray[np.float64]
LABEL_PLACES = 9
"""Along the line, at which its label may stand."""
BADGE_RISES = (1.0, 2.0, 3.5, 5.0)
"""Heights of a line between a badge and its ring."""


class FreeLabels:
    """Draws labels of one plot and remembers where they stand, so that they do not wander. ``begin`` comes first in every picture."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._label_places: dict[str, int] = {}
        self._badge_place: int | None = None
        self._taken: list[QRectF] = []
        self._placed: tuple[object, ...] = ()
        self._is_placing = True
        self._curves: Callable[[], list[tuple[Floats, Floats]]] = list
        self._line = math.nan

    def begin(self, placed: tuple[object, ...], curves: Callable[[], list[tuple[Floats, Floats]]], line: float) -> None:
        """Begin a picture with ``curves`` (pixels) and a line at the height ``line``; NaN: none.

        Labels look for the freest place when ``placed`` differs from the last picture's: looking costs more than drawing the curves.
        """
        self._is_placing, self._placed = placed != self._placed, placed
        self._taken, self._curves, self._line = [], curves, line

    def draw_beside_line(self, painter: QPainter, y: float, text: str, is_at_end: bool = False) -> None:
        """Name a line across the plot at height ``y``: below or above it, where no curve passes; the name stays while it can.

        It begins at the left end, or at the right one, where that is as free.
        """
        plot = self._plot
        box, width, height = plot.plot_rect(), plot.text_width(text, SIZE_TICK), 15 * plot.text_scale
        ends = box.left() + 10, box.right() - width - 6
        lefts = (*ends, *np.linspace(*ends, LABEL_PLACES)[1:-1])
        if is_at_end:
            lefts = lefts[1::-1] + lefts[2:]
        places = [QRectF(round(left), round(top), width, height) for left in lefts for top in (y + 3, y - height - 3)]
        if self._is_placing or text not in self._label_places:
            self._label_places[text] = freest(places, box, self._curves(), self._taken, self._label_places.get(text, 0))
        place = places[self._label_places[text]]
        at = place.topLeft()
        self._taken.append(place)
        lettering.draw_halo_text(painter, at, text, plot.text_font(SIZE_TICK), plot.theme.text_2, plot.theme.panel)

    def draw_badge(self, painter: QPainter, at: QPointF, text: str, color: str) -> None:
        """A ring on the curve and bold words near it, where they cover least."""
        plot = self._plot
        box = plot.plot_rect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(color), 2))
        painter.setBrush(QColor(plot.theme.panel))
        painter.drawEllipse(at, 4.5, 4.5)
        weight = WEIGHT_TITLE
        width, height = plot.text_width(text, SIZE_TICK, weight), 15 * plot.text_scale
        middle = at.x() - width / 2
        sides = [(at.x() - 12 - width, at.x() + 12, middle), (at.y() + 4, at.y() - 4 - height)]
        places = [QRectF(round(left), round(top), width, height) for left in sides[0][:2] for top in sides[1]]
        # Farther off, above and below the ring.
        for rise in BADGE_RISES:
            tops = at.y() + rise * height, at.y() - (rise + 1) * height
            places += [QRectF(round(left), round(top), width, height) for top in tops for left in (middle, *sides[0][:2])]
        if self._is_placing or self._badge_place is None:
            curves = self._curves()
            if math.isfinite(self._line):
                curves.append((np.arange(box.left(), box.right()), np.full(math.ceil(box.width()), self._line)))
            self._badge_place = freest(places, box, curves, self._taken, self._badge_place)
        place = places[self._badge_place]
        self._taken.append(place)
        lettering.draw_halo_text(painter, place.topLeft(), text, plot.text_font(SIZE_TICK, weight), color, plot.theme.panel)
