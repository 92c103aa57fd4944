"""A passage shaded by what surprised the network, and how the network goes on by itself."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.prediction import TextPrediction
from gui.plots.canvas import Canvas
from gui.plots.marks import draw_readout
from gui.plots.numbers import value_text
from gui.plots.passage import Line, line_break_shown, wrap
from gui.theme import DARK, SIZE_BODY, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

SURPRISE_COLOR = DARK.input.mark
STRONGEST = {True: 0.5, False: 0.8}
"""Opacity of the strongest surprise on the dark theme and on the light one: more would drown the letters."""
MOST_BITS = 8.0
LEAST_BITS = 0.25
"""Surprise below this is left without shade, to keep the page quiet."""
TYPE_SIZES = (20, 18, 16, 15, 14, 13)
PAD, CAPTION, CONTINUED_LINE = 16.0, 20.0, 19.0
LEAST_WIDTH_WITH_SCALE = 500


@dataclass(frozen=True)
class Plan:
    """How the room is shared: the passage's type size in px, its lines and line height, and which continuations, with how many lines."""

    size: int
    letter_width: float
    line_height: float
    lines: list[Line]
    continuations: list[int]
    continuation_lines: int


class PassagePicture(Canvas):
    """The passage, each symbol shaded by its surprise; above it what the shading means, below it how the network goes on."""

    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._prediction: TextPrediction | None = None
        self.cursor_step: int | None = None
        self._plan: Plan | None = None
        self._plan_key: tuple[object, ...] = ()
        self._first_line = 0
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def is_empty(self) -> bool:
        return self._prediction is None

    @property
    def prediction(self) -> TextPrediction:
        """What is drawn."""
        assert self._prediction is not None
        return self._prediction

    def show_prediction(self, prediction: TextPrediction) -> None:
        """Draw another prediction."""
        self._prediction = prediction
        self.refresh()

    # Layout

    def _make_plan(self) -> Plan:
        """The largest type in which the whole passage fits beside all continuations; else fewer of them beside a piece of it."""
        room, width = self.height() - (CAPTION + 6) * self.text_scale, self.width() - 1.5 * PAD * self.text_scale
        there = list(range(len(self.prediction.continuations)))
        for size in TYPE_SIZES:
            metrics = QFontMetricsF(self.mono_font(size))
            letter, height = metrics.horizontalAdvance("m"), round(metrics.height() + 5 * self.text_scale)
            lines = wrap(self.prediction.read, max(1, int(width / letter)), self.prediction.is_words)
            for per_continuation in (3, 2, 1):
                if len(lines) * height + self._continuation_height(len(there), per_continuation) <= room:
                    return Plan(size, letter, height, lines, there, per_continuation)
        middle_first = sorted(range(len(there)), key=lambda k: abs(k - (len(there) - 1) / 2))
        for count in range(len(there), 0, -1):
            if min(2, len(lines)) * height + self._continuation_height(count, 1) <= room:
                return Plan(size, letter, height, lines, sorted(middle_first[:count]), 1)
        return Plan(size, letter, height, lines, [], 0)

    def _continuation_height(self, count: int, lines: int) -> float:
        """Pixels that ``count`` continuations take with ``lines`` lines each."""
        return (CAPTION + 14 + count * (lines * CONTINUED_LINE + 4)) * self.text_scale if count else 2.0

    def plan(self) -> Plan:
        """How the room is shared now; made anew when the room or the passage changed."""
        key = (self.size(), self.text_scale, self.prediction.read, self.prediction.is_words, len(self.prediction.continuations))
        if self._plan is None or key != self._plan_key:
            self._plan, self._plan_key = self._make_plan(), key
        return self._plan

    def text_area(self) -> QRectF:
        """Where the passage's lines stand."""
        plan, scale = self.plan(), self.text_scale
        top = (CAPTION + 6) * scale
        height = self.height() - top - self._continuation_height(len(plan.continuations), plan.continuation_lines)
        return QRectF(PAD * scale, top, self.width() - 1.5 * PAD * scale, min(height, len(plan.lines) * plan.line_height))

    def _visible_lines(self) -> list[Line]:
        plan = self.plan()
        return plan.lines[self._first_line :][: max(1, int((self.text_area().height() + 1) / plan.line_height))]

    def _scroll_to_cursor(self) -> None:
        """Show the end of the passage, or the cursor's line where that would be out of view."""
        plan = self.plan()
        shown = max(1, int((self.text_area().height() + 1) / plan.line_height))
        self._first_line = max(0, len(plan.lines) - shown)
        if self.cursor_step is not None:
            at = next((k for k, line in enumerate(plan.lines) if self.cursor_step <= line.steps[-1]), 0)
            self._first_line = min(self._first_line, at)

    def box_of(self, step: int) -> QRectF | None:
        """Where symbol ``step`` stands, None while its line is scrolled away."""
        area, plan = self.text_area(), self.plan()
        for row, line in enumerate(self._visible_lines()):
            if step in line.steps:
                k = line.steps.index(step)
                left, top = area.left() + line.columns[k] * plan.letter_width, area.top() + row * plan.line_height
                return QRectF(left, top, len(line.texts[k]) * plan.letter_width, plan.line_height)
        return None

    # Drawing

    def draw_content(self, painter: QPainter) -> None:
        plan, area, theme = self.plan(), self.text_area(), self.theme
        self._scroll_to_cursor()
        self._draw_caption(painter)
        painter.setFont(self.mono_font(plan.size))
        painter.setPen(QColor(theme.text))
        for row, line in enumerate(self._visible_lines()):
            top = area.top() + row * plan.line_height
            for step, column, text in zip(line.steps, line.columns, line.texts, strict=True):
                bits = float(self.prediction.surprise[step])
                if bits > LEAST_BITS:
                    left, right = (round(area.left() + at * plan.letter_width) for at in (column, column + len(text)))
                    painter.fillRect(QRectF(left, top + 1, right - left, plan.line_height - 2), self._shade(bits))
            box = QRectF(area.left(), top, area.width() + plan.letter_width, plan.line_height)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), line.joined())
        if plan.continuations:
            self._draw_continuations(painter, area.bottom())

    def _draw_caption(self, painter: QPainter) -> None:
        """What the shading means, in figures and, where there is room, as a scale."""
        theme, scale, bits = self.theme, self.text_scale, self.prediction.surprise[1:]
        mean = value_text(float(np.mean(bits)) if len(bits) else float("nan"))
        unit = "word" if self.prediction.is_words else "letter"
        caption = f"surprise {mean} bits a {unit}; {value_text(self.prediction.uniform_surprise, 3)} without any knowledge"
        has_scale = self.width() >= LEAST_WIDTH_WITH_SCALE * scale
        room = self.width() - (PAD + 6 + (210 if has_scale else 0)) * scale
        self.draw_text(painter, QRectF(PAD * scale, 4 * scale, room, 18 * scale), caption, theme.text_2, SIZE_TICK)
        if not has_scale:
            return
        left, right = round(self.width() - 140 * scale), round(self.width() - 74 * scale)
        for x in range(left, right):
            painter.fillRect(QRectF(x, 9 * scale, 1, 8 * scale), self._shade((x - left + 1) / (right - left) * MOST_BITS))
        before, after = QRectF(0, 4 * scale, left - 6 * scale, 18 * scale), QRectF(right + 6 * scale, 4 * scale, 68 * scale, 18 * scale)
        self.draw_text(painter, before, "expected", theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        self.draw_text(painter, after, "surprising", theme.text_3, SIZE_TICK)

    def _shade(self, bits: float) -> QColor:
        color = QColor(SURPRISE_COLOR)
        color.setAlphaF(min(max(bits, 0.0) / MOST_BITS, 1.0) * STRONGEST[self.theme.is_dark])
        return color

    def _draw_continuations(self, painter: QPainter, top: float) -> None:
        theme, scale, lines = self.theme, self.text_scale, self.plan().continuation_lines
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        y = top + 7 * scale
        painter.drawLine(QLineF(PAD * scale, round(y), self.width() - PAD * scale / 2, round(y)))
        y += 4 * scale
        caption = QRectF(PAD * scale, y, self.width() - 2 * PAD * scale, CAPTION * scale)
        self.draw_text(painter, caption, f"goes on after “{self.prediction.prompt}”, by temperature", theme.text_2, SIZE_TICK)
        y += CAPTION * scale
        left, line = (PAD + 38) * scale, CONTINUED_LINE * scale
        letter = QFontMetricsF(self.mono_font(SIZE_BODY)).horizontalAdvance("m")
        columns = max(1, int((self.width() - left - PAD * scale) / letter))
        for temperature, text in (self.prediction.continuations[k] for k in self.plan().continuations):
            head = QRectF(PAD * scale, y, 34 * scale, line)
            self.draw_text(painter, head, f"{temperature:g}", theme.text, SIZE_LABEL, weight=WEIGHT_TITLE)
            given = len(self.prediction.prompt) if text.startswith(self.prediction.prompt) else 0
            painter.setFont(self.mono_font(SIZE_BODY))
            broken = wrap(tuple(text), columns, is_words=False)
            for row, shown in enumerate(broken[:lines]):
                joined = shown.joined()
                if row == lines - 1 and len(broken) > lines:
                    joined = joined[: columns - 1].rstrip() + "…"
                dim = max(0, min(given - shown.steps[0], len(joined)))
                for part, column, color in ((joined[:dim], 0, theme.text_3), (joined[dim:], dim, theme.text)):
                    painter.setPen(QColor(color))
                    box = QRectF(left + column * letter, y + row * line, self.width(), line)
                    painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), part)
            y += lines * line + 4 * scale

    def draw_overlay(self, painter: QPainter) -> None:
        box = None if self.cursor_step is None else self.box_of(self.cursor_step)
        if box is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 1.5))
            painter.drawRoundedRect(box.adjusted(-1, 0.5, 1, -0.5), 2, 2)
        step = None if self.hover is None else self.step_at(self.hover)
        if step is not None and self.hover is not None:
            symbol = line_break_shown(self.prediction.read[step]).replace(" ", "␣")
            bits = f"{value_text(float(self.prediction.surprise[step]))} bits"
            draw_readout(self, painter, self.hover, [(f"t = {step + 1}  “{symbol}”", bits, "")])

    def step_at(self, at: QPointF) -> int | None:
        """The symbol under a point of the widget."""
        area, plan = self.text_area(), self.plan()
        row, column = int((at.y() - area.top()) // plan.line_height), int((at.x() - area.left()) // plan.letter_width)
        lines = self._visible_lines()
        if not 0 <= row < len(lines):
            return None
        parts = zip(lines[row].steps, lines[row].columns, lines[row].texts, strict=True)
        return next((step for step, start, text in parts if start <= column < start + len(text)), None)

    def set_cursor_step(self, step: int) -> None:
        """Mark a symbol; the passage scrolls only if it is out of view."""
        self.cursor_step = step
        if not self.is_empty() and self.box_of(step) is None:
            self.refresh()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        step = self.step_at(event.position()) if event.button() == Qt.MouseButton.LeftButton and not self.is_empty() else None
        if step is not None:
            self.step_chosen.emit(step)
