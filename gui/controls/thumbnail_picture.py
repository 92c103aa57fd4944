"""How a task's thumbnail is drawn."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from gui.controls.painting import draw_box, fitted
from gui.controls.thumbnail import Bars, Bitmap, Blocks, Curve, Dashes, Heat, Lines, Tagged, Thumbnail, Words
from gui.plots.curves import blend
from gui.style import Look
from gui.theme import SIZE_TICK, WEIGHT_TITLE, Theme

TAG_SHARE, MARKED_SHARE = 0.35, 0.3


def draw_thumbnail(painter: QPainter, rect: QRectF, thumbnail: Thumbnail, look: Look) -> None:
    """Draw ``thumbnail`` within ``rect``."""
    if isinstance(thumbnail, Bars):
        _draw_bars(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Curve):
        _draw_curve(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Dashes):
        _draw_dashes(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Blocks):
        _draw_blocks(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Bitmap):
        _draw_bitmap(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Tagged):
        _draw_tagged(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Lines):
        _draw_lines(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Heat):
        _draw_heat(painter, rect, thumbnail, look)
    else:
        _draw_words(painter, rect, thumbnail, look)


def _draw_bars(painter: QPainter, rect: QRectF, bars: Bars, look: Look) -> None:
    area = rect.adjusted(0, look.px(7), 0, 0)
    pitch = area.width() / len(bars.heights)
    width = max(1.0, pitch * 0.7)
    for place, height in enumerate(bars.heights):
        tall = max(1.5, height * area.height())
        color = look.color("accent" if place in bars.marked else "ghost")
        bar = QRectF(area.left() + place * pitch + (pitch - width) / 2, area.bottom() - tall, width, tall)
        draw_box(painter, bar, min(1.0, width / 2), color)


def _draw_curve(painter: QPainter, rect: QRectF, curve: Curve, look: Look) -> None:
    count = len(curve.points)
    area = rect.adjusted(1, look.px(6), -1, -look.px(4))
    points = [
        QPointF(area.left() + area.width() * k / max(1, count - 1), area.bottom() - y * area.height()) for k, y in enumerate(curve.points)
    ]
    cut = round(curve.known * (count - 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color("text_2"), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if cut:
        painter.drawPolyline(QPolygonF(points[: cut + 1]))
    pen = QPen(look.color("accent"), 1.5, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)
    pen.setDashPattern([2, 1.4])
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF(points[cut:]))


def _draw_dashes(painter: QPainter, rect: QRectF, dashes: Dashes, look: Look) -> None:
    count, thickness = len(dashes.heights), look.px(4)
    area = rect.adjusted(0, look.px(4), 0, -look.px(2) - thickness)
    pitch = area.width() / count
    for place, height in enumerate(dashes.heights):
        if not math.isnan(height):
            color = look.color("accent" if place >= dashes.known * count else "text_2")
            draw_box(
                painter, QRectF(area.left() + place * pitch, area.bottom() - height * area.height(), pitch * 0.85, thickness), 1, color
            )


def _draw_blocks(painter: QPainter, rect: QRectF, blocks: Blocks, look: Look) -> None:
    count = len(blocks.given) + len(blocks.wanted)
    gap = 0.5 if blocks.wanted else 0.0
    pitch = rect.width() / (count + gap)
    width, tall = pitch * 0.8, min(rect.height(), 17.0 * look.text_size)
    top = rect.center().y() - tall / 2
    for place, symbol in enumerate((*blocks.given, *blocks.wanted)):
        is_wanted = place >= len(blocks.given)
        x = rect.left() + (place + (gap if is_wanted else 0)) * pitch
        is_idle = bool(blocks.marked) and place not in blocks.marked
        color = look.color("line_2") if is_idle else symbol_color(look.theme, symbol)
        box = QRectF(x, top, width, tall)
        draw_box(painter, box, 1.5, None if is_wanted else color, color if is_wanted else None, 1.2)


def _draw_bitmap(painter: QPainter, rect: QRectF, bitmap: Bitmap, look: Look) -> None:
    pitch = rect.height() / len(bitmap.rows)
    dark, light = look.color("text_2"), look.color("line_2")
    for y, row in enumerate(bitmap.rows):
        for x, value in enumerate(row):
            box = QRectF(rect.left() + x * pitch, rect.top() + y * pitch, pitch * 0.85, pitch * 0.85)
            draw_box(painter, box, 0.5, blend(dark.name(), light.name(), min(max(value, 0.0), 1.0)))
    start = len(bitmap.rows[0]) * pitch + look.px(8)
    font, written = fitted(bitmap.written, _bold_fonts(look), rect.width() - start)
    painter.setFont(font)
    painter.setPen(look.color("accent"))
    painter.drawText(rect.adjusted(start, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, written)


def symbol_color(theme: Theme, symbol: int) -> QColor:
    """A colour for a symbol of a small alphabet, the same wherever it stands."""
    colors = (theme.forget, theme.candidate, theme.input, theme.output)
    marks = [tone.mark for tone in colors] + [*theme.runs, theme.ghost, theme.text_2]
    return QColor(marks[symbol % len(marks)])


def _bold_fonts(look: Look) -> list[QFont]:
    """From the usual size down to the smallest that can be read."""
    return [look.font(size, WEIGHT_TITLE) for size in (SIZE_TICK, SIZE_TICK - 1, SIZE_TICK - 2)]


def _draw_words(painter: QPainter, rect: QRectF, words: Words, look: Look) -> None:
    font = look.font(SIZE_TICK)
    bold, last = fitted(words.last, _bold_fonts(look), rect.width())
    metrics = QFontMetricsF(font)
    read = words.read.split()
    while len(read) > 1 and metrics.horizontalAdvance(" ".join(read)) > rect.width():
        read.pop(0)
    upper = QRectF(rect.left(), rect.top(), rect.width(), rect.height() / 2)
    lower = upper.translated(0, rect.height() / 2)
    painter.setFont(font)
    painter.setPen(look.color("text_2"))
    painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(" ".join(read), Qt.TextElideMode.ElideRight, rect.width()))
    painter.setFont(bold)
    painter.setPen(look.color("accent"))
    bold_metrics = QFontMetricsF(bold)
    painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, last)
    start = bold_metrics.horizontalAdvance(last) + look.px(6)
    if rect.width() - start > look.px(10):
        thickness = look.px(7)
        bar = QRectF(rect.left() + start, lower.center().y() - thickness / 2 + 1, rect.width() - start, thickness)
        color = look.color("accent")
        color.setAlphaF(0.8)
        draw_box(painter, bar, 2, color)


def _draw_tagged(painter: QPainter, rect: QRectF, tagged: Tagged, look: Look) -> None:
    """As many words as two lines hold, those of a class on a ground of its colour."""
    metrics = QFontMetricsF(look.font(SIZE_TICK))
    height, gap = rect.height() / 2, look.px(3)
    x, line = rect.left(), 0
    for word, number in zip(tagged.words, tagged.classes, strict=True):
        shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, rect.width() - look.px(6))
        width = metrics.horizontalAdvance(shown) + look.px(4)
        if x > rect.left() and x + width > rect.right():
            x, line = rect.left(), line + 1
        if line > 1:
            return
        box = QRectF(x, rect.top() + line * height, width, height)
        if number is not None:
            color = look.color("text_2") if number >= len(look.theme.runs) else QColor(look.theme.runs[number])
            color.setAlphaF(TAG_SHARE)
            draw_box(painter, box.adjusted(0, 1, 0, -1), 3, color)
        painter.setFont(look.font(SIZE_TICK))
        painter.setPen(look.color("text" if number is not None else "text_3"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)
        x += width + gap


def _draw_lines(painter: QPainter, rect: QRectF, lines: Lines, look: Look) -> None:
    area = rect.adjusted(1, 1, -1, -1)
    ground = look.color("bad")
    ground.setAlphaF(MARKED_SHARE)
    for start, end in lines.marked:
        painter.fillRect(
            QRectF(area.left() + start * area.width(), area.top(), max(1.5, (end - start) * area.width()), area.height()), ground
        )
    height = area.height() / len(lines.channels)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color("text_2"), 1.0))
    for lane, points in enumerate(lines.channels):
        bottom, last = area.top() + (lane + 0.9) * height, max(1, len(points) - 1)
        line = [QPointF(area.left() + area.width() * k / last, bottom - 0.8 * height * y) for k, y in enumerate(points)]
        painter.drawPolyline(QPolygonF(line))


def _draw_heat(painter: QPainter, rect: QRectF, heat: Heat, look: Look) -> None:
    width, height = rect.width() / len(heat.rows[0]), rect.height() / len(heat.rows)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for y, row in enumerate(heat.rows):
        for x, value in enumerate(row):
            color = look.color("accent")
            color.setAlphaF(value)
            painter.fillRect(QRectF(rect.left() + x * width, rect.top() + y * height, width, height), color)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
