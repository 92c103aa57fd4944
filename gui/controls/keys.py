"""Keys that a control needs for itself, before the window's shortcuts get them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
ARROWS = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down})
PAGES = frozenset({Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End})
SPACE = frozenset({Qt.Key.Key_Space})


def finish_typing() -> None:
    """Let what stands in the field with the keyboard count, before anything is commanded that goes by it."""
    field = QApplication.focusWidget()
    if isinstance(field, QLineEdit):
        field.clearFocus()


class KeepsKeys:
    """Mixed into a QWidget: while it has the focus, the keys in ``kept_keys`` reach it even where the window uses them.

    A button takes no focus with a click, and so would leave a number half typed: it lets that count first.
    """

    kept_keys: frozenset[Qt.Key] = frozenset()

    def event(self, event: QEvent) -> bool:
        """Claim the kept keys, with no modifier or Shift."""
        # Asked in this order: what an event is costs little, its type is made an Enum for every one of thousands.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
            if event.key() in self.kept_keys and others == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        is_press = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress
        if is_press and isinstance(self, QAbstractButton) and self.isEnabled():
            finish_typing()
        return super().event(event)  # type: ignore[misc]
