"""What the list of past runs shows: a field to type in, which runs, in which order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core import registry
from core.run_query import SORTS, RunQuery
from gui.controls.button import Button
from gui.controls.menu import Menu
from gui.controls.text_field import LineField
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look
from gui.theme import GAP, HEIGHT_BUTTON, SIZE_LABEL

FIELD_WIDTH, LEAST_FIELD_WIDTH = 200, 120
OUTCOME_NAMES = {"": "All", "solved": "Solved", "unsolved": "Not solved", "diverged": "Diverged"}


class FilterField(LineField):
    """Filters as one types; Escape first empties it, the down arrow goes on to the list."""

    kept_keys = LineField.kept_keys | {Qt.Key.Key_Down}
    left_downwards = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down or (event.key() in LineField.kept_keys and event.key() != Qt.Key.Key_Escape):
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)


class FilterBar(Styled, QWidget):
    """``changed`` carries the RunQuery that is asked for now."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.query = RunQuery()
        self._tasks: tuple[str, ...] = ()
        self._cells: tuple[str, ...] = ()
        self.field = FilterField()
        self.field.setPlaceholderText("Filter: lstm adding 32")
        self.field.setAccessibleName("Filter past runs")
        self.field.setToolTip(
            tooltip("Words of the task, the cell, the size, the name or the note; a run must have them all.", note="Ctrl+F")
        )
        self.which = Button("All runs", name="Which runs", help="Which runs the list shows", size=SIZE_LABEL)
        self.order = Button("Newest first", name="Order of the runs", help="In which order they stand", size=SIZE_LABEL)
        for button in (self.which, self.order):
            button.set_chevron()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(GAP)
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        for row in (self._first, self._second):
            row.setSpacing(GAP)
            self._rows.addLayout(row)
        self._first.addWidget(self.field, 1)
        self._is_folded: bool | None = None
        self._fold(False)
        self.field.textChanged.connect(lambda text: self._change(text=text))
        self.which.clicked.connect(lambda: self._pop_up(self.which_menu(), self.which))
        self.order.clicked.connect(lambda: self._pop_up(self.order_menu(), self.order))
        self.restyle()

    def set_choices(self, tasks: Sequence[str], cells: Sequence[str]) -> None:
        """The tasks and cells of which there are runs."""
        self._tasks, self._cells = tuple(tasks), tuple(cells)

    def show_all(self) -> None:
        """Leave nothing out."""
        self.field.blockSignals(True)
        self.field.clear()
        self.field.blockSignals(False)
        self._change(text="", task="", cell="", outcome="", is_favourite=False)

    def which_menu(self) -> Menu:
        """A menu of what can be left out."""
        menu = self._new_menu()
        query = self.query
        menu.add("&Show all runs").triggered.connect(self.show_all)
        favourites = menu.add("&Favourites only")
        favourites.setCheckable(True)
        favourites.setChecked(query.is_favourite)
        favourites.toggled.connect(lambda is_on: self._change(is_favourite=is_on))
        menu.addSeparator()
        self._add_choices(menu, list(OUTCOME_NAMES.items()), query.outcome, lambda value: self._change(outcome=value))
        titles = [("", "All tasks"), *((name, _title(registry.tasks(), name)) for name in self._tasks)]
        self._add_choices(menu.add_menu("&Task"), titles, query.task, lambda value: self._change(task=value))
        titles = [("", "All cells"), *((name, _title(registry.cells(), name)) for name in self._cells)]
        self._add_choices(menu.add_menu("&Cell"), titles, query.cell, lambda value: self._change(cell=value))
        return menu

    def order_menu(self) -> Menu:
        """A menu of orders."""
        menu = self._new_menu()
        names = [(name, title) for name, (title, _) in SORTS.items()]
        self._add_choices(menu, names, self.query.sort, lambda value: self._change(sort=value))
        return menu

    def restyle(self) -> None:
        look = current_look()
        self.field.setFixedHeight(look.px(HEIGHT_BUTTON))
        self.field.setMinimumWidth(look.px(LEAST_FIELD_WIDTH))
        super().restyle()

    def minimumSizeHint(self) -> QSize:
        # As wide as a row needs that holds the buttons alone.
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = self.which.sizeHint().width() + self.order.sizeHint().width() + 2 * GAP
        self._fold(self.width() < needed + current_look().px(FIELD_WIDTH))

    def _fold(self, is_folded: bool) -> None:
        """Buttons in a row of their own where there is little room."""
        if is_folded == self._is_folded:
            return
        self._is_folded = is_folded
        row = self._second if is_folded else self._first
        for k, button in enumerate((self.which, self.order)):
            row.insertWidget(k + (not is_folded), button)
        if is_folded:
            self._second.addStretch(1)
        else:
            self._second.takeAt(0)

    def _change(self, **values: Any) -> None:
        query = replace(self.query, **values)
        if query != self.query:
            self.query = query
            self._say()
            self.changed.emit(query)

    def _say(self) -> None:
        """The buttons say what is chosen."""
        query = self.query
        parts = [_title(registry.tasks(), query.task), _title(registry.cells(), query.cell)]
        parts += [OUTCOME_NAMES[query.outcome] if query.outcome else "", "Favourites" if query.is_favourite else ""]
        said = ", ".join(part for part in parts if part) or "All runs"
        for button, text, name in ((self.which, said, "Which runs"), (self.order, SORTS[query.sort][0], "Order of the runs")):
            button.setText(text)
            button.setAccessibleName(f"{name}: {text}")
            button.updateGeometry()

    def _new_menu(self) -> Menu:
        menu = Menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add_choices(self, menu: Menu, choices: Sequence[tuple[str, str]], chosen: str, slot: Callable[[str], None]) -> None:
        group = QActionGroup(menu)
        for value, text in choices:
            action: QAction = menu.add(text)
            action.setCheckable(True)
            action.setChecked(value == chosen)
            action.triggered.connect(lambda _checked=False, value=value: slot(value))
            group.addAction(action)

    def _pop_up(self, menu: Menu, button: Button) -> None:
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _title(members: dict[str, Any], name: str) -> str:
    """What people call it; a task or cell that this version does not have is called by its name."""
    return members[name].title if name in members else name
