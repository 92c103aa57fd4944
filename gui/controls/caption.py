"""Labels: text in one of the window's sizes and tones, whole, wrapped or cut with an ellipsis."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPaintEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.controls.painting import OPACITY_DISABLED, painting
from gui.controls.tooltips import tooltip
from gui.style import Look, Styled, current_look, is_dressing
from gui.theme import SIZE_BODY, SIZE_LABEL, SIZE_TICK, WEIGHT_BODY, WEIGHT_TITLE

LEAST_SHOWN = 8
"""Fewer letters than these, the ellipsis among them, say nothing: "24…"."""
# With each of these Qt may hand a label the font and palette of its surroundings.
REDRESSING = {QEvent.Type.ParentChange, QEvent.Type.StyleChange, QEvent.Type.FontChange, QEvent.Type.PaletteChange}


class Caption(Styled, QLabel):
    """A text in ``size`` px (at text size 1.0), ``weight``, and the theme's colour ``tone``."""

    def __init__(
        self, text: str = "", size: int = SIZE_BODY, tone: str = "text", weight: int = WEIGHT_BODY, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._size = size
        self._tone = tone
        self._weight = weight
        self.restyle()

    def restyle(self) -> None:
        look = current_look()
        font, color = self.wanted_font(look), look.color(self._tone)
        if font != self.font():
            self.setFont(font)
        if color != self.palette().color(QPalette.ColorRole.WindowText):
            self.setPalette(look.palette(self._tone))

    def wanted_font(self, look: Look) -> QFont:
        """The font in this look."""
        return look.font(self._size, self._weight)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # Qt sends some of these before the constructor has come to an end; a change of the look ends with all restyled anyway.
        if not is_dressing() and hasattr(self, "_weight") and event.type() in REDRESSING:
            self.restyle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.restyle()

    def set_tone(self, tone: str) -> None:
        """Another of the theme's colours."""
        self._tone = tone
        self.restyle()


class WrappedCaption(Caption):
    """A text that breaks into lines."""

    def __init__(self, text: str = "", size: int = SIZE_LABEL, tone: str = "text_2", parent: QWidget | None = None) -> None:
        super().__init__(text, size, tone, parent=parent)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        # One line: how many there are is a matter of the width, and Qt's guess at it would make whoever scrolls too high.
        return QSize(0, QFontMetrics(self.font()).lineSpacing())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class ElidedCaption(Caption):
    """A text that gives way: cut with an ellipsis where there is no room, whole in its tooltip."""

    def __init__(
        self, text: str = "", size: int = SIZE_LABEL, tone: str = "text_2", weight: int = WEIGHT_BODY, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, size, tone, weight, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def shown_text(self) -> str:
        """What there is room for."""
        return QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.shown_text()
        whole = tooltip(self.text()) if shown != self.text() else ""
        if self.toolTip() != whole:
            self.setToolTip(whole)
        with painting(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class YieldingCaption(ElidedCaption):
    """A text that takes the room that is left, however long it is: when it changes nothing has to be laid out anew.

    ``shorter`` say the same in fewer and fewer words, where there is no room for all.
    """

    def __init__(self, size: int = SIZE_LABEL, tone: str = "text_2", weight: int = WEIGHT_BODY, parent: QWidget | None = None) -> None:
        self._yielding_text = ""
        self.shorter: tuple[str, ...] = ()
        super().__init__("", size, tone, weight, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._yielding_text

    def setText(self, text: str) -> None:
        # Not the label's own: that has the whole window laid out anew.
        if text != self._yielding_text:
            self._yielding_text = text
            self.setAccessibleName(text)
            self.update()

    def shown_text(self) -> str:
        metrics = QFontMetrics(self.font())
        fitting = next((text for text in (self.text(), *self.shorter) if metrics.horizontalAdvance(text) <= self.width()), None)
        last = self.shorter[-1] if self.shorter else self.text()
        shown = metrics.elidedText(last, Qt.TextElideMode.ElideRight, self.width()) if fitting is None else fitting
        return shown if fitting is not None or len(shown) >= LEAST_SHOWN else ""

    def sizeHint(self) -> QSize:
        return QSize(0, QFontMetrics(self.font()).height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class FieldLabel(Caption):
    """The label of a control, with its mnemonic and its unit; the mnemonic works and is told in the tooltip, but is not underlined."""

    def __init__(self, text: str, unit: str = "", parent: QWidget | None = None) -> None:
        self._unit = ""
        super().__init__(text, SIZE_LABEL, parent=parent)
        self._unit = unit

    @property
    def plain_text(self) -> str:
        """The text without its mnemonic mark."""
        return plain(self.text())

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        width = metrics.horizontalAdvance(self.plain_text)
        if self._unit:
            width += self._unit_gap() + QFontMetrics(self._unit_font()).horizontalAdvance(self._unit)
        return QSize(width + 1, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            metrics = QFontMetrics(self.font())
            shown = metrics.elidedText(self.plain_text, Qt.TextElideMode.ElideRight, self.width())
            if not self.isEnabled():
                painter.setOpacity(OPACITY_DISABLED)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(self.rect(), flags, shown)
            start = metrics.horizontalAdvance(shown) + self._unit_gap()
            room = self.width() - start
            if self._unit and QFontMetrics(self._unit_font()).horizontalAdvance(self._unit) <= room:
                painter.setFont(self._unit_font())
                painter.setPen(current_look().color("text_3"))
                # On the label's baseline.
                drop = round((metrics.ascent() - metrics.descent() - self._unit_height()) / 2)
                painter.drawText(QRect(start, drop, room, self.height()), flags, self._unit)

    def _unit_font(self) -> QFont:
        return current_look().font(SIZE_TICK)

    def _unit_gap(self) -> int:
        return current_look().px(4)

    def _unit_height(self) -> int:
        metrics = QFontMetrics(self._unit_font())
        return metrics.ascent() - metrics.descent()


class Title(Caption):
    """The title of a section or panel."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, SIZE_BODY, "text", WEIGHT_TITLE, parent)


def plain(text: str) -> str:
    """``text`` without mnemonic marks."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
