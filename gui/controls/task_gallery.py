"""The gallery of tasks, a group at a time: a card for each, with a picture from its own generator."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from core.errors import InputError
from gui.controls.button import Button
from gui.controls.keys import ARROWS, SPACE, KeepsKeys
from gui.controls.painting import draw_box, draw_focus_ring, fitted, painting
from gui.controls.segments import Segments
from gui.controls.thumbnail import Thumbnail, thumbnail_of
from gui.controls.thumbnail_picture import draw_thumbnail
from gui.controls.thumbnail_store import stored_thumbnails
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look
from gui.theme import GAP, RADIUS_BUTTON, SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE

COLUMNS = 3
FOLDED_ROWS = 2
"""More would push what is set most often below the fold."""
GROUP_TITLES = (("everyday", "Everyday"), ("classic", "Classics"))
GROUPS_HEIGHT, ALL_HEIGHT = 28, 24
# px at text size 1.0
CARD_WIDTH, NARROW_CARD_WIDTH, CARD_HEIGHT = 80, 72, 64
TITLE_HEIGHT = 24
SIDE, TOP, BELOW = 5, 5, 27
# In place of the picture where a task has no data; its tooltip says how to get them.
MISSING = "not installed"


class TaskCard(KeepsKeys, Styled, QAbstractButton):
    """One task: picture and title; checked: the one that is trained."""

    kept_keys = ARROWS | SPACE

    def __init__(self, title: str, summary: str, make_thumbnail: Callable[[], Thumbnail | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(summary)
        self.setToolTip(tooltip(summary))
        self.setCheckable(True)
        # A click leaves the keyboard where it is, so that Space still plays.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._make_thumbnail = make_thumbnail
        self._thumbnail: Thumbnail | None = None
        self._is_made = False
        self._summary = summary
        self._missing = ""

    def sizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(CARD_WIDTH), look.px(CARD_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(NARROW_CARD_WIDTH), look.px(CARD_HEIGHT))

    def thumbnail(self) -> Thumbnail | None:
        """What the card shows; made once, when it is first drawn, because a task may have to read its data for it.

        None where these can't be had: then the card's tooltip says why.
        """
        if not self._is_made:
            self._is_made = True
            try:
                self._thumbnail = self._make_thumbnail()
            except InputError as problem:
                self._missing = str(problem)
                self.setToolTip(tooltip(self._summary, note=self._missing))
                self.setAccessibleDescription(f"{self._summary} {self._missing}")
        return self._thumbnail

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            if self.isChecked():
                draw_box(painter, rect, RADIUS_BUTTON, look.color("accent_wash"), look.color("accent"), 2)
            else:
                fill, border = ("raised_2", "line_2") if self.underMouse() else ("raised", "line")
                draw_box(painter, rect, RADIUS_BUTTON, look.color(fill), look.color(border))
            if self.hasFocus():
                draw_focus_ring(painter, look, rect.adjusted(3, 3, -3, -3), RADIUS_BUTTON - 2)
            title_height = look.px(TITLE_HEIGHT)
            picture = rect.adjusted(look.px(SIDE), look.px(TOP), -look.px(SIDE), -look.px(BELOW))
            thumbnail = self.thumbnail()
            if thumbnail is not None:
                painter.save()
                painter.setClipRect(picture.adjusted(-1, -1, 1, 1))
                draw_thumbnail(painter, picture, thumbnail, look)
                painter.restore()
            elif self._missing:
                painter.setFont(look.font(SIZE_TICK))
                painter.setPen(look.color("text_3"))
                painter.drawText(picture, Qt.AlignmentFlag.AlignCenter, MISSING)
            font, shown = self._fitted_title()
            painter.setFont(font)
            painter.setPen(look.color("text" if self.isChecked() else "text_2"))
            title = QRectF(rect.left(), rect.bottom() - title_height, rect.width(), title_height - 2)
            painter.drawText(title, Qt.AlignmentFlag.AlignCenter, shown)

    def _fitted_title(self) -> tuple[QFont, str]:
        look, weight = current_look(), WEIGHT_TITLE if self.isChecked() else WEIGHT_BODY
        fonts = [look.font(size, weight) for size in (SIZE_TICK, SIZE_TICK - 1, SIZE_TICK - 2)]
        return fitted(self.text(), fonts, self.width() - look.px(SIDE))

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()


class TaskGallery(Styled, QWidget):
    """Cards of ``tasks`` (name -> Task class). ``selected`` carries the name of the task that a person chose."""

    selected = Signal(str)

    def __init__(self, tasks: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Tasks")
        self._cards: dict[str, TaskCard] = {}
        self._name = ""
        self._groups = {name: task.group for name, task in tasks.items()}
        present = [(group, title) for group, title in GROUP_TITLES if group in self._groups.values()]
        self.groups = Segments(present, "Groups of tasks", height=GROUPS_HEIGHT, size=SIZE_LABEL)
        self.groups.setToolTip(tooltip("Tasks from everyday life, or the classic tests of memory that papers use."))
        self.groups.setVisible(len(present) > 1)
        self.groups.value_changed.connect(self._show_group)
        # Cards of all groups exclude each other.
        self._buttons = QButtonGroup(self)
        self._is_unfolded = False
        self.all_button = Button(f"all {len(tasks)}", "", f"All {len(tasks)} tasks", frame="bare", height=ALL_HEIGHT, size=SIZE_LABEL)
        self.all_button.set_chevron()
        self.all_button.setCheckable(True)
        self.all_button.setToolTip(tooltip("Show every task of the group, or two rows of them."))
        self.all_button.toggled.connect(self._on_unfolded)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.groups)
        self._boxes: dict[str, QWidget] = {}
        self._grids: dict[str, QGridLayout] = {}
        for group, _ in present:
            self._add_group(group, {name: task for name, task in tasks.items() if task.group == group})
        self._layout.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignRight)
        self.all_button.setVisible(any(len(self._names_of(group)) > FOLDED_ROWS * COLUMNS for group in self._boxes))
        self._place_cards()
        self._show_group(present[0][0])
        self.restyle()

    def _add_group(self, group: str, tasks: Mapping[str, Any]) -> None:
        box = QWidget(self)
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        for name, task in tasks.items():
            card = TaskCard(task.title, task.summary, partial(_thumbnail_of_class, task), box)
            card.clicked.connect(lambda _=False, name=name: self._on_clicked(name))
            self._cards[name] = card
            self._buttons.addButton(card)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        self._layout.addWidget(box)
        self._boxes[group] = box
        self._grids[group] = grid

    def current(self) -> str:
        """Name of the selected task; "" for none."""
        return self._name

    def set_current(self, name: str) -> None:
        """Select a task, silently."""
        is_new = name != self._name
        self._name = name
        self._cards[name].setChecked(True)
        # Who looks about in another group while a setting changes stays there.
        if is_new:
            self.groups.set_value(self._groups[name])
            self._place_cards()
            self._show_group(self._groups[name])

    def card(self, name: str) -> TaskCard:
        """The card of a task."""
        return self._cards[name]

    def restyle(self) -> None:
        for grid in self._grids.values():
            grid.setSpacing(current_look().px(GAP))
        self._layout.setSpacing(current_look().px(GAP))
        super().restyle()

    def _names_of(self, group: str) -> list[str]:
        return [name for name in self._cards if self._groups[name] == group]

    def shown_names(self, group: str) -> list[str]:
        """Names of the tasks of a group that have a card in view: folded, the first ones and always the chosen one."""
        names = self._names_of(group)
        most = FOLDED_ROWS * COLUMNS
        if self._is_unfolded or len(names) <= most:
            return names
        shown = names[:most]
        return shown if self._name not in names or self._name in shown else [*shown[:-1], self._name]

    def _place_cards(self) -> None:
        for group, grid in self._grids.items():
            shown = self.shown_names(group)
            for name in self._names_of(group):
                grid.removeWidget(self._cards[name])
                self._cards[name].setVisible(name in shown)
            for k, name in enumerate(shown):
                grid.addWidget(self._cards[name], k // COLUMNS, k % COLUMNS)

    def _on_unfolded(self, is_unfolded: bool) -> None:
        self._is_unfolded = is_unfolded
        self.all_button.setText("fewer" if is_unfolded else f"all {len(self._cards)}")
        self.all_button.updateGeometry()
        self._place_cards()

    def _show_group(self, group: str) -> None:
        for name, box in self._boxes.items():
            box.setVisible(name == group)

    def _on_clicked(self, name: str) -> None:
        if name != self._name:
            self._name = name
            self.selected.emit(name)


def _thumbnail_of_class(task: Any) -> Thumbnail | None:
    """From the task as it is with its own defaults, as it was made last. Raises InputError where these can't be had."""
    stored = stored_thumbnails().get(getattr(task, "name", ""))
    return stored if stored is not None else thumbnail_of(task(task.Settings()))
