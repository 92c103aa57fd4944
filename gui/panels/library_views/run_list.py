"""The list of past runs."""

from PySide6.QtCore import QItemSelectionModel, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from core.run_record import RunRecord
from gui.controls.keys import ENTER, PAGES, KeepsKeys
from gui.panels.library_views.run_delegate import RunDelegate
from gui.panels.library_views.run_model import RECORD_ROLE, RunModel
from gui.style import Styled, current_look, wear
from gui.theme import PADDING, SIZE_BODY

BEYOND = 16_777_215
"""What Qt takes for no bound, in pixels."""
UP_DOWN = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down})


class RunList(KeepsKeys, Styled, QListView):
    """Rows to choose from with mouse and keys. Enter and a double click ask to reopen, Delete to delete, F2 renames in place.

    ``hint`` stands there while the list is empty.
    """

    kept_keys = ENTER | PAGES | UP_DOWN | {Qt.Key.Key_Delete, Qt.Key.Key_F2}

    reopen_requested = Signal()
    delete_requested = Signal()
    menu_requested = Signal(object)
    chosen_changed = Signal()

    def __init__(self, model: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint = ""
        self._model = model
        self.delegate = RunDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("Past runs")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.doubleClicked.connect(lambda _index: self.reopen_requested.emit())
        self.selectionModel().selectionChanged.connect(lambda _chosen, _left: self.chosen_changed.emit())
        wear(self, "views", "scroll", "line", "menu")

    def chosen(self) -> list[RunRecord]:
        """The runs that are selected, in the order of the list."""
        indexes = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [index.data(RECORD_ROLE) for index in indexes]

    def show_records(self, records: tuple[RunRecord, ...]) -> None:
        """Show other rows; what was selected stays so, what was in view stays there, and a deleted row hands on to its neighbour."""
        ids = {record.id for record in self.chosen()}
        current, scrolled = self.currentIndex(), self.verticalScrollBar().value()
        current_id = current.data(RECORD_ROLE).id if current.isValid() else None
        neighbour = current.row()
        self._model.set_records(records)
        selection = self.selectionModel()
        select, place = QItemSelectionModel.SelectionFlag.Select, QItemSelectionModel.SelectionFlag.NoUpdate
        for row, record in enumerate(records):
            if record.id in ids:
                selection.select(self._model.index(row), select)
        row_of_current = self._model.row_of(current_id) if current_id is not None else None
        if row_of_current is not None:
            selection.setCurrentIndex(self._model.index(row_of_current), place)
        elif current_id is not None and records:
            self.choose(min(neighbour, len(records) - 1))
        self.setMaximumHeight(self.sizeHint().height())
        self.verticalScrollBar().setValue(scrolled)
        self.viewport().update()
        self.chosen_changed.emit()

    def choose(self, row: int) -> None:
        """Select one row and bring it into view."""
        if 0 <= row < self._model.rowCount():
            self.setCurrentIndex(self._model.index(row))

    def rename(self) -> None:
        """Edit the name of the current run in place."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER:
            self.reopen_requested.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_requested.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def sizeHint(self) -> QSize:
        """As high as its rows, so that what can be done with them stands right below."""
        rows = self._model.rowCount()
        return QSize(super().sizeHint().width(), max(1, rows) * self.sizeHintForRow(0) + 2 * self.frameWidth() if rows else BEYOND)

    def minimumSizeHint(self) -> QSize:
        # One row.
        return QSize(0, self.sizeHintForRow(0) if self._model.rowCount() else 0)

    def restyle(self) -> None:
        wear(self, "views", "scroll", "line", "menu")
        self.doItemsLayout()
        self.setMaximumHeight(self.sizeHint().height())
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._model.rowCount() or not self.hint:
            return
        look = current_look()
        painter = QPainter(self.viewport())
        painter.setFont(look.font(SIZE_BODY))
        painter.setPen(look.color("text_2"))
        side = look.px(PADDING)
        room = QRectF(self.viewport().rect()).adjusted(side, 0, -side, 0)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.hint)
        painter.end()
