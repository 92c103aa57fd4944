"""What was read, step by step, shaded by how much the chosen output depends on it: bars, symbols in a row, or lines of text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.plots.curves import blend
from gui.plots.marks import draw_cursor, draw_marked_steps, draw_readout
from gui.plots.numbers import value_text
from gui.plots.passage import Line, line_break_shown, wrap
from gui.plots.plot import LEFT_MARGIN
from gui.plots.step_row import RIGHT_MARGIN, StepRow
from gui.theme import SIZE_BODY, SIZE_TICK, WEIGHT_TITLE, Theme

Floats = NDArray[np.float64]
STRONGEST = {True: 0.72, False: 0.5}
"""Share of the accent in the strongest shade, on the dark theme and on the light one: with more the letters would be hard to read."""
CAPTION, ROW_HEIGHT = 22.0, 40.0
RAMP_WIDTH, LEAST_WIDTH_WITH_RAMP = 56, 330
BAR_SHARE = 0.55
LEAST_CELL, LEAST_PITCH_WITH_GAPS = 8.0, 6.0
PAD = 14.0
CENTER = Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True)
class Influence:
    """What is drawn: ``labels`` (T) of what was read, ``heights`` (T) of bars or None, ``norms`` (T), the ``output_step`` asked.

    ``short_caption`` stands where ``caption`` has no room.
    """

    labels: tuple[str, ...]
    heights: Floats | None
    norms: Floats
    output_step: int
    marked_steps: tuple[int, ...]
    caption: str
    short_caption: str = ""


class InfluenceStrip(StepRow):
    """The steps from left to right, in line with a plot against time below; where labels are too long for that, lines of text.

    A press chooses a time step (``step_chosen``, from 0).
    """

    top, bottom = CAPTION, 2.0

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.influence: Influence | None = None
        self._lines: list[Line] = []
        self._lines_key: tuple[object, ...] = ()
        self.setMinimumHeight(1)

    def show_influence(self, influence: Influence | None) -> None:
        """Draw another output's influences."""
        self.influence = influence
        self.refresh()

    @property
    def step_count(self) -> int:
        return 0 if self.influence is None else len(self.influence.labels)

    def is_empty(self) -> bool:
        return self.influence is None

    # Layout

    def is_text(self) -> bool:
        """Whether labels need lines of their own."""
        if self.influence is None or self.influence.heights is not None:
            return False
        widest = max((self.text_width(shown(label), SIZE_TICK) for label in self.influence.labels), default=0.0)
        return widest > self.pitch or self.pitch < LEAST_CELL * self.text_scale

    def needed_height(self) -> float:
        """Pixels that all of it takes at the present width."""
        scale = self.text_scale
        return CAPTION * scale + (len(self._text_lines()) * self._line_height() + 4 * scale if self.is_text() else ROW_HEIGHT * scale)

    def _letter(self) -> float:
        return QFontMetricsF(self.mono_font(SIZE_BODY)).horizontalAdvance("m")

    def _line_height(self) -> float:
        return float(round(QFontMetricsF(self.mono_font(SIZE_BODY)).height() + 5 * self.text_scale))

    def _text_lines(self) -> list[Line]:
        if self.influence is None:
            return []
        labels = tuple(shown(label) for label in self.influence.labels)
        key = (labels, self.width(), self.text_scale)
        if key != self._lines_key:
            columns = max(1, int((self.width() - 2 * PAD * self.text_scale) / self._letter()))
            is_words = any(len(label) > 1 for label in labels)
            self._lines, self._lines_key = wrap(labels, columns, is_words), key
        return self._lines

    def _first_line(self) -> int:
        """The first line that is seen: the output's line is never out of view."""
        lines, room = self._text_lines(), int((self.height() - (CAPTION + 2) * self.text_scale) / self._line_height())
        if self.influence is None or len(lines) <= max(1, room):
            return 0
        at = next((k for k, line in enumerate(lines) if line.steps[-1] >= self.influence.output_step), len(lines) - 1)
        return max(0, min(at - max(1, room) + 1, len(lines) - max(1, room)))

    def box_of(self, step: int) -> QRectF | None:
        """Where a step stands; None where it is out of view."""
        if not self.is_text():
            edges = self._edges(len(self.influence.labels)) if self.influence is not None else np.zeros(step + 2)
            return QRectF(edges[step], self.row.top(), edges[step + 1] - edges[step], self.row.height())
        first, height, letter = self._first_line(), self._line_height(), self._letter()
        for row, line in enumerate(self._text_lines()[first:]):
            if step in line.steps:
                k = line.steps.index(step)
                top = CAPTION * self.text_scale + row * height
                box = QRectF(PAD * self.text_scale + line.columns[k] * letter, top, len(line.texts[k]) * letter, height)
                return box if box.bottom() <= self.height() + 1 else None
        return None

    def _edges(self, count: int) -> NDArray[np.int64]:
        """Where the cells of a row begin and end, in whole pixels: (count + 1,); those at the sides end with the room."""
        edges = self.row.left() + (np.arange(count + 1) - 0.5) * self.pitch
        sides = (self.row.left() - 0.6 * LEFT_MARGIN * self.text_scale, self.width() - 2.0)
        return np.rint(np.clip(edges, *sides)).astype(np.int64)

    def step_at(self, at: QPointF) -> int | None:
        """The step under a point of the widget."""
        if self.influence is None or at.y() < CAPTION * self.text_scale:
            return None
        if not self.is_text():
            return super().step_at(at)
        boxes = ((step, self.box_of(step)) for step in range(self.step_count))
        return next((step for step, box in boxes if box is not None and box.contains(at)), None)

    # Drawing

    def shade(self, share: float) -> QColor:
        """The ground for a step whose influence is ``share`` of the strongest, 0…1."""
        return blend(self.theme.accent_fill, self.theme.panel, STRONGEST[self.theme.is_dark] * share)

    def _draw_shades(self, painter: QPainter, shares: Floats, box: QRectF) -> None:
        """Fill ``box`` with shades from left to right; NaN is left free."""
        if not len(shares) or box.width() < 1:
            return
        ends = np.array([[int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in (self.theme.panel, self.shade(1.0).name())])
        parts = np.nan_to_num(shares)[:, None]
        red, green, blue = np.rint((1 - parts) * ends[0] + parts * ends[1]).astype(np.uint32).T
        colors = np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
        painter.drawImage(box, QImage(np.ascontiguousarray(colors).data, len(colors), 1, QImage.Format.Format_RGB32).copy())

    def shares(self) -> Floats:
        """Each step's influence as a share of the strongest, 0…1."""
        assert self.influence is not None
        norms = np.nan_to_num(self.influence.norms, nan=0.0, posinf=0.0)
        largest = float(norms.max(initial=0.0))
        return norms / largest if largest > 0 else np.zeros(len(norms))

    def draw_content(self, painter: QPainter) -> None:
        if self.influence is None:
            return
        self._draw_caption(painter)
        if self.is_text():
            self._draw_text(painter)
        else:
            self._draw_row(painter)

    def _draw_caption(self, painter: QPainter) -> None:
        assert self.influence is not None
        theme, scale = self.theme, self.text_scale
        left = (PAD if self.is_text() else LEFT_MARGIN) * scale
        right = self.width() - RIGHT_MARGIN * scale
        if self.width() >= LEAST_WIDTH_WITH_RAMP * scale:
            text = value_text(float(np.nan_to_num(self.influence.norms, nan=0.0).max(initial=0.0)))
            width = self.text_width(text, SIZE_TICK) + 2
            self.draw_text(painter, QRectF(right - width, 2 * scale, width, 18 * scale), text, theme.text_3, SIZE_TICK)
            ramp = round(RAMP_WIDTH * scale)
            start = round(right - width - 6 * scale) - ramp
            self._draw_shades(painter, np.linspace(0, 1, ramp), QRectF(start, round(7 * scale), ramp, round(8 * scale)))
            painter.setPen(QPen(QColor(theme.line_2), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(start - 0.5, round(7 * scale) - 0.5, ramp + 1, round(8 * scale) + 1))
            right = start - 14 * scale
            self.draw_text(painter, QRectF(right, 2 * scale, 10 * scale, 18 * scale), "0", theme.text_3, SIZE_TICK)
            right -= 6 * scale
        caption = self.influence.caption
        if self.text_width(caption, SIZE_TICK) > right - left:
            caption = self.influence.short_caption or caption
        self.draw_text(painter, QRectF(left, 2 * scale, right - left, 18 * scale), caption, theme.text_2, SIZE_TICK)

    def _draw_row(self, painter: QPainter) -> None:
        """Shades side by side, and on them bars or symbols."""
        assert self.influence is not None
        theme, strip, pitch, shares = self.theme, self.row, self.pitch, self.shares()
        edges = self._edges(len(shares))
        top, height = round(strip.top()), round(strip.height())
        # One number a pixel from side to side; where cells are wide, a pixel between two is left free.
        by_pixel = np.repeat(shares, np.diff(edges))
        if pitch >= LEAST_PITCH_WITH_GAPS:
            by_pixel[edges[1:-1] - edges[0] - 1] = np.nan
        self._draw_shades(painter, by_pixel, QRectF(edges[0], top, edges[-1] - edges[0], height))
        if self.influence.heights is None:
            for step, label in enumerate(self.influence.labels):
                middle = strip.left() + step * pitch
                half = min(middle - edges[step], edges[step + 1] - middle)
                box = QRectF(middle - half, top, 2 * half, height)
                self.draw_text(painter, box, shown(label), theme.text, SIZE_TICK, CENTER)
        else:
            self._draw_bars(painter, self.influence.heights, QRectF(strip.left(), top + 2, strip.width(), height - 4))
            xs = [strip.left() + step * pitch for step in self.influence.marked_steps]
            draw_marked_steps(painter, xs, strip.bottom(), theme)

    def _draw_bars(self, painter: QPainter, heights: Floats, box: QRectF) -> None:
        known = np.nan_to_num(heights, nan=0.0)
        low, high = min(0.0, float(known.min(initial=0))), max(0.0, float(known.max(initial=0)))
        span = (high - low) or 1.0
        zero = box.bottom() - (0 - low) / span * box.height()
        width = min(max(1.0, BAR_SHARE * self.pitch), 2 * (RIGHT_MARGIN - 3) * self.text_scale)
        tops = box.bottom() - (known - low) / span * box.height()
        lefts = box.left() + np.arange(len(known)) * self.pitch - width / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text_2))
        bars = zip(lefts.tolist(), np.minimum(tops, zero).tolist(), np.maximum(1.0, np.abs(tops - zero)).tolist(), strict=True)
        painter.drawRects([QRectF(left, top, width, height) for left, top, height in bars])

    def _draw_text(self, painter: QPainter) -> None:
        theme, shares, first = self.theme, self.shares(), self._first_line()
        height, letter, left = self._line_height(), self._letter(), PAD * self.text_scale
        painter.setFont(self.mono_font(SIZE_BODY))
        for row, line in enumerate(self._text_lines()[first:]):
            top = CAPTION * self.text_scale + row * height
            if top + height > self.height() + 1:
                break
            for step, column, text in zip(line.steps, line.columns, line.texts, strict=True):
                box = QRectF(left + column * letter, top + 1, len(text) * letter, height - 2)
                painter.fillRect(box, self.shade(float(shares[step])))
            painter.setPen(QColor(theme.text))
            painter.drawText(QRectF(left, top, self.width(), height), int(Qt.AlignmentFlag.AlignVCenter), line.joined())

    def draw_overlay(self, painter: QPainter) -> None:
        if self.influence is None:
            return
        theme, output = self.theme, self.influence.output_step
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.box_of(output)
        if self.cursor_step is not None and 0 <= self.cursor_step < len(self.influence.labels) and self.cursor_step != output:
            if self.is_text():
                self._outline(painter, self.box_of(self.cursor_step), Qt.PenStyle.DotLine)
            else:
                draw_cursor(painter, self.x_of(self.cursor_step), self.row.top(), self.row.bottom(), theme)
        self._outline(painter, box, Qt.PenStyle.SolidLine)
        if box is not None and not self.is_text():
            letter = QRectF(box.center().x() - 8, box.top() - 1, 16, 14 * self.text_scale)
            painter.fillRect(letter.adjusted(3, 1, -3, 0), QColor(theme.panel))
            self.draw_text(painter, letter, "y", theme.accent, SIZE_TICK, CENTER, WEIGHT_TITLE)
        step = None if self.hover is None else self.step_at(self.hover)
        if step is not None and self.hover is not None:
            head = f"t = {step + 1}  {shown(self.influence.labels[step])}"
            draw_readout(self, painter, self.hover, [(head, value_text(float(self.influence.norms[step]), 3), "")])

    def _outline(self, painter: QPainter, box: QRectF | None, style: Qt.PenStyle) -> None:
        if box is None:
            return
        painter.setPen(QPen(QColor(self.theme.accent), 1.5, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        narrowest = box if box.width() >= 5 else box.adjusted(box.width() / 2 - 2.5, 0, 2.5 - box.width() / 2, 0)
        painter.drawRoundedRect(narrowest.adjusted(0, 0.5, 0, -0.5), 2, 2)


def shown(label: str) -> str:
    """A label that can be seen: signs for what is blank."""
    return line_break_shown(label).replace(" ", "␣") if label.strip() == "" and label else line_break_shown(label) or "·"
