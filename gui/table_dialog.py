"""A panel's data as a table that follows it: to read line by line, with a screen reader too, and to copy."""

import math
import re
import time

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHBoxLayout, QPushButton, QTableView, QVBoxLayout, QWidget

from gui.controls.caption import WrappedCaption
from gui.controls.tooltips import tooltip
from gui.csv_text import csv_text
from gui.panels.panel import Panel
from gui.plots.numbers import MINUS, value_text
from gui.style import current_look
from gui.theme import GAP

WIDTH, HEIGHT = 560, 480
BESIDE_COLUMNS, MOST_OF_SCREEN = 56, 0.9
"""Margins, frame and scroll bar beside the columns, in pixels; the share of the screen that a table may take."""
SIGNIFICANT, MOST_DECADES, LEAST_SIZE = 4, 4, 1e-3
BROKEN = re.compile(r"-?(\d+\.\d+|\d+(\.\d+)?[eE][-+]?\d+)")
WHOLE = re.compile(r"-\d+")
EXACT_ROLE = Qt.ItemDataRole.UserRole
ROWS_MEASURED, ROWS_FOR_DIGITS = 20, 200
LEAST_SECONDS, LEAST_SECONDS_IN_COSTS = 0.5, 30.0
"""Between two refreshes: a table of a long run takes a while to make."""

Rows = list[list[str]]
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


def column_digits(rows: Rows, column: int) -> int | None:
    """Digits behind the point that show every number of a column to SIGNIFICANT digits; None where it has no broken numbers.

    None too where they are of so different sizes that no such number of digits suits all of them.
    """
    sizes = [abs(float(row[column])) for row in rows if column < len(row) and BROKEN.fullmatch(row[column])]
    sizes = [size for size in sizes if size > 0]
    if not sizes or max(sizes) >= 10**MOST_DECADES * max(min(sizes), LEAST_SIZE) or max(sizes) < LEAST_SIZE:
        return None
    return max(0, SIGNIFICANT - 1 - math.floor(math.log10(max(sizes))))


def shown_text(text: str, digits: int | None) -> str:
    """A cell as it is read: with a true minus and, where it is a broken number, as many digits as its column has."""
    if BROKEN.fullmatch(text) is None:
        return text.replace("-", MINUS) if WHOLE.fullmatch(text) else text
    return value_text(float(text), SIGNIFICANT) if digits is None else f"{float(text):.{digits}f}".replace("-", MINUS)


class RowsModel(QAbstractTableModel):
    """Rows of texts, the first of which are the columns' heads; numbers are shown rounded, and copied as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.head: list[str] = []
        self.rows: Rows = []
        self._digits: list[int | None] = []

    def show_rows(self, table: Rows) -> None:
        """Take over ``table``; what is selected and where the view stands stays, as long as the columns do."""
        head, rows = (table[0], table[1:]) if table else ([], [])
        # By some of them, evenly spread: reading all of a large table would hold up the window.
        some = rows[:: 1 + len(rows) // ROWS_FOR_DIGITS]
        self._digits = [column_digits(some, column) for column in range(len(head))]
        if head != self.head:
            self.beginResetModel()
            self.head, self.rows = head, rows
            self.endResetModel()
            return
        known, wanted = len(self.rows), len(rows)
        if wanted < known:
            self.beginRemoveRows(NOWHERE, wanted, known - 1)
            self.rows = rows
            self.endRemoveRows()
        elif wanted > known:
            self.beginInsertRows(NOWHERE, known, wanted - 1)
            self.rows = rows
            self.endInsertRows()
        else:
            self.rows = rows
        if rows and head:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(head) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.head)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()] if index.row() < len(self.rows) else []
        text = row[index.column()] if index.column() < len(row) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return shown_text(text, self._digits[index.column()])
        if role == EXACT_ROLE:
            return text
        if role == Qt.ItemDataRole.TextAlignmentRole and _is_number(text):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        return self.head[section] if section < len(self.head) else ""


def _is_number(text: str) -> bool:
    try:
        float(text.replace("−", "-").replace(",", ""))
    except ValueError:
        return False
    return True


class TableDialog(QDialog):
    """Stands beside the window and follows the panel; Ctrl+C copies the selected cells, or all of them."""

    def __init__(self, parent: QWidget, title: str, panel: Panel) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{title} as a table")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._panel = panel
        self._next_refresh = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.refresh)
        self.sentence = WrappedCaption()
        self.model = RowsModel()
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setAccessibleName(title)
        self.view.setToolTip(tooltip("Arrow keys move, Ctrl+C copies what is selected."))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.view.verticalHeader().setDefaultSectionSize(current_look().px(24))
        # What numbers the rows is in their first column.
        self.view.verticalHeader().hide()
        self.copy_button = QPushButton("C&opy all")
        self.copy_button.setToolTip(tooltip("Copies the whole table as CSV."))
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self.copy_all)
        close = QPushButton("&Close")
        close.setToolTip(tooltip("Closes the table (Escape)."))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.sentence)
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)
        self.resize(current_look().px(WIDTH), current_look().px(HEIGHT))
        self.refresh()
        # By the first rows: measuring all of a large table would hold up the window.
        self.view.horizontalHeader().setResizeContentsPrecision(ROWS_MEASURED)
        self.view.resizeColumnsToContents()
        self._widen()

    def refresh(self) -> None:
        """Show what the panel shows now."""
        begin = time.perf_counter()
        self.sentence.setText(self._panel.as_sentence())
        self.model.show_rows(self._panel.as_table())
        end = time.perf_counter()
        self._next_refresh = end + max(LEAST_SECONDS, LEAST_SECONDS_IN_COSTS * (end - begin))

    def _widen(self) -> None:
        """As wide as the columns need, within the screen."""
        wanted = self.view.horizontalHeader().length() + current_look().px(BESIDE_COLUMNS)
        most = round(MOST_OF_SCREEN * self.screen().availableGeometry().width())
        self.resize(max(self.width(), min(wanted, most)), self.height())

    def on_frame_shown(self, _snapshot: object) -> None:
        """A frame was shown: follow it, but no oftener than there is time for; what is left out is shown a little later."""
        left = self._next_refresh - time.perf_counter()
        if left <= 0:
            self.refresh()
        elif not self._later.isActive():
            self._later.start(round(1e3 * left))

    def copy_all(self) -> None:
        """The whole table, as CSV."""
        QGuiApplication.clipboard().setText(csv_text([self.model.head, *self.model.rows]))

    def copy_selection(self) -> None:
        """The selected cells, as lines with tabs between, as spreadsheets take them; all as CSV where none is selected."""
        chosen = sorted((index.row(), index.column()) for index in self.view.selectionModel().selectedIndexes())
        if not chosen:
            self.copy_all()
            return
        lines: dict[int, list[str]] = {}
        for row, column in chosen:
            lines.setdefault(row, []).append(str(self.model.data(self.model.index(row, column), EXACT_ROLE)))
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines.values()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        else:
            super().keyPressEvent(event)
