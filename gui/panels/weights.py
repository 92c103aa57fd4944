"""The weights themselves: what each unit hears from each other one, how they are spread, and whether the network keeps or loses memory.

A person should see structure grow out of noise (bright rows and columns: units that speak or listen), and the edge of stability: with
singular values of the step Jacobian below 1 a step shrinks gradients on their way back, above 1 they may explode.
"""

import math

import numpy as np
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from core import registry
from core.looks.weights import GateSpectrum, LayerWeights
from core.snapshot import Snapshot
from gui.controls.segments import Segments
from gui.controls.weight_editor import WeightEditor
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.curve_plot import CurvePlot, Rule
from gui.plots.curves import Curve
from gui.plots.gate_choice import GateChoice
from gui.plots.layer_choice import LayerChoice
from gui.plots.numbers import value_text
from gui.plots.scales import LinearScale, StepScale, nice_step
from gui.plots.sticky import StickyBounds
from gui.plots.weight_blocks import HEAD, INPUT, RECURRENT, WeightBlock, blocks_of
from gui.plots.weight_maps import WeightMaps, inner_size
from gui.run_history import RunHistory
from gui.style import current_look
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, Theme

EDGE = Rule(1.0, "edge of stability")
LEAST_TOP = 1.25
"""Singular values are shown at least up to here, so that the edge is in sight."""
HISTOGRAM_BARS = 25
HISTOGRAM_PERCENT = 99.5
"""So many per cent of the weights lie between its ends, in steps of 1, 2, 5; those beyond are counted at the ends."""
# px at text size 1.0: below, the plots at the side, the lower of them, the row for editing go.
LEAST_WIDTH_WITH_PLOTS, LEAST_HEIGHT_WITH_HISTOGRAM, LEAST_WIDTH_OF_THREE, LEAST_HEIGHT_WITH_EDITOR = 400, 300, 900, 130
LEFT = 40.0
PLOTS = (("spectrum", "Spectrum"), ("histogram", "Histogram"))
"""Where there is no room for both, a person chooses."""


