"""A growing curve's older part, drawn once and kept as a picture: each frame then draws only what is new."""

from collections.abc import Callable, Hashable

from PySide6.QtGui import QPainter, QPixmap

LEAST_GROWTH = 24
"""Points by which the settled part grows at a time."""

DrawPoints = Callable[[QPainter, int, int], None]


class SettledCurves:
    """Curves over the same points 0 … n − 1, of which the first ones do not change any more.

    ``draw_points(painter, first, last)`` draws the stretch from point ``first`` to point ``last``, both included.
    """

    def __init__(self) -> None:
        self._key: Hashable = None
        self._picture: QPixmap | None = None
        self._end = 0

    def draw(self, painter: QPainter, ground: QPixmap, key: Hashable, settled: int, count: int, draw_points: DrawPoints) -> None:
        """Draw the curves on ``ground``, a picture as large as what is painted on.

        Parameters
        ----------
        key : another one means that nothing of what was drawn is right any more (scales, size, colours)
        settled, count : how many points do not change any more, and how many there are
        """
        if key != self._key or self._picture is None or settled < self._end:
            self._key, self._picture, self._end = key, QPixmap(ground), 0
        if settled >= self._end + LEAST_GROWTH:
            with QPainter(self._picture) as kept:
                draw_points(kept, max(0, self._end - 1), settled - 1)
            self._end = settled
        if self._end:
            painter.drawPixmap(0, 0, self._picture)
        if count > self._end:
            draw_points(painter, max(0, self._end - 1), count - 1)
