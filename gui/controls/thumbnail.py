"""A task in a few strokes, drawn from what its own generator makes: bars, a curve, blocks, or words."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from core.errors import InputError
from core.task import Task
from gui.controls.painting import draw_box
from gui.style import Look
from gui.theme import SIZE_TICK, WEIGHT_TITLE, Theme

SEED = 4
# Alphabets up to this size are drawn as blocks in colours, larger ones as text.
MOST_COLORS = 12
MOST_BARS = 20
MOST_POINTS = 48
BLOCKS = 10
# Words shorter than this ("the", "of") tell little as the one that follows.
SHORT_WORD = 4
# Part of a curve that stands for what is to be predicted.
PREDICTED = 0.25


@dataclass(frozen=True)
class Bars:
    """Heights 0…1, some of them marked."""

    heights: tuple[float, ...]
    marked: tuple[int, ...]


@dataclass(frozen=True)
class Curve:
    """Points 0…1."""

    points: tuple[float, ...]


@dataclass(frozen=True)
class Blocks:
    """Symbols, numbered as they first appear: given, and asked for."""

    given: tuple[int, ...]
    wanted: tuple[int, ...]


@dataclass(frozen=True)
class Words:
    """Text that is read, and the word that follows."""

    read: str
    last: str


Thumbnail = Bars | Curve | Blocks | Words


def thumbnail_of(task: Task) -> Thumbnail | None:
    """What to draw for ``task``: its first sequence of a fixed seed; None where its data can't be read."""
    try:
        batch = task.sample(np.random.default_rng(SEED), 1)
    except InputError:
        return None
    inputs = np.asarray(batch.inputs[: int(batch.lengths[0]), 0], dtype=np.float64)
    is_one_hot = inputs.shape[1] > 1 and bool(np.all((inputs == 0) | (inputs == 1)) and np.all(inputs.sum(axis=1) == 1))
    if is_one_hot and inputs.shape[1] > MOST_COLORS:
        return _words(task.label_inputs(inputs))
    if is_one_hot:
        return _blocks(inputs, batch.targets)
    marked = task.marked_steps(inputs)
    if marked:
        return _bars(inputs[:, 0], marked)
    return Curve(_normalized(inputs[_spread(len(inputs), MOST_POINTS), 0]))


def _bars(values: np.ndarray, marked: tuple[int, ...]) -> Bars:
    chosen = sorted(set(_spread(len(values), MOST_BARS)) | {step for step in marked if step < len(values)})
    heights = values - min(0.0, float(values.min()))
    top = max(float(heights.max()), 1e-12)
    places = tuple(place for place, step in enumerate(chosen) if step in marked)
    return Bars(tuple(float(heights[step] / top) for step in chosen), places)


def _blocks(inputs: np.ndarray, targets: np.ndarray) -> Blocks:
    """The first symbols; where the sequence ends in waiting, also the last answers that are asked for."""
    symbols = [int(symbol) for symbol in inputs.argmax(axis=1)]
    places = {symbol: place for place, symbol in enumerate(dict.fromkeys(symbols))}
    half = BLOCKS // 2
    is_waiting = len(symbols) > BLOCKS and len(set(symbols[-half:])) == 1
    if not is_waiting or targets.ndim != 2 or not np.issubdtype(targets.dtype, np.integer):
        return Blocks(tuple(places[symbol] for symbol in symbols[:BLOCKS]), ())
    labels = [int(label) for label in targets[: len(symbols), 0]]
    blank = Counter(labels).most_common(1)[0][0]
    wanted = [label for label in labels if label != blank]
    numbers = [places.setdefault(symbol, len(places)) for symbol in (*symbols[:half], *wanted[:half])]
    return Blocks(tuple(numbers[:half]), tuple(numbers[half:]))


def _words(labels: tuple[str, ...]) -> Words:
    is_characters = all(len(label) == 1 for label in labels)
    words = "".join(labels).split()[1:-1] if is_characters else list(labels)
    words = [word.strip(".,;:!?\"'()") for word in words]
    # Neither punctuation nor the mark of an unknown word.
    words = [word for word in words if word.replace("'", "").replace("-", "").isalpha()]
    while len(words) > 1 and len(words[-1]) < SHORT_WORD:
        words.pop()
    return Words(" ".join(words[:-1]), words[-1]) if words else Words("", "")


def _spread(length: int, most: int) -> list[int]:
    """At most ``most`` steps of ``length``, evenly spread."""
    return sorted({int(step) for step in np.linspace(0, length - 1, min(length, most)).round()})


def _normalized(values: np.ndarray) -> tuple[float, ...]:
    low, high = float(values.min()), float(values.max())
    return tuple(float(value) for value in (values - low) / max(high - low, 1e-12))


def draw_thumbnail(painter: QPainter, rect: QRectF, thumbnail: Thumbnail, look: Look) -> None:
    """Draw ``thumbnail`` within ``rect``."""
    if isinstance(thumbnail, Bars):
        _draw_bars(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Curve):
        _draw_curve(painter, rect, thumbnail, look)
    elif isinstance(thumbnail, Blocks):
        _draw_blocks(painter, rect, thumbnail, look)
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
    cut = round((1 - PREDICTED) * (count - 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color("text_2"), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(QPolygonF(points[: cut + 1]))
    pen = QPen(look.color("accent"), 1.5, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)
    pen.setDashPattern([2, 1.4])
    painter.setPen(pen)
    painter.drawPolyline(QPolygonF(points[cut:]))


def _draw_blocks(painter: QPainter, rect: QRectF, blocks: Blocks, look: Look) -> None:
    count = len(blocks.given) + len(blocks.wanted)
    gap = 0.5 if blocks.wanted else 0.0
    pitch = rect.width() / (count + gap)
    width, tall = pitch * 0.8, min(rect.height(), 17.0 * look.text_size)
    top = rect.center().y() - tall / 2
    for place, symbol in enumerate((*blocks.given, *blocks.wanted)):
        is_wanted = place >= len(blocks.given)
        x = rect.left() + (place + (gap if is_wanted else 0)) * pitch
        color = symbol_color(look.theme, symbol)
        box = QRectF(x, top, width, tall)
        draw_box(painter, box, 1.5, None if is_wanted else color, color if is_wanted else None, 1.2)


def symbol_color(theme: Theme, symbol: int) -> QColor:
    """A colour for a symbol of a small alphabet, the same wherever it stands."""
    colors = (theme.forget, theme.candidate, theme.input, theme.output)
    marks = [tone.mark for tone in colors] + [*theme.runs, theme.ghost, theme.text_2]
    return QColor(marks[symbol % len(marks)])


def _draw_words(painter: QPainter, rect: QRectF, words: Words, look: Look) -> None:
    font, bold = look.font(SIZE_TICK), look.font(SIZE_TICK, WEIGHT_TITLE)
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
    last = bold_metrics.elidedText(words.last, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, last)
    start = bold_metrics.horizontalAdvance(last) + look.px(6)
    if rect.width() - start > look.px(10):
        thickness = look.px(7)
        bar = QRectF(rect.left() + start, lower.center().y() - thickness / 2 + 1, rect.width() - start, thickness)
        color = look.color("accent")
        color.setAlphaF(0.8)
        draw_box(painter, bar, 2, color)
