"""The network unrolled over the shown sequence: what flows forward through its cells, and what comes back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from core.snapshot import Trace
from core.truncation import cut_steps
from gui.controls.keys import ARROWS, PAGES, KeepsKeys
from gui.controls.painting import draw_focus_ring
from gui.plots.canvas import Canvas
from gui.plots.marks import draw_readout
from gui.plots.numbers import value_text
from gui.plots.sticky import StickyBounds
from gui.plots.unrolled.answers import Answers
from gui.plots.unrolled.bands import Kind, Row, Show, bands_for, stacked
from gui.plots.unrolled.belts import Belt, gradient_belts, state_belts, thicknesses
from gui.plots.unrolled.cells_row import CellsPlan, Gate, gates_of, plan_cells
from gui.plots.unrolled.drawing import draw_moving
from gui.plots.unrolled.glide import Glide
from gui.plots.unrolled.input_strip import InputKind, kind_of
from gui.plots.unrolled.lens import Lens, step_pulled_to
from gui.plots.unrolled.lensed import draw_lensed
from gui.plots.unrolled.standing import draw_standing
from gui.style import current_look
from gui.theme import RADIUS_FIELD, Theme
from gui.walk import Span, Walk

Floats = NDArray[np.float64]
TOP, BOTTOM = 4.0, 6.0
LEFT, NARROW_LEFT, SYMBOL_LEFT = 86.0, 38.0, 14.0
RIGHT, RIGHT_WITH_ANSWER, NARROW_RIGHT = 64.0, 94.0, 58.0
NARROW = 560.0
"""Pixels at text size 1: narrower drawings have no numbers at the left ends of their belts."""
PAGE = 10
GLIDE = 150
"""Milliseconds that the lens takes to the time cursor."""
GRADIENT_MOST = 0.62
"""Of the height of a row that a gradient's belt may take."""


@dataclass(frozen=True)
class DrawnLayer:
    """What is drawn of one layer, computed once a trace: belts, gates, and the steps at which its gradient is cut."""

    index: int
    level: int
    label: str
    states: tuple[Belt, ...]
    gradients: tuple[Belt, ...]
    gates: tuple[Gate, ...]
    cuts: tuple[int, ...]


