"""The panel Prediction, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="prediction",
    title="Prediction",
    help="What the network answers now, against what would be right; type or draw an input of your own below.",
    order=60,
    make=late("gui.panels.prediction", "PredictionPanel"),
)
