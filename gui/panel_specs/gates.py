"""The panel Gates, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="gates",
    title="Gates",
    help="The value of every gate and state of every unit at every time step of one sequence.",
    order=50,
    make=late("gui.panels.gates", "GatesPanel"),
)
