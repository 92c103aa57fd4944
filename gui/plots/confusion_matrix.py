"""Which classes are taken for which: a table of counts."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.curves import blend
from gui.plots.numbers import count_text, share_text, short_count_text
from gui.theme import SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE, Theme

CORNER = "truth ↓  answer →"
NARROW_CELL = 30.0
"""Pixels at text size 1 below which a cell says nothing of 0."""
CELL_PAD = 2.0
CENTER, RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
LEAST_ROW = 13.0
"""Pixels of height below which the rows' names would lie over each other."""


class ConfusionMatrix(Canvas):
    """Counts of what is held out: rows the truth, columns the answer; right ones lie on the outlined diagonal."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.classes: tuple[str, ...] = ()
        self.counts: NDArray[np.int64] = np.zeros((0, 0), np.int64)

    def show_counts(self, classes: tuple[str, ...], counts: NDArray[np.int64]) -> None:
        """Draw ``counts`` (K, K) of ``classes``."""
        if classes != self.classes or not np.array_equal(counts, self.counts):
            self.classes, self.counts = classes, counts
            self.refresh()

    def is_empty(self) -> bool:
        return not self.classes

    def draw_content(self, painter: QPainter) -> None:
        theme, scale = self.theme, self.text_scale
        total = int(self.counts.sum())
        caption = QRectF(8 * scale, 6 * scale, self.width() - 16 * scale, 18 * scale)
        right = int(np.trace(self.counts))
        figure = f"{share_text(right / total)} right of {count_text(total)} held out" if total else "nothing held out yet"
        self.draw_text(painter, caption, figure, theme.text_2, SIZE_TICK)
        count = len(self.classes)
        names = min(max(self.text_width(name, SIZE_TICK) for name in self.classes) + 4, 0.4 * self.width())
        corner = self.text_width(CORNER, SIZE_TICK) + 4
        room = self.width() - max(names, min(corner, 0.4 * self.width())) - 32 * scale
        # Where columns are too narrow for their names, these are turned, and the corner's words stand in a line of their own.
        is_narrow = room / count < max(self.text_width(name, SIZE_TICK) for name in self.classes) + 4
        if self.height() < (28 + 18 + LEAST_ROW * count) * scale + (names if is_narrow else 0.0):
            # Too low for names and rows: the figure above says the most of it.
            return
        left = (names if is_narrow else max(names, min(corner, 0.4 * self.width()))) + 16 * scale
        head = (18 * scale + names) if is_narrow else 18 * scale
        top = 28 * scale + head
        grid = QRectF(left, top, self.width() - left - 16 * scale, self.height() - top - 8 * scale)
        side = QRectF(0, 0, min(grid.width() / count, 110 * scale), min(grid.height() / count, 64 * scale))
        if is_narrow:
            self.draw_text(painter, caption.translated(0, 18 * scale), CORNER, theme.text_3, SIZE_TICK)
        else:
            self.draw_text(painter, QRectF(0, top - 18 * scale, left - 6 * scale, 18 * scale), CORNER, theme.text_3, SIZE_TICK, RIGHT)
        for truth, name in enumerate(self.classes):
            row = QRectF(8 * scale, top + truth * side.height(), left - 14 * scale, side.height())
            self.draw_text(painter, row, name, theme.text_2, SIZE_TICK, RIGHT)
            self._draw_column_name(painter, QRectF(left + truth * side.width(), top - head, side.width(), head), name, is_narrow)
            in_row = max(1, int(self.counts[truth].sum()))
            for answer in range(count):
                cell = QRectF(left + answer * side.width(), row.top(), side.width(), side.height()).adjusted(1, 1, -1, -1)
                self._draw_cell(painter, cell, int(self.counts[truth, answer]), in_row, truth == answer)

    def _draw_column_name(self, painter: QPainter, box: QRectF, name: str, is_turned: bool) -> None:
        """The name over a column, read upwards where it is turned."""
        if not is_turned:
            self.draw_text(painter, box, name, self.theme.text_2, SIZE_TICK, CENTER)
            return
        painter.save()
        painter.translate(box.center().x(), box.bottom() - 4)
        painter.rotate(-90)
        line = QRectF(0, -9 * self.text_scale, box.height(), 18 * self.text_scale)
        self.draw_text(painter, line, name, self.theme.text_2, SIZE_TICK)
        painter.restore()

    def _draw_cell(self, painter: QPainter, cell: QRectF, number: int, in_row: int, is_right: bool) -> None:
        theme = self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), 1.5) if is_right else Qt.PenStyle.NoPen)
        weight = WEIGHT_TITLE if is_right else WEIGHT_BODY
        text, size, weight = self._fitting(number, cell.width() - CELL_PAD, weight)
        has_room = cell.height() >= 12 * self.text_scale and text != ""
        # Where there is no room for the number, the colour must tell.
        painter.setBrush(blend(theme.accent, theme.raised, (0.32 if has_room else 0.9) * number / in_row))
        painter.drawRoundedRect(cell.adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
        is_empty = number == 0 and cell.width() < NARROW_CELL * self.text_scale
        if has_room and not is_empty:
            self.draw_text(painter, cell, text, theme.text, size, CENTER, weight)

    def _fitting(self, number: int, room: float, weight: int) -> tuple[str, int, int]:
        """``number`` as words at most ``room`` pixels wide, with size and weight; none where there is no room."""
        whole, short = count_text(number), short_count_text(number)
        forms = [(whole, SIZE_LABEL, weight), (whole, SIZE_TICK, weight), (short, SIZE_TICK, weight), (short, SIZE_TICK, WEIGHT_BODY)]
        return next((form for form in forms if self.text_width(*form) <= room), ("", SIZE_TICK, weight))
