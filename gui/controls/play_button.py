"""The large button that plays, pauses, and cancels a rewind."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.painting import draw_box, draw_icon, painting
from gui.controls.tooltips import tooltip
from gui.icons import BOX
from gui.style import Styled, current_look
from gui.theme import RADIUS_PLAY, SIZE_EMPHASIS, WEIGHT_TITLE

PLAY, PAUSE, CANCEL = "Play", "Pause", "Cancel"
OFFERS = {
    PLAY: ("play", "Train on"),
    PAUSE: ("pause", "Pause the training"),
    CANCEL: ("close", "The run is on its way back: cancel the rewind, and it stays where it stood"),
}
"""What it does next: its icon, and the tooltip."""
PADDING = 18


class PlayButton(KeepsKeys, Styled, QAbstractButton):
    """Starts and stops the training; as wide for all its words, so that nothing beside it moves."""

    kept_keys = SPACE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.offer(PLAY)
        self.restyle()

    @property
    def is_running(self) -> bool:
        """Whether the button offers to pause."""
        return self.text() == PAUSE

    def offer(self, word: str) -> None:
        """Offer one of OFFERS."""
        if word != self.text():
            self.setText(word)
            self.setAccessibleName(word)
            self.setToolTip(tooltip(OFFERS[word][1], note="Space"))
            self.update()

    def sizeHint(self) -> QSize:
        look = current_look()
        metrics = QFontMetrics(look.font(SIZE_EMPHASIS, WEIGHT_TITLE))
        width = max(metrics.horizontalAdvance(word) for word in OFFERS)
        return QSize(width + look.px(2 * PADDING + BOX + 8), look.px(2 * RADIUS_PLAY))

    def restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            radius = rect.height() / 2
            fill = look.color("accent_fill" if self.isEnabled() else "raised_2")
            if self.isDown():
                fill = fill.darker(110)
            elif self.underMouse() and self.isEnabled():
                fill = fill.lighter(106)
            draw_box(painter, rect, radius, fill)
            if self.hasFocus():
                draw_box(painter, rect.adjusted(2.5, 2.5, -2.5, -2.5), radius - 2.5, None, look.color("on_accent"), 1.5)
            color = look.theme.on_accent if self.isEnabled() else look.theme.text_3
            font = look.font(SIZE_EMPHASIS, WEIGHT_TITLE)
            content = look.px(BOX + 8) + QFontMetrics(font).horizontalAdvance(self.text())
            x = rect.center().x() - content / 2
            draw_icon(painter, look, OFFERS[self.text()][0], color, QPointF(x + look.px(BOX) / 2, rect.center().y()))
            painter.setFont(font)
            painter.setPen(color)
            painter.drawText(rect.adjusted(x + look.px(BOX + 8), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()
