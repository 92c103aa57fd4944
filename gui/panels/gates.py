"""What every gate and state does at every time step of one sequence, unit by unit.

A person should see which unit latches (a row that changes colour once and stays), when it forgets, and how many gates are
saturated, that is, so near 0 or 1 that hardly any gradient passes them.
"""

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.signal import Signal
from core.snapshot import LayerTrace, Snapshot, Trace
from gui.controls.segments import Segments
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.gate_maps import GateMaps
from gui.plots.layer_choice import LayerChoice
from gui.plots.numbers import share_text, value_text
from gui.plots.unit_order import ActivityOrder
from gui.run_history import RunHistory
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, Theme
from gui.walk import Walk

SATURATION = 0.05
"""A value within this share of its scale's end counts as saturated."""
LEAST_WIDTH_WITH_ORDER = 620
"""Of the panel, for its title bar to say too how units are sorted."""


def saturated_share(layer: LayerTrace, signal: Signal) -> float:
    """Share of the values of ``signal`` within SATURATION of an end of its scale, 0…1."""
    values = layer.values[signal.name]
    margin = SATURATION * (signal.high - signal.low)
    is_known = np.isfinite(values)
    is_saturated = (values <= signal.low + margin) | (values >= signal.high - margin)
    return float(is_saturated[is_known].mean()) if is_known.any() else float("nan")


class GatesPanel(Panel):
    """The heatmaps of one layer; a click on a row follows its unit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.maps = GateMaps(theme)
        self.maps.setAccessibleName("Values of gates and states by unit and time step")
        self._snapshot: Snapshot | None = None
        self._history = RunHistory()
        self._drawn_trace: Trace | None = None
        self._orders: dict[int, ActivityOrder] = {}
        self._unit: int | None = None
        self._sorting: object = "activity"
        self._layer_choice = LayerChoice()
        self._layer_choice.layer_changed.connect(self._redraw)
        self._sort_choice = Segments(
            [("activity", "Activity"), ("index", "Index")],
            name="Order of the units",
            height=HEIGHT_FIELD,
            size=SIZE_LABEL,
            helps=("Units whose state changes most over time stand on top.", "Units stand in the order of their index."),
        )
        self._sort_choice.value_changed.connect(self._on_sorting_chosen)
        self.maps.step_chosen.connect(self.cursor_moved)
        self.maps.unit_chosen.connect(self._on_unit_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.addWidget(self.maps)
        self.setAccessibleName("Gates")

    def options(self) -> list[QWidget]:
        return [self._layer_choice, self._sort_choice]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.maps.set_theme(theme)

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
        self._snapshot, self._history = None, RunHistory()
        self._orders.clear()
        self._unit = None
        self.maps.clear()
        self.say("")

    def set_cursor(self, step: int) -> None:
        self.maps.set_cursor_step(step)

    def set_walk(self, walk: Walk) -> None:
        self.maps.set_walk(walk)

    def follow(self, unit: int) -> None:
        self._unit = unit
        self.maps.follow(unit)

    def as_table(self) -> list[list[str]]:
        """One row a unit and a time step: every signal's value."""
        layer = self.maps.layer
        if layer is None:
            return [["unit", "t"]]
        rows = [["unit", "t", *(signal.name for signal in layer.signals)]]
        for unit in self.maps.order.tolist():
            for step in range(self.maps.seq_len):
                rows.append([str(unit), str(step + 1), *(f"{layer.values[signal.name][step, unit]:.6g}" for signal in layer.signals)])
        return rows

    def as_sentence(self) -> str:
        return f"Gates: {self._subtitle()}." if self.maps.layer is not None else "No gates yet: press play."

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.say(self._subtitle())

    def _on_unit_chosen(self, unit: int) -> None:
        self.follow(unit)
        self.unit_followed.emit(unit)

    def _on_sorting_chosen(self, sorting: object) -> None:
        self._sorting = sorting
        self._redraw()

    def _redraw(self) -> None:
        trace = self._history.trace
        if trace is None:
            return
        index = self._layer_choice.layer
        layer = trace.layers[index]
        state = next((s for s in layer.signals if s.role == "cell_state"), layer.signals[-1])
        values = layer.values[state.name]
        by_activity = self._orders.setdefault(index, ActivityOrder()).update(values)
        order = by_activity if self._sorting == "activity" else np.arange(values.shape[1])
        self.maps.show_layer(layer, order, trace.marked_steps)
        # Until one is followed, or where it is gone, the same as the cell shows.
        is_there = self._unit is not None and self._unit < len(order)
        self.maps.follow(self._unit if is_there else int(by_activity[0]) if len(order) else None)
        self.say(self._subtitle())

    def _subtitle(self) -> str:
        layer = self.maps.layer
        if layer is None:
            return ""
        count = len(self.maps.order)
        units = f"{count} unit{'s' if count > 1 else ''}"
        gate = next((s for s in layer.signals if s.is_gate and s.low == 0), layer.signals[-1])
        is_wide = self.width() >= LEAST_WIDTH_WITH_ORDER * self.maps.text_scale
        if is_wide:
            units += ", most changing first" if self._sorting == "activity" else ", by index"
        if not gate.has_fixed_scale:
            values = layer.values[gate.name]
            if not np.isfinite(values).all():
                return f"{units}; {gate.name} is not finite"
            return f"{units}; the largest {gate.name} value is {value_text(float(np.abs(values).max(initial=0.0)))}"
        return f"{units}; {share_text(saturated_share(layer, gate))} of {gate.name}{' values' if is_wide else ''} saturated"
