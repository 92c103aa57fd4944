"""A segmented control: one of a few values, all in view."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from gui.controls.control import Control
from gui.controls.keys import ARROWS, SPACE, KeepsKeys
from gui.controls.painting import draw_box, draw_focus_ring, painting
from gui.controls.tooltips import tooltip
from gui.plots.lettering import draw_symbol, symbol_width
from gui.style import Styled, current_look
from gui.theme import HEIGHT_BUTTON, RADIUS_BUTTON, SIZE_BODY, WEIGHT_BODY, WEIGHT_TITLE

SYMBOL_GROWTH = 1.25
"""Symbols in italics look smaller than words."""


class Segment(KeepsKeys, Styled, QAbstractButton):
    """One value of a segmented control."""

    kept_keys = ARROWS | SPACE

    def __init__(self, text: str, size: int, padding: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        # A click leaves the keyboard where it is, so that Space still plays.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._size = size
        self._padding = padding
        # A mathematical symbol, its letter and its subscript, to be set as such.
        self.symbol: tuple[str, str] | None = None

    def sizeHint(self) -> QSize:
        look = current_look()
        # As wide as when it is chosen, so that nothing moves.
        metrics = QFontMetrics(look.font(self._size, WEIGHT_TITLE))
        width = metrics.horizontalAdvance(self.text())
        if self.symbol is not None:
            width = round(symbol_width(self.symbol[0], self._symbol_pixels(), self.symbol[1]))
        return QSize(width + 2 * look.px(self._padding), metrics.height())

    def _symbol_pixels(self) -> float:
        return SYMBOL_GROWTH * current_look().px(self._size)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            rect = QRectF(self.rect())
            if self.isChecked():
                draw_box(painter, rect, RADIUS_BUTTON, look.color("raised_2"), look.color("line_2"))
            if self.hasFocus():
                draw_focus_ring(painter, look, rect, RADIUS_BUTTON)
            painter.setFont(look.font(self._size, WEIGHT_TITLE if self.isChecked() else WEIGHT_BODY))
            is_lit = self.isChecked() or self.underMouse()
            painter.setPen(look.color("text_3" if not self.isEnabled() else "text" if is_lit else "text_2"))
            if self.symbol is None:
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
                return
            letter, subscript = self.symbol
            pixels = self._symbol_pixels()
            at = QPointF(rect.center().x() - symbol_width(letter, pixels, subscript) / 2, rect.center().y() + 0.32 * pixels)
            draw_symbol(painter, at, letter, pixels, painter.pen().color().name(), subscript)

    def enterEvent(self, event) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.update()


class Segments(Control):
    """One of ``choices``, (value, text) pairs; ``value_changed`` when a person chooses another.

    ``name`` is for screen readers, ``helps`` are tooltips of the single segments.
    """

    chosen_by_click = Signal(object)

    def __init__(
        self,
        choices: Sequence[tuple[Any, str]],
        name: str = "",
        height: int = HEIGHT_BUTTON,
        size: int = SIZE_BODY,
        padding: int = 10,
        helps: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._height = height
        self._size = size
        self._padding = padding
        self._segments: dict[Any, Segment] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for k, (value, text) in enumerate(choices):
            segment = Segment(text, size, padding, self)
            if k < len(helps):
                segment.setToolTip(tooltip(helps[k]))
            segment.clicked.connect(lambda _=False, value=value: self._on_clicked(value))
            layout.addWidget(segment, 1)
            self._segments[value] = segment
        # The label's mnemonic leads to the chosen segment; a button it would click.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._value: Any = None
        self.set_value(choices[0][0])
        self.restyle()

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        """Choose ``value``, one of the choices."""
        self._value = value
        self._segments[value].setChecked(True)
        self.setFocusProxy(self._segments[value])

    def set_texts(self, texts: dict[Any, str]) -> None:
        """Other words for the same values."""
        for value, text in texts.items():
            segment = self._segments[value]
            # Where nothing is new, the window is not laid out anew.
            if segment.text() != text:
                segment.setText(text)
                segment.setMinimumWidth(segment.sizeHint().width())
                segment.updateGeometry()

    def segment(self, value: Any) -> Segment:
        """The button for ``value``."""
        return self._segments[value]

    def restyle(self) -> None:
        self.setFixedHeight(current_look().px(self._height))
        # Not below it: the layout of a row that is too narrow would squeeze the words.
        for segment in self._segments.values():
            segment.setMinimumWidth(segment.sizeHint().width())
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            draw_box(painter, QRectF(self.rect()), RADIUS_BUTTON + 1, look.color("raised"))

    def _on_clicked(self, value: Any) -> None:
        if value != self._value:
            self.set_value(value)
            self.value_changed.emit(value)
