"""The file and message dialogs of the window."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core import __version__

SESSIONS = "Sessions (*.rnnp)"
DATA = "Texts and tables (*.txt *.csv *.tsv)"
PICTURES = "Pictures (*.png)"
TABLES = "Tables (*.csv)"

KEYS = (
    ("Space", "play, pause"),
    ("Enter", "one update"),
    ("Ctrl+Enter", "one epoch, 100 updates"),
    ("Backspace", "reset: same seed, same weights"),
    ("Shift+Backspace", "reset with a new seed"),
    ("← →", "time cursor"),
    ("Ctrl+O, Ctrl+S", "open, save a session"),
    ("Ctrl+T", "train on a text or table of your own"),
    ("Double click", "slider: its default; plot: the whole curve"),
)


def ask_to_open(parent: QWidget, title: str, kinds: str) -> Path | None:
    """The file a person chose, or None."""
    name, _ = QFileDialog.getOpenFileName(parent, title, "", kinds)
    return Path(name) if name else None


def ask_to_save(parent: QWidget, title: str, proposal: str, kinds: str, suffix: str) -> Path | None:
    """Where a person wants to save, with ``suffix`` added where there is none; or None."""
    name, _ = QFileDialog.getSaveFileName(parent, title, proposal, kinds)
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(suffix)


def show_help(parent: QWidget, title: str, text: str) -> None:
    """What a panel or the window is for; with the keys where ``text`` is the window's."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Ok, parent)
    box.open()


def keys_as_html() -> str:
    """The keys, as a table."""
    rows = "".join(f"<tr><td><b>{key}</b>&nbsp;&nbsp;&nbsp;</td><td>{what}</td></tr>" for key, what in KEYS)
    return f"<p>Pick a task and a cell at the left, press play, and watch. Hover anything for a sentence on it.</p><table>{rows}</table>"


def about_text() -> str:
    """Name, version, purpose."""
    return f"<p><b>RNN Playground {__version__}</b></p><p>See recurrent networks learn, and look inside them while they do.</p>"
