"""The thread that keeps the library of past runs: it alone touches the disk, so that neither window nor training waits for it."""

import queue
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from core import session
from core.errors import InputError
from core.history import DamagedLibraryError, RunLibrary
from core.run_query import RunQuery
from core.run_record import RunMoment, RunRecord, facts_of, thumbnail_curve
from gui.past_curve import MOST_POINTS, PastCurve, at_middles

# A run that was only tried for a moment is not worth a row, unless it diverged: that is what one looks for.
LEAST_UPDATES = 20
DAY_SECONDS = 24 * 3600
TRASH_SECONDS = 7 * DAY_SECONDS


@dataclass(frozen=True)
class RunLabel:
    """What a run itself does not know: the preset it began with, the row it was reopened from, and the seconds trained till then."""

    preset: str = ""
    parent: int | None = None
    seconds_before: float = 0.0


@dataclass(frozen=True)
class Found:
    """What a search found: ``records`` of ``total`` runs, and the ``tasks`` and ``cells`` of which there are any."""

    query: RunQuery
    records: tuple[RunRecord, ...]
    total: int
    tasks: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass
class _Kept:
    """A run of this window: its row, None before the first moment that was kept, and how far that was."""

    label: RunLabel
    row: int | None = None
    updates: int = 0
    updates_trained: int = 0
    seen: tuple[Any, ...] | None = None
    # The row that was thrown away under it, and the updates until then.
    deleted_row: int | None = None
    updates_of_deleted: int = 0

    def is_elsewhere(self, moment: RunMoment) -> bool:
        """Whether the run was rewound since: it has not come as far as it has trained."""
        further = moment.state.step_count - self.updates
        return self.row is not None and further != moment.updates_trained - self.updates_trained


