"""Asks how far back to rewind: any update, just before a change, or the end of a curve that was left."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from core.branch import Timeline
from core.fields import FieldInfo
from core.snapshot import Mark
from gui.controls.caption import Caption, Title, WrappedCaption
from gui.controls.number_field import NumberField
from gui.plots.ghosts import branch_words
from gui.plots.numbers import count_text
from gui.style import current_look
from gui.theme import GAP

WIDTH, LIST_HEIGHT, WIDTH_FIELD = 440, 180, 96
LIST_SPACING = 3


class RewindDialog(QDialog):
    """``rewind_chosen`` carries the update, and the change of the journal before which it ends or None; ``return_chosen`` a branch."""

    rewind_chosen = Signal(int, object)
    return_chosen = Signal(int)

    def __init__(self, parent: QWidget, timeline: Timeline, step: int, marks: Sequence[Mark]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Rewind")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        first, last = timeline.earliest, max(timeline.earliest, step)
        proposal = max(first, last - max(1, (last - first) // 10))
        info = FieldInfo("Rewind to update", f"From {count_text(first)} to {count_text(last)}", "integer", proposal, first, last)
        self.field = NumberField(info, lambda value, direction, _fine: min(max(value + direction, first), last), WIDTH_FIELD)
        label = QLabel("To &update")
        label.setBuddy(self.field)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Changes and earlier curves")
        for goal, labels in reversed(_changes(marks, timeline.earliest).items()):
            self._add(f"{count_text(goal[0])}: before “{', '.join(labels)}”", goal)
        for branch in reversed(timeline.branches):
            self._add(branch_words(branch), branch.number)
        self.go = QPushButton("&Rewind")
        self.go.setDefault(True)
        cancel = QPushButton("&Cancel")
        buttons, row = QHBoxLayout(), QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.field)
        row.addWidget(Caption(f"from {count_text(first)} to {count_text(last)}", tone="text_2"))
        row.addStretch(1)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(GAP + GAP // 2)
        layout.addWidget(Title("Rewind"))
        layout.addWidget(WrappedCaption("The network goes back to what it was then. The curve that it leaves stays: you can return to it."))
        layout.addLayout(row)
        layout.addWidget(self.list)
        self.list.setVisible(self.list.count() > 0)
        self.list.setSpacing(LIST_SPACING)
        content = self.list.count() * (self.list.sizeHintForRow(0) + 2 * LIST_SPACING) + 2 * GAP
        self.list.setFixedHeight(min(content, current_look().px(LIST_HEIGHT)))
        layout.addLayout(buttons)
        self.setMinimumWidth(current_look().px(WIDTH))
        self.list.currentItemChanged.connect(lambda item, _old: self._on_picked(item))
        self.list.itemActivated.connect(self._on_activated)
        self.field.textEdited.connect(self._on_typed)
        self.go.clicked.connect(self._on_go)
        cancel.clicked.connect(self.reject)
        self.go.setEnabled(step > timeline.earliest or self.list.count() > 0)
        self.field.setFocus()
        self.field.selectAll()

    def _add(self, text: str, goal: object) -> None:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, goal)
        self.list.addItem(item)

    def _picked(self) -> object:
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def _on_picked(self, item: QListWidgetItem | None) -> None:
        goal = self._picked() if item is not None else None
        self.go.setText("&Return" if isinstance(goal, int) else "&Rewind")
        if isinstance(goal, tuple):
            self.field.set_value(goal[0])

    def _on_activated(self, _item: QListWidgetItem) -> None:
        self._on_go()

    def _on_typed(self, _text: str) -> None:
        """A number counts, not what was picked before."""
        self.list.setCurrentRow(-1)
        self.go.setText("&Rewind")

    def _on_go(self) -> None:
        goal = self._picked()
        if isinstance(goal, int):
            self.return_chosen.emit(goal)
        elif isinstance(goal, tuple):
            self.rewind_chosen.emit(*goal)
        elif self.field.is_bad:
            return
        else:
            self.rewind_chosen.emit(self.field.value(), None)
        self.accept()


def _changes(marks: Sequence[Mark], earliest: int) -> dict[tuple[int, int], list[str]]:
    """After which update, and the number in the journal -> what was changed then; only those that can be gone back to."""
    changes: dict[tuple[int, int], list[str]] = {}
    for mark in marks:
        if mark.change is not None and mark.step >= earliest:
            changes.setdefault((mark.step, mark.change), []).append(mark.label)
    return changes
