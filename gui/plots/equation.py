"""An equation with the numbers of one step below its symbols."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from core.anatomy import Activation, Formula, Piece
from gui.plots.canvas import Canvas
from gui.plots.cell_plan import CellStep, number_text, sum_text
from gui.plots.mathematics import draw_symbol, symbol_width
from gui.plots.numbers import MINUS
from gui.theme import SIZE_BODY, SIZE_EMPHASIS, SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE, Theme

SIZES = (24, 22, 19, 16, 14)
NUMBER_SIZES = {24: SIZE_EMPHASIS, 22: SIZE_EMPHASIS, 19: SIZE_BODY, 16: SIZE_LABEL, 14: SIZE_TICK}
GAP, SIGN_GAP = 9.0, 7.0
FUNCTIONS: dict[Activation, str] = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}
WIDEST = f"{MINUS}0.00"
"""Room that every number has, so that the equation stands still while numbers change."""


@dataclass(frozen=True)
class Column:
    """A piece and where it stands, from the equation's left end."""

    piece: Piece
    left: float
    width: float

    @property
    def middle(self) -> float:
        """Where its centre is."""
        return self.left + self.width / 2


class Equation:
    """``formula`` at the largest of ``SIZES`` up to ``largest`` that fits into ``room`` pixels; made anew for every frame.

    ``has_sum`` adds "= σ(0.92)" behind, where there is room.
    """

    def __init__(self, canvas: Canvas, formula: Formula, room: float, largest: int = 22, has_captions: bool = False) -> None:
        self.formula, self._canvas = formula, canvas
        self.has_captions, self.has_sum = has_captions, formula.activation in FUNCTIONS
        for size in (size for size in SIZES if size <= largest):
            self.size = size
            self.columns = self._lay_out(size)
            self.has_sum = formula.activation in FUNCTIONS and self.width + self._sum_width() <= room
            if self.width <= room and (self.has_sum or formula.activation not in FUNCTIONS):
                break
        self.fits = self.width <= room
        self.whole_width = self.width + (self._sum_width() if self.has_sum else 0)

    @property
    def width(self) -> float:
        """Pixels without what is added behind."""
        return self.columns[-1].left + self.columns[-1].width

    @property
    def number_size(self) -> int:
        """Type size of the numbers."""
        return NUMBER_SIZES[self.size]

    def _lay_out(self, size: int) -> list[Column]:
        canvas, scale = self._canvas, self._canvas.text_scale
        number_size = NUMBER_SIZES[size]
        columns, left = [], 0.0
        for piece in self.formula.pieces:
            width = symbol_width(piece.latex, size * scale)
            if piece.values:
                width = max(width, canvas.text_width(" + ".join([WIDEST] * len(piece.values)), number_size, WEIGHT_TITLE))
                width = max(width, canvas.text_width(piece.caption, SIZE_TICK)) if self.has_captions else width
            columns.append(Column(piece, left, width))
            left += width + (GAP if piece.values else SIGN_GAP) * scale
        return columns

    def _sum_width(self) -> float:
        name = FUNCTIONS.get(self.formula.activation or "identity", "")
        return 14 * self._canvas.text_scale + self._canvas.text_width(f"= {name}({WIDEST})", self.number_size, WEIGHT_TITLE)

    def color(self, piece: Piece) -> str:
        """The colour of a piece: its gate's or state's; signs are quiet."""
        theme: Theme = self._canvas.theme
        if piece.tone is not None and piece.tone != "x":
            return theme.tone(piece.tone).text
        return theme.text if piece.values else theme.text_2

    def draw_symbols(self, painter: QPainter, at: QPointF) -> None:
        """The symbols, their baseline beginning at ``at``."""
        pixels = self.size * self._canvas.text_scale
        for column in self.columns:
            left = at.x() + column.middle - symbol_width(column.piece.latex, pixels) / 2
            draw_symbol(painter, QPointF(left, at.y()), column.piece.latex, pixels, self.color(column.piece))

    def draw_numbers(self, painter: QPainter, at: QPointF, step: CellStep) -> None:
        """The numbers, their row centred at ``at.y()``; captions below."""
        canvas, theme, scale = self._canvas, self._canvas.theme, self._canvas.text_scale
        height = 20 * scale
        center = Qt.AlignmentFlag.AlignHCenter
        for column in self.columns:
            piece = column.piece
            box = QRectF(at.x() + column.left - 20, at.y() - height / 2, column.width + 40, height)
            text = sum_text([step.of_unit(name) for name in piece.values]) if piece.values else piece.sign
            color = self.color(piece) if piece.values else theme.text_2
            canvas.draw_text(painter, box, text, color, self.number_size, center, WEIGHT_TITLE if piece.values else WEIGHT_BODY)
            if self.has_captions and piece.caption:
                canvas.draw_text(painter, box.translated(0, 18 * scale), piece.caption, theme.text_3, SIZE_TICK, center)
        if self.has_sum:
            name = FUNCTIONS[self.formula.activation or "identity"]
            box = QRectF(at.x() + self.width + 12 * scale, at.y() - height / 2, self._sum_width() + 30, height)
            text = f"= {name}({number_text(step.of_unit(self.formula.total))})"
            canvas.draw_text(painter, box, text, theme.text, self.number_size, Qt.AlignmentFlag.AlignLeft, WEIGHT_TITLE)

    def texts(self, step: CellStep) -> list[str]:
        """The numbers as they are drawn, from left to right; signs too."""
        return [sum_text([step.of_unit(name) for name in piece.values]) if piece.values else piece.sign for piece in self.formula.pieces]
