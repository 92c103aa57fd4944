"""Past runs come back into the window; the library panel asks for them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.run_record import RunRecord
from core.settings import Settings
from gui import dialogs
from gui.librarian import Found, Librarian
from gui.note_dialog import NoteDialog
from gui.past_curve import PastCurve
from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.panels.library import LibraryPanel

MOST_COMPARED = 3
WITHOUT_LIBRARY = "this window keeps nothing"


class LibraryWires(QObject):
    """Between the librarian of ``window`` and the panel, which takes over what is known when it is made."""

    def __init__(self, window: "MainWindow", librarian: Librarian) -> None:
        super().__init__(window)
        self._window, self._librarian = window, librarian
        self._panel: LibraryPanel | None = None
        self._problem = ""
        self._row_of_run: dict[int, int] = {}
        self._curves: dict[int, PastCurve] = {}
        self._compared: list[int] = []
        librarian.found.connect(self._on_found)
        librarian.recorded.connect(self._on_recorded)
        librarian.session_found.connect(self._on_session_found)
        librarian.curve_read.connect(self._on_curve_read)
        librarian.unavailable.connect(self._on_unavailable)
        librarian.refused.connect(window.words.say_problem)
        librarian.said.connect(window.words.say_problem)
        window.controller.run_began.connect(self._on_run_began)

    def take(self, panel: "LibraryPanel") -> None:
        """The panel has been made."""
        self._panel = panel
        librarian, recorder = self._librarian, self._window.recorder
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
        recorder.keeping_changed.connect(panel.set_keeping)
        panel.set_keeping(recorder.is_keeping)
        panel.set_current(self._current_row())
        if self._problem:
            panel.set_problem(self._problem)
        if panel.isVisible():
            panel.search()

    # From the librarian

    def _on_found(self, found: Found) -> None:
        if self._panel is not None and found.query == self._panel.query:
            self._panel.show_runs(found.records, found.total, found.tasks, found.cells)

    def _on_recorded(self, run_id: int, row: int) -> None:
        self._row_of_run[run_id] = row
        if self._panel is not None and run_id == self._window.controller.run_id:
            self._panel.set_current(row)

    def _on_unavailable(self, reason: str) -> None:
        self._problem = reason
        if self._panel is not None:
            self._panel.set_problem(reason)

    def _on_session_found(self, record: RunRecord, path: Path) -> None:
        self._window.recorder.reopen(record, path)

    def _on_curve_read(self, curve: PastCurve) -> None:
        if curve.run_id in self._compared:
            self._curves[curve.run_id] = curve
            self._show_curves()

    # From the window

    def _current_row(self) -> int | None:
        """The row of the present run; of the one that it was reopened from where it has none yet."""
        run_id = self._window.controller.run_id
        kept = self._row_of_run.get(run_id) if run_id is not None else None
        return self._window.recorder.reopened if kept is None else kept

    def _on_run_began(self, settings: Settings) -> None:
        if self._panel is not None:
            self._panel.set_current(self._current_row())
        # A curve of another task has another loss.
        self._compared = [row for row in self._compared if row not in self._curves or self._curves[row].task == settings.task.name]
        self._show_curves()

    # From the panel

    def _on_compare_requested(self, record: RunRecord) -> None:
        """Its curve goes behind the present one; and where runs race, its settings join them."""
        if record.task == self._window.controller.settings.task.name:
            self._compared = [*self._compared, record.id][-MOST_COMPARED:]
            self._librarian.read_curve(record.id)
            self._show_compared()
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

    def _show_compared(self) -> None:
        if self._panel is not None:
            self._panel.set_compared(self._compared)

    def _show_curves(self) -> None:
        self._show_compared()
        dock = self._window.bench.docks.get("loss")
        # Where none was ever shown the loss panel need not be made.
        if dock is not None and (dock.is_made or self._compared):
            dock.panel.set_past_curves(  # type: ignore[attr-defined]
                [self._curves[row] for row in self._compared if row in self._curves]
            )


def _prepare(window: "MainWindow") -> None:
    if window.recorder.librarian is not None:
        LibraryWires(window, window.recorder.librarian)


def _connect(window: "MainWindow", panel: "LibraryPanel") -> None:
    wires = window.findChild(LibraryWires)
    if wires is None:
        panel.set_problem(WITHOUT_LIBRARY)
    else:
        wires.take(panel)


WIRING = Wiring("library", _connect, _prepare)
