"""What the cell panel draws from: how a cell is made, and the numbers of one step of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.anatomy import PREVIOUS_CELL, PREVIOUS_HIDDEN, CodeLine, Formula
from core.diagram import Diagram
from core.registry import cells
from core.signal import Signal
from core.snapshot import Trace
from gui.plots.numbers import MINUS, value_text
from gui.theme import Theme

STATES = {PREVIOUS_HIDDEN: "hidden", PREVIOUS_CELL: "cell state"}
NO_VALUE = "–"


@dataclass(frozen=True)
class CellPlan:
    """A cell with its options: everything about it that no training changes. ``formulas`` by signal, in the order of computing."""

    title: str
    signals: Mapping[str, Signal]
    diagram: Diagram
    formulas: Mapping[str, Formula]
    code: tuple[CodeLine, ...]

    def tone(self, theme: Theme, name: str) -> str:
        """The text colour of signal ``name``."""
        return theme.tone(self.signals[name].role).text if name in self.signals else theme.text_2

    @property
    def main_state(self) -> str:
        """The state whose equation is the cell's: the cell state where there is one."""
        return next((name for name, signal in self.signals.items() if signal.role == "cell_state"), "hidden")

    @property
    def main_gate(self) -> str:
        """The dial that is shown at first: what writes, or the only one."""
        dials = [dial.signal for dial in self.diagram.dials]
        return next((name for name in dials if self.signals[name].role == "input"), dials[-1])


@lru_cache(maxsize=8)
def plan_for(name: str, options: Any) -> CellPlan:
    """The plan of cell ``name`` with its frozen ``options``."""
    cell = cells()[name]
    return CellPlan(
        cell.title,
        {signal.name: signal for signal in cell.shown_signals(options)},
        cell.diagram(options),
        {formula.signal: formula for formula in cell.formulas(options)},
        cell.code(options),
    )


@dataclass(frozen=True)
class CellStep:
    """The quantities (H,) of one step; ``unit`` is the followed one, ``is_mean`` whether dials show the mean over units."""

    step: int
    values: Mapping[str, np.ndarray]
    unit: int
    is_mean: bool

    def of_unit(self, name: str) -> float:
        """The followed unit's value; NaN where it is not known."""
        values = self.values.get(name)
        return float(values[self.unit]) if values is not None and self.unit < len(values) else float("nan")

    def shown(self, name: str) -> float:
        """The mean over units, or the followed unit's value."""
        if not self.is_mean:
            return self.of_unit(name)
        values = self.all_units(name)
        is_known = np.isfinite(values)
        return float(values[is_known].mean()) if is_known.any() else float("nan")

    def all_units(self, name: str) -> np.ndarray:
        """(H,); empty where it is not known."""
        return np.asarray(self.values.get(name, np.empty(0)), dtype=float)

    def norm(self, name: str) -> float:
        """Euclidean norm over units, or the followed unit's value."""
        values = self.all_units(name)
        return (float(np.sqrt(values @ values)) if len(values) else float("nan")) if self.is_mean else self.of_unit(name)

    def size(self, name: str) -> float:
        """Root mean square over units, or the followed unit's distance from 0."""
        values = self.all_units(name)
        return self.norm(name) / len(values) ** 0.5 if self.is_mean and len(values) else abs(self.of_unit(name))


def from_trace(trace: Trace, layer: int, step: int) -> dict[str, np.ndarray]:
    """Signals of a step, and the states before it as far as the trace shows them: what there is until a step was taken apart."""
    of_layer = trace.layers[layer]
    values = {name: series[step] for name, series in of_layer.values.items()}
    before = step + 1 if of_layer.is_backward else step - 1
    for previous, name in STATES.items():
        if name in of_layer.values and 0 <= before < trace.seq_len:
            values[previous] = of_layer.values[name][before]
    return values


def number_text(value: float) -> str:
    """A number below its symbol: "0.71", "−3.42", "12.3", "1,240"; of one width as long as it is below 10."""
    if not np.isfinite(value) or abs(value) >= 99_950:
        return value_text(value, 3)
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    text = f"{abs(value):,.{decimals}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) else "") + text


def sum_text(values: list[float]) -> str:
    """0.53 and −0.28 -> "0.53 − 0.28"."""
    texts = [number_text(value) for value in values]
    return texts[0] + "".join(f" {MINUS} {text[1:]}" if text.startswith(MINUS) else f" + {text}" for text in texts[1:])


def full_name(signal: Signal | None, name: str) -> str:
    """The signal in words: "input gate" for input, "hidden state" for hidden; what is called a state already keeps its name."""
    if signal is not None and signal.is_gate:
        return f"{name} gate"
    return f"{name} state" if name == "hidden" else name
