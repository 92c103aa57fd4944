"""Says that runs were deleted, and takes them back."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.controls.button import Button
from gui.controls.caption import ElidedCaption
from gui.controls.painting import draw_box, painting
from gui.style import Styled, current_look
from gui.theme import GAP, RADIUS_BUTTON, SIZE_LABEL

BUTTON_HEIGHT = 24


class UndoBar(Styled, QWidget):
    """``undone`` carries the ids that were deleted last. It stays until it is closed or something else is deleted."""

    undone = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[int, ...] = ()
        self.words = ElidedCaption("", SIZE_LABEL, "text")
        self.undo = Button("Undo", help="Take the deleted runs back", frame="accent", height=BUTTON_HEIGHT, size=SIZE_LABEL)
        self.dismiss = Button(icon="close", name="Close", help="Leave them deleted", frame="bare", height=BUTTON_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP + 4, 4, GAP, 4)
        row.setSpacing(GAP)
        row.addWidget(self.words, 1)
        row.addWidget(self.undo)
        row.addWidget(self.dismiss)
        self.undo.clicked.connect(self._on_undo)
        self.dismiss.clicked.connect(self.hide)
        self.hide()

    def offer(self, ids: tuple[int, ...], title: str) -> None:
        """Say what was deleted: one run by its title, or how many."""
        self._ids = ids
        text = f"Deleted “{title}”." if len(ids) == 1 else f"Deleted {len(ids)} runs."
        self.words.setText(text)
        self.words.setAccessibleName(text)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            draw_box(painter, QRectF(self.rect()), RADIUS_BUTTON, look.color("raised"), look.color("line_2"))

    def _on_undo(self) -> None:
        self.hide()
        self.undone.emit(self._ids)
