"""A group of settings under a title and a chip: live ones open, structural ones inside a dashed outline."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.caption import Title
from gui.controls.chip import live_chip, rebuilds_chip
from gui.controls.field_row import FieldRow
from gui.controls.fold import Fold
from gui.controls.painting import draw_box, painting
from gui.style import Styled, current_look
from gui.theme import RADIUS_PANEL


class FieldGroup(Styled, QWidget):
    """Rows of settings that are all live or all structural, the less important ones in a fold.

    ``top`` is a layout between the heading and the rows, for what is not a field; ``fold`` takes further widgets too.
    """

    def __init__(self, title: str, is_live: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_live = is_live
        self.title = Title(title, self)
        self.chip = live_chip(self) if is_live else rebuilds_chip(self)
        self.fold = Fold(self)
        heading = QHBoxLayout()
        heading.addWidget(self.title)
        heading.addStretch(1)
        heading.addWidget(self.chip)
        self.top = QVBoxLayout()
        self._rows = QVBoxLayout()
        self._layout = QVBoxLayout(self)
        for part in (heading, self.top, self._rows):
            self._layout.addLayout(part)
        self._layout.addWidget(self.fold)
        self._important: Sequence[FieldRow] = ()
        self._folded: Sequence[FieldRow] = ()
        self._others: Sequence[FieldGroup] = ()
        self.restyle()

    @property
    def rows(self) -> list[FieldRow]:
        """All rows of this group."""
        return [*self._important, *self._folded]

    def set_rows(self, important: Sequence[FieldRow], folded: Sequence[FieldRow], others: Sequence["FieldGroup"] = ()) -> None:
        """Show these rows; ``others`` are groups at the end of the fold."""
        self._important, self._folded, self._others = important, folded, others
        for layout in (self._rows, self.fold.rows):
            while layout.count():
                layout.takeAt(0)
        for row in important:
            self._rows.addWidget(row)
            row.show()
        for widget in (*folded, *others):
            self.fold.rows.addWidget(widget)
            widget.show()
        labels = [row.info.label for row in folded]
        labels += [row.info.label for other in others for row in other.rows]
        self.fold.set_labels(labels)
        self.fold.setVisible(bool(labels))

    def tab_stops(self) -> list[QWidget]:
        """What the Tab key reaches, in the order in which it is seen."""
        important = [stop for row in self._important for stop in row.tab_stops()]
        folded = [stop for part in self._folded for stop in part.tab_stops()]
        folded += [stop for group in self._others for stop in group.tab_stops()]
        return [*important, self.fold.button, *folded]

    def set_titled(self, is_titled: bool) -> None:
        """Show the title or only the chip."""
        self.title.setVisible(is_titled)
        self.restyle()

    def restyle(self) -> None:
        look = current_look()
        # The outline stands 8 px outside of the column's contents.
        above = 0 if self.is_live and self.title.isHidden() else look.px(6)
        self._layout.setContentsMargins(look.px(8), above, look.px(8), look.px(6))
        spacing = 0 if self.is_live else look.px(6)
        self._layout.setSpacing(look.px(6))
        self._rows.setSpacing(spacing)
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_live:
            return
        look = current_look()
        with painting(self) as painter:
            draw_box(painter, QRectF(self.rect()), RADIUS_PANEL, None, look.color("line_2"), is_dashed=True)
