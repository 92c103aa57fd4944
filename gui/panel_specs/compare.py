"""The panel Compare, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="compare",
    title="Compare",
    help="Up to six runs learn the same task on the same data: who learns it, how soon, and where the gradient is lost.",
    order=110,
    make=late("gui.panels.compare", "ComparePanel"),
)
