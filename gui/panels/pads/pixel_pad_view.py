"""A grid of pixels to paint: the left button paints, the right one erases; arrow keys and Space do both."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.pads import PixelPad
from gui.controls.keys import ARROWS, SPACE
from gui.controls.painting import draw_box, draw_focus_ring, painting
from gui.panels.pads.pad_view import PadView
from gui.style import current_look
from gui.theme import RADIUS_FIELD

PAINTED, BLANK = "#", "."
LARGEST_PIXEL, MARGIN = 64, 8
MOVES = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class PixelPadView(PadView):
    """Rows and columns of pixels. A press on a pixel decides whether the stroke paints or erases: the left button turns that pixel."""

    kept_keys = ARROWS | SPACE
    hint = "The left button paints, the right one erases; with the keyboard: arrows and Space."

    def __init__(self, pad: PixelPad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pad = pad
        self._is_painted = [[False] * pad.columns for _ in range(pad.rows)]
        self._cursor = (0, 0)
        self._is_painting = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Picture of {pad.rows} by {pad.columns} pixels")
        self._say()

    def text(self) -> str:
        rows = ["".join(PAINTED if pixel else BLANK for pixel in row) for row in self._is_painted]
        return " ".join(rows) if any(PAINTED in row for row in rows) else ""

    def set_text(self, text: str) -> None:
        self._is_painted = [[symbol == PAINTED for symbol in row] for row in text.split()]
        self._say()
        self.update()

    def clear(self) -> None:
        self._is_painted = [[False] * self._pad.columns for _ in range(self._pad.rows)]
        self._say()
        self.update()

    def box_of(self, row: int, column: int) -> QRectF:
        """Where a pixel is drawn."""
        pad, margin = self._pad, current_look().px(MARGIN)
        side = min((self.width() - 2 * margin) / pad.columns, (self.height() - 2 * margin) / pad.rows, current_look().px(LARGEST_PIXEL))
        left, top = (self.width() - side * pad.columns) / 2, (self.height() - side * pad.rows) / 2
        return QRectF(left + column * side, top + row * side, side, side)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place is not None:
            self._cursor = place
            self._is_painting = event.button() != Qt.MouseButton.RightButton
            self._paint(place, self._is_painting)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place is not None and event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton):
            self._cursor = place
            self._paint(place, self._is_painting)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, column = self._cursor
        if event.key() in SPACE:
            self._paint(self._cursor, not self._is_painted[row][column])
        elif event.key() in ARROWS:
            down, right = MOVES[Qt.Key(event.key())]
            self._cursor = (min(max(row + down, 0), self._pad.rows - 1), min(max(column + right, 0), self._pad.columns - 1))
            self._say()
            self.update()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            for row, pixels in enumerate(self._is_painted):
                for column, is_painted in enumerate(pixels):
                    box = self.box_of(row, column).adjusted(1, 1, -1, -1)
                    draw_box(painter, box, RADIUS_FIELD, look.color("text" if is_painted else "raised"), look.color("line_2"))
            if self.hasFocus():
                draw_focus_ring(painter, look, self.box_of(*self._cursor), RADIUS_FIELD)

    def _place_at(self, position: QPointF) -> tuple[int, int] | None:
        for row in range(self._pad.rows):
            for column in range(self._pad.columns):
                if self.box_of(row, column).contains(position):
                    return row, column
        return None

    def _paint(self, place: tuple[int, int], is_painted: bool) -> None:
        row, column = place
        if self._is_painted[row][column] != is_painted:
            self._is_painted[row][column] = is_painted
            self._say()
            self.drawn.emit()
        self.update()

    def _say(self) -> None:
        row, column = self._cursor
        count = sum(map(sum, self._is_painted))
        state = "painted" if self._is_painted[row][column] else "blank"
        self.setAccessibleDescription(f"{count} pixels painted; row {row + 1}, column {column + 1} is {state}")
