"""The network unrolled over time: one cell a step, states flowing forward, gradients coming back.

A person should see backpropagation through time: how much the states carry from step to step, how much of the gradient comes back
to the early steps, and where truncation cuts it.
"""

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.prediction import Prediction
from core.registry import tasks
from core.snapshot import Snapshot, Trace
from core.topology import SEQUENCE_TO_VECTOR
from gui.controls.segments import Segments
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.layer_choice import LayerChoice
from gui.plots.numbers import counted, value_text
from gui.plots.unrolled.answers import answers_of
from gui.plots.unrolled.bands import Show
from gui.plots.unrolled.belts import Belt
from gui.plots.unrolled.unrolled_plot import DrawnLayer, UnrolledPlot
from gui.run_history import RunHistory
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, Theme
from gui.walk import Walk

WORDS = {Show.FORWARD: "Forward", Show.BACKWARD: "Backward", Show.BOTH: "Both"}
ARROWS = {Show.FORWARD: "→", Show.BACKWARD: "←", Show.BOTH: "⇄"}
"""In the title bar, where the choice of the layer needs the room."""
MOST_LAYERS_WITH_WORDS = 2


class UnrolledPanel(Panel):
    """The drawing, a choice of its direction, and one of the layer that is drawn large."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.plot = UnrolledPlot(theme)
        self.plot.setAccessibleName("Network unrolled over time")
        self.plot.step_chosen.connect(self.cursor_moved)
        self._snapshot: Snapshot | None = None
        self._trace: Trace | None = None
        self._prediction: Prediction | None = None
        self._layer_choice = LayerChoice()
        self._layer_choice.layer_changed.connect(self._on_layer_chosen)
        self._show_choice = Segments(
            list(WORDS.items()),
            name="Direction shown",
            height=HEIGHT_FIELD,
            size=SIZE_LABEL,
            helps=(
                "What the network remembers at every step while it reads.",
                "How much of the gradient comes back to every step.",
                "The way forward above, the way back below.",
            ),
        )
        self._show_choice.set_value(Show.BOTH)
        self._show_choice.value_changed.connect(self._on_show_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.addWidget(self.plot)
        self.setAccessibleName("Unrolled network")

    def options(self) -> list[QWidget]:
        return [self._layer_choice, self._show_choice]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        trace = history.trace
        if trace is None or (trace is self._trace and snapshot.prediction is None):
            return
        self._trace, self._snapshot = trace, snapshot
        if snapshot.prediction is not None:
            self._prediction = snapshot.prediction
        self._layer_choice.set_layers(tuple(layer.is_backward for layer in trace.layers))
        self._show_choice.set_texts(WORDS if len(trace.layers) <= MOST_LAYERS_WITH_WORDS else ARROWS)
        self._redraw()

    def clear(self) -> None:
        self._snapshot = self._trace = self._prediction = None
        self.plot.clear()
        self.say("")

    def set_cursor(self, step: int) -> None:
        self.plot.set_cursor_step(step)

    def set_walk(self, walk: Walk) -> None:
        self.plot.set_walk(walk)

    def set_running(self, is_running: bool) -> None:
        # In training the whole drawing changes all the time: a lens under way would only be one more thing that moves.
        self.plot.is_calm = not is_running

    def say(self, subtitle: str) -> None:
        super().say(subtitle)
        for widget in (self, self.plot):
            widget.setAccessibleDescription(self.as_sentence())

    def as_table(self) -> list[list[str]]:
        """A row for each time step: what is read, the sizes of states and gradients, the gates' means, the answer."""
        trace = self._trace
        if trace is None:
            return [["t", "input"]]
        layer, answers = self._layer(), self.plot.answers
        belts = (*layer.states, *layer.gradients)
        header = ["t", "input", *map(_name, belts), *(f"mean {gate.signal.name}" for gate in layer.gates), "answer", "target"]
        rows = [header]
        for step in range(trace.seq_len):
            numbers = [*(belt.norms[step] for belt in belts), *(gate.means[step] for gate in layer.gates)]
            figures = [f"{number:.6g}" for number in numbers]
            rows.append([str(step + 1), trace.input_labels[step], *figures, answers.given[step], answers.wanted[step]])
        return rows

    def as_sentence(self) -> str:
        if self._trace is None:
            return "No network to unroll yet: press play."
        layer = self._layer()
        state, gradient = layer.states[0], layer.gradients[0]
        first, last = (self._trace.seq_len - 1, 0) if state.is_backward else (0, self._trace.seq_len - 1)
        sizes = f"{_name(state)} goes from {_at(state, first)} to {_at(state, last)}"
        back = f"{_name(gradient)} comes back from {_at(gradient, last)} to {_at(gradient, first)}"
        cut = f", cut every {counted(self.plot.truncate, 'step')}" if layer.cuts else ""
        return f"{counted(self._trace.seq_len, 'step')}: {sizes}; {back}{cut}."

    def _layer(self) -> DrawnLayer:
        return self.plot.layers[self._layer_choice.layer]

    def _on_layer_chosen(self) -> None:
        self._redraw()
        self.focus_changed.emit(self._layer_choice.layer)

    def _on_show_chosen(self, show: object) -> None:
        if isinstance(show, Show):
            self.plot.set_show(show)

    def _redraw(self) -> None:
        if self._trace is None or self._snapshot is None:
            return
        settings = self._snapshot.settings
        is_each_step = tasks()[settings.task.name].topology != SEQUENCE_TO_VECTOR
        answers = answers_of(self._trace, self._prediction, is_each_step)
        self.plot.show_network(self._trace, self._layer_choice.layer, settings.training.truncate, answers)
        cut = f", gradient cut every {counted(self.plot.truncate, 'step')}" if self._layer().cuts else ""
        self.say(f"{counted(self._trace.seq_len, 'step')}{cut}")


def _name(belt: Belt) -> str:
    return f"‖∂L/{belt.symbol}‖" if belt.is_gradient else f"‖{belt.symbol}‖"


def _at(belt: Belt, step: int) -> str:
    value = float(belt.norms[step])
    return f"{value_text(value, 3) if np.isfinite(value) else 'no number'} at t = {step + 1}"
