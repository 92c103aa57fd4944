"""The panel Gradient flow, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="gradient_flow",
    title="Gradient flow",
    help="How much of the gradient reaches each time step on its way back: where it fades, nothing is learnt of what came before.",
    order=40,
    make=late("gui.panels.gradient_flow", "GradientFlowPanel"),
)
