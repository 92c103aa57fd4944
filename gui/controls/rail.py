"""The rail that stands for the left column where the window is narrow."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.painting import draw_box, draw_card, draw_focus_ring, draw_icon, painting
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look
from gui.theme import RADIUS_BUTTON, SIZE_TICK, WIDTH_RAIL

BUTTON_HEIGHT = 52
ICON_MIDDLE, TEXT_MIDDLE, ICON = 17, 38, 18


class RailButton(KeepsKeys, Styled, QAbstractButton):
    """An icon above a word; checked: what it opens is open."""

    kept_keys = SPACE

    def __init__(self, icon: str, text: str, help: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(tooltip(help))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._icon = icon
        self.restyle()

    def restyle(self) -> None:
        self.setFixedHeight(current_look().px(BUTTON_HEIGHT))
        super().restyle()

    def sizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(WIDTH_RAIL) - 8, look.px(BUTTON_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            if self.isChecked() or self.underMouse():
                draw_box(painter, rect, RADIUS_BUTTON, look.color("accent_wash" if self.isChecked() else "raised"))
            if self.hasFocus():
                draw_focus_ring(painter, look, rect, RADIUS_BUTTON)
            tone = "accent" if self.isChecked() else "text_2"
            middle = rect.center().x()
            draw_icon(painter, look, self._icon, getattr(look.theme, tone), QPointF(middle, look.px(ICON_MIDDLE)), ICON)
            painter.setFont(look.font(SIZE_TICK))
            painter.setPen(look.color("text" if self.isChecked() else "text_2"))
            height = look.px(16)
            painter.drawText(QRectF(0, look.px(TEXT_MIDDLE) - height / 2, rect.width(), height), Qt.AlignmentFlag.AlignCenter, self.text())

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()


class Rail(Styled, QWidget):
    """56 px wide. ``setup_toggled`` asks for the setup column to open or close; ``set_setup_open`` says that it has."""

    setup_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setup_button = RailButton("setup", "Setup", "Task, network and training")
        self.library_button = RailButton("library", "Library", "Every run so far")
        self.library_button.setCheckable(False)
        self.library_button.hide()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(4, 4, 4, 4)
        self._layout.setSpacing(8)
        self._layout.addWidget(self.setup_button)
        self._layout.addWidget(self.library_button)
        self._layout.addStretch(1)
        self.setup_button.clicked.connect(self._on_clicked)
        self.restyle()

    def set_setup_open(self, is_open: bool) -> None:
        """Show whether the setup column is open."""
        self.setup_button.setChecked(is_open)

    def restyle(self) -> None:
        self.setFixedWidth(current_look().px(WIDTH_RAIL))
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_card(self, current_look())

    def _on_clicked(self) -> None:
        self.setup_toggled.emit()
