"""A symbol at every step: what went in, what was wanted, what the network says, and how sure it is of every symbol.

A person should see the answers become sure (bright cells) and right (none struck through), and how far back the network can remember.
Where several symbols may come next all of them are outlined, and an answer is right where all are found.
"""

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.legal import SEPARATOR
from core.prediction import SymbolsPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots import colormaps
from gui.plots.bitmap import BitmapPlot
from gui.plots.canvas import Canvas
from gui.plots.curves import blend
from gui.plots.marks import draw_cursor, draw_readout
from gui.plots.numbers import share_text
from gui.plots.scales import StepScale
from gui.plots.veil import draw_veil
from gui.theme import SIZE_TICK, Theme
from gui.walk import Span

CENTER = Qt.AlignmentFlag.AlignHCenter
LEFT, RIGHT_PAD, TOP, FOOT = 62.0, 14.0, 8.0, 22.0
STRIP_HEIGHT = 19.0
LEAST_LETTER_WIDTH = 8.0
LARGEST_CELL = 30.0
LEAST_LETTER_SIZE = 7
CROWDED = "…"
"""Stands for several symbols where they have no room."""


class SymbolStrip(Canvas):
    """Three strips of symbols (in, wanted, answer) over a heatmap of the probability of every symbol."""

    def __init__(self, theme: Theme, view: "SymbolsView") -> None:
        super().__init__(theme, view)
        self.view = view
        self.cursor_step: int | None = None
        self.seen: Span | None = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def is_empty(self) -> bool:
        return self.view.prediction is None

    @property
    def prediction(self) -> SymbolsPrediction:
        """What is drawn."""
        assert self.view.prediction is not None
        return self.view.prediction

    def strips_area(self) -> QRectF:
        """The rectangle over the steps, strips and heatmap together."""
        scale = self.text_scale
        count = len(self.prediction.inputs)
        width = min(self.width() - (LEFT + RIGHT_PAD) * scale, count * LARGEST_CELL * scale)
        return QRectF(LEFT * scale, TOP * scale, max(width, 1.0), self.height() - (TOP + FOOT) * scale)

    def heat_area(self) -> QRectF:
        """The heatmap's rectangle."""
        area = self.strips_area().adjusted(0, (3 * STRIP_HEIGHT + 6) * self.text_scale, 0, 0)
        area.setHeight(min(area.height(), len(self.prediction.symbols) * LARGEST_CELL * self.text_scale))
        return area

    def cell_width(self) -> float:
        """Pixels a step."""
        return self.strips_area().width() / max(1, len(self.prediction.inputs))

    def draw_frame(self, painter: QPainter) -> None:
        area, heat, theme, scale = self.strips_area(), self.heat_area(), self.theme, self.text_scale
        right = Qt.AlignmentFlag.AlignRight
        for row, name in enumerate(("in", "wanted", "answer")):
            box = QRectF(0, area.top() + row * STRIP_HEIGHT * scale, area.left() - 8 * scale, STRIP_HEIGHT * scale)
            self.draw_text(painter, box, name, theme.text_2, SIZE_TICK, right)
        symbols = self.prediction.symbols
        row_height = heat.height() / max(1, len(symbols))
        every = max(1, int(np.ceil(13 * scale / max(row_height, 1e-6))))
        for row in range(0, len(symbols), every):
            box = QRectF(0, heat.top() + (row + 0.5) * row_height - 8 * scale, area.left() - 8 * scale, 16 * scale)
            self.draw_text(painter, box, symbols[row], theme.text_3, SIZE_TICK, right)
        self._draw_strip(painter, 0, self.prediction.inputs, theme.text_2)
        self._draw_strip(painter, 1, self.prediction.wanted, theme.text)
        for step, text in StepScale(0.5, len(self.prediction.inputs) + 0.5).ticks(area.width(), 36 * scale):
            box = QRectF(self._x_of(step - 1) - 20 * scale, heat.bottom() + 3 * scale, 40 * scale, 16 * scale)
            self.draw_text(painter, box, text, theme.text_3, SIZE_TICK, CENTER)

    def draw_content(self, painter: QPainter) -> None:
        prediction, heat, width = self.prediction, self.heat_area(), self.cell_width()
        if heat.height() >= 4:
            painter.drawImage(heat, colormaps.to_image(prediction.probabilities.T, 0, 1, "viridis", self.theme.panel))
            self._outline_wanted(painter, heat, width)
        for step in np.flatnonzero(self.view.is_wrong()).tolist():
            self._strike_out(painter, step, width)
        answers = zip(prediction.wanted, prediction.answers(), strict=True)
        self._draw_strip(painter, 2, tuple(answer if wanted else "" for wanted, answer in answers), self.theme.text)

    def _outline_wanted(self, painter: QPainter, heat: QRectF, width: float) -> None:
        height = heat.height() / len(self.prediction.symbols)
        if width < 5 or height < 5:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor("#FFFFFF"), 1))
        for step, row in self.view.outlined():
            box = QRectF(heat.left() + step * width, heat.top() + row * height, width, height)
            painter.drawRect(box.adjusted(1.5, 1.5, -1.5, -1.5))

    def _draw_strip(self, painter: QPainter, row: int, symbols: tuple[str, ...], color: str) -> None:
        """The letters of one strip, where they are wide enough to be read."""
        cell, width = self._strip_cell(row, 0), self.cell_width()
        if width < LEAST_LETTER_WIDTH * self.text_scale:
            return
        # Of several symbols in a cell only they themselves; a separator may be a symbol, too (dates).
        shown = symbols if self.prediction.legal is None else [symbol.replace(SEPARATOR, "") for symbol in symbols]
        painter.setPen(QColor(color))
        for count in sorted({len(symbol) for symbol in shown} - {0}):
            size = round(min(13.0, width * 1.25 / (count**0.8) / self.text_scale))
            painter.setFont(self.mono_font(max(size, LEAST_LETTER_SIZE)))
            for step, symbol in enumerate(shown):
                if len(symbol) == count:
                    text = symbol if size >= LEAST_LETTER_SIZE else CROWDED
                    painter.drawText(cell.translated(step * width, 0), int(Qt.AlignmentFlag.AlignCenter), text)

    def _strike_out(self, painter: QPainter, step: int, width: float) -> None:
        """A wrong answer stands on a ground of its own and is struck through; where there is no room it is a stroke."""
        cell = self._strip_cell(2, step)
        if width < LEAST_LETTER_WIDTH * self.text_scale:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(QColor(self.theme.bad), max(1.0, width - 1)))
            painter.drawLine(QLineF(cell.center().x(), cell.top() + 3, cell.center().x(), cell.bottom() - 3))
            return
        side = min(width, STRIP_HEIGHT * self.text_scale) - 1
        box = QRectF(cell.center().x() - side / 2, cell.center().y() - side / 2, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(blend(self.theme.bad, self.theme.panel, 0.22))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QPen(QColor(self.theme.bad), 1.5))
        painter.drawLine(QLineF(box.left() + 1, box.bottom() - 1, box.right() - 1, box.top() + 1))

    def draw_overlay(self, painter: QPainter) -> None:
        area = self.strips_area()
        if self.seen is not None:
            answers = area.adjusted(0, 2 * STRIP_HEIGHT * self.text_scale, 1, 0)
            left, right = (area.left() + step * self.cell_width() for step in self.seen)
            draw_veil(painter, answers, left, right, self.theme)
        if self.cursor_step is not None and self.cursor_step < len(self.prediction.inputs):
            draw_cursor(painter, self._x_of(self.cursor_step), self.heat_area().top(), self.heat_area().bottom(), self.theme)
        if self.hover is not None and area.contains(self.hover):
            step = self._step_at(self.hover.x())
            rows = [(f"t = {step + 1}", "", ""), ("in", self.prediction.inputs[step], "")]
            if self.prediction.wanted[step]:
                rows.append(("wanted", self.prediction.wanted[step], ""))
            share = float(self.prediction.probabilities[step].max())
            if np.isfinite(share):
                rows.append(("answer", f"{self.prediction.answers()[step] or 'none'}  {share_text(share)}", ""))
            draw_readout(self, painter, self.hover, rows)

    def _strip_cell(self, row: int, step: int) -> QRectF:
        area, height = self.strips_area(), STRIP_HEIGHT * self.text_scale
        return QRectF(area.left() + step * self.cell_width(), area.top() + row * height, self.cell_width(), height)

    def _x_of(self, step: float) -> float:
        return self.strips_area().left() + (step + 0.5) * self.cell_width()

    def _step_at(self, x: float) -> int:
        return min(max(int((x - self.strips_area().left()) / self.cell_width()), 0), len(self.prediction.inputs) - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty() and self.strips_area().contains(event.position()):
            self.view.step_chosen.emit(self._step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton and not self.is_empty():
            self.view.step_chosen.emit(self._step_at(event.position().x()))


class SymbolsView(PredictionView):
    """The strips, beside the picture that they are about where there is one, and how many answers are right."""

    name = "symbols"
    prediction_type = SymbolsPrediction

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: SymbolsPrediction | None = None
        self.strip = SymbolStrip(theme, self)
        self.picture = BitmapPlot(theme)
        self.picture.setVisible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picture)
        layout.addWidget(self.strip, 1)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.strip.set_theme(theme)
        self.picture.set_theme(theme)

    def show_prediction(self, prediction: SymbolsPrediction, trace: Trace | None) -> None:
        old, self.prediction = self.prediction, prediction
        if old is None or (old.symbols, old.inputs, old.wanted) != (prediction.symbols, prediction.inputs, prediction.wanted):
            self.strip.reframe()
        self.strip.refresh()
        if prediction.picture is not None:
            self.picture.show_picture(prediction.picture)
        self.picture.setVisible(prediction.picture is not None)

    def set_cursor(self, step: int) -> None:
        self.strip.cursor_step = step
        self.strip.update()

    def outlined(self) -> list[tuple[int, int]]:
        """The cells, (step, symbol), of what was wanted."""
        prediction = self.prediction
        if prediction is None:
            return []
        if prediction.legal is not None:
            return [(int(step), int(symbol)) for step, symbol in zip(*np.nonzero(prediction.legal), strict=True)]
        numbers = {symbol: number for number, symbol in enumerate(prediction.symbols)}
        return [(step, numbers[symbol]) for step, symbol in enumerate(prediction.wanted) if symbol in numbers]

    def is_wrong(self) -> list[bool]:
        """For every step whether something else than the answer was wanted."""
        if self.prediction is None:
            return []
        pairs = zip(self.prediction.wanted, self.prediction.is_right().tolist(), strict=True)
        return [symbol != "" and not is_right for symbol, is_right in pairs]

    def set_seen(self, seen: Span | None) -> None:
        self.strip.seen = seen
        self.strip.update()

    def subtitle(self) -> str:
        if self.prediction is None:
            return ""
        asked = sum(symbol != "" for symbol in self.prediction.wanted)
        right, close = int(self.prediction.is_right().sum()), int(self.prediction.is_close().sum())
        what = "symbols" if self.prediction.legal is None else "steps"
        return f"{right} of {asked} {what} right" + (f", {close} of them by a narrow margin" if close else "")

    def as_table(self) -> list[list[str]]:
        rows = [["t", "in", "wanted", "answer", "probability"]]
        if self.prediction is not None:
            answers = self.prediction.answers()
            steps = zip(self.prediction.inputs, self.prediction.wanted, answers, self.prediction.probabilities, strict=True)
            rows += [
                [str(t), given, wanted, answer, f"{p.max():.4f}" if answer else ""] for t, (given, wanted, answer, p) in enumerate(steps, 1)
            ]
        return rows


VIEW = SymbolsView
