"""The library of past runs.

A person should see what was tried before and what came of it, find a run again by a few words, and go on from any of them.
"""

import time
from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.run_query import RunQuery
from core.run_record import RunRecord
from core.snapshot import Snapshot
from gui.panels.library_views.action_bar import ActionBar
from gui.panels.library_views.filter_bar import FilterBar
from gui.panels.library_views.run_list import RunList
from gui.panels.library_views.run_model import RunModel
from gui.panels.library_views.undo_bar import UndoBar
from gui.panels.library_views.words import outcome
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.numbers import count_text, counted
from gui.run_history import RunHistory
from gui.style import current_look
from gui.theme import GAP, Theme

EMPTY = "No past run yet. Press play: every run is kept here by itself."
NO_MATCH = "No run has all of that. Escape in the filter, or “Show all runs”, brings them back."
NOT_KEEPING = "Past runs are not kept. “Keep past runs” in the File menu switches that on."
WIDEST = 1280
"""Of the list, px at text size 1.0."""
HEADER = [
    "id", "title", "task", "network", "parameters", "updates", "seconds", "outcome", "best held-out loss", "metric", "value", "unit",
    "seed", "ended", "favourite", "note",
]  # fmt: skip


class LibraryPanel(Panel):
    """Filter, list, and what can be done with a run; other files carry it out.

    ``search_requested`` carries a RunQuery, ``deleted`` and ``restored`` ids, the other signals a RunRecord or the id of one first.
    """

    search_requested = Signal(object)
    reopen_requested = Signal(object)
    compare_requested = Signal(object)
    compare_ended = Signal(int)
    renamed = Signal(int, str)
    note_requested = Signal(object)
    favourite_changed = Signal(int, bool)
    export_requested = Signal(object)
    deleted = Signal(object)
    restored = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(theme, parent)
        self._total = 0
        self._problem = ""
        self._is_keeping = True
        self._current: int | None = None
        self._compared: tuple[int, ...] = ()
        self.filters = FilterBar()
        self.model = RunModel(clock, self)
        self.list = RunList(self.model)
        self.actions_bar = ActionBar()
        self.undo_bar = UndoBar()
        self.setAccessibleName("Library")
        self._lay_out()
        self._connect()
        self._refresh_words()

    @property
    def query(self) -> RunQuery:
        """What the list shows."""
        return self.filters.query

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        """Nothing: past runs do not change with the present one."""

    def clear(self) -> None:
        """Nothing to forget: past runs stay."""

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.list.restyle()

    def show_runs(self, records: Sequence[RunRecord], total: int, tasks: Sequence[str], cells: Sequence[str]) -> None:
        """Show what a search found of ``total`` runs, and what can be filtered by."""
        self._total, self._problem = total, ""
        self.filters.set_choices(tasks, cells)
        self.list.show_records(tuple(records))
        self._refresh_words()

    def set_problem(self, reason: str) -> None:
        """There is no library, because of ``reason``."""
        self._problem = reason
        self.list.show_records(())
        self._total = 0
        self._refresh_words()

    def set_keeping(self, is_keeping: bool) -> None:
        """Whether runs are kept from now on."""
        self._is_keeping = is_keeping
        self._refresh_words()

    def set_current(self, run_id: int | None) -> None:
        """The row that the present run has; None where it has none yet."""
        self._current = run_id
        self._refresh_tags()

    def set_compared(self, run_ids: Collection[int]) -> None:
        """The runs whose curves are drawn behind the present one, in the order of their numbers there."""
        self._compared = tuple(run_ids)
        self._refresh_tags()
        self._on_chosen_changed()

    def search(self) -> None:
        """Ask for the list anew."""
        self.search_requested.emit(self.query)

    def as_table(self) -> list[list[str]]:
        return [HEADER, *(_table_row(record) for record in self.model.records)]

    def as_sentence(self) -> str:
        if self._problem:
            return f"There is no library of past runs: {self._problem}."
        if not self._total:
            return "No past run yet: press play, and every run is kept here." if self._is_keeping else NOT_KEEPING
        records = self.model.records
        solved = sum(record.solved_at is not None for record in records)
        sentence = f"{_shown_of(len(records), self._total, 'past run')}, {solved} solved"
        return f"{sentence}; the first is {records[0].title}, {outcome(records[0])[0]}." if records else f"{sentence}."

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.search()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(GAP)
        layout.addWidget(self.filters)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.undo_bar)
        layout.addWidget(self.actions_bar)
        # What is left over once every row is in view.
        layout.addStretch(0)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a wide window a run's outcome stays near its name."""
        left, top, right, bottom = FRAME_MARGINS
        beyond = max(0, self.width() - left - right - 2 * GAP - current_look().px(WIDEST))
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(left + GAP, top + GAP, right + GAP + beyond, bottom)

    def _connect(self) -> None:
        self.filters.changed.connect(lambda _query: self.search())
        self.filters.field.left_downwards.connect(self._enter_list)
        self.model.renamed.connect(self.renamed)
        self.list.delegate.starred.connect(self._on_starred)
        self.list.chosen_changed.connect(self._on_chosen_changed)
        self.list.reopen_requested.connect(lambda: self._on_requested("reopen"))
        self.list.delete_requested.connect(lambda: self._on_requested("delete"))
        self.list.menu_requested.connect(self.actions_bar.pop_up)
        self.actions_bar.requested.connect(self._on_requested)
        self.undo_bar.undone.connect(self.restored)
        # Works from anywhere in the window while the panel is on screen.
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._enter_filter)

    def _enter_filter(self) -> None:
        self.filters.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.field.selectAll()

    def _enter_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.list.currentIndex().isValid() or not self.list.chosen():
            self.list.choose(0)

    def _on_chosen_changed(self) -> None:
        self.actions_bar.set_chosen(self.list.chosen(), self._compared)

    def _on_starred(self, run_id: int) -> None:
        record = next((record for record in self.model.records if record.id == run_id), None)
        if record is not None:
            self.favourite_changed.emit(run_id, not record.is_favourite)

    def _on_requested(self, key: str) -> None:
        """Do what the buttons, the menu and the keys ask for, where it can be done."""
        chosen = self.list.chosen()
        if not chosen or not self.actions_bar.button(key).isEnabled():
            return
        record = chosen[0]
        if key == "delete":
            ids = tuple(each.id for each in chosen)
            self.undo_bar.offer(ids, record.title)
            self.deleted.emit(ids)
        elif key == "rename":
            self.list.rename()
        elif key == "favourite":
            self._on_starred(record.id)
        elif key == "compare" and record.id in self._compared:
            self.compare_ended.emit(record.id)
        else:
            signals = {
                "reopen": self.reopen_requested,
                "compare": self.compare_requested,
                "note": self.note_requested,
                "export": self.export_requested,
            }
            signals[key].emit(record)

    def _refresh_tags(self) -> None:
        tags = {run_id: f"curve {k}" for k, run_id in enumerate(self._compared, 1)}
        if self._current is not None:
            tags[self._current] = "this run"
        self.model.set_tags(tags)

    def _refresh_words(self) -> None:
        """The hint in an empty list, the subtitle, and the sentence for screen readers."""
        if self._problem:
            self.list.hint = self.as_sentence()
        elif self._total:
            self.list.hint = NO_MATCH
        else:
            self.list.hint = EMPTY if self._is_keeping else NOT_KEEPING
        self.list.viewport().update()
        self.list.setAccessibleDescription(self.as_sentence())
        self.setAccessibleDescription(self.as_sentence())
        self.say(self._subtitle())

    def _subtitle(self) -> str:
        if not self._total:
            return ""
        count = _shown_of(len(self.model.records), self._total, "run")
        return count if self._is_keeping else f"{count}; new ones are not kept"


def _shown_of(shown: int, total: int, thing: str) -> str:
    """5 runs; or where a filter leaves some out, 3 of 5 runs."""
    return counted(total, thing) if shown == total else f"{count_text(shown)} of {counted(total, thing)}"


def _table_row(record: RunRecord) -> list[str]:
    ended = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.updated_at))
    known = [f"{value:.6g}" if value is not None else "" for value in (record.best_loss, record.metric_value)]
    return [
        str(record.id), record.title, record.task, record.network_title, str(record.parameters), str(record.updates),
        f"{record.seconds:.1f}", outcome(record)[0], known[0], record.metric_name, known[1], record.metric_unit,
        str(record.seed), ended, "yes" if record.is_favourite else "no", record.note,
    ]  # fmt: skip
