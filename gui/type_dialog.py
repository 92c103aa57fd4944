"""A box to type a text or numbers in, as data to train on."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from core.errors import InputError
from core.readers.series import FEWEST_VALUES, read_numbers
from gui.controls.caption import Title, WrappedCaption
from gui.plots.numbers import counted
from gui.style import current_look
from gui.theme import GAP

WIDTH, HEIGHT = 480, 320
# Longer texts are checked only when they are used, so that typing never stutters.
LONGEST_CHECKED = 20_000


@dataclass(frozen=True)
class Least:
    """How many things a text must hold, and how they are counted."""

    count: int
    thing: str
    count_in: Callable[[str], int]


LETTERS = Least(10, "letter", lambda text: sum(letter.isalpha() for letter in text))
NUMBERS = Least(FEWEST_VALUES, "number", lambda text: len([word for word in re.split(r"[,;\s]+", text) if word]))


class TypeDialog(QDialog):
    """A title, what is wanted, the text, and what was found in it; ``check`` raises InputError where the text can't be used.

    It can be used as soon as there is the ``least`` that is needed.

    Ctrl+Enter uses it, Escape gives up.
    """

    def __init__(self, parent: QWidget, title: str, wanted: str, check: Callable[[str], object], least: Least) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._check = check
        self._least = least
        self.box = QPlainTextEdit()
        self.box.setAccessibleName(title)
        self.box.setAccessibleDescription(wanted)
        self.box.setTabChangesFocus(True)
        self.note = WrappedCaption()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = self.buttons.addButton("&Use it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(GAP)
        layout.addWidget(Title(title))
        layout.addWidget(WrappedCaption(wanted))
        layout.addWidget(self.box, 1)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)
        self.resize(current_look().px(WIDTH), current_look().px(HEIGHT))
        self.box.textChanged.connect(self._on_text_changed)
        self.buttons.accepted.connect(self._on_used)
        self.buttons.rejected.connect(self.reject)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self._on_used)
        self._on_text_changed()
        self.box.setFocus()

    def text(self) -> str:
        """What was typed."""
        return self.box.toPlainText()

    def _on_text_changed(self) -> None:
        """Say how much there is; what is wrong is said only when it is used: it is not finished yet."""
        count = self.box.document().characterCount() - 1
        self.note.set_tone("text_2")
        if count > LONGEST_CHECKED:
            self.note.setText(counted(count, "character"))
            self.use_button.setEnabled(True)
            return
        there, least = self._least.count_in(self.text()), self._least
        is_enough = there >= least.count
        needed = "" if is_enough else f"; at least {counted(least.count, least.thing)} are needed"
        words = f"{counted(len(self.text().split()), 'word')}, " if least.thing != "number" else ""
        self.note.setText(f"{words}{counted(there, least.thing)}{needed}")
        self.use_button.setEnabled(is_enough)

    def _on_used(self) -> None:
        if not self.use_button.isEnabled():
            return
        try:
            self._check(self.text())
        except InputError as error:
            self.note.set_tone("bad")
            self.note.setText(str(error))
        else:
            self.accept()


def typed_numbers(text: str) -> NDArray[np.float64]:
    """The numbers of a typed series. Raises InputError for what is none, and for too few."""
    values = read_numbers(text)
    if len(values) < FEWEST_VALUES:
        raise InputError(f"{len(values)} numbers are too few: at least {FEWEST_VALUES} are needed")
    if values.min() == values.max():
        raise InputError(f"all numbers are {values[0]:g}: there is nothing to learn")
    return values
