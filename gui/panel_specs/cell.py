"""The panel Cell, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="cell",
    title="Cell",
    help="What happens inside the cell at this time step: how far every gate is open, and the equations with their numbers.",
    order=20,
    make=late("gui.panels.cell", "CellPanel"),
)
