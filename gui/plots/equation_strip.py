"""The equation of a step in one row: whose it is, symbols with their numbers, and what they say in words."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from core.anatomy import Formula
from gui.plots.canvas import Canvas
from gui.plots.cell_plan import CellStep
from gui.plots.equation import Equation
from gui.plots.numbers import share_text
from gui.theme import SIZE_BODY, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

PAD = 14.0
CHIP, WORDS, GAP = 72.0, 128.0, 10.0
"""Widths of the chip at the left, of the words at the right, and of the gap between."""


def said(formula: Formula, step: CellStep) -> str:
    """What a formula says of the followed unit: "keeps 86 %, writes 71 % of the proposal"."""
    return formula.says.format(*(share_text(min(1.0, max(0.0, step.of_unit(name)))) for name in formula.shares))


class EquationStrip(Canvas):
    """``title`` stands above the equation where it is given, else a chip with the unit stands at its left."""

    def __init__(self, theme: Theme, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.title = title
        self.formula: Formula | None = None
        self.step: CellStep | None = None
        self.equation: Equation | None = None

    def show_step(self, formula: Formula, step: CellStep) -> None:
        """Show ``formula`` with the numbers of ``step``."""
        self.step = step
        if formula is not self.formula:
            self.formula = formula
            self.reframe()
        self.setAccessibleName("The equation of this step")
        self.setAccessibleDescription(f"unit {step.unit}: {said(formula, step)}")
        self.update()

    def clear(self) -> None:
        """Forget the numbers."""
        self.step = None
        self.update()

    def is_empty(self) -> bool:
        return self.step is None or self.formula is None

    @property
    def _has_chip(self) -> bool:
        return not self.title and self.width() >= 340 * self.text_scale

    @property
    def _has_words(self) -> bool:
        return self.equation is not None and self._left() + self.equation.whole_width + GAP + self._words_width() <= self.width() - PAD

    def _words_width(self) -> float:
        return WORDS * self.text_scale

    def _left(self) -> float:
        return PAD + (CHIP * self.text_scale if self._has_chip else 0.0)

    def _equation_left(self) -> float:
        """Where the equation begins: in the middle of what is left of the row, where that is wide."""
        assert self.equation is not None
        if self.title:
            return PAD
        end = self.width() - PAD - (self._words_width() + GAP if self._has_words else 0.0)
        return self._left() + max(0.0, (end - self._left() - self.equation.whole_width) / 2)

    def _baseline(self) -> float:
        scale = self.text_scale
        return self.height() / 2 + (14 if self.title else -3) * scale

    def draw_frame(self, painter: QPainter) -> None:
        assert self.formula is not None
        painter.fillRect(self.rect(), QColor(self.theme.panel if self.title else self.theme.raised))
        painter.fillRect(0, 0, self.width(), 1, QColor(self.theme.line))
        self.equation = Equation(self, self.formula, self.width() - self._left() - PAD)
        if self.title:
            box = QRectF(PAD, 10 * self.text_scale, self.width() - 2 * PAD, 18 * self.text_scale)
            self.draw_text(painter, box, self.title, self.theme.text, SIZE_BODY, weight=WEIGHT_TITLE)
        if self.equation.fits:
            self.equation.draw_symbols(painter, QPointF(self._equation_left(), self._baseline()))

    def draw_overlay(self, painter: QPainter) -> None:
        if self.step is None or self.formula is None or self.equation is None:
            return
        theme, scale = self.theme, self.text_scale
        middle = self.height() / 2
        if self._has_chip:
            chip = QRectF(PAD, middle - 20 * scale, 58 * scale, 19 * scale)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_wash))
            painter.drawRoundedRect(chip, 9, 9)
            center = Qt.AlignmentFlag.AlignHCenter
            self.draw_text(painter, chip, f"unit {self.step.unit}", theme.text, SIZE_TICK, center, WEIGHT_TITLE)
            below = QRectF(chip.left(), chip.bottom() + 3 * scale, chip.width(), 16 * scale)
            self.draw_text(painter, below, f"at t = {self.step.step + 1}", theme.text_2, SIZE_TICK, center)
        if self.equation.fits:
            self.equation.draw_numbers(painter, QPointF(self._equation_left(), self._baseline() + 24 * scale), self.step)
            if not self._has_words:
                return
        words = QRectF(self.width() - PAD - self._words_width(), 0, self._words_width(), self.height())
        if not self.equation.fits:
            words = QRectF(self._left(), 0, self.width() - self._left() - PAD, self.height())
        painter.setFont(self.text_font(SIZE_LABEL))
        painter.setPen(QColor(theme.text_2))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        if not self.title or not self.equation.fits:
            painter.drawText(words, int(flags), said(self.formula, self.step))
