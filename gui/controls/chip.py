"""Chips: small rounded marks that say how a group of settings works, or in which state a run is."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.painting import draw_box, draw_icon, painting
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look
from gui.theme import SIZE_TICK, WEIGHT_TITLE

# px at text size 1.0
HEIGHT = 20
STATE_HEIGHT = 24
ICON = 14
DOT = 8
PADDING = 8
GAP = 5


class Chip(Styled, QWidget):
    """A word with an icon; accented or grey."""

    def __init__(self, text: str, icon: str, is_accented: bool, help: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._icon = icon
        self._is_accented = is_accented
        self.setAccessibleName(text)
        self.setToolTip(tooltip(help))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    def sizeHint(self) -> QSize:
        look = current_look()
        width = QFontMetrics(look.font(SIZE_TICK, WEIGHT_TITLE)).horizontalAdvance(self._text)
        return QSize(width + look.px(2 * PADDING + ICON + GAP), look.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            tone = "accent" if self._is_accented else "text_2"
            draw_box(painter, rect, rect.height() / 2, look.color("accent_wash" if self._is_accented else "raised"))
            x = look.px(PADDING)
            draw_icon(painter, look, self._icon, getattr(look.theme, tone), QPointF(x + look.px(ICON) / 2, rect.center().y()), ICON)
            painter.setFont(look.font(SIZE_TICK, WEIGHT_TITLE))
            painter.setPen(look.color(tone))
            painter.drawText(rect.adjusted(x + look.px(ICON + GAP), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)


def live_chip(parent: QWidget | None = None) -> Chip:
    """For settings that change while a run goes on."""
    return Chip("Live", "pulse", True, "These change while the network learns, without a new start.", parent)


def rebuilds_chip(parent: QWidget | None = None) -> Chip:
    """For settings that make another network or other data."""
    return Chip("Rebuilds", "cube", False, "A change here builds a new network and starts again.", parent)


class StateChip(Styled, QWidget):
    """The state of the run: a dot and always a word. ``tone`` is ok, warn, bad or text_2."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = ""
        self._tone = "text_2"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def word(self) -> str:
        """What the chip says."""
        return self._word

    def set_state(self, word: str, tone: str) -> None:
        """Show ``word`` in the theme's colour ``tone``."""
        if (word, tone) == (self._word, self._tone):
            return
        self._word, self._tone = word, tone
        self.setAccessibleName(word)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = current_look()
        width = QFontMetrics(look.font(SIZE_TICK, WEIGHT_TITLE)).horizontalAdvance(self._word)
        return QSize(width + look.px(2 * (PADDING + 2) + DOT + 4), look.px(STATE_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            color = look.color(self._tone)
            draw_box(painter, rect, rect.height() / 2, look.color("raised"))
            x, dot = look.px(PADDING + 2), look.px(DOT)
            draw_box(painter, QRectF(x, rect.center().y() - dot / 2, dot, dot), dot / 2, color)
            painter.setFont(look.font(SIZE_TICK, WEIGHT_TITLE))
            painter.setPen(color)
            painter.drawText(rect.adjusted(x + dot + look.px(4), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._word)