class Librarian(QThread):
    """Carries out one command after another in its own thread.

    ``found`` follows every search, and every change that touches it; ``recorded`` carries a run's id in this window and its row's id;
    ``session_found`` and ``curve_read`` answer what their names say; ``unavailable`` says why there is no library, ``refused`` why a
    command could not be carried out, ``said`` what else a person should know.
    """

    found = Signal(object)
    recorded = Signal(int, int)
    session_found = Signal(object, object)
    curve_read = Signal(object)
    unavailable = Signal(str)
    refused = Signal(str)
    said = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._commands: queue.SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._library: RunLibrary | None = None
        self._is_unavailable = False
        self._kept: dict[int, _Kept] = {}
        self._newest_query: RunQuery | None = None
        self._last_refusal = ""

    # Commands, from any thread

    def begin_run(self, run_id: int, label: RunLabel) -> None:
        """A run has begun in this window; it is kept once it has trained."""
        self._put(self._begin_run, run_id, label)

    def resume_run(self, run_id: int, old_id: int) -> None:
        """The run that was known as ``old_id`` goes on as ``run_id``, in the same row."""
        self._put(self._resume_run, run_id, old_id)

    def keep(self, run_id: int, moment: RunMoment) -> None:
        """Add the run, or bring its row up to date, and save its session."""
        self._put(self._keep, run_id, moment)

    def search(self, query: RunQuery) -> None:
        """``found`` follows, now and after every change; only the newest query counts."""
        self._newest_query = query
        self._put(self._search, query)

    def rename(self, row: int, name: str) -> None:
        """Give a run a name."""
        self._put(self._change, "rename", row, name)

    def set_note(self, row: int, note: str) -> None:
        """Write a note on a run."""
        self._put(self._change, "set_note", row, note)

    def set_favourite(self, row: int, is_favourite: bool) -> None:
        """Mark a run."""
        self._put(self._change, "set_favourite", row, is_favourite)

    def delete(self, rows: Sequence[int]) -> None:
        """Throw runs away."""
        self._put(self._delete, tuple(rows))

    def restore(self, rows: Sequence[int]) -> None:
        """Take them back."""
        self._put(self._restore, tuple(rows))

    def find_session(self, row: int) -> None:
        """``session_found`` follows with the record and the path of its session."""
        self._put(self._find_session, row)

    def export(self, row: int, target: Path) -> None:
        """Write a run's session to a file of the person's."""
        self._put(self._export, row, target)

    def read_curve(self, row: int) -> None:
        """``curve_read`` follows with a PastCurve."""
        self._put(self._read_curve, row)

    def close(self) -> None:
        """Carry out what waits, and end the thread."""
        self._commands.put(None)
        self.wait()

    def run(self) -> None:
        """The thread's own loop. Not to be called."""
        while (command := self._commands.get()) is not None:
            self._carry_out(*command)
        if self._library is not None:
            self._library.close()
            self._library = None

    # In the thread

    def _put(self, command: Callable[..., None], *arguments: Any) -> None:
        self._commands.put((command, arguments))

    def _carry_out(self, command: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            try:
                command(*arguments)
            except DamagedLibraryError:
                # Opening it anew sets it aside.
                if self._library is not None:
                    self._library.close()
                self._library = None
                for kept in self._kept.values():
                    kept.row = kept.seen = None
                command(*arguments)
        except InputError as error:
            self._refuse(str(error))
        except Exception as error:
            traceback.print_exception(error)
            self._refuse(f"past runs: an error in the program: {type(error).__name__}: {error}")

    def _refuse(self, message: str) -> None:
        """Once: a full disk is no news every half minute."""
        if message != self._last_refusal:
            self._last_refusal = message
            self.refused.emit(message)

    def _open(self) -> RunLibrary | None:
        if self._library is None and not self._is_unavailable:
            try:
                self._library = RunLibrary(self._folder)
            except InputError as error:
                self._is_unavailable = True
                self.unavailable.emit(str(error))
                return None
            if self._library.message:
                self.said.emit(self._library.message)
            self._library.purge(time.time() - TRASH_SECONDS)
        return self._library

    def _begin_run(self, run_id: int, label: RunLabel) -> None:
        self._kept[run_id] = _Kept(label)

    def _resume_run(self, run_id: int, old_id: int) -> None:
        kept = self._kept.get(old_id)
        if kept is not None:
            self._kept[run_id] = kept
            if kept.row is not None:
                self.recorded.emit(run_id, kept.row)

    def _keep(self, run_id: int, moment: RunMoment) -> None:
        kept = self._kept.get(run_id)
        if kept is None or (moment.updates_trained - kept.updates_of_deleted < LEAST_UPDATES and moment.divergence is None):
            return
        seen = (moment.state.step_count, moment.state.settings, moment.divergence, moment.updates_trained)
        if seen == kept.seen:
            return
        is_elsewhere = kept.is_elsewhere(moment)
        if is_elsewhere and moment.updates_trained == kept.updates_trained:
            return
        library = self._open()
        if library is None:
            return
        if is_elsewhere:
            # Trained on from an earlier update: what it had become stays, and this is another row.
            kept.label, kept.row = replace(kept.label, parent=kept.row), None
        facts = facts_of(moment, kept.label.preset, kept.label.parent, kept.label.seconds_before)
        if kept.row is None:
            kept.row = library.begin(facts, time.time())
        else:
            library.update(kept.row, facts, time.time())
        library.keep_session(kept.row, moment.state)
        kept.seen, kept.updates, kept.updates_trained = seen, moment.state.step_count, moment.updates_trained
        self._last_refusal = ""
        self.recorded.emit(run_id, kept.row)
        self._search_again()

    def _search(self, query: RunQuery) -> None:
        if query is not self._newest_query:
            return
        library = self._open()
        if library is not None:
            records = tuple(library.search(query))
            self.found.emit(Found(query, records, library.count(), tuple(library.names_of("task")), tuple(library.names_of("cell"))))

    def _search_again(self) -> None:
        if self._newest_query is not None:
            self._search(self._newest_query)

    def _change(self, method: str, *arguments: Any) -> None:
        library = self._open()
        if library is not None:
            getattr(library, method)(*arguments)
            self._search_again()

    def _delete(self, rows: Sequence[int]) -> None:
        for kept in self._kept.values():
            if kept.row in rows:
                # What is trained from now on is worth a row of its own.
                kept.deleted_row, kept.row, kept.updates_of_deleted = kept.row, None, kept.updates_trained
        self._change("delete", rows, time.time())

    def _restore(self, rows: Sequence[int]) -> None:
        for kept in self._kept.values():
            if kept.row is None and kept.deleted_row in rows:
                kept.row, kept.updates_of_deleted = kept.deleted_row, 0
        self._change("restore", rows)

    def _find_session(self, row: int) -> None:
        library = self._open()
        if library is not None:
            self.session_found.emit(library.load(row), library.session_path(row))

    def _export(self, row: int, target: Path) -> None:
        library = self._open()
        if library is not None:
            library.export(row, target)
            self.said.emit(f"Saved to {target}.")

    def _read_curve(self, row: int) -> None:
        """From the session where it is kept, else the few points of the thumbnail."""
        library = self._open()
        if library is None:
            return
        record = library.load(row)
        logs = record.curve
        if record.has_session:
            try:
                logs = thumbnail_curve(session.load_state(library.session_path(row)).losses, MOST_POINTS)
            except InputError:
                logs = record.curve
        self.curve_read.emit(PastCurve(record.id, record.short_title, record.task, *at_middles(logs, record.updates), record.updates))
