"""The panel State space, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="state_space",
    title="State space",
    help="What the network keeps, as a place: the states of many sequences along the two axes on which they differ most.",
    order=80,
    make=late("gui.panels.state_space", "StateSpacePanel"),
)
