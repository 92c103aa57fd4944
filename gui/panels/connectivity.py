"""What an answer depends on: the gradient of one output by everything that was read before it.

A person should see whether the network looks at what matters (the two marked numbers, the word that decides), how far back it looks,
and that a network which has not learned to remember looks at the last few steps only. After "Visualizing memorization in RNNs"
(Madsen, Distill 2019).
"""

import math
import re

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.look import NoLook
from core.looks.connectivity import Connectivity
from core.snapshot import Snapshot, Trace
from gui.controls.segments import Segments
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.changing_choice import ChangingChoice
from gui.plots.connectivity_map import ConnectivityMap
from gui.plots.curves import Curve
from gui.plots.decade_axis import USUAL, DecadeAxis, positive
from gui.plots.influence_strip import Influence, InfluenceStrip
from gui.plots.scales import LinearScale, LogScale, Scale, snapped_bounds
from gui.plots.sticky import StickyBounds
from gui.plots.time_plot import TimePlot
from gui.run_history import RunHistory
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, Theme

LEAST_EXPONENT = -12
LEAST_WIDTH_WITH_MAP, LEAST_HEIGHT_WITH_STRIP = 480, 120
MOST_OF_STRIP = 0.5
"""Of the height that lines of text may take."""
HINT = "Press play: what each answer depends on is drawn here."
ANSWERS = (("end", "At end"), ("cursor", "At cursor"))
HELPS = ("What the answer after the last step depends on.", "What the answer would depend on if it were asked at the time cursor.")
NUMBER = re.compile(r"[+\-−]?\d+(\.\d+)?")
MOSTLY = 0.8


def bar_heights(trace: Trace) -> np.ndarray | None:
    """A height for each step of a sequence of measured values, (T,); None for symbols."""
    inputs = trace.inputs
    is_one_hot = inputs.shape[1] > 1 and bool(np.isin(inputs, (0, 1)).all() and (inputs.sum(axis=1) <= 1).all())
    found = [NUMBER.match(label) for label in trace.input_labels]
    if not is_one_hot and sum(match is not None for match in found) >= MOSTLY * len(found):
        return np.array([np.nan if match is None else float(match.group().replace("−", "-")) for match in found])
    if not is_one_hot and len(inputs) == trace.seq_len:
        return np.asarray(inputs.mean(axis=1))
    return None


