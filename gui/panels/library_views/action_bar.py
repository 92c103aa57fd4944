"""What can be done with the past runs that are selected."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.run_record import RunRecord
from gui.controls.button import Button
from gui.controls.caption import Caption
from gui.controls.menu import Menu
from gui.controls.tooltips import tooltip
from gui.style import Styled
from gui.theme import GAP, SIZE_LABEL

NO_WEIGHTS = "Its weights had to make room for newer runs: its curve and its settings are left."
SELECT_ONE = "Select a run"
ACTIONS = {
    "reopen": ("Reopen", "Load it in place of the present run, which is kept. Enter"),
    "compare": ("Compare", "Draw its curve behind the present one, or take it away again"),
    "rename": ("Rename", "Give it a name of its own. F2"),
    "note": ("Note…", "Write down what you saw"),
    "favourite": ("Favourite", "Mark it with a star; a favourite's weights are always kept"),
    "export": ("Export…", "Save it as a session file"),
    "delete": ("Delete", "Throw it away; that can be undone. Delete"),
}
NEEDS_WEIGHTS = ("reopen", "export")


class ActionBar(Styled, QWidget):
    """``requested`` carries a key of ACTIONS. Where there is little room most of them stand in a menu."""

    requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = {
            key: Button(text, name=text.rstrip("…"), help=help, frame="accent" if key == "reopen" else "outlined", size=SIZE_LABEL)
            for key, (text, help) in ACTIONS.items()
        }
        self.more = Button("More", name="More to do with a past run", help="Rename, note, favourite, export, delete", size=SIZE_LABEL)
        self.more.set_chevron()
        self.hint = Caption(SELECT_ONE, SIZE_LABEL, "text_2")
        self._chosen: tuple[RunRecord, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GAP)
        for key, button in self._buttons.items():
            button.clicked.connect(lambda _=False, key=key: self.requested.emit(key))
            self._layout.addWidget(button)
        self._layout.addWidget(self.more)
        self._layout.addWidget(self.hint)
        self._layout.addStretch(1)
        self.more.clicked.connect(lambda: self.pop_up(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        self.set_chosen(())

    def button(self, key: str) -> Button:
        """The button of an action."""
        return self._buttons[key]

    def set_chosen(self, records: Sequence[RunRecord], compared: Sequence[int] = ()) -> None:
        """The runs that are selected, and the ids of those that are compared: what can be done with them."""
        self._chosen = tuple(records)
        for key, button in self._buttons.items():
            text, help, is_possible = self._described(key, compared)
            button.setText(text)
            button.setAccessibleName(text.rstrip("…"))
            button.setToolTip(tooltip(help))
            button.setEnabled(is_possible)
            button.updateGeometry()
        self.more.setEnabled(bool(records))
        self._fit()

    def menu(self) -> Menu:
        """The same as a menu."""
        menu = Menu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        for key, button in self._buttons.items():
            action = menu.add(button.text())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(lambda _checked=False, key=key: self.requested.emit(key))
        return menu

    def pop_up(self, place: QPoint) -> None:
        """Show the menu."""
        self.menu().popup(place)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.more.sizeHint().width(), super().minimumSizeHint().height())

    def restyle(self) -> None:
        super().restyle()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As many buttons as there is room for, the first ones first; the others stand in the menu."""
        widths = [button.sizeHint().width() + GAP for button in self._buttons.values()]
        room = self.width() + GAP
        has_all = sum(widths) <= room
        if not has_all:
            room -= self.more.sizeHint().width() + GAP
        for k, button in enumerate(self._buttons.values()):
            button.setVisible(sum(widths[: k + 1]) <= room)
        self.more.setVisible(not has_all)
        self.hint.setVisible(not self._chosen and has_all and sum(widths) + self.hint.sizeHint().width() <= room)

    def _described(self, key: str, compared: Sequence[int]) -> tuple[str, str, bool]:
        """Text, tooltip, and whether it can be done."""
        text, help = ACTIONS[key]
        chosen = self._chosen
        if key == "delete":
            return text if len(chosen) < 2 else f"Delete {len(chosen)} runs", help if chosen else SELECT_ONE, bool(chosen)
        if len(chosen) != 1:
            return text, SELECT_ONE, False
        record = chosen[0]
        if key in NEEDS_WEIGHTS and not record.has_session:
            return text, NO_WEIGHTS, False
        if key == "favourite" and record.is_favourite:
            return "No favourite", "Take the star away", True
        if key == "compare" and record.id in compared:
            return "Don't compare", "Take its curve away again", True
        return text, help, True
