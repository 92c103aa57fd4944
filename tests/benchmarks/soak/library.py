"""What a person does with past runs: look for them, go on with them, mark, name, compare and throw them away."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.panels.library import LibraryPanel
from gui.panels.library_views.action_bar import ACTIONS as DEEDS
from tests.benchmarks.soak.person import Person

FILTERS = ("", "lstm", "adding", "solved", "no such run", "seed 1", "gru copy", "%_'\"")
LIST_SECONDS = 1.0


def _open(person: Person) -> LibraryPanel:
    bench = person.window.bench
    panel = bench.docks["library"].panel
    assert isinstance(panel, LibraryPanel)
    if not panel.isVisible() or panel.visibleRegion().isEmpty():
        person.chance.choice([lambda: bench.show_panel("library"), lambda: bench.enlarge("library")])()
    person.wait_for(lambda: bool(panel.model.records), LIST_SECONDS)
    return panel


def search_library(person: Person) -> None:
    """Letter by letter."""
    panel = _open(person)
    if panel.filters.field.isVisible():
        person.touch(panel.filters.field)
        person.type_into(panel.filters.field, person.draw("filters", FILTERS), person.chance.choice([None, Qt.Key.Key_Escape]))
        person.wait(0.1)


def use_past_run(person: Person) -> None:
    """Choose one or more, and do something with them."""
    panel = _open(person)
    count = len(panel.model.records)
    if not count:
        panel.filters.show_all()
        return
    panel.list.choose(person.chance.randrange(count))
    if person.chance.random() < 0.3:
        QTest.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    person.wait(0.0)
    deed = person.draw("deeds", tuple(DEEDS))
    person.name(deed)
    panel.actions_bar.requested.emit(deed)
    if deed == "rename":
        person.wait(0.0)
        editor = panel.list.viewport().focusWidget()
        if editor is not None and editor is not panel.list.viewport():
            person.type_into(editor, "a name of its own", Qt.Key.Key_Return)
    person.wait(0.2)
    if deed == "delete" and person.chance.random() < 0.5:
        person.click(panel.undo_bar.undo)


ACTIONS = {search_library: 2, use_past_run: 5}
