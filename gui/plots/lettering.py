"""Text on plots: labels with a halo that stay readable on curves, mathematical symbols."""

import re
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPaintEngine, QPainter, QPainterPath, QPen, QPixmap

MATH_FAMILIES = ["STIX Two Text", "STIX Two Math", "Cambria Math", "Nimbus Roman", "Times New Roman", "Liberation Serif", "DejaVu Serif"]
COMBINING_TILDE = "\u0303"
HALO = 3.0
SUBSCRIPT = 0.62
SYMBOL = re.compile(rf"([A-Za-z]{COMBINING_TILDE}?)(?:_([a-z]{{1,2}}))?")


def mathematical(pixels: float) -> QFont:
    """Italic serif, for symbols."""
    font = QFont()
    font.setFamilies(MATH_FAMILIES)
    font.setItalic(True)
    font.setPixelSize(max(1, round(pixels)))
    return font


def elided(font: QFont, text: str, width: float) -> str:
    """``text``, cut with an ellipsis where it is wider than ``width`` pixels."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, width))


def draw_symbol(painter: QPainter, at: QPointF, symbol: str, pixels: float, color: str, subscript: str = "t") -> float:
    """Draw a symbol such as ``f`` or ``C̃`` with its subscript, its baseline starting at ``at``; return its width in pixels.

    The tilde is drawn, not typed: combining marks sit badly on italic capitals in most fonts.
    """
    letter = symbol.replace(COMBINING_TILDE, "")
    font, small = mathematical(pixels), mathematical(pixels * SUBSCRIPT)
    width = QFontMetricsF(font).horizontalAdvance(letter)
    painter.setPen(QColor(color))
    painter.setFont(font)
    painter.drawText(at, letter)
    if COMBINING_TILDE in symbol:
        top = QFontMetricsF(font).tightBoundingRect(letter)
        _draw_tilde(painter, QPointF(at.x() + top.center().x() + 0.1 * pixels, at.y() + top.top() - 0.14 * pixels), 0.46 * pixels, color)
    painter.setFont(small)
    painter.setPen(QColor(color))
    painter.drawText(QPointF(at.x() + width, at.y() + 0.2 * pixels), subscript)
    return width + QFontMetricsF(small).horizontalAdvance(subscript)


def parts_of(name: str) -> tuple[str, str] | None:
    """Letter and subscript of a name that is a mathematical symbol: "W_hh" -> ("W", "hh"), "C̃" -> ("C̃", ""); None for words."""
    found = SYMBOL.fullmatch(name)
    return None if found is None else (found[1], found[2] or "")


def words_and_symbol(name: str) -> tuple[str, tuple[str, str] | None]:
    """A name, and the symbol that it ends with: "2 ← W_hh" -> ("2 ← ", ("W", "hh")); (name, None) where it ends with a word."""
    words, space, last = name.rpartition(" ")
    symbol = parts_of(last)
    return (name, None) if symbol is None else (words + space, symbol)


def symbol_width(symbol: str, pixels: float, subscript: str = "") -> float:
    """Width of what ``draw_symbol`` draws."""
    letter = QFontMetricsF(mathematical(pixels)).horizontalAdvance(symbol.replace(COMBINING_TILDE, ""))
    return letter + QFontMetricsF(mathematical(pixels * SUBSCRIPT)).horizontalAdvance(subscript)


def _draw_tilde(painter: QPainter, center: QPointF, width: float, color: str) -> None:
    half, rise = width / 2, width / 4
    path = QPainterPath(QPointF(center.x() - half, center.y() + rise / 2))
    path.cubicTo(
        QPointF(center.x() - half / 3, center.y() - 2.2 * rise),
        QPointF(center.x() + half / 3, center.y() + 2.2 * rise),
        QPointF(center.x() + half, center.y() - rise / 2),
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), max(1.0, width / 7), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


@lru_cache(maxsize=128)
def _halo_picture(text: str, font_key: str, color: str, halo: str, ratio: float, width_of_halo: float) -> QPixmap:
    font = QFont()
    font.fromString(font_key)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 2 * width_of_halo, metrics.height() + 2 * width_of_halo
    picture = QPixmap(round(width * ratio) + 1, round(height * ratio) + 1)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        _draw_with_halo(painter, QPointF(width_of_halo, width_of_halo), text, font, color, halo, width_of_halo)
    return picture


def _draw_with_halo(painter: QPainter, at: QPointF, text: str, font: QFont, color: str, halo: str, width_of_halo: float) -> None:
    baseline = QPointF(at.x(), at.y() + QFontMetricsF(font).ascent())
    path = QPainterPath()
    path.addText(baseline, font, text)
    pen = QPen(QColor(halo), 2 * width_of_halo, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(path, pen)
    painter.setFont(font)
    painter.setPen(QColor(color))
    painter.drawText(baseline, text)


def draw_halo_text(painter: QPainter, at: QPointF, text: str, font: QFont, color: str, halo: str, width_of_halo: float = HALO) -> None:
    """Draw ``text`` with its top left corner at ``at``, on a halo in the colour of the panel. Pictures of labels are kept."""
    if painter.paintEngine().type() == QPaintEngine.Type.SVG:
        _draw_with_halo(painter, at, text, font, color, halo, width_of_halo)
        return
    picture = _halo_picture(text, font.toString(), color, halo, painter.device().devicePixelRatioF(), width_of_halo)
    painter.drawPixmap(QPointF(at.x() - width_of_halo, at.y() - width_of_halo), picture)
