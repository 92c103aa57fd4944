"""One gate in full: its equation with every number named, what it means in words, and where it stands on its activation curve."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.anatomy import Activation, Formula
from gui.plots.canvas import Canvas
from gui.plots.cell_plan import CellPlan, CellStep, full_name, number_text
from gui.plots.curves import draw_line
from gui.plots.equation import Equation
from gui.plots.equation_strip import said
from gui.plots.marks import draw_dot
from gui.plots.numbers import MINUS
from gui.theme import SIZE_EMPHASIS, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

PAD = 20.0
CURVE_WIDTH, CURVE_REACH = 170.0, 4.0
CURVES: dict[Activation, Callable[[np.ndarray], np.ndarray]] = {
    "sigmoid": lambda a: 0.5 + 0.5 * np.tanh(0.5 * a),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0.0),
}
ENDS: dict[Activation, tuple[float, float]] = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, CURVE_REACH)}


def pushes(formula: Formula, step: CellStep) -> str:
    """What the terms of a sum do, in words: "Memory pushes it up by 0.53, the input by 0.28, the bias down by 0.10"."""
    names = {"memory": "memory", "input": "the input", "peephole": "the peephole", "bias": "the bias"}
    parts = [(names[word], step.of_unit(name)) for word, name in formula.terms.items() if word in names]
    parts = [(name, value) for name, value in parts if np.isfinite(value)]
    if not parts or formula.activation is None:
        return ""
    said_before = ""
    texts: list[str] = []
    for name, value in parts:
        way = "down" if value < 0 else "up"
        verb = f" pushes it {way}" if not texts else f" {way}" if way != said_before else ""
        texts.append(f"{name}{verb} by {number_text(abs(value))}")
        said_before = way
    return f"{', '.join(texts)}."[0].upper() + f"{', '.join(texts)}."[1:]


class GateView(Canvas):
    """The chosen signal's equation at the left, its activation curve at the right where there is room."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.plan: CellPlan | None = None
        self.formula: Formula | None = None
        self.step: CellStep | None = None
        self.equation: Equation | None = None
        self.setAccessibleName("The chosen gate at this step")

    def show_step(self, plan: CellPlan, formula: Formula, step: CellStep) -> None:
        """Show ``formula`` with the numbers of ``step``."""
        self.step = step
        if plan is not self.plan or formula is not self.formula:
            self.plan, self.formula = plan, formula
            self.reframe()
        self.setAccessibleDescription(f"{pushes(formula, step)} {self._meaning()}".strip())
        self.update()

    def clear(self) -> None:
        """Forget the numbers."""
        self.step = None
        self.update()

    def is_empty(self) -> bool:
        return self.step is None or self.formula is None or self.plan is None

    def _meaning(self) -> str:
        assert self.formula is not None and self.step is not None
        text = said(self.formula, self.step)
        text = text[:1].upper() + text[1:]
        return text if text.endswith((".", "")) and text[-1:] == "." else f"{text}."

    @property
    def has_curve(self) -> bool:
        """Whether there is a curve, and room for it."""
        has_one = self.formula is not None and self.formula.activation in CURVES
        return has_one and self.width() >= 520 * self.text_scale and self.height() >= 130 * self.text_scale

    def curve_box(self) -> QRectF:
        """The rectangle of the activation curve."""
        scale = self.text_scale
        return QRectF(self.width() - PAD - CURVE_WIDTH * scale, 22 * scale, CURVE_WIDTH * scale, self.height() - 52 * scale)

    def _room(self) -> float:
        return (self.curve_box().left() - 44 * self.text_scale if self.has_curve else self.width()) - 2 * PAD

    def draw_frame(self, painter: QPainter) -> None:
        assert self.formula is not None and self.plan is not None
        theme, scale = self.theme, self.text_scale
        painter.fillRect(self.rect(), QColor(theme.raised))
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.line))
        signal = self.plan.signals[self.formula.signal]
        name = full_name(signal, signal.name)
        title = QRectF(PAD, 12 * scale, self._room(), 22 * scale)
        color = theme.tone(signal.role).text
        self.draw_text(painter, title, name[0].upper() + name[1:], color, SIZE_EMPHASIS, weight=WEIGHT_TITLE)
        self.equation = Equation(self, self.formula, self._room(), 24, has_captions=True)
        if self.equation.fits:
            self.equation.draw_symbols(painter, QPointF(PAD, self._baseline()))
        if self.has_curve:
            self._draw_curve(painter, self.formula.activation or "identity", theme.tone(signal.role).mark)

    def _baseline(self) -> float:
        return 68 * self.text_scale

    def _curve_point(self, a: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        assert self.formula is not None and self.formula.activation is not None
        box, (low, high) = self.curve_box(), ENDS[self.formula.activation]
        values = np.clip(np.asarray(a, dtype=float), -CURVE_REACH, CURVE_REACH)
        y = CURVES[self.formula.activation](values)
        x_at = box.left() + (values + CURVE_REACH) / (2 * CURVE_REACH) * box.width()
        return x_at, box.bottom() - (y - low) / (high - low) * box.height()

    def _draw_curve(self, painter: QPainter, activation: Activation, color: str) -> None:
        box, theme, scale = self.curve_box(), self.theme, self.text_scale
        low, high = ENDS[activation]
        for share, value in ((0.0, low), (0.5, (low + high) / 2), (1.0, high)):
            y = round(box.bottom() - share * box.height()) + 0.5
            painter.setPen(QPen(QColor(theme.line_2), 1))
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            label = QRectF(box.left() - 40 * scale, y - 8 * scale, 34 * scale, 16 * scale)
            self.draw_text(painter, label, f"{value:g}".replace("-", MINUS), theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        for share, text in ((0.0, f"{MINUS}4"), (0.5, "0"), (1.0, "4")):
            label = QRectF(box.left() + share * box.width() - 20, box.bottom() + 4 * scale, 40, 16 * scale)
            self.draw_text(painter, label, text, theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignHCenter)
        draw_line(painter, *self._curve_point(np.linspace(-CURVE_REACH, CURVE_REACH, 81)), QColor(color), 2.0 * self.growth)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.step is None or self.formula is None or self.equation is None or self.plan is None:
            return
        theme, scale = self.theme, self.text_scale
        name = full_name(self.plan.signals[self.formula.signal], self.formula.signal)
        left = PAD + self.text_width(name[0].upper() + name[1:], SIZE_EMPHASIS, WEIGHT_TITLE) + 10
        subtitle = QRectF(left, 12 * scale, self._room() + PAD - left, 22 * scale)
        self.draw_text(painter, subtitle, f"unit {self.step.unit}, this very step", theme.text_2, SIZE_LABEL)
        top = 56 * scale
        if self.equation.fits:
            self.equation.draw_numbers(painter, QPointF(PAD, self._baseline() + 27 * scale), self.step)
            top = self._baseline() + 62 * scale
        painter.setFont(self.text_font(SIZE_LABEL))
        painter.setPen(QColor(theme.text_2))
        words = QRectF(PAD, top, self._room(), self.height() - top - 4)
        text = "\n".join(line for line in (pushes(self.formula, self.step), self._meaning()) if line)
        if words.height() >= 16 * scale:
            painter.drawText(words, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), text)
        if self.has_curve:
            self._draw_point(painter)

    def _draw_point(self, painter: QPainter) -> None:
        """Where the sum stands on the curve."""
        assert self.step is not None and self.formula is not None and self.plan is not None
        total = self.step.of_unit(self.formula.total)
        if not np.isfinite(total):
            return
        box = self.curve_box()
        x, y = (float(value) for value in self._curve_point(total))
        pen = QPen(QColor(self.theme.accent), 1.2)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawLines([QLineF(x, y, x, box.bottom()), QLineF(box.left(), y, x, y)])
        draw_dot(painter, QPointF(x, y), self.theme.tone(self.plan.signals[self.formula.signal].role).mark, self.theme.raised, 4.5)
