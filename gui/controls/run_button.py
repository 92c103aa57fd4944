"""The head of a run's column: its badge and its name; a menu of what can be done with it."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.controls.keys import SPACE, KeepsKeys
from gui.controls.menu import Menu
from gui.controls.painting import draw_box, draw_focus_ring, painting
from gui.controls.tooltips import tooltip
from gui.plots.run_badge import SIDE, draw_badge
from gui.style import Styled, current_look
from gui.theme import RADIUS_BUTTON, SIZE_BODY, SIZE_LABEL, SIZE_TICK, WEIGHT_TITLE

GAP, PADDING = 5, 3
CHEVRON = 7
"""px; it opens a menu."""


class RunButton(KeepsKeys, Styled, QAbstractButton):
    """``used``, ``stopped`` (whether it is to stand) and ``removed`` say what the person chose for run ``letter``."""

    used = Signal(str)
    stopped = Signal(str, bool)
    removed = Signal(str)
    kept_keys = SPACE

    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter = letter
        self._is_standing = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu = Menu(self)
        self.menu.add("&Use this run").triggered.connect(lambda: self.used.emit(self.letter))
        self.stop_action = self.menu.add("&Stop this run")
        self.stop_action.triggered.connect(lambda: self.stopped.emit(self.letter, not self._is_standing))
        self.menu.add("&Remove this run").triggered.connect(lambda: self.removed.emit(self.letter))
        self.clicked.connect(self.open_menu)

    def show_run(self, name: str, word: str, is_standing: bool, can_train: bool) -> None:
        """Its name, its state in a word, whether the person let it stand, and whether it can train at all."""
        self._is_standing = is_standing
        self.stop_action.setText("&Let it go on" if is_standing else "&Stop this run")
        self.stop_action.setEnabled(can_train)
        if name != self.text():
            self.setText(name)
            self.updateGeometry()
            self.update()
        self.setAccessibleName(f"Run {self.letter}, {name}: use, stop or remove it")
        self.setToolTip(tooltip(f"{self.letter}, {name}: {word}. Click to use, stop or remove it."))

    def open_menu(self) -> None:
        """Show the menu below."""
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def sizeHint(self) -> QSize:
        look = current_look()
        width = QFontMetrics(look.font(SIZE_BODY, WEIGHT_TITLE)).horizontalAdvance(self.text())
        return QSize(width + look.px(SIDE + 2 * GAP + CHEVRON + 2 * PADDING) + 2, look.px(24))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_look().px(SIDE + 2 * PADDING), current_look().px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        side, padding, gap = look.px(SIDE), look.px(PADDING), look.px(GAP)
        font = look.font(SIZE_BODY, WEIGHT_TITLE)
        with painting(self) as painter:
            rect = QRectF(self.rect())
            if self.underMouse() or self.isDown() or self.hasFocus():
                draw_box(painter, rect, RADIUS_BUTTON, look.color("raised_2"), look.color("line_2"))
            chevron = look.px(CHEVRON)
            self._draw_chevron(painter, rect.right() - padding - chevron, rect.center().y(), chevron)
            room = rect.width() - 2 * padding - side - 2 * gap - chevron
            # Rather the cell alone than words cut off.
            cell = self.text().partition(",")[0]
            small = look.font(SIZE_LABEL, WEIGHT_TITLE)
            choices = ((self.text(), font), (self.text(), small), (cell, font), (cell, small), (cell, look.font(SIZE_TICK, WEIGHT_TITLE)))
            name, font = next((each for each in choices if QFontMetrics(each[1]).horizontalAdvance(each[0]) <= room), ("", font))
            metrics = QFontMetrics(font)
            right = rect.right() - padding - chevron - gap
            width = metrics.horizontalAdvance(name)
            left = right - width - (side + gap if name else side)
            middle = rect.center().y()
            draw_badge(painter, look.theme, self.letter, QPointF(left + side / 2, middle), look.font(SIZE_TICK, WEIGHT_TITLE), side)
            if name:
                painter.setFont(font)
                painter.setPen(look.color("text"))
                painter.drawText(QRectF(right - width, rect.top(), width + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, name)
            if self.hasFocus():
                draw_focus_ring(painter, look, rect, RADIUS_BUTTON)

    def _draw_chevron(self, painter: QPainter, left: float, middle: float, width: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(current_look().color("text_2"))
        top, right = middle - width / 4, left + width
        corners = (QPointF(left, top), QPointF(right, top), QPointF(left + width / 2, middle + width / 3))
        painter.drawPolygon(QPolygonF(corners))

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()
