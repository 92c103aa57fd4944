"""A dialog for a note of any length."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from gui.controls.caption import Title
from gui.style import current_look
from gui.theme import GAP

WIDTH, HEIGHT = 420, 140


class NoteDialog(QDialog):
    """Asks for a note on something called ``title``; ``take`` gets it when the person says so. The window goes on meanwhile."""

    def __init__(self, parent: QWidget, title: str, note: str, take: Callable[[str], None]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Note")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = current_look()
        self.text = QPlainTextEdit(note)
        self.text.setAccessibleName(f"Note on {title}")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumSize(look.px(WIDTH), look.px(HEIGHT))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(2 * GAP)
        layout.addWidget(Title(title))
        layout.addWidget(self.text)
        layout.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(lambda: take(self.text.toPlainText()))
