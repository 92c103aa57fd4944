"""The file and message dialogs of the window."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from core import __version__
from core.own_data import endings
from gui.controls.caption import Title
from gui.style import current_look, wear
from gui.theme import GAP

WIDTH_HELP = 420

SESSIONS = "Sessions (*.rnnp)"
PICTURES = "Pictures (*.png)"
DRAWINGS = "Pixels (*.png);;Lines that stay sharp (*.svg)"
TABLES = "Tables (*.csv)"

KEYS = (
    ("Space", "play, pause"),
    ("Enter", "one step of the size chosen beside the button"),
    ("Shift+Enter", "one time step: forward through the sequence, then backward"),
    ("Ctrl+Shift+Enter", "one pass through the sequence: forward, backward, update"),
    ("Alt+Enter", "one update"),
    ("Ctrl+Enter", "one epoch, 100 updates"),
    ("Backspace", "reset: same seed, same weights"),
    ("Shift+Backspace", "reset with a new seed"),
    ("Ctrl+Z, Ctrl+Shift+Z", "undo, redo a change"),
    ("Ctrl+R", "rewind"),
    ("Ctrl+Shift+R", "race cells"),
    ("Home, Page up and down", "in the loss curve: choose where to rewind to, then Enter"),
    ("← →", "time cursor"),
    ("Ctrl+1 … Ctrl+9", "show a panel, in the order of the View menu, which names the letters of the last ones"),
    ("Ctrl+Tab", "the next panel behind the same tabs"),
    ("F11", "one panel on the whole bench, and back"),
    ("Ctrl+O, Ctrl+S", "open, save a session"),
    ("Ctrl+F", "filter the past runs, where the library is in view"),
    ("Ctrl+T", "train on a text or table of your own"),
    ("Double click", "slider: its default; plot: the whole curve; panel title: the whole bench"),
)


def data_kinds() -> str:
    """The files that tasks can be trained on."""
    return f"Texts, tables and other data ({' '.join(f'*{ending}' for ending in endings())})"


def ask_to_open(parent: QWidget, title: str, kinds: str) -> Path | None:
    """The file a person chose, or None."""
    name, _ = QFileDialog.getOpenFileName(parent, title, "", kinds)
    return Path(name) if name else None


def ask_to_save(parent: QWidget, title: str, proposal: str, kinds: str, suffix: str, *others: str) -> Path | None:
    """Where a person wants to save, with ``suffix`` added unless the name ends in it or in one of the ``others``; or None.

    There is a kind for each ending, in the same order, and choosing one changes the ending.
    """
    dialog = QFileDialog(parent, title, "", kinds)
    wear(dialog)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    endings = dict(zip(kinds.split(";;"), (suffix, *others), strict=False))
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(endings[kind].removeprefix(".")))
    dialog.selectFile(proposal)
    try:
        while dialog.exec():
            chosen = Path(dialog.selectedFiles()[0])
            wanted = endings.get(dialog.selectedNameFilter(), suffix)
            if chosen.suffix.lower() == wanted:
                return chosen
            # Qt adds the suffix, and asks before it overwrites, only where there is no dot in the name.
            stem = chosen.stem if chosen.suffix.lower() in (suffix, *others) else chosen.name
            path = chosen.with_name(stem + wanted)
            if not path.exists() or _is_overwriting(parent, title, path):
                return path
        return None
    finally:
        dialog.deleteLater()


def _is_overwriting(parent: QWidget, title: str, path: Path) -> bool:
    """Ask whether a file may be replaced."""
    return QMessageBox.question(parent, title, f"{path.name} already exists. Replace it?") == QMessageBox.StandardButton.Yes


class HelpDialog(QDialog):
    """A text to read, and a button to close it; Escape closes it too."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent)
        wear(self)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setMinimumWidth(current_look().px(WIDTH_HELP))
        close = QPushButton("&Close")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(2 * GAP)
        layout.addWidget(Title(title))
        layout.addWidget(label)
        layout.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)


def ask(parent: QWidget, title: str, text: str, yes: str, on_yes: Callable[[], None], on_no: Callable[[], None]) -> None:
    """Ask whether to go on with something that can't be undone; ``yes`` is the button's text. The window goes on meanwhile."""
    box = QMessageBox(QMessageBox.Icon.Question, title, text, QMessageBox.StandardButton.Cancel, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setDefaultButton(box.addButton(yes, QMessageBox.ButtonRole.AcceptRole))
    box.accepted.connect(on_yes)
    box.rejected.connect(on_no)
    box.open()


def show_help(parent: QWidget, title: str, text: str) -> None:
    """Show what something is for; the window goes on meanwhile."""
    HelpDialog(parent, title, text).open()


def keys_as_html() -> str:
    """The keys, as a table."""
    left, right = "padding: 3px 24px 3px 0", "padding: 3px 0"
    rows = "".join(f"<tr><td style='{left}'><b>{key}</b></td><td style='{right}'>{what}</td></tr>" for key, what in KEYS)
    return f"<p>Pick a task and a cell at the left, press play, and watch. Hover anything for a sentence on it.</p><table>{rows}</table>"


def about_text() -> str:
    """Name, version, purpose."""
    return f"<p>Version {__version__}</p><p>See recurrent networks learn, and look inside them while they do.</p>"