class ConnectivityPanel(Panel):
    """Above what was read, shaded; below the same numbers as a curve; at the right every output against every input."""

    looks = ("connectivity",)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._look: Connectivity | None = None
        self._problem = ""
        self._trace: Trace | None = None
        self._heights: np.ndarray | None = None
        self._cursor = -1
        self._axis, self._bounds = DecadeAxis(LEAST_EXPONENT), StickyBounds()
        # Of all answers, so that the curve of one and the picture of all can be read side by side.
        self._decades = LogScale(10.0 ** USUAL[0], 10.0 ** USUAL[1])
        self._is_log = True
        self.strip = InfluenceStrip(theme)
        self.plot = TimePlot(theme, self._scale_for)
        self.map = ConnectivityMap(theme)
        self.strip.setAccessibleName("What was read, shaded by its influence")
        self.plot.setAccessibleName("Influence against the time step")
        self.map.setAccessibleName("Influence of every input on every output")
        self.plot.hint = HINT
        self._answer_choice = ChangingChoice("Which answer")
        self._answer_choice.changed.connect(self._redraw)
        self._axis_choice = Segments(
            [("log", "Log"), ("linear", "Linear")],
            name="Axis of the influence",
            height=HEIGHT_FIELD,
            size=SIZE_LABEL,
            padding=8,
            helps=("Equal factors, equal lengths: small influences can be seen too.", "Equal differences, equal lengths."),
        )
        self._axis_choice.value_changed.connect(self._on_axis_chosen)
        self.strip.step_chosen.connect(self.cursor_moved)
        self.plot.step_chosen.connect(self.cursor_moved)
        self.map.output_chosen.connect(self._on_output_chosen)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.strip)
        left.addWidget(self.plot, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.addLayout(left, 58)
        layout.addWidget(self.map, 42)
        self.strip.setVisible(False)
        self.map.setVisible(False)
        self.setAccessibleName("Connectivity")

    def options(self) -> list[QWidget]:
        return [self._answer_choice, self._axis_choice]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for canvas in (self.strip, self.plot, self.map):
            canvas.set_theme(theme)
        self._redraw()

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        look, trace = history.look("connectivity"), history.trace
        if isinstance(look, NoLook):
            self._refuse(look.reason)
            return
        if look is None or trace is None or look is self._look or look.norms.shape[1] != trace.seq_len:
            return
        self._look, self._problem, self._trace = look, "", trace
        self._heights = bar_heights(trace)
        self._answer_choice.set_choices(ANSWERS if look.answers_once else (), HELPS)
        self._decades = self._axis.scale_for([Curve("", np.arange(look.norms.size), look.norms.ravel(), self.theme.accent)])
        ends = round(math.log10(self._decades.low)), round(math.log10(self._decades.high))
        self.map.show_norms(look.steps, look.norms, look.output_steps, trace.marked_steps, ends)
        self._redraw()

    def clear(self) -> None:
        self._look, self._trace, self._heights, self._problem = None, None, None, ""
        self._axis, self._bounds = DecadeAxis(LEAST_EXPONENT), StickyBounds()
        self.strip.show_influence(None)
        self.plot.hint = HINT
        self.plot.clear()
        self.map.clear()
        self._fit()
        self.say("")

    def set_cursor(self, step: int) -> None:
        self._cursor = step
        self.plot.set_cursor_step(step)
        self.strip.set_cursor_step(step)
        if self._look is not None and self.strip.influence is not None and self._output_step() != self.strip.influence.output_step:
            self._redraw()

    def as_table(self) -> list[list[str]]:
        """One row an input, one column an output step."""
        look, trace = self._look, self._trace
        if look is None or trace is None:
            return [["τ", "input"]]
        head = ["τ", "input", *(f"‖∂y/∂x‖, output t = {step + 1}" for step in look.steps)]
        rows = [[str(step + 1), label, *(f"{value:.6g}" for value in look.norms[:, step])] for step, label in enumerate(trace.input_labels)]
        return [head, *rows]

    def as_sentence(self) -> str:
        if self._problem:
            return f"No connectivity: {self._problem}."
        look = self._look
        if look is None:
            return "No connectivity yet: press play."
        return f"Connectivity, {self._answer()}: {self._subtitle()}."

    def influences(self) -> np.ndarray:
        """What is drawn of the chosen output, ‖∂y_t/∂x_τ‖ (T,)."""
        assert self._look is not None
        return self._look.norms[self._row()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _refuse(self, reason: str) -> None:
        if reason != self._problem:
            self.clear()
            self._problem = reason
            self.plot.hint = f"Nothing to draw: {reason}."
            self.plot.refresh()
            self.say(reason)

    def _row(self) -> int:
        """Which row of the look is asked for."""
        look = self._look
        assert look is not None
        if self._cursor < 0 or (look.answers_once and self._answer_choice.value == "end"):
            return len(look.steps) - 1
        return look.row_for(self._cursor)

    def _output_step(self) -> int:
        assert self._look is not None
        return self._look.steps[self._row()]

    def _on_axis_chosen(self, axis: object) -> None:
        self._is_log = axis == "log"
        self.plot.rescale()
        self._redraw()

    def _on_output_chosen(self, step: int) -> None:
        """In the picture of all outputs; an answer that is asked once is then asked there."""
        if self._look is not None and self._look.answers_once:
            self._answer_choice.choose("cursor")
        self.cursor_moved.emit(step)

    def _scale_for(self, curves: list[Curve]) -> Scale:
        if self._is_log:
            return self._decades
        values = np.concatenate([curve.y for curve in curves]) if curves else np.empty(0)
        highest = float(np.nanmax(values, initial=0.0)) if np.isfinite(values).any() else 1.0
        return LinearScale(*self._bounds.update(*snapped_bounds(0.0, highest or 1.0)))

    def _redraw(self) -> None:
        look, trace = self._look, self._trace
        if look is None or trace is None:
            return
        step, norms = self._output_step(), self.influences()
        captions = f"{self._answer()} depends on", f"y at t = {step + 1} depends on"
        self.strip.show_influence(Influence(trace.input_labels, self._heights, norms, step, trace.marked_steps, *captions))
        drawn = positive(norms) if self._is_log else np.where(np.isfinite(norms), norms, np.nan)
        name = f"‖∂y/∂x‖, y at t = {step + 1}"
        steps = np.arange(1, trace.seq_len + 1, dtype=float)
        self.plot.set_curves([Curve(name, steps, drawn, self.theme.accent, 1.5)], trace.seq_len, trace.marked_steps)
        self.map.mark_output(step)
        self._fit()
        self.say(self._subtitle())

    def _fit(self) -> None:
        """What has room is shown."""
        has_look, scale = self._look is not None, self.plot.text_scale
        is_wide, is_high = self.width() >= LEAST_WIDTH_WITH_MAP * scale, self.height() >= LEAST_HEIGHT_WITH_STRIP * scale
        self.map.setVisible(has_look and is_wide and is_high and self._is_matrix())
        self.strip.setVisible(has_look and is_high)
        if has_look and is_high:
            self.strip.resize(self._left_width(), self.strip.height())
            room = MOST_OF_STRIP * self.height()
            self.strip.setFixedHeight(round(min(self.strip.needed_height(), room)))

    def _left_width(self) -> int:
        inner = self.width() - FRAME_MARGINS[0] - FRAME_MARGINS[2]
        return inner * 58 // 100 if not self.map.isHidden() else inner

    def _is_matrix(self) -> bool:
        return self._look is not None and len(self._look.steps) > 2 and self._look.norms.shape[1] > 2

    def _answer(self) -> str:
        """Which answer is asked, in words."""
        look = self._look
        assert look is not None
        asked = look.asked(self._row())
        return f"{f'“{asked}”' if asked else 'the answer'} at t = {self._output_step() + 1}"

    def _subtitle(self) -> str:
        if self._look is None:
            return ""
        norms = self.influences()
        if not np.isfinite(norms).any():
            return "no finite gradient"
        if not np.nan_to_num(norms).any():
            return "depends on nothing that was read"
        return f"depends most on t = {int(np.nanargmax(np.where(np.isfinite(norms), norms, -1.0))) + 1}"
