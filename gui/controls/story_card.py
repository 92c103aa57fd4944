"""What a preset tells: its title, what to watch, and the way to the story's next chapter."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.presets import PresetInfo, chapters_with
from gui.controls.button import Button
from gui.controls.caption import Caption, WrappedCaption
from gui.controls.painting import draw_box, painting
from gui.style import Styled, current_look
from gui.theme import RADIUS_BUTTON, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE

BUTTON_HEIGHT = 26
EDGE = 2.0


class StoryCard(Styled, QWidget):
    """Shown while a run follows a story. ``chosen`` carries the preset of another chapter; ``closed``: the person has read enough."""

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Story")
        self._before, self._next = "", ""
        self.story = Caption("", SIZE_TICK, "accent", WEIGHT_TITLE)
        self.title = WrappedCaption("", SIZE_LABEL, "text")
        self.description = WrappedCaption()
        self.next_button = Button("Next chapter", name="Next chapter", frame="accent", height=BUTTON_HEIGHT, size=SIZE_LABEL)
        self.back_button = Button("Back", name="Chapter before", frame="outlined", height=BUTTON_HEIGHT, size=SIZE_LABEL)
        self.close_button = Button(icon="close", name="Close the story", help="Close the story; the run goes on.", frame="bare", height=20)
        self.next_button.clicked.connect(lambda: self.chosen.emit(self._next))
        self.back_button.clicked.connect(lambda: self.chosen.emit(self._before))
        self.close_button.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.addWidget(self.story, 1)
        top.addWidget(self.close_button)
        buttons = QHBoxLayout()
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.next_button)
        buttons.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(top)
        for widget in (self.title, self.description):
            self._layout.addWidget(widget)
        self._layout.addLayout(buttons)
        self.setVisible(False)
        self.restyle()

    def show_preset(self, name: str, info: PresetInfo | None) -> None:
        """Tell of preset ``name``; nothing is shown where ``info`` is None or tells no story."""
        is_story = info is not None and bool(info.story)
        self.setVisible(is_story)
        if info is None or not is_story:
            return
        chapters = chapters_with(name)
        place = chapters.index(name)
        self._before = chapters[place - 1] if place > 0 else ""
        self._next = chapters[place + 1] if place + 1 < len(chapters) else ""
        self.story.setText(f"{info.story} · {place + 1} of {len(chapters)}")
        self.title.setText(info.title)
        self.description.setText(info.description)
        self.next_button.setVisible(bool(self._next))
        self.back_button.setVisible(bool(self._before))
        self.setAccessibleDescription(f"{info.title}. {info.description}")

    def restyle(self) -> None:
        look = current_look()
        side = look.px(10)
        self._layout.setContentsMargins(side, look.px(6), look.px(6), look.px(10))
        self._layout.setSpacing(look.px(6))
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            draw_box(painter, rect, RADIUS_BUTTON, look.color("accent_wash"), look.color("line_2"))
            draw_box(painter, QRectF(0, RADIUS_BUTTON, EDGE, self.height() - 2 * RADIUS_BUTTON), 1, look.color("accent"))
