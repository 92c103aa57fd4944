"""The library panel asks the librarian, and past runs come back into the window."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.run_record import RunRecord
from core.settings import Settings
from gui import dialogs
from gui.librarian import Found, Librarian
from gui.note_dialog import NoteDialog
from gui.panels.library import LibraryPanel
from gui.past_curve import PastCurve
from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow

MOST_COMPARED = 3
WITHOUT_LIBRARY = "this window keeps nothing"


class LibraryWires(QObject):
    """Between ``panel`` and the librarian of ``window``."""

    def __init__(self, window: "MainWindow", panel: LibraryPanel, librarian: Librarian) -> None:
        super().__init__(panel)
        self._window, self._panel, self._librarian = window, panel, librarian
        self._row_of_run: dict[int, int] = {}
        self._curves: dict[int, PastCurve] = {}
        self._compared: list[int] = []
        self._connect_panel()
        self._connect_librarian()
        window.recorder.keeping_changed.connect(panel.set_keeping)
        window.controller.run_began.connect(self._on_run_began)
        panel.set_keeping(window.recorder.is_keeping)

    def _connect_panel(self) -> None:
        panel, librarian = self._panel, self._librarian
        panel.search_requested.connect(librarian.search)
        panel.reopen_requested.connect(lambda record: librarian.find_session(record.id))
        panel.compare_requested.connect(self._on_compare_requested)
        panel.compare_ended.connect(self._on_compare_ended)
        panel.renamed.connect(librarian.rename)
        panel.note_requested.connect(self._on_note_requested)
        panel.favourite_changed.connect(librarian.set_favourite)
        panel.export_requested.connect(self._on_export_requested)
        panel.deleted.connect(librarian.delete)
        panel.restored.connect(librarian.restore)

    def _connect_librarian(self) -> None:
        librarian, words = self._librarian, self._window.words
        librarian.found.connect(self._on_found)
        librarian.recorded.connect(self._on_recorded)
        librarian.session_found.connect(self._on_session_found)
        librarian.curve_read.connect(self._on_curve_read)
        librarian.unavailable.connect(self._panel.set_problem)
        librarian.refused.connect(words.say_problem)
        librarian.said.connect(words.say_problem)

    # From the librarian

    def _on_found(self, found: Found) -> None:
        if found.query == self._panel.query:
            self._panel.show_runs(found.records, found.total, found.tasks, found.cells)

    def _on_recorded(self, run_id: int, row: int) -> None:
        self._row_of_run[run_id] = row
        if run_id == self._window.controller.run_id:
            self._panel.set_current(row)

    def _on_session_found(self, record: RunRecord, path: Path) -> None:
        self._window.recorder.reopen(record, path)

    def _on_curve_read(self, curve: PastCurve) -> None:
        if curve.run_id in self._compared:
            self._curves[curve.run_id] = curve
            self._show_curves()

    # From the window

    def _on_run_began(self, settings: Settings) -> None:
        run_id = self._window.controller.run_id
        kept = self._row_of_run.get(run_id) if run_id is not None else None
        self._panel.set_current(self._window.recorder.reopened if kept is None else kept)
        # A curve of another task has another loss.
        self._compared = [row for row in self._compared if row not in self._curves or self._curves[row].task == settings.task.name]
        self._show_curves()

    # From the panel

    def _on_compare_requested(self, record: RunRecord) -> None:
        """Its curve goes behind the present one; and where runs race, its settings join them."""
        if record.task == self._window.controller.settings.task.name:
            self._compared = [*self._compared, record.id][-MOST_COMPARED:]
            self._librarian.read_curve(record.id)
            self._panel.set_compared(self._compared)
            self._join_race(record)
            return
        self._window.words.say_problem(
            f"{record.title}: is another task than the present one, whose loss can't be compared: reopen it, or choose its task first"
        )

    def _join_race(self, record: RunRecord) -> None:
        """Where a race goes on, the settings of a past run join it."""
        if self._window.race.runs:
            self._window.race.add(record.settings, is_matched=False)

    def _on_compare_ended(self, row: int) -> None:
        self._compared = [each for each in self._compared if each != row]
        self._show_curves()

    def _on_note_requested(self, record: RunRecord) -> None:
        NoteDialog(self._window, record.title, record.note, lambda note: self._librarian.set_note(record.id, note)).open()

    def _on_export_requested(self, record: RunRecord) -> None:
        path = dialogs.ask_to_save(
            self._window, "Export past run", f"{record.task}-{record.cell}-{record.id}.rnnp", dialogs.SESSIONS, ".rnnp"
        )
        if path is not None:
            self._librarian.export(record.id, path)

    def _show_curves(self) -> None:
        self._panel.set_compared(self._compared)
        dock = self._window.bench.docks.get("loss")
        if dock is not None:
            dock.panel.set_past_curves(  # type: ignore[attr-defined]
                [self._curves[row] for row in self._compared if row in self._curves]
            )


def _connect(window: "MainWindow", panel: LibraryPanel) -> None:
    if window.recorder.librarian is None:
        panel.set_problem(WITHOUT_LIBRARY)
        return
    LibraryWires(window, panel, window.recorder.librarian)


WIRING = Wiring("library", _connect)
