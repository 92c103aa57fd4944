"""A piano roll: time to the right in bars, pitch upwards, every note as long as it sounds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.tunes import TICKS_PER_BEAT, Note, pitch_name
from gui.plots.canvas import Canvas
from gui.plots.curves import blend
from gui.plots.legend import Entry, draw_legend
from gui.plots.marks import draw_cursor, draw_readout
from gui.plots.numbers import share_text
from gui.plots.scales import StepScale
from gui.theme import SIZE_TICK, Theme

LEFT, RIGHT, TOP, FOOT = 46.0, 16.0, 30.0, 22.0
KEYBOARD = 9.0
BLACK_KEYS = frozenset((1, 3, 6, 8, 10))
LEAST_RANGE = 14
"""Semitones that are always shown."""
LEAST_NAMED_ROW = 11.0
"""Pixels between two names of pitches."""
LEAST_BEAT = 14.0
"""Pixels of a beat from which on every one has a line."""
PALEST = 0.45
"""Of a note that the network held impossible."""


@dataclass(frozen=True)
class Bar:
    """A note in its place: ``step`` numbers the steps of the tune that was read, −1 where the network wrote it."""

    note: Note
    begin: int
    step: int
    share: float = float("nan")

    @property
    def end(self) -> int:
        """Where it stops, in twelfths of a beat."""
        return self.begin + self.note.length


@dataclass(frozen=True)
class Roll:
    """What is drawn: times in twelfths of a beat.

    Attributes
    ----------
    read, came, written : notes that the network had read when it went on, those that then came, and its own
    begins : where each step begins that was read or came
    ends : where a tune is over, of what was read and came, and of what was written
    cut : where the network goes on
    bar : length of a bar
    """

    read: tuple[Bar, ...] = ()
    came: tuple[Bar, ...] = ()
    written: tuple[Bar, ...] = ()
    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    cut: int = 0
    bar: int = 4 * TICKS_PER_BEAT
    _pitches: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        bars = (*self.read, *self.came, *self.written)
        object.__setattr__(self, "_pitches", tuple(bar.note.pitch for bar in bars if bar.note.pitch is not None))

    @property
    def end(self) -> int:
        """Of all of it, a bar at least."""
        return max([self.bar, self.cut, *(bar.end for bar in (*self.read, *self.came, *self.written))])

    @property
    def pitches(self) -> tuple[int, int]:
        """The lowest and the highest row."""
        low, high = min(self._pitches, default=60), max(self._pitches, default=60)
        more = max(0, LEAST_RANGE - (high - low))
        return low - 1 - more // 2, high + 1 + (more - more // 2)


def placed(
    notes: Sequence[Note | None], begin: int = 0, first_step: int | None = 0, shares: Sequence[float] | None = None
) -> tuple[list[Bar], list[int], list[int]]:
    """``notes`` one behind the other from ``begin`` on: the notes in their places, where each step begins, and where tunes end."""
    bars, begins, ends = [], [], []
    for k, note in enumerate(notes):
        begins.append(begin)
        if note is None:
            ends.append(begin)
            continue
        step = -1 if first_step is None else first_step + k
        bars.append(Bar(note, begin, step, float("nan") if shares is None else float(shares[k])))
        begin += note.length
    return bars, begins, ends


class PianoRoll(Canvas):
    """Draws a ``Roll``. ``step_chosen`` carries the step of what was read under a click."""

    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.roll = Roll()
        self.cursor_step: int | None = None
        self.legend_room = 0.0
        self.setCursor(Qt.CursorShape.CrossCursor)

    def set_roll(self, roll: Roll) -> None:
        """Draw another roll; the frame is drawn anew only where its axes differ."""
        if roll == self.roll:
            return
        old, self.roll = self.roll, roll
        is_framed = (old.pitches, old.end, old.bar, bool(old.came)) == (roll.pitches, roll.end, roll.bar, bool(roll.came))
        self.refresh() if is_framed else self.reframe()

    def set_cursor_step(self, step: int) -> None:
        """Mark a step of what was read."""
        self.cursor_step = step
        self.update()

    # Geometry

    def area(self) -> QRectF:
        """The rectangle over time and pitch."""
        scale = self.text_scale
        return QRectF(self.rect()).adjusted(LEFT * scale, TOP * scale, -RIGHT * scale, -FOOT * scale)

    def to_x(self, time: float) -> float:
        """Pixels from the left."""
        area = self.area()
        return area.left() + area.width() * time / self.roll.end

    def row_height(self) -> float:
        """Pixels of a semitone."""
        low, high = self.roll.pitches
        return self.area().height() / (high - low + 1)

    def row_top(self, pitch: int) -> float:
        """Pixels from the top to the upper edge of a pitch's row."""
        return self.area().top() + (self.roll.pitches[1] - pitch) * self.row_height()

    def box_of(self, bar: Bar) -> QRectF:
        """Where a note that is no rest is drawn."""
        assert bar.note.pitch is not None
        left, right = self.to_x(bar.begin), self.to_x(bar.end)
        gap = 1.0 if right - left > 3 else 0.0
        height = self.row_height()
        inset = min(1.0, 0.1 * height)
        return QRectF(left + gap / 2, self.row_top(bar.note.pitch) + inset, right - left - gap, height - 2 * inset)

    def step_at(self, x: float) -> int:
        """The step of what was read at a pixel: the last that begins before it."""
        area = self.area()
        time = (x - area.left()) / max(area.width(), 1.0) * self.roll.end
        return max(0, int(np.searchsorted(self.roll.begins, time, side="right")) - 1)

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        self._draw_rows(painter)
        self._draw_time(painter)
        theme, scale = self.theme, self.text_scale
        entries = [Entry("read", theme.hidden.mark, width=6), Entry("goes on", theme.accent, width=6)]
        entries += [Entry("came", theme.text_3, width=2)] if self.roll.came else []
        room = self.width() - (LEFT + RIGHT) * scale - self.legend_room
        draw_legend(self, painter, entries, QPointF(LEFT * scale, TOP * scale / 2), room, SIZE_TICK, most_rows=1)

    def _draw_rows(self, painter: QPainter) -> None:
        """Black keys as darker rows, the keyboard and the names at the left."""
        area, theme, scale, height = self.area(), self.theme, self.text_scale, self.row_height()
        low, high = self.roll.pitches
        keyboard = KEYBOARD * scale
        white, black = QColor(theme.text_3 if theme.is_dark else theme.raised_2), QColor(theme.window if theme.is_dark else theme.text_2)
        named = self._named_pitches()
        painter.fillRect(QRectF(area.left() - keyboard, area.top(), keyboard - 2, area.height()), white)
        for pitch in range(low, high + 1):
            top = self.row_top(pitch)
            if pitch % 12 in BLACK_KEYS:
                painter.fillRect(QRectF(area.left(), top, area.width(), height), QColor(theme.raised))
                painter.fillRect(QRectF(area.left() - keyboard, top, 0.6 * keyboard, height), black)
            elif pitch % 12 in (0, 5):
                painter.setPen(QPen(QColor(theme.line_2 if pitch % 12 == 0 else theme.line), 1))
                y = round(top + height) - 0.5
                painter.drawLine(QLineF(area.left(), y, area.right(), y))
            if pitch in named:
                box = QRectF(0, top + height / 2 - 8 * scale, area.left() - keyboard - 6 * scale, 16 * scale)
                color = theme.text_2 if pitch % 12 == 0 else theme.text_3
                self.draw_text(painter, box, pitch_name(pitch), color, SIZE_TICK, Qt.AlignmentFlag.AlignRight)

    def _named_pitches(self) -> set[int]:
        """The white keys' where there is room for all of them, else those of every triad on C, else every C."""
        low, high = self.roll.pitches
        height, least = self.row_height(), LEAST_NAMED_ROW * self.text_scale
        classes = (0, 2, 4, 5, 7, 9, 11) if height >= least else (0, 4, 7) if 3 * height >= least else (0,)
        return {pitch for pitch in range(low, high + 1) if pitch % 12 in classes}

    def _draw_time(self, painter: QPainter) -> None:
        """Lines of bars and beats, and the numbers of the bars."""
        area, theme, scale, roll = self.area(), self.theme, self.text_scale, self.roll
        beat = area.width() * TICKS_PER_BEAT / roll.end
        every = TICKS_PER_BEAT if beat >= LEAST_BEAT * scale else roll.bar
        for time in range(0, roll.end + 1, every):
            is_bar = time % roll.bar == 0
            painter.setPen(QPen(QColor(theme.line_2 if is_bar else theme.line), 1))
            x = round(self.to_x(time)) + 0.5
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        if every == TICKS_PER_BEAT and roll.bar % TICKS_PER_BEAT:
            painter.setPen(QPen(QColor(theme.line_2), 1))
            for time in range(roll.bar, roll.end + 1, roll.bar):
                painter.drawLine(QLineF(round(self.to_x(time)) + 0.5, area.top(), round(self.to_x(time)) + 0.5, area.bottom()))
        count = -(-roll.end // roll.bar)
        width = area.width() * roll.bar / roll.end
        for number, text in StepScale(1, count).ticks(area.width(), 30 * scale):
            box = QRectF(self.to_x((number - 1) * roll.bar), area.bottom() + 3 * scale, max(width, 26 * scale), 16 * scale)
            self.draw_text(painter, box, f"bar {text}" if number == 1 and width > 36 * scale else text, theme.text_3, SIZE_TICK)

    def draw_content(self, painter: QPainter) -> None:
        area, theme, roll = self.area(), self.theme, self.roll
        if roll.written:
            wash = QColor(theme.accent)
            wash.setAlphaF(0.10)
            left = self.to_x(roll.cut)
            painter.fillRect(QRectF(left, area.top(), self.to_x(max(bar.end for bar in roll.written)) - left, area.height()), wash)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for bar in roll.came:
            self._draw_note(painter, bar, None, QColor(theme.text_3))
        for bar in roll.read:
            certainty = PALEST + (1 - PALEST) * (bar.share if bar.share == bar.share else 1.0)
            self._draw_note(painter, bar, blend(theme.hidden.mark, theme.panel, certainty), None)
        for bar in roll.written:
            self._draw_note(painter, bar, QColor(theme.accent), None)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._draw_ends(painter)

    def _draw_note(self, painter: QPainter, bar: Bar, fill: QColor | None, outline: QColor | None) -> None:
        if bar.note.pitch is None:
            return
        box = self.box_of(bar)
        painter.setPen(Qt.PenStyle.NoPen if outline is None else QPen(outline, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
        painter.drawRoundedRect(box if outline is None else box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)

    def _draw_ends(self, painter: QPainter) -> None:
        """The double line of a tune's end, and a line where the network goes on."""
        area, theme = self.area(), self.theme
        for time in self.roll.ends:
            x = float(round(self.to_x(time)))
            painter.fillRect(QRectF(x - 1, area.top(), 2, area.height()), QColor(theme.text_3))
            painter.fillRect(QRectF(x - 4, area.top(), 1, area.height()), QColor(theme.text_3))
        if self.roll.written:
            painter.setPen(QPen(QColor(theme.accent), 1))
            x = round(self.to_x(self.roll.cut)) + 0.5
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))

    def draw_overlay(self, painter: QPainter) -> None:
        area, begins = self.area(), self.roll.begins
        if self.cursor_step is not None and self.cursor_step < len(begins):
            draw_cursor(painter, self.to_x(begins[self.cursor_step]), area.top(), area.bottom(), self.theme)
        if self.hover is not None and area.contains(self.hover):
            rows = [self._readout(bar) for bar in self._bars_at(self.hover)]
            if rows:
                draw_readout(self, painter, self.hover, rows)

    def _bars_at(self, at: QPointF) -> list[Bar]:
        """The notes that sound at a place's time."""
        time = (at.x() - self.area().left()) / max(self.area().width(), 1.0) * self.roll.end
        return [bar for bar in (*self.roll.read, *self.roll.came, *self.roll.written) if bar.begin <= time < bar.end]

    def _readout(self, bar: Bar) -> tuple[str, str, str]:
        color = self.theme.accent if bar.step < 0 else self.theme.hidden.mark
        return bar.note.words, f"held {share_text(bar.share)} likely" if bar.share == bar.share else "", color

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event)

    def _choose(self, event: QMouseEvent) -> None:
        if self.roll.begins and self.area().adjusted(-6, 0, 6, FOOT).contains(event.position()):
            self.step_chosen.emit(self.step_at(event.position().x()))
