"""One unit's signals through the sequence: gates above, states below, on one time axis."""

import numpy as np
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.signal import Signal
from core.snapshot import LayerTrace, Trace
from gui.controls.caption import Caption
from gui.plots.curves import Curve
from gui.plots.growth import growth_around
from gui.plots.numbers import value_text
from gui.plots.scales import LinearScale, snapped_bounds
from gui.plots.sticky import StickyBounds
from gui.plots.time_plot import TimePlot
from gui.style import Look
from gui.theme import SIZE_LABEL, WEIGHT_TITLE, Theme

STATE_ROLES = ("cell_state", "hidden")
GATES_SHARE, STATES_SHARE = 55, 45
TITLE_LEFT, TITLE_ABOVE = 14, 8


class _Axis:
    """Whole scales of the signals, wider where values need it, without jumping about."""

    def __init__(self) -> None:
        self._bounds = StickyBounds()

    def scale_for(self, curves: list[Curve]) -> LinearScale:
        """The axis for ``curves``."""
        known = [value for curve in curves for value in (curve.y.min(initial=0.0), curve.y.max(initial=0.0)) if abs(value) < float("inf")]
        return LinearScale(*self._bounds.update(*snapped_bounds(min([0.0, *known]), max([1.0, *known]))))


class _GrowingCaption(Caption):
    """As large as the letters in the plots below it."""

    def wanted_font(self, look: Look) -> QFont:
        return look.font(round(self._size * growth_around(self)), self._weight)


class UnitCurves(QWidget):
    """``step_chosen`` carries a time step (from 0) that was pressed."""

    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gates, self.states = (TimePlot(theme, _Axis().scale_for) for _ in range(2))
        self.title = _GrowingCaption("", SIZE_LABEL, "text", WEIGHT_TITLE)
        self.title.setContentsMargins(TITLE_LEFT, TITLE_ABOVE, 0, 0)
        self.gates.setAccessibleName("Gates of the followed unit against the time step")
        self.states.setAccessibleName("State of the followed unit against the time step")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.title)
        layout.addWidget(self.gates, GATES_SHARE)
        layout.addWidget(self.states, STATES_SHARE)
        for plot in self.plots:
            plot.step_chosen.connect(self.step_chosen)

    @property
    def plots(self) -> tuple[TimePlot, TimePlot]:
        """Gates, states."""
        return self.gates, self.states

    def show_unit(self, trace: Trace, layer: int, unit: int, theme: Theme) -> None:
        """The curves of ``unit`` in ``layer``."""
        of_layer = trace.layers[layer]
        self.title.setText(f"Unit {unit} through the sequence")
        self.gates.setVisible(any(signal.role not in STATE_ROLES for signal in of_layer.signals))
        for plot, is_state in ((self.gates, False), (self.states, True)):
            curves = [_curve(signal, of_layer, unit, theme) for signal in of_layer.signals if (signal.role in STATE_ROLES) is is_state]
            plot.set_curves(curves, trace.seq_len, trace.marked_steps)
            last = ", ".join(f"{curve.name} {value_text(float(curve.y[-1]))}" for curve in curves)
            plot.setAccessibleDescription(f"unit {unit} at the end: {last}")

    def set_cursor_step(self, step: int) -> None:
        """Mark a time step."""
        for plot in self.plots:
            plot.set_cursor_step(step)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        for plot in self.plots:
            plot.set_theme(theme)

    def clear(self) -> None:
        """Forget the curves."""
        self.title.setText("")
        for plot in self.plots:
            plot.clear()


def _curve(signal: Signal, layer: LayerTrace, unit: int, theme: Theme) -> Curve:
    values = layer.values[signal.name][:, unit]
    return Curve(signal.symbol, np.arange(1.0, len(values) + 1), values, theme.tone(signal.role).mark, 1.6)
