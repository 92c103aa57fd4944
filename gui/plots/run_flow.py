"""How the gradient of one run of a race comes back through time: at first, early, and now."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from gui.plots.canvas import Canvas
from gui.plots.curves import Curve, blend
from gui.plots.legend import ROW_HEIGHT, row_count
from gui.plots.numbers import count_text
from gui.plots.plot import Plot
from gui.plots.run_badge import SIDE, draw_badge, run_color
from gui.plots.scales import LogScale
from gui.plots.time_plot import TOP, TimePlot
from gui.race_run import RaceRun
from gui.race_words import flow_words
from gui.theme import SIZE_BODY, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE, Theme

LOWEST_EXPONENT, GREATEST_EXPONENT = -12, 4
"""What lies below a million-millionth is as good as gone: it falls off the plot."""
HEAD = 24
EARLY_SHARE = 0.65


def flow_scale(runs: Sequence[RaceRun]) -> LogScale:
    """One log axis for all runs, by whole decades, so that their gradients can be compared."""
    parts = [flow.gradient_h for run in runs for flow in run.flows.values()]
    parts += [flow.gradient_c for run in runs for flow in run.flows.values() if flow.gradient_c is not None]
    values = np.concatenate(parts) if parts else np.empty(0)
    values = values[np.isfinite(values) & (values > 0)]
    low, high = -4, 0
    if len(values):
        low = max(LOWEST_EXPONENT, min(low, math.floor(math.log10(values.min()))))
        high = min(GREATEST_EXPONENT, max(high, math.ceil(math.log10(values.max()))))
    return LogScale(10.0**low, 10.0**high)


class FlowHead(Canvas):
    """Badge, name, and how the gradient comes back."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._letter, self._name, self._words = "A", "", ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_words(self, letter: str, name: str, words: str) -> None:
        """Say something else."""
        if (letter, name, words) != (self._letter, self._name, self._words):
            self._letter, self._name, self._words = letter, name, words
            self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(100, round(HEAD * self.text_scale))

    def draw_content(self, painter: QPainter) -> None:
        scale = self.text_scale
        side, middle = SIDE * scale, self.height() / 2
        left = 12 * scale
        draw_badge(painter, self.theme, self._letter, QPointF(left + side / 2, middle), self.text_font(SIZE_TICK, WEIGHT_TITLE), side)
        left += side + 8 * scale
        title = self._name if self.width() < 260 * scale or "," in self._name else f"{self._name} gradient flow"
        width = min(self.text_width(title, SIZE_BODY, WEIGHT_TITLE) + 2, self.width() - left - 8)
        self.draw_text(painter, QRectF(left, 0, width, self.height()), title, self.theme.text, SIZE_BODY, weight=WEIGHT_TITLE)
        left += width + 10 * scale
        if self.width() - left > 60 * scale:
            self.draw_text(painter, QRectF(left, 0, self.width() - left - 6, self.height()), self._words, self.theme.text_2, SIZE_LABEL)


class FlowPlot(TimePlot):
    """As many rows of legend as the plots beside it have, so that their axes align."""

    rows = 1

    def set_rows(self, rows: int) -> None:
        """Leave room for so many rows."""
        if rows != self.rows:
            self.rows = rows
            self.reframe()

    def plot_rect(self) -> QRectF:
        if self._box is None:
            self.space.setTop(TOP + (max(self.rows, self.wanted_rows()) - 1) * ROW_HEIGHT)
        return Plot.plot_rect(self)

    def wanted_rows(self) -> int:
        """Rows that the legend takes."""
        return row_count(self, self.legend_entries(), self._legend_room())


class RunFlow(QWidget):
    """One run: head and plot. Choosing a time step moves the cursor of all panels (``plot.step_chosen``)."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._scale = LogScale(1e-4, 1.0)
        self._drawn: tuple[object, ...] = ()
        self.head = FlowHead(theme)
        self.plot = FlowPlot(theme, lambda _curves: self._scale)
        self.plot.hint = "The gradient is drawn here as soon as the run is looked into."
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.plot, 1)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._drawn = ()
        self.head.set_theme(theme)
        self.plot.set_theme(theme)

    def show_run(self, run: RaceRun, scale: LogScale) -> None:
        """Draw the gradients of ``run`` on ``scale``; nothing is drawn anew where nothing has changed."""
        # Flows are told apart by being the same object: comparing their arrays would cost more than drawing them.
        drawn = (run.run_id, run.name, scale, *map(id, run.flows.values()))
        if drawn == self._drawn:
            return
        self._drawn, self._scale = drawn, scale
        words = flow_words(run)
        self.head.show_words(run.letter, run.name, words)
        self.plot.setAccessibleName(f"Gradient norms of run {run.letter}, {run.name}")
        self.plot.setAccessibleDescription(words)
        self.plot.set_curves(self._curves(run), run.seq_len, run.marked_steps)

    def _curves(self, run: RaceRun) -> list[Curve]:
        theme, color = self.theme, run_color(self.theme, run.letter)
        early = blend(color, theme.panel, EARLY_SHARE).name()
        curves = []
        for key, paint, width in (("now", color, 2.0), ("early", early, 1.0), ("first", theme.ghost, 1.0)):
            flow = run.flows.get(key)
            if flow is None or (key != "now" and flow is run.flows["now"]):
                continue
            is_newest = key == "now"
            name = "‖∂L/∂h‖ now" if is_newest else f"at {count_text(flow.step)}"
            curves.append(self._curve(name, flow.gradient_h, paint, width, key))
            if is_newest and flow.gradient_c is not None:
                curves.append(self._curve("‖∂L/∂C‖", flow.gradient_c, theme.cell_state.mark, 1.5))
        return curves

    def _curve(self, name: str, norms: np.ndarray, color: str, width: float, key: str = "now") -> Curve:
        steps, shown = np.arange(1, len(norms) + 1, dtype=float), np.where(norms >= 0.3 * self._scale.low, norms, np.nan)
        return Curve(name, steps, shown, QColor(color).name(), width, is_dashed=key == "early", is_dotted=key == "first")
