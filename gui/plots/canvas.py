"""A widget that draws its picture once and then only copies it to the screen, with a light overlay (cursor, hover) on top."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.plots import lettering
from gui.plots.drawing_turns import drawing_turns, is_on_screen
from gui.plots.growth import growth_around
from gui.style import Styled, current_look
from gui.theme import SIZE_BODY, SIZE_LABEL, WEIGHT_BODY, Theme

MOST_WIDTHS = 1000
"""Widths of texts that are kept; measuring one costs as much as drawing it."""


_is_drawn_as_lines = False


@contextmanager
def drawing_as_lines() -> Iterator[None]:
    """Within it every canvas draws its layers anew instead of copying pictures of them: for files of lines and letters."""
    global _is_drawn_as_lines
    _is_drawn_as_lines = True
    try:
        yield
    finally:
        _is_drawn_as_lines = False


class Canvas(Styled, QWidget):
    """Three layers, each drawn only when it changed.

    The *frame* (axes, grid, labels) changes with size, theme and scales; the *content* (curves, images) with the data; the
    *overlay* (time cursor, readout) with every move of the mouse. Subclasses draw the layers and call ``reframe``, ``refresh``
    or ``update``. ``picture_count`` and ``frame_count`` say how often content and frame were drawn, ``drawing_seconds`` how much of the
    processor's time painting took, ``made_count`` how many canvases were made.
    """

    made_count: ClassVar[int] = 0

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        Canvas.made_count += 1
        self.theme = theme
        self.hint = ""
        self.hover: QPointF | None = None
        self.picture_count = 0
        self.frame_count = 0
        self.drawing_seconds = 0.0
        self.growth = 1.0
        self._frame: QPixmap | None = None
        self._picture: QPixmap | None = None
        # Shown while the new one has to wait for its turn.
        self._last_picture: QPixmap | None = None
        self._fonts: dict[tuple[int, int], QFont] = {}
        self._widths: dict[tuple[str, int, int], float] = {}
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # What subclasses give

    def is_empty(self) -> bool:
        """Whether there is nothing to draw: then only ``hint`` is shown."""
        return False

    def draw_frame(self, painter: QPainter) -> None:
        """Draw what changes with size, theme and scales."""

    def draw_content(self, painter: QPainter) -> None:
        """Draw what changes with the data."""

    def draw_overlay(self, painter: QPainter) -> None:
        """Draw what changes with the cursor."""

    def restyle(self) -> None:
        """Take over another text size, or another growth."""
        self.growth = growth_around(self)
        self._fonts.clear()
        self._widths.clear()
        self.updateGeometry()
        self.reframe()

    # What subclasses use

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.reframe()

    def reframe(self) -> None:
        """Draw everything anew at the next repaint."""
        self._frame = None
        self.refresh()

    def layer_below(self) -> QPixmap | None:
        """The frame as a picture, for contents that are kept together with it."""
        return None if _is_drawn_as_lines else self._frame

    def ground_on(self, frame: QPixmap) -> QPixmap:
        """What the content is drawn on: the frame, or a picture of it with more that seldom changes. Never drawn on itself."""
        return frame

    def refresh(self) -> None:
        """Draw the content anew at the next repaint."""
        if self._picture is not None:
            self._last_picture = self._picture if self.isVisible() else None
            self._picture = None
        self.update()

    @property
    def text_scale(self) -> float:
        """The text size that the person chose, 1 by default, times ``growth``: that of the panel where it has very much room."""
        return current_look().text_size * self.growth

    def text_font(self, size: int = SIZE_LABEL, weight: int = WEIGHT_BODY) -> QFont:
        """The window's font in one of the theme's sizes."""
        key = (size, weight)
        if key not in self._fonts:
            self._fonts[key] = current_look().font(round(size * self.growth), weight)
        return self._fonts[key]

    def mono_font(self, size: int = SIZE_BODY) -> QFont:
        """The font for texts that are read symbol by symbol, grown with the panel."""
        return current_look().mono(round(size * self.growth))

    def text_width(self, text: str, size: int = SIZE_LABEL, weight: int = WEIGHT_BODY) -> float:
        """Width of ``text`` in pixels."""
        key = (text, size, weight)
        if key not in self._widths:
            if len(self._widths) > MOST_WIDTHS:
                self._widths.clear()
            self._widths[key] = QFontMetricsF(self.text_font(size, weight)).horizontalAdvance(text)
        return self._widths[key]

    def draw_text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        color: str,
        size: int = SIZE_LABEL,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        weight: int = WEIGHT_BODY,
    ) -> None:
        """Draw one line of text, centred vertically in ``box``, cut with an ellipsis where it is too wide."""
        font = self.text_font(size, weight)
        painter.setFont(font)
        painter.setPen(QColor(color))
        shown = text if self.text_width(text, size, weight) <= box.width() else lettering.elided(font, text, box.width())
        painter.drawText(box, int(align | Qt.AlignmentFlag.AlignVCenter), shown)

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        begin = time.thread_time()
        self._paint()
        self.drawing_seconds += time.thread_time() - begin

    def _paint(self) -> None:
        if _is_drawn_as_lines and not self.is_empty():
            with QPainter(self) as painter:
                painter.fillRect(self.rect(), QColor(self.theme.panel))
                for draw in (self.draw_frame, self.draw_content, self.draw_overlay):
                    painter.save()
                    draw(painter)
                    painter.restore()
            return
        is_empty = self.is_empty()
        with QPainter(self) as painter:
            if is_empty:
                self._picture = self._last_picture = None
                self._draw_hint(painter)
            elif self._picture is None and not self._takes_turn(painter):
                painter.fillRect(self.rect(), QColor(self.theme.panel))
                if self._last_picture is not None:
                    painter.drawPixmap(0, 0, self._last_picture)
            else:
                assert self._picture is not None
                painter.drawPixmap(0, 0, self._picture)
                self.draw_overlay(painter)

    def _takes_turn(self, painter: QPainter) -> bool:
        """Draw the picture, unless others have taken this turn; what is no picture on the screen has to be whole at once."""
        is_sharing = is_on_screen(self, painter.paintEngine().paintDevice())
        if is_sharing and not drawing_turns.begin(self):
            return False
        self._picture, self._last_picture = self._draw_picture(), None
        if is_sharing:
            drawing_turns.end()
        return True

    def _draw_hint(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        painter.setFont(self.text_font())
        painter.setPen(QColor(self.theme.text_3))
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        painter.drawText(QRectF(self.rect()).adjusted(16, 8, -16, -8), flags, self.hint)

    def _draw_picture(self) -> QPixmap:
        self.picture_count += 1
        if self._frame is None:
            self.frame_count += 1
            frame = QPixmap(self.size() * self.devicePixelRatioF())
            frame.setDevicePixelRatio(self.devicePixelRatioF())
            frame.fill(QColor(self.theme.panel))
            with QPainter(frame) as painter:
                self.draw_frame(painter)
            self._frame = frame
        picture = QPixmap(self.ground_on(self._frame))
        with QPainter(picture) as painter:
            self.draw_content(painter)
        return picture

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.growth != growth_around(self):
            self.restyle()
        self.reframe()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._last_picture = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.reframe()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hover = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.hover = None
        self.update()
