"""Past runs as a Qt model."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.run_record import RunRecord
from gui.panels.library_views.words import spoken

RECORD_ROLE = Qt.ItemDataRole.UserRole
TAGS_ROLE = Qt.ItemDataRole.UserRole + 1
NOW_ROLE = Qt.ItemDataRole.UserRole + 2
Index = QModelIndex | QPersistentModelIndex


class RunModel(QAbstractListModel):
    """Rows of RunRecords. ``renamed`` carries a run's id and the name that was typed. ``clock`` tells seconds since 1970."""

    renamed = Signal(int, str)

    def __init__(self, clock: Callable[[], float] = time.time, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._records: tuple[RunRecord, ...] = ()
        self._tags: dict[int, str] = {}

    @property
    def records(self) -> tuple[RunRecord, ...]:
        """All rows."""
        return self._records

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock()

    def set_records(self, records: Sequence[RunRecord]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._records = tuple(records)
        self.endResetModel()

    def set_tags(self, tags: dict[int, str]) -> None:
        """Short words on single runs, by id: "this run"."""
        if tags != self._tags:
            self._tags = dict(tags)
            if self._records:
                self.dataChanged.emit(self.index(0), self.index(len(self._records) - 1))

    def row_of(self, run_id: int) -> int | None:
        """Where a run stands; None where it does not."""
        return next((row for row, record in enumerate(self._records) if record.id == run_id), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own signature)
        return 0 if parent.isValid() else len(self._records)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._records):
            return None
        record = self._records[index.row()]
        if role == RECORD_ROLE:
            return record
        if role == TAGS_ROLE:
            return self._tags.get(record.id, "")
        if role == NOW_ROLE:
            return self._clock()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return record.title
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            tag = self._tags.get(record.id, "")
            return spoken(record, self._clock()) + (f", {tag}" if tag else "")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        record = self._records[index.row()]
        name = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or name == record.title:
            return False
        self.renamed.emit(record.id, name)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemNeverHasChildren
