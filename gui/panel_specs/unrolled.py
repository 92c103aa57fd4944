"""The panel Unrolled network, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="unrolled",
    title="Unrolled network",
    help="The network, once for each time step: what flows forward through its states, and how much of the gradient comes back.",
    order=10,
    make=late("gui.panels.unrolled", "UnrolledPanel"),
)
