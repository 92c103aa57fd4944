"""The window appears soon: what its first picture does not show is neither made nor imported."""

import json
import subprocess
import sys

from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenuBar, QProgressBar, QScrollBar, QTabBar

from gui.panel_spec import panel_specs
from gui.style import Look, apply_look
from gui.theme import DARK, LIGHT

HIDDEN = ("connectivity", "weights", "state_space", "updates", "compare", "library")
LATE = {"mido", "chardet", *(f"gui.panels.{name}" for name in HIDDEN)}
STARTED = """
import json, sys
from gui.app import create_application, create_main_window
application = create_application([])
window = create_main_window(preset="adding", is_remembering=False)
window.show()
window.grab()
made = [name for name, dock in window.bench.docks.items() if dock.is_made]
print(json.dumps([made, sorted(sys.modules)]))
window.close()
"""


def test_only_what_is_seen_is_made_and_imported() -> None:
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True, timeout=300)
    made, modules = json.loads(done.stdout.splitlines()[-1])
    assert "unrolled" in made and "gui.panels.unrolled" in modules
    assert not set(made) & set(HIDDEN)
    assert not LATE & set(modules)


def test_a_prediction_imports_its_own_view_only() -> None:
    code = """
import sys
from core.prediction import MelodyPrediction, SeriesPrediction
from gui.panels.prediction import view_of
views = lambda: sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith("gui.panels.prediction_views."))
before = set(views())
view_of(SeriesPrediction)
print(*sorted(set(views()) - before))
view_of(MelodyPrediction)
print("mido" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split() == ["series", "False"]


def test_titles_are_known_without_panels() -> None:
    code = "import sys; from gui.panel_spec import panel_specs; assert len(panel_specs()) == 12; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300).stdout.split()
    assert not [name for name in loaded if name.startswith(("gui.panels", "PySide6", "numba"))]


def test_a_panel_made_late_knows_what_the_others_know(qtbot, make_window) -> None:
    window = make_window()
    qtbot.waitUntil(lambda: window.frame_count > 0)
    window.frames.set_cursor(1)
    window.frames.follow(2)
    dock = window.bench.docks["weights"]
    assert not dock.is_made
    window.bench.show_panel("weights")
    assert dock.is_made and dock.panel.theme is window.bench.docks["loss"].panel.theme
    qtbot.waitUntil(lambda: len(dock.panel.as_table()) > 1)


def test_every_panel_can_be_made(qtbot, make_window) -> None:
    window = make_window()
    made = [type(window.bench.docks[name].panel).__module__ for name in panel_specs()]
    assert made == [f"gui.panels.{name}" for name in panel_specs()]
    assert len(window.bench.panels) == len(made)


def test_no_sheet_is_matched_with_every_widget(qtbot, make_window) -> None:
    window = make_window()
    assert QApplication.instance().styleSheet() == "" and window.styleSheet() == "" and window.body.styleSheet() == ""


def test_qts_own_widgets_wear_the_look(qtbot, make_window) -> None:
    """None is forgotten, and none keeps the old theme."""
    window = make_window()
    for name in panel_specs():
        window.bench.show_panel(name)
    for theme, other in ((LIGHT, DARK), (DARK, LIGHT)):
        apply_look(QApplication.instance(), Look(theme))
        window.bench.restyle()
        for kind in (QLineEdit, QComboBox, QProgressBar, QScrollBar, QTabBar):
            for widget in window.findChildren(kind):
                sheets = _sheets_around(widget)
                assert "#" in sheets, (kind, widget.accessibleName())
                assert not [color for color in _colors(other) - _colors(theme) if color in sheets], (kind, widget.accessibleName())
    assert "QMenu" in window.findChild(QMenuBar).styleSheet()


def _colors(theme) -> set[str]:
    return {value for value in vars(theme).values() if isinstance(value, str) and value.startswith("#")}


def _sheets_around(widget) -> str:
    """The sheets that reach ``widget``: its own and those of what holds it."""
    text = ""
    while widget is not None:
        text += widget.styleSheet()
        widget = widget.parentWidget()
    return text
