"""The left column: which task, which network, how it is trained."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core import registry
from core.fields import FieldInfo, fields_of
from core.idle import idle_keys
from core.readers.recognition import Recognition
from gui.controls.button import Button
from gui.controls.caption import Title, WrappedCaption
from gui.controls.fold import Fold
from gui.controls.painting import draw_card, painting, side_padding
from gui.controls.scroll_area import ScrollArea
from gui.controls.segments import Segments
from gui.controls.settings_form import SettingsForm
from gui.controls.story_card import StoryCard
from gui.controls.task_gallery import TaskGallery
from gui.controls.tooltips import RESERVED_LETTERS, tooltip
from gui.style import Styled, current_look
from gui.theme import HEIGHT_PANEL_HEADER, WIDTH_SETUP_COLUMN

Fields = Mapping[str, FieldInfo]
Values = Mapping[str, Any]

CELL = "cell"
CELL_HEIGHT = 32
# The seed stands in the transport bar.
SHOWN_ELSEWHERE = {"training.seed"}


class TabHeader(Styled, QWidget):
    """The title of the column, as a tab that is open; ``library_button``, hidden at first, beside it as one that is not."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Title(title, self)
        self.library_button = Button("Library", name="Library", help="Every run so far", frame="bare", parent=self)
        self.library_button.hide()
        self.restyle()

    def restyle(self) -> None:
        look = current_look()
        self.setFixedHeight(look.px(HEIGHT_PANEL_HEADER))
        self._title.move(side_padding(look), 0)
        self._title.restyle()
        self._title.resize(self._title.sizeHint().width(), look.px(HEIGHT_PANEL_HEADER) - 1)
        self.library_button.resize(self.library_button.sizeHint())
        right = self._title.geometry().right() + side_padding(look)
        self.library_button.move(right, (self.height() - self.library_button.height()) // 2)
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            bottom = self.height()
            painter.fillRect(QRectF(1, bottom - 1, self.width() - 2, 1), look.color("line"))
            tab = QRectF(look.px(4), bottom - 2, self._title.width() + 2 * (side_padding(look) - look.px(4)), 2)
            painter.fillRect(tab, look.color("accent"))


class SetupColumn(Styled, QWidget):
    """Task, network and training as the person sets them.

    ``changed`` carries section ("task", "network", "training"), key and new value; ``task_selected`` another task's name.
    ``set_settings`` shows settings; it is silent, and keeps every control that stays the same.
    """

    changed = Signal(str, str, object)
    task_selected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Setup")
        self._tasks = registry.tasks()
        taken = set(RESERVED_LETTERS)
        self._header = TabHeader("Setup", self)
        self.library_button = self._header.library_button
        self.story = StoryCard()
        self._gallery = TaskGallery(self._tasks)
        self._summary = WrappedCaption()
        self.about = Fold()
        self.about.set_title("About this task")
        self._card = WrappedCaption(tone="text")
        self.about.rows.addWidget(self._card)
        self._task_form = SettingsForm(title="Data", taken=taken)
        self._network_form = SettingsForm(title="Network", taken=taken)
        cells = registry.cells()
        self._cell = Segments([(name, cell.title) for name, cell in cells.items()], "Cell", height=CELL_HEIGHT)
        optimizers = {name: optimizer.title for name, optimizer in registry.optimizers().items()}
        self._training_form = SettingsForm(title="Training", titles={"training.optimizer": optimizers}, taken=taken)
        self._tab_stops: list[QWidget] = []
        self._lay_out()
        self._gallery.selected.connect(self.task_selected)
        self._cell.value_changed.connect(lambda name: self.changed.emit("network", CELL, name))
        for form in self._forms():
            form.changed.connect(self._on_form_changed)
        self.restyle()

    def _lay_out(self) -> None:
        self._task_title = Title("Task")
        self._task_box = QVBoxLayout()
        for widget in (self._task_title, self._gallery, self._summary, self.about):
            self._task_box.addWidget(widget)
        self._network_form.structural_group.top.addWidget(self._cell)
        self._body = QWidget()
        self._sections = QVBoxLayout(self._body)
        self._sections.addWidget(self.story)
        self._sections.addLayout(self._task_box)
        for form in self._forms():
            self._sections.addWidget(form)
        self._sections.addStretch(1)
        self._scroll = ScrollArea(self)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 2)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self._scroll, 1)

    def _forms(self) -> tuple[SettingsForm, SettingsForm, SettingsForm]:
        return self._task_form, self._network_form, self._training_form

    @property
    def gallery(self) -> TaskGallery:
        """The gallery of tasks."""
        return self._gallery

    @property
    def cell(self) -> Segments:
        """The choice of the cell."""
        return self._cell

    def set_settings(
        self,
        task_name: str,
        task_fields: type,
        task_values: Values,
        network_fields: Fields,
        network_values: Values,
        training_fields: Fields,
        training_values: Values,
    ) -> None:
        """Show settings. The live fields of the network (dropout) stand with those of training."""
        task = self._tasks[task_name]
        self._gallery.set_current(task_name)
        self._summary.setText(task.summary)
        self._card.setText(task.card)
        cell = network_fields.get(CELL)
        if cell is not None:
            self._cell.setToolTip(tooltip(cell.help))
            self._cell.set_value(network_values[CELL])
        network = {f"network.{key}": info for key, info in network_fields.items() if key != CELL}
        training = {f"training.{key}": info for key, info in training_fields.items()}
        training |= {key: info for key, info in network.items() if info.is_live}
        structural = {key: info for key, info in network.items() if not info.is_live}
        for form, fields in zip(self._forms(), (_dotted("task", fields_of(task_fields)), structural, training), strict=True):
            form.set_fields({key: info for key, info in fields.items() if key not in SHOWN_ELSEWHERE})
        self._task_form.set_values(_dotted("task", task_values))
        for form in self._forms()[1:]:
            form.set_values(_dotted("network", network_values) | _dotted("training", training_values))
        idle = idle_keys(task_name, network_values, training_values, task_values)
        for form in self._forms():
            form.set_idle(idle)
        self._set_tab_order()

    def _set_tab_order(self) -> None:
        cells = self._cell.findChildren(QWidget)
        stops = [
            self.story.close_button,
            self.story.back_button,
            self.story.next_button,
            *self._gallery.findChildren(QWidget),
            self.about.button,
            *self._task_form.tab_stops(),
            *cells,
        ]
        stops += [*self._network_form.tab_stops(), *self._training_form.tab_stops()]
        if stops != self._tab_stops:
            self._tab_stops = stops
            for stop, following in pairwise(stops):
                QWidget.setTabOrder(stop, following)

    def show_error(self, section: str, key: str, message: str) -> bool:
        """Show at a field what is wrong with it, "" removes it; False where the column has no such field."""
        dotted = f"{section}.{key}"
        for form in self._forms():
            if dotted in form:
                form.show_error(dotted, message)
                self._scroll.ensureWidgetVisible(form.row(dotted))
                return True
        return False

    def show_note(self, dotted: str, text: str) -> None:
        """Say at a field what became of its last change; "" removes it."""
        for form in self._forms():
            if dotted in form:
                form.row(dotted).show_note(text)

    def show_recognition(self, recognition: Recognition | None) -> None:
        """Show what was recognised in the task's file."""
        self._task_form.show_recognition(recognition)

    def show_unusable(self, values: Values, message: str) -> None:
        """Show values of the task's fields that name data which can't be used, and why, to be mended."""
        self._task_form.set_values(values)
        self.show_error("task", next(iter(values)).partition(".")[2], message)

    def row_of(self, section: str, key: str) -> QWidget:
        """The row of a field."""
        dotted = f"{section}.{key}"
        return next(form.row(dotted) for form in self._forms() if dotted in form)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), current_look().px(600))

    def restyle(self) -> None:
        look = current_look()
        self.setFixedWidth(look.px(WIDTH_SETUP_COLUMN))
        side = side_padding(look)
        # Groups stand 8 px further out than what has no outline.
        self._sections.setContentsMargins(side // 2 - 1, look.px(10), side // 2 - 1, look.px(8))
        self._sections.setSpacing(look.px(8))
        self._task_box.setContentsMargins(side // 2, 0, side // 2, 0)
        self._task_box.setSpacing(look.px(8))
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_card(self, current_look())

    def _on_form_changed(self, dotted: str, value: Any) -> None:
        section, _, key = dotted.partition(".")
        self.changed.emit(section, key, value)


def _dotted(section: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{section}.{key}": value for key, value in content.items()}
