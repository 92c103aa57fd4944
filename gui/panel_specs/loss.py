"""The panel Loss, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="loss",
    title="Loss",
    help="How wrong the network is, update by update: below the dashed line it has learnt to remember.",
    order=30,
    make=late("gui.panels.loss", "LossPanel"),
)
