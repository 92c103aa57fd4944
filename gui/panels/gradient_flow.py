"""How the gradient comes back through time, now and over the whole of training.

A person should see it vanish (the curve falls by decades towards t = 1, the picture is black at the left) or explode, see that
the LSTM's cell state carries it back almost unchanged, and how much of that is the path through the cell state alone.
"""

import math

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.snapshot import LayerTrace, Snapshot, Trace
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.curves import Curve
from gui.plots.decade_axis import DecadeAxis, positive
from gui.plots.gradient_map import GradientMap
from gui.plots.layer_choice import LayerChoice
from gui.plots.numbers import power_text, share_text, value_text
from gui.plots.time_plot import TimePlot
from gui.run_history import RunHistory
from gui.theme import Theme
from gui.walk import Walk

HIDDEN_NAME, CELL_NAME, ALONE_NAME = "‖∂L/∂h‖", "‖∂L/∂C‖", "via C alone"
LEAST_WIDTH_WITH_MAP = 480


class GradientFlowPanel(Panel):
    """Left the norms against t of the newest update, right those of the whole of training as a picture."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._axis = DecadeAxis()
        self._snapshot: Snapshot | None = None
        self._history = RunHistory()
        self._drawn_trace: Trace | None = None
        self._walk = Walk()
        self.plot = TimePlot(theme, lambda curves: self._axis.scale_for(curves, self._history.step))
        self.plot.hint = "Press play: how the gradient comes back through time is drawn here."
        self.map = GradientMap(theme)
        self.plot.setAccessibleName("Gradient norms against the time step")
        self.map.setAccessibleName("Gradient norms over the updates")
        self._layer_choice = LayerChoice()
        self._layer_choice.layer_changed.connect(self._redraw)
        for canvas in (self.plot, self.map):
            canvas.step_chosen.connect(self.cursor_moved)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.addWidget(self.plot, 56)
        layout.addWidget(self.map, 44)
        self.map.setVisible(False)
        self.setAccessibleName("Gradient flow")

    def options(self) -> list[QWidget]:
        return [self._layer_choice]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for canvas in (self.plot, self.map):
            canvas.set_theme(theme)
        self._redraw()

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        is_drawn = snapshot.trace is None and history.trace is self._drawn_trace and not snapshot.is_replaced
        if history.trace is None or is_drawn:
            return
        self._drawn_trace = history.trace
        self._snapshot, self._history = snapshot, history
        self._layer_choice.set_layers(tuple(layer.is_backward for layer in history.trace.layers))
        self._redraw()

    def clear(self) -> None:
        self._drawn_trace = None
        self._snapshot, self._history, self._axis = None, RunHistory(), DecadeAxis()
        self.plot.clear()
        self.map.clear()
        self._fit()
        self.say("")

    def set_cursor(self, step: int) -> None:
        self.plot.set_cursor_step(step)
        self.map.set_cursor_step(step)

    def set_walk(self, walk: Walk) -> None:
        self._walk = walk
        self._show_walk()

    def _show_walk(self) -> None:
        """Veil the steps to which the gradient has not come back yet."""
        layer = self._layer()
        is_here = layer is not None and self._walk.is_on and self._walk.seq_len == len(layer.gradient_h)
        self.plot.set_seen(self._walk.gradients_seen(layer.is_backward) if layer is not None and is_here else None)

    def curve_data(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The drawn curves by name: time steps from 1, norms."""
        return {curve.name: (curve.x, curve.y) for curve in self.plot.curves}

    def say(self, subtitle: str) -> None:
        super().say(subtitle)
        for canvas in (self.plot, self.map):
            canvas.setAccessibleDescription(self.as_sentence())

    def as_table(self) -> list[list[str]]:
        layer = self._layer()
        if layer is None:
            return [["t", HIDDEN_NAME]]
        columns = [(HIDDEN_NAME, layer.gradient_h), (CELL_NAME, layer.gradient_c), (ALONE_NAME, layer.gradient_c_alone)]
        there = [(name, values) for name, values in columns if values is not None]
        rows = [[str(step + 1), *(f"{values[step]:.6g}" for _, values in there)] for step in range(len(layer.gradient_h))]
        return [["t", *(name for name, _ in there)], *rows]

    def as_sentence(self) -> str:
        return f"{self._subtitle()}." if self._layer() is not None else "No gradient yet: press play."

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.map.setVisible(self._snapshot is not None and self.width() >= LEAST_WIDTH_WITH_MAP * self.plot.text_scale)

    def _layer(self) -> LayerTrace | None:
        trace = self._history.trace
        return None if trace is None else trace.layers[self._layer_choice.layer]

    def _redraw(self) -> None:
        layer, trace = self._layer(), self._history.trace
        if layer is None or trace is None:
            return
        theme, steps = self.theme, np.arange(1, trace.seq_len + 1, dtype=float)
        curves = [Curve(HIDDEN_NAME, steps, positive(layer.gradient_h), theme.hidden.mark, 1.5)]
        if layer.gradient_c is not None:
            curves.insert(0, Curve(CELL_NAME, steps, positive(layer.gradient_c), theme.cell_state.mark))
        if layer.gradient_c_alone is not None:
            curves.insert(1, Curve(ALONE_NAME, steps, positive(layer.gradient_c_alone), theme.cell_state.mark, 1.5, is_dashed=True))
        self.plot.set_curves(curves, trace.seq_len, trace.marked_steps)
        title = f"{curves[0].name} over the updates"
        self.map.show_rows(self._history.gradient_rows(self._layer_choice.layer), title, trace.seq_len, trace.marked_steps)
        self._fit()
        self._show_walk()
        self.say(self._subtitle())

    def _subtitle(self) -> str:
        layer = self._layer()
        if layer is None:
            return ""
        name, norms = (HIDDEN_NAME, layer.gradient_h) if layer.gradient_c is None else (CELL_NAME, layer.gradient_c)
        if not np.isfinite(norms).all() or not (norms > 0).any():
            return f"{name} is {'0 everywhere' if np.isfinite(norms).all() else 'not finite'}"
        # Along the way of reading: from the step that was read last, where there is a gradient, back to the one read first.
        there = np.flatnonzero(norms > 0)
        first, last = (len(norms) - 1, int(there[0])) if layer.is_backward else (0, int(there[-1]))
        at_first = f"{name} at t = {first + 1}"
        if last == first:
            return f"{name} is {value_text(float(norms[first]))} at t = {first + 1}"
        ratio = float(norms[first] / norms[last])
        end = f"size at t = {last + 1}"
        if ratio == 0:
            return f"{at_first} is 0: nothing comes back from t = {last + 1}"
        if ratio < 0.01:
            return f"{at_first} has faded to {power_text(round(math.log10(ratio)))} of its {end}"
        if ratio > 1.5:
            return f"{at_first} is {value_text(float(f'{ratio:.2g}'))} times its {end}"
        return f"{at_first} is {share_text(ratio)} of its {end}"
