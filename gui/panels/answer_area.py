"""Where an answer stands: as high as it is while there is room, else it scrolls, so that no other panel has to give way."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.scroll_area import ScrollArea
from gui.panels.answer_view import AnswerView
from gui.style import current_look

LEAST_ROOM = 36
"""Two lines, in px at text size 1.0."""
FITTING = {QEvent.Type.LayoutRequest, QEvent.Type.ShowToParent, QEvent.Type.HideToParent}


class AnswerArea(ScrollArea):
    """Hidden while there is no answer; never higher than its ``set_room``."""

    def __init__(self, view: AnswerView, parent: QWidget | None = None) -> None:
        # Its own event filter runs from the first.
        self._view = view
        super().__init__(parent)
        self._room = 0
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(view)
        view.setVisible(False)
        view.installEventFilter(self)
        self.setVisible(False)

    def set_room(self, height: int) -> None:
        """At most so many px."""
        if height != self._room:
            self._room = height
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(current_look().px(200), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def restyle(self) -> None:
        super().restyle()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._view and event.type() in FITTING:
            self.setVisible(not self._view.isHidden())
            self._fit()
        return super().eventFilter(watched, event)

    def _height(self) -> int:
        return min(self._view.sizeHint().height(), max(self._room, current_look().px(LEAST_ROOM)))

    def _fit(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())
