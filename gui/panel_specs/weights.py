"""The panel Weights, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="weights",
    title="Weights",
    help="Every weight of one layer, how strongly they stretch what is remembered, and a click to change one by hand.",
    order=80,
    make=late("gui.panels.weights", "WeightsPanel"),
)
