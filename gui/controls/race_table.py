"""What was measured of the runs of a race: a line for each quantity, a column for each run, the best marked."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from core.race import COMPILING, DIGITS, NOT_YET, Row, as_shown
from gui.controls.keys import ARROWS, PAGES, KeepsKeys
from gui.controls.run_button import RunButton
from gui.controls.tooltips import tooltip
from gui.plots.numbers import NARROW_SPACE, count_text, share_text, value_text
from gui.race_run import RaceRun
from gui.style import Styled, current_look
from gui.theme import SIZE_BODY, SIZE_EMPHASIS, SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_NUMBER, WEIGHT_TITLE

IS_BEST = Qt.ItemDataRole.UserRole
SHORT_LABEL = Qt.ItemDataRole.UserRole + 1
LEAST_ROW, MOST_ROW = 14, 40
SMALL_ROW, LARGE_ROW, LARGE_COLUMN = 17, 36, 84
"""Lines below the first have smaller figures; from the second on, in columns as wide as the third, larger ones."""
LEAST_COLUMN, MOST_COLUMN = 66, 132
LEAST_LABEL, MOST_LABEL = 84, 150
STAR = 4.5
WAITED_FOR = (NOT_YET, COMPILING, "–")


def measured_text(row: Row, value: float | None, gap: str = "") -> str:
    """A figure of the table as it stands on screen, or ``gap``. What differs in what is marked as the best differs here, too."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return gap or "–"
    if isinstance(value, int):
        return count_text(value)
    if row.unit == "%":
        # A share of a million-millionth says more as a number than as "< 1 %", and so does a gradient that grows.
        if row.key == "gradient_left" and not 0.1 <= value < 1000:
            return value_text(value / 100) + ("×" if value >= 1000 else "")
        return share_text(value / 100) if row.key == "gradient_left" else f"{as_shown(value, '%'):g}{NARROW_SPACE}%"
    if row.key == "updates_per_second":
        return count_text(round(value)) if value >= 10 else value_text(value)
    return value_text(value, DIGITS)