class UnrolledPlot(KeepsKeys, Canvas):
    """Cells from left to right under a lens at the time cursor; a press or a drag chooses a step (``step_chosen``, from 0)."""

    kept_keys = ARROWS | PAGES
    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.trace: Trace | None = None
        self.answers = Answers((), (), False)
        self.layers: tuple[DrawnLayer, ...] = ()
        self.chosen = 0
        self.truncate = 0
        self.show_what = Show.BOTH
        self.walk = Walk()
        self.is_calm = True
        self.cursor_step: int | None = None
        self.largest_state = 0.0
        self._bounds = StickyBounds()
        self._rows: list[Row] | None = None
        self._lens: Lens | None = None
        self._lensed: QPixmap | None = None
        self._glide = Glide(self)
        self._glide.moved.connect(self._move_lens)
        self._grip = 0.0
        self._is_pulled = False
        self.hint = "Press play: the network, unrolled over time, is drawn here."
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    # Data

    def show_network(self, trace: Trace, chosen: int, truncate: int, answers: Answers) -> None:
        """Draw ``trace``, layer ``chosen`` large; ``truncate`` is the length after which the gradient is cut, 0: nowhere."""
        layers = tuple(_drawn(trace, index, truncate) for index in range(len(trace.layers)))
        norms = np.concatenate([belt.norms for layer in layers for belt in layer.states])
        norms = norms[np.isfinite(norms)]
        self.largest_state = self._bounds.update(0.0, float(norms.max(initial=0.0)))[1]
        old, is_same_input = self._frame_key(), self.trace is not None and _reads_the_same(self.trace, trace)
        self.trace, self.chosen, self.truncate, self.answers, self.layers = trace, chosen, truncate, answers, layers
        if self._frame_key() == old:
            if not is_same_input:
                self._lensed = None
            self.refresh()
        else:
            self.reframe()

    def _frame_key(self) -> tuple[object, ...]:
        """What the frame depends on."""
        if self.trace is None:
            return ()
        shapes = tuple((layer.label, len(layer.states), len(layer.gradients), len(layer.gates), layer.cuts) for layer in self.layers)
        return shapes, self.chosen, self.truncate, self.trace.seq_len, self.trace.decoder_start, self.answers.is_each_step

    def clear(self) -> None:
        """Forget the network."""
        self._glide.stop()
        self.trace, self.layers, self.walk, self._bounds = None, (), Walk(), StickyBounds()
        self.reframe()

    def set_cursor_step(self, step: int | None) -> None:
        """Put the lens at time step ``step`` (from 0)."""
        if step != self.cursor_step:
            old, self.cursor_step = self._cursor(), step
            new = self._cursor()
            if new != old:
                is_gliding = old is not None and new is not None and self.is_calm and self.isVisible() and not self._is_pulled
                self._glide.go(old, new, current_look().duration(GLIDE) if is_gliding else 0)
                self._move_lens()

    def set_walk(self, walk: Walk) -> None:
        """Draw what ``walk`` has not come to yet faintly."""
        if walk != self.walk:
            self.walk = walk
            self.refresh()

    def set_show(self, show: Show) -> None:
        """Draw the way forward, the way back, or both."""
        if show is not self.show_what:
            self.show_what = show
            self.reframe()

    def is_empty(self) -> bool:
        return self.trace is None

    @property
    def seq_len(self) -> int:
        """T."""
        return 0 if self.trace is None else self.trace.seq_len

    def _cursor(self) -> int | None:
        return self.cursor_step if self.cursor_step is not None and 0 <= self.cursor_step < self.seq_len else None

    # Geometry

    def reframe(self) -> None:
        self._rows, self._lens, self._lensed = None, None, None
        super().reframe()

    def _move_lens(self) -> None:
        self._lens, self._lensed = None, None
        self.refresh()

    @property
    def is_narrow(self) -> bool:
        """Whether there is no room for numbers at the left."""
        return self.width() < NARROW * self.text_scale

    @property
    def symbol_left(self) -> float:
        """Where the belts' symbols begin, behind the layers' labels; in pixels at text size 1."""
        has_directions = any(layer.states[0].is_backward for layer in self.layers)
        return 28.0 if has_directions else 18.0 if len(self.layers) > 1 else SYMBOL_LEFT

    @property
    def lens(self) -> Lens:
        """Where every step lies now."""
        if self._lens is None:
            scale = self.text_scale
            has_answer = not self.answers.is_each_step and self.show_what is not Show.BACKWARD
            right = RIGHT_WITH_ANSWER if has_answer else NARROW_RIGHT if self.is_narrow else RIGHT
            left = (NARROW_LEFT if self.is_narrow else LEFT) + (self.symbol_left - SYMBOL_LEFT)
            self._lens = Lens(self.seq_len, self._cursor(), left * scale, max(8.0, self.width() - (left + right) * scale), self._glide.at)
        return self._lens

    @property
    def rows(self) -> list[Row]:
        """The rows from top to bottom, in pixels."""
        if self._rows is None:
            scale = self.text_scale
            # The upper level first; of two directions the forward one.
            top_first = [layer.index for layer in sorted(self.layers, key=lambda layer: (-layer.level, layer.index))]
            has_bars = self.trace is not None and kind_of(self.trace) is not InputKind.LABELS
            count = len(self.layers[self.chosen].gradients) if self.layers else 0
            bands = bands_for(self.show_what, top_first, self.chosen, count, self.answers.is_each_step, has_bars)
            rows = stacked(bands, max(1.0, self.height() / scale - TOP - BOTTOM))
            self._rows = [Row(row.band, (row.top + TOP) * scale, (row.bottom + TOP) * scale) for row in rows]
        return self._rows

    def rows_of(self, kind: Kind) -> list[Row]:
        """The rows of one kind."""
        return [row for row in self.rows if row.band.kind is kind]

    def belts_in(self, row: Row) -> tuple[Belt, ...]:
        """The belts that go through the cells of ``row``."""
        layer = self.layers[row.band.layer]
        return layer.gradients if self.show_what is Show.BACKWARD else layer.states

    def plan(self, row: Row) -> CellsPlan:
        """Where things stand in a row of cells."""
        layer, scale = self.layers[row.band.layer], self.text_scale
        has_gates = bool(layer.gates) and self.show_what is not Show.BACKWARD and row.band.layer == self.chosen
        lens, pad = self.lens, 2.0 * scale
        box = QRectF(lens.left, row.top + pad, lens.width, row.height - 2 * pad)
        return plan_cells(box, len(self.belts_in(row)), has_gates, scale)

    def lanes(self) -> list[tuple[Row, Belt]]:
        """The rows of single gradients with their belts."""
        rows, lanes = self.rows_of(Kind.GRADIENTS), list[tuple[Row, Belt]]()
        for layer in self.layers:
            lanes.extend(zip([row for row in rows if row.band.layer == layer.index], layer.gradients, strict=False))
        return lanes

    def drawn_thickness(self, belt: Belt, most: float) -> Floats:
        """Thickness (T,) in pixels of a belt that may be ``most`` thick."""
        return thicknesses(belt, most, self.largest_state)

    def lane_most(self, row: Row) -> float:
        """How thick a gradient's belt may be in its row."""
        return GRADIENT_MOST * row.height

    def seen(self, belt: Belt) -> Span:
        """First step, and the one after the last, to which the walk has come on ``belt``."""
        if not self.walk.is_on or self.walk.seq_len != self.seq_len:
            return (0, self.seq_len)
        return self.walk.gradients_seen(belt.is_backward) if belt.is_gradient else self.walk.values_seen(belt.is_backward)

    # Drawing

    def draw_frame(self, painter: QPainter) -> None:
        if self.trace is not None:
            draw_standing(painter, self)

    def ground_on(self, frame: QPixmap) -> QPixmap:
        if self._lensed is None and self.trace is not None:
            self._lensed = QPixmap(frame)
            with QPainter(self._lensed) as painter:
                draw_lensed(painter, self, self.trace)
        return self._lensed or frame

    def draw_content(self, painter: QPainter) -> None:
        if self.trace is not None:
            if self.layer_below() is None:
                draw_lensed(painter, self, self.trace)
            draw_moving(painter, self, self.trace)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.hasFocus():
            draw_focus_ring(painter, current_look(), QRectF(self.rect()).adjusted(3, 1, -3, -3), RADIUS_FIELD)
        if self.hover is not None and self._is_over(self.hover):
            draw_readout(self, painter, self.hover, self.values_read(self.lens.step_at(self.hover.x())))

    def values_read(self, step: int) -> list[tuple[str, str, str]]:
        """What the pointer reads at ``step`` (from 0): names, values and their colours."""
        trace, layer = self.trace, self.layers[self.chosen]
        assert trace is not None
        rows = [(f"t = {step + 1}", "", ""), ("x", trace.input_labels[step], "")]
        for belt in (*layer.states, *layer.gradients):
            name = f"‖∂L/{belt.symbol}‖" if belt.is_gradient else f"‖{belt.symbol}‖"
            rows.append((name, value_text(float(belt.norms[step]), 3), self.theme.tone(belt.role).mark))
        rows += [
            (f"mean of {gate.signal.symbol}", value_text(float(gate.means[step])), self.theme.tone(gate.signal.role).mark)
            for gate in layer.gates
        ]
        if self.answers.given and self.answers.given[step]:
            rows += [("answer", self.answers.given[step], ""), ("target", self.answers.wanted[step], "")]
        return rows

    # Mouse and keys

    def _is_over(self, at: QPointF) -> bool:
        lens = self.lens
        return not self.is_empty() and lens.left <= at.x() <= lens.left + lens.width

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._is_over(event.position()):
            x, lens = event.position().x(), self.lens
            step = lens.step_at(x)
            self._is_pulled = True
            self._grip = float(Lens(self.seq_len, step, lens.left, lens.width).middles[step]) - x
            self.step_chosen.emit(step)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton and not self.is_empty():
            lens = self.lens
            step = step_pulled_to(event.position().x() + self._grip, self.seq_len, lens.left, lens.width)
            if step != self.cursor_step:
                self.step_chosen.emit(step)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._is_pulled = False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._glide.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now, last = self._cursor() or 0, self.seq_len - 1
        goals = {
            Qt.Key.Key_Left: now - 1,
            Qt.Key.Key_Right: now + 1,
            Qt.Key.Key_PageUp: now - PAGE,
            Qt.Key.Key_PageDown: now + PAGE,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or self.is_empty():
            event.ignore()
            return
        self.step_chosen.emit(min(max(goal, 0), last))


def _reads_the_same(one: Trace, other: Trace) -> bool:
    """Whether both have the same inputs, drawn and in words."""
    is_alike = one.input_labels == other.input_labels and one.marked_steps == other.marked_steps
    return is_alike and (one.inputs is other.inputs or np.array_equal(one.inputs, other.inputs, equal_nan=True))


def _drawn(trace: Trace, index: int, truncate: int) -> DrawnLayer:
    layer = trace.layers[index]
    has_directions = any(each.is_backward for each in trace.layers)
    level = index // (2 if has_directions else 1) + 1
    label = f"{level}{('→', '←')[layer.is_backward] if has_directions else ''}" if len(trace.layers) > 1 else ""
    cuts = cut_steps(trace.seq_len, truncate, layer.is_backward, trace.decoder_start)
    return DrawnLayer(index, level, label, tuple(state_belts(layer)), tuple(gradient_belts(layer)), gates_of(layer), cuts)
