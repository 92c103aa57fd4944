"""A painted button: icon, text or both, from bare to accented."""

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.painting import draw_box, draw_focus_ring, draw_icon, painting
from gui.controls.tooltips import tooltip
from gui.icons import BOX
from gui.style import Styled, current_look
from gui.theme import HEIGHT_BUTTON, RADIUS_BUTTON, SIZE_BODY, WEIGHT_BODY, WEIGHT_NUMBER

Frame = Literal["bare", "framed", "outlined", "accent"]


class Button(KeepsKeys, Styled, QAbstractButton):
    """A button with an icon, a text or both, ``height`` px high and, without text, as wide.

    ``frame``: bare shows nothing but its face until the mouse is on it, framed has a field's colours, outlined a control's
    outline, accent the accent's outline and text. A click does not take the keyboard's focus; Tab reaches it.
    """

    kept_keys = SPACE

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        name: str = "",
        help: str = "",
        frame: Frame = "outlined",
        height: int = HEIGHT_BUTTON,
        size: int = SIZE_BODY,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(name or text)
        self.setToolTip(tooltip(help or name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._icon = icon
        self._frame = frame
        self._height = height
        self._size = size
        self._has_chevron = False
        self._is_dashed = False
        self.restyle()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def set_chevron(self, is_dashed: bool = False) -> None:
        """Mark the button as one that opens something; dashed: something that rebuilds the network."""
        self._has_chevron = True
        self._is_dashed = is_dashed
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(current_look().px(self._height))
        super().restyle()

    def sizeHint(self) -> QSize:
        look = current_look()
        height = look.px(self._height)
        if not self.text():
            return QSize(height, height)
        width = QFontMetrics(self._text_font()).horizontalAdvance(self.text()) + 2 * look.px(12)
        width += look.px(BOX + 8) * (bool(self._icon) + self._has_chevron)
        return QSize(width + 1, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _text_font(self) -> QFont:
        return current_look().font(self._size, WEIGHT_BODY if self._frame == "bare" else WEIGHT_NUMBER)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            radius = RADIUS_BUTTON if self._height <= HEIGHT_BUTTON + 4 else RADIUS_BUTTON + 2
            self._paint_frame(painter, rect, radius)
            self._paint_face(painter, rect)
            if self.hasFocus():
                draw_focus_ring(painter, look, rect, radius)

    def _paint_face(self, painter: QPainter, rect: QRectF) -> None:
        look = current_look()
        color = getattr(look.theme, self._tone())
        middle, box, padding = rect.center().y(), look.px(BOX), look.px(12)
        if not self.text():
            if self._icon:
                draw_icon(painter, look, self._icon, color, rect.center())
            return
        left, right = rect.left() + padding, rect.right() - padding
        if self._icon:
            draw_icon(painter, look, self._icon, color, QPointF(left + box / 2, middle))
            left += look.px(BOX + 8)
        if self._has_chevron:
            draw_icon(painter, look, "chevron-down", color, QPointF(right - box / 2, middle))
        painter.setFont(self._text_font())
        painter.setPen(color)
        painter.drawText(QRectF(left, rect.top(), right - left + 1, rect.height()), Qt.AlignmentFlag.AlignVCenter, self.text())

    def _paint_frame(self, painter: QPainter, rect: QRectF, radius: float) -> None:
        look = current_look()
        is_lit = self.isEnabled() and (self.underMouse() or self.isDown() or self.isChecked())
        fill = look.color("raised_2" if is_lit else "raised")
        if self._frame == "bare":
            if is_lit:
                draw_box(painter, rect, radius, fill)
        elif self._frame == "framed":
            draw_box(painter, rect, radius, fill, look.color("line_2" if is_lit else "line"))
        elif self._frame == "outlined":
            draw_box(
                painter, rect, radius, None if self._is_dashed and not is_lit else fill, look.color("line_2"), is_dashed=self._is_dashed
            )
        else:
            draw_box(
                painter,
                rect,
                radius,
                look.color("accent_wash") if is_lit else None,
                look.color("accent" if self.isEnabled() else "line_2"),
                1.5,
            )

    def _tone(self) -> str:
        if not self.isEnabled():
            return "text_3"
        if self._frame == "accent":
            return "accent"
        return "text_2" if self._frame == "bare" and not self.underMouse() else "text"

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()
