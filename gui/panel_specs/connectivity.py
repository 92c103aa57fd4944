"""The panel Connectivity, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="connectivity",
    title="Connectivity",
    help="What an answer depends on: how much it would change with each input that was read before it, ‖∂y_t/∂x_τ‖.",
    order=60,
    make=late("gui.panels.connectivity", "ConnectivityPanel"),
)
