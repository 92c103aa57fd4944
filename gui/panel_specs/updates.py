"""The panel Updates, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="updates",
    title="Updates",
    help="How long the gradient is before and after clipping, and how far each update moves the weights: about a thousandth is sane.",
    order=100,
    make=late("gui.panels.updates", "UpdatesPanel"),
)
