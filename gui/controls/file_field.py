"""A field for the user's own data file: path, Browse, and back to the bundled data."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from core.fields import FieldInfo
from gui.controls.button import Button
from gui.controls.control import Control
from gui.controls.menu import Menu
from gui.controls.text_field import LineField
from gui.made_data import Maker, makers_for
from gui.style import current_look
from gui.theme import HEIGHT_BUTTON

BUNDLED = "bundled"


def ask_for_file(parent: QWidget, title: str, suffixes: tuple[str, ...], start: str) -> str:
    """Let the person pick an existing file; "" where they think better of it."""
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    kinds = ([f"{title} ({patterns})"] if patterns else []) + ["All files (*)"]
    chosen, _ = QFileDialog.getOpenFileName(parent.window(), title, start, ";;".join(kinds))
    return chosen


class FileField(Control):
    """The path of field ``info``; empty means the bundled data. A file can be typed, browsed for or dropped.

    ``choose(parent, title, suffixes, start)`` asks for a file; another one can be given for tests. ``makers`` are ways to make the
    data in the window, by default those for what the file must hold.
    """

    arrangement = "below"

    def __init__(
        self,
        info: FieldInfo,
        choose: Callable[[QWidget, str, tuple[str, ...], str], str] = ask_for_file,
        makers: Sequence[Maker] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._info = info
        self._choose = choose
        self._line = LineField(self)
        self._line.setAccessibleName(f"{info.label}, path")
        self._line.setPlaceholderText(BUNDLED)
        self._line.setAcceptDrops(False)
        self._browse = Button(icon="folder", name=f"{info.label}: browse", help="Browse for a file …", frame="framed")
        self._clear = Button(icon="close", name=f"{info.label}: use the bundled data", help="Back to the bundled data", frame="bare")
        self._makers = tuple(makers_for(info.holds) if makers is None else makers)
        ways = " or ".join(maker.text.rstrip("…").lower() for maker in self._makers)
        self._make = Button(icon="pencil", name=f"{info.label}: {ways}", help=f"{ways.capitalize()} …", frame="framed")
        self._make.setVisible(bool(self._makers))
        self.setAcceptDrops(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._line, 1)
        row.addWidget(self._clear)
        row.addWidget(self._make)
        row.addWidget(self._browse)
        self._line.editingFinished.connect(lambda: self._change(self._line.text().strip()))
        self._browse.clicked.connect(self._on_browse)
        self._make.clicked.connect(self._on_make)
        self._clear.clicked.connect(lambda: self._change(""))
        self._value = ""
        self.set_value(info.default)
        self.restyle()

    @property
    def line(self) -> LineField:
        """The line edit with the path."""
        return self._line

    @property
    def browse_button(self) -> Button:
        """Opens the file dialog."""
        return self._browse

    @property
    def make_button(self) -> Button:
        """Makes data in the window: typed or drawn. Hidden where there is no way to."""
        return self._make

    @property
    def clear_button(self) -> Button:
        """Goes back to the bundled data; hidden while that is used."""
        return self._clear

    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        self._value = value
        if value != self._line.text():
            self._line.setText(value)
        self._clear.setVisible(bool(value))
        self.show_error("")

    def focus_target(self) -> QWidget:
        return self._line

    def show_error(self, message: str) -> None:
        self._line.show_error(message, "\n".join(text for text in (self._value, self._info.help) if text))

    def restyle(self) -> None:
        self._line.setFixedHeight(current_look().px(HEIGHT_BUTTON))
        super().restyle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self._change(files[0])

    def _on_browse(self) -> None:
        start = str(Path(self._value).parent) if self._value else ""
        chosen = self._choose(self, self._info.label, self._info.suffixes, start)
        if chosen:
            self._change(chosen)

    def _on_make(self) -> None:
        """Straight to the only way, or to a menu of them."""
        if len(self._makers) == 1:
            self.make(self._makers[0])
            return
        menu = Menu(self)
        for maker in self._makers:
            menu.add(maker.text).triggered.connect(lambda _checked=False, maker=maker: self.make(maker))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._make.mapToGlobal(self._make.rect().bottomLeft()))

    def make(self, maker: Maker) -> None:
        """Let the person make data, and take them."""
        made = maker.ask(self.window())
        if made:
            self._change(made)

    def _change(self, value: str) -> None:
        is_new = value != self._value
        self.set_value(value)
        if is_new:
            self.value_changed.emit(value)