class WeightsPanel(Panel):
    """Heatmaps, spectrum and histogram of one gate of one layer, and a row to set one weight.

    ``edit_requested`` carries a canonical name, an index and the value that a person wants there.
    """

    looks = ("weights",)
    edit_requested = QtSignal(str, object, float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.weights: LayerWeights | None = None
        self._cell = ""
        # The top layer is looked at first; from then on whichever a person chooses here or elsewhere.
        self._is_layer_asked = False
        self._tops, self._histogram_ends = StickyBounds(), StickyBounds()
        self.maps = WeightMaps(theme)
        self.maps.setAccessibleName("Weights: arrow keys choose one")
        self.spectrum = CurvePlot(theme, LEFT, lambda at: f"singular value {round(at)}")
        self.spectrum.setAccessibleName("Singular values of W_hh and of the step Jacobian")
        self.histogram = CurvePlot(theme, LEFT, lambda at: f"weights near {value_text(at)}")
        self.histogram.setAccessibleName("Histogram of the weights")
        self.histogram.y_title, self.histogram.y_title_rise = "%", 4.0
        self.editor = WeightEditor()
        self._layer_choice, self._gate_choice = LayerChoice(), GateChoice()
        self._layer_choice.layer_changed.connect(lambda: self.focus_changed.emit(self._layer_choice.layer))
        self._gate_choice.gate_changed.connect(self._on_gate_chosen)
        self.maps.entry_chosen.connect(self._on_entry_chosen)
        self.editor.set_requested.connect(self._on_set_requested)
        self._plot_choice = Segments(
            PLOTS, name="Plot beside the weights", height=HEIGHT_FIELD, size=SIZE_LABEL, padding=7, helps=("Singular values.", "Histogram.")
        )
        self._plot_choice.setVisible(False)
        self._plot_choice.value_changed.connect(lambda _value: self._arrange())
        self._side = QWidget()
        self._plots = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._side)
        self._plots.setContentsMargins(0, 0, 0, 0)
        self._plots.setSpacing(0)
        self._plots.addWidget(self.spectrum, 3)
        self._plots.addWidget(self.histogram, 2)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(0)
        self._columns.addWidget(self.maps, 5)
        self._columns.addWidget(self._side, 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.addLayout(self._columns, 1)
        layout.addWidget(self.editor)
        self.setAccessibleName("Weights")
        self._arrange()

    # The contract

    def options(self) -> list[QWidget]:
        return [self._layer_choice, self._gate_choice, self._plot_choice]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for canvas in (self.maps, self.spectrum, self.histogram):
            canvas.set_theme(theme)
        self._draw_plots()

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        if history.trace is not None:
            self._layer_choice.set_layers(tuple(layer.is_backward for layer in history.trace.layers))
        found = history.look("weights")
        if found is None and self.weights is None and snapshot.step:
            self.maps.hint = "One moment: the weights are being fetched."
            self.maps.reframe()
        if not isinstance(found, LayerWeights) or found is self.weights:
            return
        if not self._is_layer_asked:
            self._is_layer_asked = True
            if found.layer != self._layer_choice.layer:
                self.focus_changed.emit(self._layer_choice.layer)
        self._layer_choice.show_layer(found.layer)
        self.weights = found
        self._cell = snapshot.settings.network.cell
        self._gate_choice.set_gates(self._gates())
        self._redraw()

    def clear(self) -> None:
        self.weights, self._is_layer_asked = None, False
        self._tops.reset()
        self._histogram_ends.reset()
        for canvas in (self.maps, self.spectrum, self.histogram):
            canvas.clear()
        self.editor.show_nothing()
        self._arrange()
        self.say("")

    def follow(self, unit: int) -> None:
        self.maps.follow(unit)

    def as_table(self) -> list[list[str]]:
        """Every weight of the gate, then singular values and the spectral radius."""
        rows = [["what", "to", "from", "value"]]
        if self.weights is None:
            return rows
        for block in self.maps.blocks.values():
            name = f"{block.symbol} {block.gate}".strip()
            for row, values in enumerate(block.values):
                rows += [[name, str(row), str(column) if block.source else "", f"{value:.6g}"] for column, value in enumerate(values)]
        for name, values in self.singular_values().items():
            rows += [[f"singular value {k} of {name}", "", "", f"{value:.6g}"] for k, value in enumerate(values, 1)]
        spectrum = self._spectrum()
        return rows if spectrum is None else [*rows, ["spectral radius of W_hh", "", "", f"{spectrum.radius:.6g}"]]

    def as_sentence(self) -> str:
        weights = self.weights
        if weights is None:
            return "No weights yet: press play."
        head = f"Weights{f' of the {self.gate} gate' if len(self._gates()) > 1 else ''}, {weights.hidden_size} units"
        spectrum, jacobian = self._spectrum(), weights.jacobian
        parts = [] if spectrum is None else [f"the spectral radius of W_hh is {_words(spectrum.radius)}"]
        if jacobian is not None:
            largest = float(jacobian[0])
            effect = "" if math.isnan(largest) else ": it shrinks every gradient" if largest < 1 else ": some gradients grow through it"
            parts.append(f"the step at t = {weights.jacobian_step + 1} stretches changes at most {_words(largest)} times{effect}")
        return f"{head}; {', and '.join(parts)}." if parts else f"{head}."

    # What is shown

    @property
    def gate(self) -> str:
        """The gate that is shown."""
        return self._gate_choice.gate

    def singular_values(self) -> dict[str, np.ndarray]:
        """What the spectrum shows, by name, largest first."""
        weights, spectrum = self.weights, self._spectrum()
        if weights is None:
            return {}
        found = {} if spectrum is None else {"W_hh": spectrum.singular_values}
        if weights.jacobian is not None:
            found[f"J at t = {weights.jacobian_step + 1}"] = weights.jacobian
        return found

    def _spectrum(self) -> GateSpectrum | None:
        return None if self.weights is None else self.weights.spectra.get(self.gate)

    def _gates(self) -> list[tuple[str, str]]:
        """The gates of the layer with their symbols, in display order."""
        assert self.weights is not None
        learned = self.weights.gates[RECURRENT]
        shown = [(signal.name, signal.symbol) for signal in registry.cells()[self._cell].signals if signal.name in learned]
        return shown or [(gate, gate) for gate in learned]

    # Drawing

    def _redraw(self) -> None:
        weights = self.weights
        if weights is None:
            return
        self.maps.show_blocks(blocks_of(weights, self.gate), _matrices(weights))
        self._draw_plots()
        self._show_chosen(is_new=False)
        self._arrange()
        self.say(self._subtitle())

    def _draw_plots(self) -> None:
        if self.weights is None:
            return
        color = self._gate_color()
        values = list(self.singular_values().items())
        longest = max((len(each) for _, each in values), default=1)
        largest = max((float(each[np.isfinite(each)].max(initial=0.0)) for _, each in values), default=1.0)
        step = nice_step(max(largest, LEAST_TOP), 5)
        _, top = self._tops.update(0.0, step * math.ceil(max(largest, LEAST_TOP) / step))
        curves = [
            Curve(name, np.arange(1.0, len(each) + 1), each, color if name == "W_hh" else self.theme.accent, 2.0, name != "W_hh")
            for name, each in values
        ]
        self.spectrum.hint = "Singular values are shown up to 256 units." if self.weights.spectra == {} else "Being computed, gate by gate."
        self.spectrum.show_curves(curves, StepScale(1, max(longest, 2)), LinearScale(0, top), [EDGE], "singular values")
        self._draw_histogram(color)

    def _draw_histogram(self, color: str) -> None:
        assert self.weights is not None
        wanted = math.log10(nice_step(max(inner_size(_matrices(self.weights), HISTOGRAM_PERCENT), 1e-6), 1))
        end, theme = 10 ** self._histogram_ends.update(-6.0, wanted)[1], self.theme
        edges = np.linspace(-end, end, HISTOGRAM_BARS + 1)
        places = (edges[:-1] + edges[1:]) / 2
        curves, most = [], 0.0
        for key, tone in ((INPUT, theme.text_3), (HEAD, theme.accent), (RECURRENT, color)):
            block = self.maps.blocks.get(key)
            if block is None:
                continue
            known = block.values[np.isfinite(block.values)].astype(np.float64)
            counts, _ = np.histogram(np.clip(known, -end, end), edges)
            shares = 100 * counts / max(1, len(known))
            most = max(most, float(shares.max()))
            curves.append(Curve(block.symbol, places, shares, tone, 2.0 if key == RECURRENT else 1.0, key == HEAD))
        self.histogram.show_curves(curves, LinearScale(-end, end), LinearScale(0, nice_step(max(most, 1.0), 3) * 3), (), "weight")

    def _gate_color(self) -> str:
        signals = {signal.name: signal.role for signal in registry.cells()[self._cell].signals}
        return self.theme.tone(signals[self.gate]).text if self.gate in signals else self.theme.text

    def _subtitle(self) -> str:
        spectrum, weights = self._spectrum(), self.weights
        if weights is None:
            return ""
        part = "encoder; " if weights.prefix.startswith("encoder") else ""
        gate = f"{self.gate}; " if len(self._gates()) > 1 else ""
        radius = "" if spectrum is None else f"spectral radius {_words(spectrum.radius)}"
        return f"{part}{gate}{radius or f'{weights.hidden_size} units'}"

    def say(self, subtitle: str) -> None:
        super().say(subtitle)
        self.setAccessibleDescription(self.as_sentence())
        self.maps.setAccessibleDescription(self.as_sentence())

    # Choosing and editing

    def _on_gate_chosen(self) -> None:
        self._redraw()

    def _on_entry_chosen(self) -> None:
        self._show_chosen(is_new=True)
        if self.maps.chosen is not None and self.maps.chosen[0] not in (HEAD,):
            self.follow(self.maps.chosen[1])
            self.unit_followed.emit(self.maps.chosen[1])

    def _show_chosen(self, is_new: bool) -> None:
        entry = self.maps.chosen
        if entry is None:
            self.editor.show_nothing()
            return
        block: WeightBlock = self.maps.blocks[entry[0]]
        value = self.maps.value_of(entry)
        title = f"{block.title(*entry[1:])}: {value_text(value, 3)}"
        self.maps.setAccessibleDescription(title)
        if is_new:
            self.editor.show_weight(title, value)
        else:
            self.editor.show_value(title, value)

    def _on_set_requested(self, value: float) -> None:
        entry = self.maps.chosen
        if entry is not None and entry[0] in self.maps.blocks:
            block = self.maps.blocks[entry[0]]
            self.edit_requested.emit(block.name, block.index(*entry[1:]), value)

    # Room

    def _arrange(self) -> None:
        """Show what there is room for."""
        px = current_look().px
        has_plots = self.weights is not None and self.width() >= px(LEAST_WIDTH_WITH_PLOTS)
        is_wide = self.width() >= px(LEAST_WIDTH_OF_THREE) and self.height() < px(LEAST_HEIGHT_WITH_HISTOGRAM)
        self._plots.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)
        self._columns.setStretch(1, 6 if is_wide else 4)
        self._side.setVisible(has_plots)
        has_both = is_wide or self.height() >= px(LEAST_HEIGHT_WITH_HISTOGRAM)
        self.spectrum.setVisible(has_both or self._plot_choice.value() == "spectrum")
        self.histogram.setVisible(has_both or self._plot_choice.value() == "histogram")
        # Without a parent it would open as a window of its own.
        self._plot_choice.setVisible(has_plots and not has_both and self._plot_choice.parent() is not None)
        self.editor.setVisible(self.weights is not None and self.height() >= px(LEAST_HEIGHT_WITH_EDITOR))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _matrices(weights: LayerWeights) -> list[np.ndarray]:
    """The matrices of all gates, and of the outputs where the layer has them."""
    return [weights.parameters[RECURRENT], weights.parameters[INPUT], *([] if weights.head is None else [weights.head])]


def _words(value: float) -> str:
    return "unknown" if math.isnan(value) else value_text(value)
