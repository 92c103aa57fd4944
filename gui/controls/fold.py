"""A fold: settings of less weight, behind a line that says what they are."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.painting import draw_focus_ring, draw_icon, painting
from gui.controls.tooltips import tooltip
from gui.icons import BOX
from gui.style import Styled, current_look
from gui.theme import HEIGHT_BUTTON, RADIUS_FIELD, SIZE_LABEL


class FoldButton(KeepsKeys, Styled, QAbstractButton):
    """A chevron and a line of text; checked: open."""

    kept_keys = SPACE

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(current_look().px(HEIGHT_BUTTON))
        super().restyle()

    def sizeHint(self) -> QSize:
        return QSize(0, current_look().px(HEIGHT_BUTTON))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            tone = "text" if self.underMouse() else "text_2"
            chevron = "chevron-down" if self.isChecked() else "chevron-right"
            draw_icon(painter, look, chevron, getattr(look.theme, tone), QPointF(look.px(4), rect.center().y()))
            painter.setFont(look.font(SIZE_LABEL))
            painter.setPen(look.color(tone))
            x = look.px(BOX)
            text = QFontMetrics(look.font(SIZE_LABEL)).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(rect.width() - x))
            painter.drawText(rect.adjusted(x, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
            if self.hasFocus():
                draw_focus_ring(painter, look, rect, RADIUS_FIELD)

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()


class Fold(QWidget):
    """A line that opens and closes what is below it. ``rows`` takes the contents."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = FoldButton(self)
        self._body = QWidget(self)
        self._body.hide()
        self.rows = QVBoxLayout(self._body)
        self.rows.setContentsMargins(0, 4, 0, 0)
        self.rows.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.button)
        layout.addWidget(self._body)
        self.button.toggled.connect(self._body.setVisible)

    @property
    def is_open(self) -> bool:
        """Whether the contents show."""
        return self.button.isChecked()

    def set_labels(self, labels: list[str]) -> None:
        """Say what is inside."""
        self.set_title(f"More: {', '.join(map(_uncapitalized, labels))}")

    def set_title(self, text: str) -> None:
        """Say what is inside, in words of its own."""
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self.button.setToolTip(tooltip(text))


def _uncapitalized(label: str) -> str:
    """``label`` in mid-sentence; names in capitals stay."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
