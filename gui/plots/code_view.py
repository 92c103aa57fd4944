"""The same step as NumPy code, with the value of each line beside it and the chosen signal's line marked."""

import re

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.cell_plan import CellPlan, CellStep, number_text
from gui.style import current_look
from gui.theme import SIZE_BODY, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

HEAD, ROW, PAD = 34.0, 25.0, 14.0
LEAST_ROW = 17.0
NUMBERS, VALUES = 24.0, 58.0
"""Widths of the line numbers at the left and of the values at the right."""
WORD = re.compile(r"[A-Za-z_]\w*|[^A-Za-z_]+")


class CodeView(Canvas):
    """Lines in the fixed font; variables wear the colours of their signals. ``signal_chosen`` when a line is pressed."""

    signal_chosen = QtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.plan: CellPlan | None = None
        self.step: CellStep | None = None
        self.selected = ""
        self.setAccessibleName("This step as NumPy code")

    def show_step(self, plan: CellPlan, step: CellStep, selected: str) -> None:
        """The code of ``plan`` with the values of ``step``; the line that computes ``selected`` is marked."""
        is_other = plan is not self.plan or selected != self.selected
        self.plan, self.step, self.selected = plan, step, selected
        if is_other:
            self.setAccessibleDescription("\n".join(line.text for line in plan.code))
            self.reframe()
        self.update()

    def clear(self) -> None:
        """Forget the values."""
        self.step = None
        self.update()

    def is_empty(self) -> bool:
        return self.step is None or self.plan is None

    def wanted_height(self, lines: int) -> int:
        """Pixels for ``lines`` of code."""
        return round((HEAD + lines * ROW + 10) * self.text_scale)

    def _row_height(self) -> float:
        assert self.plan is not None
        room = (self.height() - (HEAD + 10) * self.text_scale) / len(self.plan.code)
        return max(LEAST_ROW * self.text_scale, min(ROW * self.text_scale, room))

    def row(self, index: int) -> QRectF:
        """Where line ``index`` (from 0) stands."""
        height = self._row_height()
        return QRectF(0, (HEAD + 4) * self.text_scale + index * height, self.width(), height)

    def value_texts(self) -> list[str]:
        """The values as they are drawn, "" for lines without one."""
        assert self.plan is not None and self.step is not None
        return [number_text(self.step.of_unit(line.signal)) if line.signal else "" for line in self.plan.code]

    def _font(self) -> QFont:
        """The largest in which the longest line has room."""
        assert self.plan is not None
        look = current_look()
        room = self.width() - (NUMBERS + VALUES + 2 * PAD) * self.text_scale
        longest = max((line.text for line in self.plan.code), key=len)
        fonts = [look.mono(round(size * self.growth)) for size in (SIZE_LABEL, SIZE_TICK, 10, 9)]
        return next((font for font in fonts if QFontMetricsF(font).horizontalAdvance(longest) <= room), fonts[-1])

    def draw_frame(self, painter: QPainter) -> None:
        assert self.plan is not None and self.step is not None
        theme, scale = self.theme, self.text_scale
        head = QRectF(PAD, 0, self.width() - 2 * PAD, HEAD * scale)
        self.draw_text(painter, head, "This step as NumPy", theme.text, SIZE_BODY, weight=WEIGHT_TITLE)
        painter.fillRect(QRectF(0, head.bottom(), self.width(), self.height() - head.height()), QColor(theme.raised))
        painter.fillRect(QRectF(0, head.bottom(), self.width(), 1), QColor(theme.line))
        font = self._font()
        metrics = QFontMetricsF(font)
        colors = {line.variable: self.plan.tone(theme, line.signal) for line in self.plan.code if line.signal in self.plan.signals}
        painter.setClipRect(self.rect())
        for index, line in enumerate(self.plan.code):
            row = self.row(index)
            if line.signal and line.signal == self.selected:
                painter.fillRect(row, QColor(theme.accent_wash))
                painter.fillRect(QRectF(row.left(), row.top(), 2, row.height()), QColor(theme.accent))
            number = QRectF(0, row.top(), (NUMBERS - 2) * scale, row.height())
            self.draw_text(painter, number, str(index + 1), theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
            baseline = row.center().y() + (metrics.ascent() - metrics.descent()) / 2
            self._draw_code(painter, QPointF((NUMBERS + 10) * scale, baseline), line.text, font, colors)

    def _draw_code(self, painter: QPainter, at: QPointF, text: str, font: QFont, colors: dict[str, str]) -> None:
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        limit = self.width() - (VALUES + PAD / 2) * self.text_scale
        x = at.x()
        quoted = False
        for word in WORD.findall(text):
            painter.setPen(QColor(self.theme.text if quoted else colors.get(word, self.theme.text)))
            width = metrics.horizontalAdvance(word)
            if x + width > limit:
                painter.drawText(QPointF(x, at.y()), metrics.elidedText(word, Qt.TextElideMode.ElideRight, limit - x))
                return
            painter.drawText(QPointF(x, at.y()), word)
            x += width
            quoted ^= word.count('"') % 2 == 1

    def draw_overlay(self, painter: QPainter) -> None:
        if self.step is None or self.plan is None:
            return
        theme, scale = self.theme, self.text_scale
        head = QRectF(PAD, 0, self.width() - 2 * PAD, HEAD * scale)
        self.draw_text(painter, head, f"value of unit {self.step.unit}", theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        for index, (line, text) in enumerate(zip(self.plan.code, self.value_texts(), strict=True)):
            row = self.row(index).adjusted(0, 0, -PAD, 0)
            color = self.plan.tone(theme, line.signal) if line.signal in self.plan.signals else theme.text_2
            self.draw_text(painter, row, text, color, SIZE_LABEL, Qt.AlignmentFlag.AlignRight, WEIGHT_TITLE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.plan is None or self.is_empty():
            return
        for index, line in enumerate(self.plan.code):
            if line.signal in self.plan.formulas and self.row(index).contains(event.position()):
                self.signal_chosen.emit(line.signal)