class _Delegate(QStyledItemDelegate):
    """Draws a cell: a quiet line below it, figures at the right, the best in the colour of success with a star before it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        look = current_look()
        rect = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setPen(look.color("line"))
        painter.drawLine(QPointF(rect.left(), rect.bottom() + 0.5), QPointF(rect.right() + 1, rect.bottom() + 0.5))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(rect, look.color("accent_wash"))
        is_label, is_best = index.column() == 0, bool(index.data(IS_BEST))
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        is_waiting = text in WAITED_FOR
        size = SIZE_LABEL if is_label or rect.width() < look.px(70) else SIZE_BODY
        size = SIZE_TICK if rect.height() < look.px(SMALL_ROW) else size
        if rect.height() >= look.px(LARGE_ROW) and rect.width() >= look.px(LARGE_COLUMN):
            size = SIZE_BODY if is_label else SIZE_EMPHASIS
        font = look.font(size, WEIGHT_BODY if is_label or is_waiting else WEIGHT_TITLE if is_best else WEIGHT_NUMBER)
        painter.setFont(font)
        painter.setPen(look.color("ok" if is_best else "text_2" if is_label or is_waiting else "text"))
        room = rect.adjusted(0, 0, -look.px(4), 0)
        metrics = QFontMetricsF(font)
        if is_label:
            shown = text if metrics.horizontalAdvance(text) <= room.width() else str(index.data(SHORT_LABEL) or text)
            shown = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
        else:
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), shown)
            if is_best:
                left = room.right() - metrics.horizontalAdvance(shown) - look.px(7)
                if left > rect.left() + look.px(3):
                    self._draw_star(painter, QPointF(left, rect.center().y()), look.px(STAR * 10) / 10)
        painter.restore()

    def _draw_star(self, painter: QPainter, center: QPointF, radius: float) -> None:
        corners = []
        for k in range(10):
            reach, turn = radius if k % 2 == 0 else 0.45 * radius, math.pi * k / 5
            corners.append(QPointF(center.x() + reach * math.sin(turn), center.y() - reach * math.cos(turn)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_look().color("ok"))
        painter.drawPolygon(QPolygonF(corners))


class RaceTable(KeepsKeys, Styled, QTableWidget):
    """The first line holds the runs' buttons; arrows walk over the figures. ``used``, ``stopped`` and ``removed`` are theirs."""

    used = Signal(str)
    stopped = Signal(str, bool)
    removed = Signal(str)
    kept_keys = ARROWS | PAGES

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race_table")
        self.setAccessibleName("Measured")
        self.setItemDelegate(_Delegate(self))
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QTableWidget.Shape.NoFrame)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.hide()
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(8)
        self._letters: tuple[str, ...] = ()
        self._rows: list[Row] = []
        self.restyle()

    def buttons(self) -> list[RunButton]:
        """The heads of the columns."""
        widgets = (self.cellWidget(0, 1 + k) for k in range(len(self._letters)))
        return [widget for widget in widgets if isinstance(widget, RunButton)]

    def text_at(self, row: int, column: int) -> str:
        """What stands in line ``row`` (0: the first quantity) of run ``column``."""
        item = self.item(row + 1, column + 1)
        return item.text() if item is not None else ""

    def show_measured(self, runs: Sequence[RaceRun], lines: Sequence[Row]) -> None:
        """Show ``lines``, a column for each of ``runs``."""
        letters = tuple(run.letter for run in runs)
        if letters != self._letters or len(lines) != self.rowCount() - 1:
            self._rebuild(letters, len(lines))
        for button, run in zip(self.buttons(), runs, strict=True):
            button.show_run(run.name, run.word, run.is_stopped, not run.has_ended)
        for k, line in enumerate(lines):
            self._put(k + 1, 0, line.label, False, f"{line.label}. {line.note}".strip(), line.short_label)
            for column, (value, gap, is_best) in enumerate(zip(line.values, line.gaps, line.is_best, strict=True)):
                text = measured_text(line, value, gap)
                words = f"{line.label}, {runs[column].title}: {text}{', the best' if is_best else ''}"
                self._put(k + 1, column + 1, text, is_best, words)
        self._rows = list(lines)

    def restyle(self) -> None:
        look = current_look()
        self.setStyleSheet(look.sheet("views", "scroll") + f"QTableView#race_table {{ background: {look.theme.panel}; border: none; }}")
        self._fit()
        super().restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def most_height(self) -> int:
        """Pixels beyond which it gains nothing."""
        return current_look().px(MOST_ROW) * max(1, self.rowCount()) + 2

    def wanted_width(self) -> int:
        """Pixels in which nothing is shortened much."""
        look = current_look()
        return look.px(LEAST_LABEL + 60) + look.px(LEAST_COLUMN + 26) * max(1, len(self._letters))

    def least_width(self) -> int:
        """Pixels in which everything can just be read."""
        look = current_look()
        return look.px(LEAST_LABEL + 10) + look.px(LEAST_COLUMN) * max(1, len(self._letters))

    def _rebuild(self, letters: tuple[str, ...], count: int) -> None:
        for button in self.buttons():
            button.deleteLater()
        self._letters = letters
        self.clear()
        self.setRowCount(count + 1)
        self.setColumnCount(len(letters) + 1)
        corner = QTableWidgetItem("")
        corner.setFlags(Qt.ItemFlag.NoItemFlags)
        self.setItem(0, 0, corner)
        for k, letter in enumerate(letters):
            button = RunButton(letter)
            button.used.connect(self.used)
            button.stopped.connect(self.stopped)
            button.removed.connect(self.removed)
            self.setCellWidget(0, k + 1, button)
        self._fit()

    def _put(self, row: int, column: int, text: str, is_best: bool, words: str, short: str = "") -> None:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)
        if bool(item.data(IS_BEST)) != is_best:
            item.setData(IS_BEST, is_best)
        if item.data(Qt.ItemDataRole.AccessibleTextRole) != words:
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            item.setToolTip(tooltip(words))
        if short:
            item.setData(SHORT_LABEL, short)

    def _fit(self) -> None:
        """Lines as high and columns as wide as the room allows."""
        if not self._letters:
            return
        look = current_look()
        count = self.rowCount()
        height = min(look.px(MOST_ROW), max(look.px(LEAST_ROW), self.viewport().height() // count))
        for row in range(count):
            self.setRowHeight(row, height)
        font = QFont(look.font(SIZE_LABEL))
        label_wish = max((QFontMetrics(font).horizontalAdvance(row.label) for row in self._rows), default=look.px(120)) + look.px(8)
        width, columns = self.viewport().width(), len(self._letters)
        column = max(look.px(LEAST_COLUMN), min(look.px(MOST_COLUMN), (width - min(label_wish, look.px(MOST_LABEL))) // columns))
        label = max(look.px(LEAST_LABEL), width - column * columns)
        self.setColumnWidth(0, label)
        for k in range(columns):
            self.setColumnWidth(k + 1, column)
