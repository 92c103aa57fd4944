"""Every output against every input: how much each answer depends on what was read at each time step."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QMarginsF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.controls.keys import KeepsKeys
from gui.plots import colormaps
from gui.plots.color_bar import draw_color_bar
from gui.plots.decade_axis import USUAL, positive
from gui.plots.marks import draw_marked_steps, draw_readout
from gui.plots.numbers import value_text
from gui.plots.plot import LEFT_MARGIN, Plot
from gui.plots.scales import StepScale
from gui.theme import SIZE_TICK, Theme

Floats = NDArray[np.float64]
TITLE, X_TITLE, SHORT_X_TITLE, Y_TITLE = "every answer, every input", "τ: input read", "τ", "t: answer"
WIDTH_WITH_TITLE, TITLE_LEFT = 220.0, 30.0


class ConnectivityMap(KeepsKeys, Plot):
    """Rows are outputs, the first at the bottom; where not every output has a row, the nearest is drawn. A press chooses an output.

    With the keyboard, the arrows up and down choose another one.
    """

    kept_keys = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down})
    output_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QMarginsF(LEFT_MARGIN, 30, 64, 24), parent)
        self.steps: tuple[int, ...] = ()
        self.norms: Floats = np.zeros((0, 0))
        self.marked_steps: tuple[int, ...] = ()
        self.decades = USUAL
        self.is_beyond = (False, False)
        self.output_step: int | None = None
        self._output_steps = range(0)
        self._row_of: NDArray[np.intp] = np.zeros(0, np.intp)
        self.x_title, self.y_title, self.y_title_rise = X_TITLE, Y_TITLE, 1.0
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_norms(
        self, steps: tuple[int, ...], norms: Floats, output_steps: range, marked_steps: tuple[int, ...], decades: tuple[int, int]
    ) -> None:
        """Draw ``norms`` (R, T) of the outputs at ``steps`` (R); ``decades`` are the exponents of the ends of the colours."""
        self.steps, self.norms, self.marked_steps, self._output_steps = steps, norms, marked_steps, output_steps
        self._row_of = np.abs(np.array(output_steps)[:, None] - np.array(steps)).argmin(axis=1)
        sizes = norms[np.isfinite(norms) & (norms > 0)]
        is_beyond = (bool((sizes < 10.0 ** decades[0]).any()), bool((sizes > 10.0 ** decades[1]).any()))
        if (decades, is_beyond) != (self.decades, self.is_beyond):
            self.decades, self.is_beyond = decades, is_beyond
            self.reframe()
        first, last = output_steps[0] + 1, output_steps[-1] + 1
        self.set_scales(StepScale(0.5, norms.shape[1] + 0.5), StepScale(first - 0.5, last + 0.5))
        self.refresh()

    def mark_output(self, step: int | None) -> None:
        """Mark the output that is asked."""
        if step != self.output_step:
            self.output_step = step
            self.update()

    def clear(self) -> None:
        """Forget the norms."""
        self.steps, self.norms = (), np.zeros((0, 0))
        self.reframe()

    def is_empty(self) -> bool:
        return not self.steps

    def set_zoom(self, zoom: tuple[float, float] | None) -> None:
        """All of it is always shown."""

    def draw_frame(self, painter: QPainter) -> None:
        box, scale = self.plot_rect(), self.text_scale
        self.x_title = X_TITLE if box.width() >= WIDTH_WITH_TITLE * scale else SHORT_X_TITLE
        # The last tick keeps its place at the right of the title.
        last, count = self.text_width(str(self.norms.shape[1]), SIZE_TICK), max(1, self.norms.shape[1])
        self.x_title_inset = (last + box.width() / count) / 2 + 6 * scale
        super().draw_frame(painter)
        # At the right: above the axis stands what its numbers are.
        title = QRectF(box.left() + TITLE_LEFT * scale, box.top() - 17 * scale, box.width() - TITLE_LEFT * scale, 16 * scale)
        if self.text_width(TITLE, SIZE_TICK) <= title.width():
            self.draw_text(painter, title, TITLE, self.theme.text_2, SIZE_TICK, Qt.AlignmentFlag.AlignRight)
        draw_color_bar(self, painter, box, self.decades, self.is_beyond)

    def draw_content(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if box.height() < 2 or box.width() < 2:
            return
        # Where an answer does not depend on an input at all, as on all that come later, there is nothing rather than little.
        logs = np.log10(positive(self.norms[self._row_of[::-1]]))
        painter.drawImage(box, colormaps.to_image(logs, *self.decades, "magma", self.theme.raised))
        draw_marked_steps(painter, [float(self.to_x(step + 1)) for step in self.marked_steps], box.bottom(), self.theme)

    def draw_overlay(self, painter: QPainter) -> None:
        box = self.plot_rect()
        if self.output_step is not None and self.output_step in self._output_steps:
            y = float(self.to_y(self.output_step + 1))
            half = max(1.5, box.height() / len(self._output_steps) / 2)
            painter.setPen(QPen(QColor(self.theme.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(box.left() - 1, y - half, box.width() + 2, 2 * half))
            painter.drawLine(QLineF(box.left() - 6, y, box.left() - 1, y))
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(-3, -3, 3, 3))
        if self.hover is not None and self.is_inside(self.hover):
            step, read = self._output_at(self.hover.y()), min(max(round(self.x_at(self.hover.x())) - 1, 0), self.norms.shape[1] - 1)
            row = self._row_of[step - self._output_steps[0]]
            value = value_text(float(self.norms[row, read]), 3)
            draw_readout(self, painter, self.hover, [(f"output t = {self.steps[row] + 1}, input τ = {read + 1}", value, "")])

    def _output_at(self, pixel: float) -> int:
        box = self.plot_rect()
        step = round(self.y_scale.value((box.bottom() - pixel) / max(box.height(), 1.0))) - 1
        return min(max(step, self._output_steps[0]), self._output_steps[-1])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.is_empty() and self.is_inside(event.position()):
            self.output_chosen.emit(self._output_at(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton and not self.is_empty():
            self.output_chosen.emit(self._output_at(event.position().y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in self.kept_keys and self.steps and self.output_step is not None:
            step = self.output_step + (1 if event.key() == Qt.Key.Key_Up else -1)
            self.output_chosen.emit(min(max(step, self._output_steps[0]), self._output_steps[-1]))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()
