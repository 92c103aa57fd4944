"""The panel Library, before it is made."""

from gui.panel_spec import PanelSpec, late

PANEL = PanelSpec(
    name="library",
    title="Library",
    help="Every past run: its curve, its settings, what came of it. Find one again by a few words, go on with it, or compare.",
    order=120,
    make=late("gui.panels.library", "LibraryPanel"),
)
