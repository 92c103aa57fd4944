"""How the cell's equations compute this very step.

A person should see which gate is open and which is shut, what that does to the state that runs through the cell, and why: every
symbol of the equations has its number, those of memory and input apart, and the same step stands beside it as NumPy code.
"""

import math

import numpy as np
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.analysis.anatomy import Anatomy
from core.look import NoLook
from core.snapshot import Snapshot, Trace
from gui.controls.segments import Segments
from gui.panels.cell_page import CellPage
from gui.panels.panel import Panel
from gui.plots.cell_plan import CellPlan, CellStep, from_trace, full_name, number_text, plan_for
from gui.plots.equation_strip import said
from gui.plots.layer_choice import LayerChoice
from gui.plots.unit_order import ActivityOrder
from gui.run_history import RunHistory
from gui.style import current_look
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, Theme

MARK = "*"
"""Behind the label of a marked step, which is said in words here."""
WHOLE, AT_FOCUS = "anatomy", "anatomy_at_focus"
SLOW = 30.0
"""Updates a second up to which a person can follow what flows."""


class CellPanel(Panel):
    """The drawing with the chosen gate's equation; larger, with its bars, the code and the followed unit's curves.

    Numbers are those of the newest moment at which the network was taken apart, all of one and the same moment.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.page = CellPage(theme)
        self._plan: CellPlan | None = None
        self._history = RunHistory()
        self._drawn: tuple[object, object] | None = None
        self._trace: Trace | None = None
        self._anatomy: Anatomy | None = None
        self._wanted_looks: tuple[str, ...] = (WHOLE, AT_FOCUS)
        self._orders: dict[int, ActivityOrder] = {}
        self._order = np.empty(0, dtype=np.intp)
        self._cursor: int | None = None
        self._unit: int | None = None
        self._chosen = ""
        self._is_running, self._speed = False, math.inf
        self.step: CellStep | None = None
        self._layer_choice = LayerChoice()
        self._layer_choice.layer_changed.connect(self._on_layer_chosen)
        self._unit_choice = Segments(
            [("mean", "Mean"), ("unit", "Unit")],
            name="What the dials show",
            height=HEIGHT_FIELD,
            size=SIZE_LABEL,
            helps=("Dials show the mean over all units.", "Dials show the followed unit."),
        )
        self._unit_choice.value_changed.connect(lambda _value: self._show_step())
        self.page.diagram.signal_chosen.connect(self.choose)
        self.page.code.signal_chosen.connect(self.choose)
        self.page.bars.unit_chosen.connect(self._on_unit_chosen)
        self.page.curves.step_chosen.connect(self.cursor_moved)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.setAccessibleName("Cell")

    @property
    def looks(self) -> tuple[str, ...]:  # type: ignore[override]
        """All steps at once where that is little work, else those at the cursor; both until it is known."""
        return self._wanted_looks

    def options(self) -> list[QWidget]:
        return [self._layer_choice, self._unit_choice]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.page.set_theme(theme)
        self._show_curves()

    # What comes in

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        whole = history.look(WHOLE)
        found = history.look(AT_FOCUS) if isinstance(whole, NoLook) else whole
        is_drawn = self._drawn is not None and self._drawn[0] is history.trace and self._drawn[1] is found
        if history.trace is None or (is_drawn and not snapshot.is_replaced):
            return
        self._drawn = (history.trace, found)
        self._history = history
        if whole is not None:
            self._wanted_looks = (AT_FOCUS,) if isinstance(whole, NoLook) else (WHOLE,)
        network = snapshot.settings.network
        self._plan = plan_for(network.cell, network.options)
        self._anatomy = found if isinstance(found, Anatomy) and _is_alike(found.trace, history.trace) else None
        self._trace = history.trace if self._anatomy is None else self._anatomy.trace
        self._layer_choice.set_layers(tuple(layer.is_backward for layer in self._trace.layers))
        if self._chosen not in self._plan.formulas:
            self._chosen = ""
        self.page.diagram.set_plan(self._plan)
        self.page.state.title = f"Into the {full_name(self._plan.signals[self._plan.main_state], self._plan.main_state)}"
        self._sort_units()
        self._show_step()
        self._show_curves()
        self.page.set_filled(True, len(self._plan.code))
        self._flow()

    def clear(self) -> None:
        self._drawn = self._trace = self._anatomy = self._plan = self.step = None
        self._history = RunHistory()
        self._wanted_looks = (WHOLE, AT_FOCUS)
        self._orders.clear()
        self._chosen, self._unit = "", None
        self.page.clear()
        self.say("")
        self.setAccessibleDescription(self.as_sentence())

    def set_cursor(self, step: int) -> None:
        self._cursor = step
        self._show_step()

    def follow(self, unit: int) -> None:
        if unit != self._unit:
            self._unit = unit
            self._show_step()
            self._show_curves()

    def set_running(self, is_running: bool) -> None:
        self._is_running = is_running
        self._flow()

    def set_speed(self, updates_per_second: float) -> None:
        """How fast the training is allowed to go; infinity for as fast as it can."""
        self._speed = updates_per_second
        self._flow()

    def choose(self, name: str) -> None:
        """Show the equation of signal ``name``; once more, the state's again."""
        self._chosen = "" if name == self._chosen else name
        self._show_step()

    # What is shown

    @property
    def layer(self) -> int:
        """Number of the layer that is shown, 0 at the bottom."""
        return self._layer_choice.layer

    @property
    def chosen(self) -> str:
        """The signal whose dial, bars and line of code are marked."""
        return self._chosen or (self._plan.main_gate if self._plan is not None else "")

    def _sort_units(self) -> None:
        assert self._trace is not None and self._plan is not None
        state = self._trace.layers[self.layer].values.get(self._plan.main_state)
        if state is not None:
            self._order = self._orders.setdefault(self.layer, ActivityOrder()).update(state)

    def _shown_unit(self) -> int:
        """The followed unit; until one is followed, or where the network has become smaller, the most active one."""
        if self._unit is not None and self._unit < len(self._order):
            return self._unit
        return int(self._order[0]) if len(self._order) else 0

    def _shown_step(self, trace: Trace) -> int:
        """The time cursor; while there is none in the sequence, the last marked step, or the end."""
        if self._cursor is not None and 0 <= self._cursor < trace.seq_len:
            return self._cursor
        return max(trace.marked_steps, default=trace.seq_len - 1)

    def _values(self, trace: Trace, step: int) -> dict[str, np.ndarray]:
        apart = None if self._anatomy is None else self._anatomy.layers.get(self.layer)
        return apart.at(step) if apart is not None and apart.has(step) else from_trace(trace, self.layer, step)

    def _show_step(self) -> None:
        plan, trace = self._plan, self._trace
        if plan is None or trace is None:
            return
        t, unit = self._shown_step(trace), self._shown_unit()
        self.step = step = CellStep(t, self._values(trace, t), unit, self._unit_choice.value() == "mean")
        self._unit_choice.set_texts({"unit": f"Unit {unit}"})
        page, chosen = self.page, self.chosen
        formula = plan.formulas[self._chosen or plan.main_state]
        page.diagram.select(chosen)
        page.diagram.set_step(step, self._input_text(trace, t))
        page.strip.show_step(formula, step)
        page.gate.show_step(plan, plan.formulas[chosen], step)
        page.bars.show_step(plan.signals[chosen], self._order, step)
        page.code.show_step(plan, step, chosen)
        page.state.show_step(plan.formulas[plan.main_state], step)
        page.curves.set_cursor_step(t)
        self.say(self._subtitle(plan, trace, t))
        self.setAccessibleDescription(self.as_sentence())

    def _show_curves(self) -> None:
        if self._trace is not None:
            self.page.curves.show_unit(self._trace, self.layer, self._shown_unit(), self.theme)

    def _flow(self) -> None:
        is_slow = self._is_running and self._speed <= SLOW and not current_look().is_motion_reduced
        self.page.diagram.set_flowing(is_slow and self.step is not None and self.isVisible())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.page.diagram.set_flowing(False)

    def _on_unit_chosen(self, unit: int) -> None:
        self.follow(unit)
        self.unit_followed.emit(unit)

    def _on_layer_chosen(self) -> None:
        if self._trace is not None:
            self._sort_units()
            self._show_step()
            self._show_curves()
            self.focus_changed.emit(self.layer)

    # In words

    def _input_text(self, trace: Trace, step: int) -> str:
        return "the layer below" if self._level() > 0 else _label(trace, step)

    def _level(self) -> int:
        """Which floor the shown layer stands on, 0 at the bottom."""
        assert self._trace is not None
        return self.layer // (2 if any(layer.is_backward for layer in self._trace.layers) else 1)

    def _subtitle(self, plan: CellPlan, trace: Trace, step: int) -> str:
        text = f"{plan.title} at t = {step + 1} of {trace.seq_len}"
        if step == trace.decoder_start:
            return f"{text}, where the decoder begins"
        if self._level() > 0:
            return f"{text}, reads layer {self._level()}"
        return f"{text}, reads {_quoted(trace, step)}" if trace.input_labels[step].strip() else text

    def as_table(self) -> list[list[str]]:
        """One row a unit: every term of the chosen signal's sum, the sum, and the value."""
        if self._plan is None or self.step is None:
            return [["unit"]]
        formula = self._plan.formulas[self.chosen]
        columns = {**formula.terms, **({"sum": formula.total} if formula.total else {}), "value": formula.signal}
        series = [self.step.all_units(name) for name in columns.values()]
        rows = [["unit", *columns]]
        for unit in self._order.tolist():
            rows.append([str(unit), *(f"{values[unit]:.6g}" if len(values) else "" for values in series)])
        return rows

    def as_sentence(self) -> str:
        if self._plan is None or self.step is None or self._trace is None:
            return "No cell yet: press play."
        step, plan = self.step, self._plan
        state = plan.formulas[plan.main_state]
        words = said(state, step).rstrip(".")
        name = full_name(plan.signals[self.chosen], self.chosen)
        mean = number_text(float(CellStep(step.step, step.values, step.unit, True).shown(self.chosen)))
        doing = f"unit {step.unit} {words}" if state.shares else f"unit {step.unit}: {words}"
        return f"{plan.title} cell at t = {step.step + 1}: {doing}; {name}: mean {mean}."


def _label(trace: Trace, step: int) -> str:
    """What the network reads at ``step``, and whether the task marks it."""
    label = trace.input_labels[step]
    is_marked = step in trace.marked_steps and step != trace.decoder_start
    return f"{label.rstrip(MARK) or label}, marked" if is_marked else label


def _quoted(trace: Trace, step: int) -> str:
    """The same within a sentence: symbols and words in quotation marks, as they may be a full stop; numbers as they are."""
    label, comma, marked = _label(trace, step).partition(", marked")
    return f"{label}{comma}{marked}" if label[:1].isdigit() or label[1:2].isdigit() else f"“{label}”{comma}{marked}"


def _is_alike(one: Trace, other: Trace) -> bool:
    """Whether both have the same steps and layers: a live change may make sequences longer."""
    return one is other or (one.seq_len == other.seq_len and len(one.layers) == len(other.layers))
