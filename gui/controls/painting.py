"""Strokes that the painted controls share: boxes with round corners, focus rings, icons."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.icons import BOX, paint_icon
from gui.style import Look
from gui.theme import PADDING, RADIUS_PANEL

RING = 2.0
OPACITY_DISABLED = 0.4


@contextmanager
def painting(widget: QWidget) -> Iterator[QPainter]:
    """A smooth painter on ``widget``; it ends even where painting fails, or Qt would crash later."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        yield painter
    finally:
        painter.end()


def fitted(text: str, fonts: Sequence[QFont], room: float) -> tuple[QFont, str]:
    """The first of ``fonts`` in which ``text`` has room; where it has in none the last, cut in the middle."""
    for font in fonts:
        if QFontMetricsF(font).horizontalAdvance(text) <= room:
            return font, text
    return fonts[-1], QFontMetricsF(fonts[-1]).elidedText(text, Qt.TextElideMode.ElideMiddle, room)


def draw_box(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    border: QColor | None = None,
    width: float = 1.0,
    is_dashed: bool = False,
) -> None:
    """Fill and outline a box; the outline lies inside ``rect``, so that lines of 1 px are sharp."""
    pen = QPen(Qt.PenStyle.NoPen)
    inset = 0.0
    if border is not None:
        pen = QPen(border, width)
        inset = width / 2
        if is_dashed:
            pen.setDashPattern([3, 3])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset)


def draw_focus_ring(painter: QPainter, look: Look, rect: QRectF, radius: float) -> None:
    """The ring that shows where the keyboard is, along the inner edge of ``rect``."""
    draw_box(painter, rect, radius, None, look.color("accent"), RING)


def draw_icon(painter: QPainter, look: Look, name: str, color: str, center: QPointF, size: int = BOX) -> None:
    """Icon ``name`` in ``color`` (#RRGGBB) around ``center``, as large as the text size asks."""
    pixels = look.px(size)
    # On whole pixels, or the strokes blur.
    left, top = round(center.x() - pixels / 2), round(center.y() - pixels / 2)
    paint_icon(painter, name, color, QRectF(left, top, pixels, pixels))


def draw_card(widget: QWidget, look: Look) -> None:
    """The background of a panel: the panel's colour, a line around it, round corners."""
    with painting(widget) as painter:
        draw_box(painter, QRectF(widget.rect()), RADIUS_PANEL, look.color("panel"), look.color("line"))


def side_padding(look: Look) -> int:
    """Distance of a panel's contents from its sides."""
    return look.px(PADDING)
