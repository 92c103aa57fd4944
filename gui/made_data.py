"""Asks a person for data: a text or numbers to type, a curve to draw. What is made becomes a file, whose path is handed back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from core.errors import InputError
from core.made_files import save_series, save_text
from gui.draw_dialog import DrawDialog
from gui.type_dialog import LETTERS, NUMBERS, TypeDialog, typed_numbers

TEXT_WANTED = "A text to learn from: the more, the better. A blank line ends a paragraph."
NUMBERS_WANTED = "Numbers, the oldest first, for example 120, 123, 125."
STAMP = "%Y-%m-%d %H.%M.%S"


@dataclass(frozen=True)
class Maker:
    """A way to make data of one's own: what a menu says, and what asks for it (the new file's path, or "")."""

    text: str
    ask: Callable[[QWidget], str]


def makers_for(holds: str) -> tuple[Maker, ...]:
    """How the content of a file field can be made in the window (see ``core.fields``); none for contents that can't."""
    return _MAKERS.get(holds, ())


def _type_text(parent: QWidget) -> str:
    dialog = TypeDialog(parent, "Type a text", TEXT_WANTED, lambda text: None, LETTERS)
    return _made(dialog, lambda stamp: save_text(dialog.text(), stamp))


def _type_numbers(parent: QWidget) -> str:
    dialog = TypeDialog(parent, "Type a series", NUMBERS_WANTED, typed_numbers, NUMBERS)
    return _made(dialog, lambda stamp: save_series(typed_numbers(dialog.text()), "typed", stamp))


def _draw_numbers(parent: QWidget) -> str:
    dialog = DrawDialog(parent)
    return _made(dialog, lambda stamp: save_series(dialog.values(), "drawn", stamp))


def _made(dialog: QDialog, save: Callable[[str], Path]) -> str:
    """Show ``dialog``; where it is confirmed, save what it holds."""
    try:
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return ""
        return str(save(datetime.now().strftime(STAMP)))
    except InputError as error:
        QMessageBox.warning(dialog.parentWidget(), dialog.windowTitle(), str(error))
        return ""
    finally:
        dialog.deleteLater()


_MAKERS: dict[str, tuple[Maker, ...]] = {
    "text": (Maker("Type a text…", _type_text),),
    "numbers": (Maker("Draw a curve…", _draw_numbers), Maker("Type numbers…", _type_numbers)),
}
