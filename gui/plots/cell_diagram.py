"""The cell as a drawing that lives: belts as thick as the states are large, dials as full as the gates are open."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, QTimer
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from core.diagram import Dial, End, Line, Operator, Tone
from gui.controls.keys import ENTER, KeepsKeys
from gui.plots.belt import DASH_LENGTH, draw_belt, draw_dots
from gui.plots.canvas import Canvas
from gui.plots.cell_place import CellPlace
from gui.plots.cell_plan import CellPlan, CellStep, full_name, number_text
from gui.plots.curves import blend
from gui.plots.dial import DialPictures, Glass
from gui.plots.marks import draw_readout
from gui.plots.mathematics import copy_symbol, draw_symbol, has_symbol, symbol_width
from gui.plots.numbers import MINUS
from gui.theme import SIZE_LABEL, SIZE_TICK, Theme

LEAST_BELT, MOST_BELT = 2.5, 0.085
"""Thickness of a belt: in pixels where the state is 0, and as a share of the drawing's height where it is without bound."""
HALF_SIZE = 0.7
"""The state's size at which a belt is half as thick as it can be."""
FLOW_SPEED, FLOW_INTERVAL = 24.0, 40
"""Pixels a second, and milliseconds between two pictures, while the training is slow enough to be followed."""
DOT_SHARE = 0.75
"""Of the panel's colour in the dots that flow on a belt."""
WORDS_FROM, NORMS_FROM = 150.0, 120.0
"""Heights of the drawing from which on there is room for them."""


class CellDiagram(KeepsKeys, Canvas):
    """``signal_chosen`` carries the signal whose dial or state was pressed, or chosen by the arrow keys and Enter.

    The frame holds what a cell always has; belts, dials and numbers are drawn over it for every step.
    """

    kept_keys = ENTER | {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Escape}
    signal_chosen = QtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.plan: CellPlan | None = None
        self.step: CellStep | None = None
        self.input_text = ""
        self.selected = ""
        self._pointed = 0
        self._flowed = 0.0
        self._place: CellPlace | None = None
        self._dials = DialPictures()
        self._timer = QTimer(self)
        self._timer.setInterval(FLOW_INTERVAL)
        self._timer.timeout.connect(self._on_flow)
        self.hint = "Press play: how the cell computes a step is drawn here."
        self.setAccessibleName("The cell at this time step")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # Data

    def set_plan(self, plan: CellPlan) -> None:
        """Draw another cell."""
        if plan is not self.plan:
            self.plan = plan
            self._pointed = 0
            self.reframe()

    def set_step(self, step: CellStep, input_text: str) -> None:
        """The numbers to show; ``input_text`` is what goes in at this step."""
        self.step, self.input_text = step, input_text
        self.refresh()

    def select(self, name: str) -> None:
        """Mark signal ``name``; "" for none."""
        if name != self.selected:
            self.selected = name
            self._describe()
            self.refresh()

    def clear(self) -> None:
        """Forget the numbers."""
        self.step = None
        self.set_flowing(False)
        self.refresh()

    def is_empty(self) -> bool:
        return self.step is None or self.plan is None

    def set_flowing(self, is_flowing: bool) -> None:
        """Whether what the belts carry is seen to move."""
        if is_flowing != self._timer.isActive():
            if is_flowing:
                self._timer.start()
            else:
                self._timer.stop()

    @property
    def is_flowing(self) -> bool:
        """Whether the belts move."""
        return self._timer.isActive()

    @property
    def choices(self) -> list[str]:
        """The signals that can be chosen, in the order of the arrow keys: dials, then states."""
        if self.plan is None:
            return []
        dials = [dial.signal for dial in self.plan.diagram.dials]
        return dials + [name for name in self.plan.formulas if name not in dials]

    def place(self) -> CellPlace:
        """Where everything stands now."""
        assert self.plan is not None
        if self._place is None:
            self._place = CellPlace.within(self.plan.diagram, self.width(), self.height())
        return self._place

    def reframe(self) -> None:
        self._place = None
        super().reframe()

    # The frame

    def draw_frame(self, painter: QPainter) -> None:
        assert self.plan is not None
        place, theme = self.place(), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line_2), 1.2))
        painter.drawRoundedRect(place.box, 14, 14)
        for line in place.diagram.lines:
            if line.kind != "belt":
                self._draw_wire(painter, line)
        for dial in place.diagram.dials:
            self._draw_names(painter, dial)

    def _color(self, tone: Tone, is_text: bool = False) -> str:
        if tone == "x":
            return self.theme.accent
        return self.theme.tone(tone).text if is_text else self.theme.tone(tone).mark

    def _draw_wire(self, painter: QPainter, line: Line) -> None:
        color = QColor(self._color(line.tone))
        is_dashed = line.kind != "wire"
        width = (1.3 if is_dashed else 1.8) * self.growth
        tip = 6.0 * self.growth if line.has_arrow else 0.0
        pen = QPen(color, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if is_dashed:
            pen.setDashPattern([3, 2.5])
        painter.setPen(pen)
        points = self.place().points(line, tip - 1 if tip else 0)
        painter.drawPolyline(points)
        if tip:
            _draw_head(painter, points, color, 5.0 * self.growth, tip)

    def _draw_names(self, painter: QPainter, dial: Dial) -> None:
        """Symbol and word of a dial."""
        assert self.plan is not None
        place, scale = self.place(), self.text_scale
        glass = Glass(place.at(dial.at), place.halo)
        latex = self.plan.formulas[dial.signal].pieces[0].latex
        pixels = self._symbol_pixels()
        width = symbol_width(latex, pixels)
        left = glass.center.x() + place.operator_radius + 4 if dial.has_symbol_right else glass.center.x() - 9 - width
        baseline = glass.center.y() - glass.radius - 0.42 * pixels
        draw_symbol(painter, QPointF(left, baseline), latex, pixels, self.plan.tone(self.theme, dial.signal))
        below = place.at((dial.at[0], 5.0)).y() - glass.center.y() - glass.radius
        gap = min((x - dial.at[0] for x in self._columns() if x > dial.at[0] + 0.6), default=2.0)
        has_width = self.text_width(dial.word) + 14 <= place.at((gap, 0)).x() - place.at((0, 0)).x()
        if self.height() >= WORDS_FROM * scale and below >= 14 * scale and has_width:
            beside = [line.places[-1][0] for line in place.diagram.lines if 0 < line.places[-1][0] - dial.at[0] < 0.5]
            right = place.at((max(beside, default=dial.at[0]), 0)).x()
            word = QRectF(right + 8, glass.center.y() + glass.radius, 90 * scale, 16 * scale)
            self.draw_text(painter, word, dial.word, self.theme.text_2, SIZE_LABEL if below >= 18 * scale else SIZE_TICK)

    def _columns(self) -> list[float]:
        """Where on the grid dials and what stands beside them stand."""
        diagram = self.place().diagram
        places = [*(dial.at for dial in diagram.dials), *(operator.at for operator in diagram.operators)]
        return [x for x, y in places if y >= diagram.dials[0].at[1]]

    def _symbol_pixels(self) -> float:
        return min(22 * self.text_scale, max(13.0, 0.62 * self.place().row))

    # What changes with every step

    def draw_content(self, painter: QPainter) -> None:
        if self.step is None or self.plan is None:
            return
        place = self.place()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self._belts():
            self._draw_belt(painter, line, self._thickness_of(line.value))
        self._draw_input(painter)
        if self.layer_below() is None:
            self._draw_operators(painter)
        for name, glass in place.glasses().items():
            if name == self.selected:
                self._draw_selection(painter, glass)
            self._dials.draw(self, painter, glass, self.plan.signals[name], self.step)
        for end in place.diagram.ends:
            self._draw_end(painter, end, self._thickness_of(end.value))

    def draw_overlay(self, painter: QPainter) -> None:
        """What moves by itself or with the pointer; operators stand over what flows."""
        if self.step is None or self.plan is None:
            return
        for line in self._belts():
            self._draw_dots(painter, line, self._thickness_of(line.value))
        self._draw_operators(painter)
        if self.hasFocus():
            self._draw_focus(painter)
        self._draw_hover(painter)

    def _belts(self) -> list[Line]:
        return [line for line in self.place().diagram.lines if line.kind == "belt"]

    def _draw_operators(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for operator in self.place().diagram.operators:
            self._draw_operator(painter, operator)

    def _thickness_of(self, value: str) -> float:
        assert self.step is not None
        size = self.step.size(value)
        share = 0.0 if math.isnan(size) else 1.0 if math.isinf(size) else size / (size + HALF_SIZE)
        return LEAST_BELT + (MOST_BELT * self.place().room.height() - LEAST_BELT) * share

    def _draw_belt(self, painter: QPainter, line: Line, width: float) -> None:
        color = QColor(self._color(line.tone))
        points, tip = self._belt_points(line, width)
        draw_belt(painter, points, width, color)
        if tip:
            _draw_head(painter, points, color, width / 2 + 4, tip)

    def _belt_points(self, line: Line, width: float) -> tuple[list[QPointF], float]:
        """The belt's line up to its head, and the head's length."""
        tip = width * 0.5 + 7 if line.has_arrow else 0.0
        return self.place().points(line, max(0.0, tip - 1)), tip

    def _draw_dots(self, painter: QPainter, line: Line, width: float) -> None:
        dot = blend(self.theme.panel, self._color(line.tone), DOT_SHARE)
        draw_dots(painter, self._belt_points(line, width)[0], width, dot, self._flowed)

    def _draw_operator(self, painter: QPainter, operator: Operator) -> None:
        place, scale = self.place(), self.text_scale
        center, radius = place.at(operator.at), place.operator_radius
        color = self._color(operator.tone)
        painter.setPen(QPen(QColor(color), 1.8 * self.growth))
        painter.setBrush(QColor(self.theme.panel))
        if operator.text in ("×", "+"):
            painter.drawEllipse(center, radius, radius)
            painter.setPen(QPen(QColor(self.theme.text), 1.7 * self.growth))
            arm = radius * (0.5 if operator.text == "+" else 0.38)
            x, y = center.x(), center.y()
            if operator.text == "+":
                painter.drawLines([QLineF(x - arm, y, x + arm, y), QLineF(x, y - arm, x, y + arm)])
            else:
                painter.drawLines([QLineF(x - arm, y - arm, x + arm, y + arm), QLineF(x - arm, y + arm, x + arm, y - arm)])
            return
        is_symbol = has_symbol(operator.text)
        pixels = 16 * scale
        text_width = symbol_width(operator.text, pixels) if is_symbol else self.text_width(operator.text, SIZE_LABEL)
        box = QRectF(0, 0, text_width + 14 * scale, max(18 * scale, 2 * radius * 0.9))
        box.moveCenter(center)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        if is_symbol:
            at = QPointF(center.x() - text_width / 2, center.y() + 0.24 * pixels)
            copy_symbol(painter, at, operator.text, pixels, self.theme.text)
        else:
            self.draw_text(painter, box, operator.text, self.theme.text, SIZE_LABEL, Qt.AlignmentFlag.AlignHCenter)

    def _draw_input(self, painter: QPainter) -> None:
        """x_t: where it comes in, and what it is."""
        place, theme, scale = self.place(), self.theme, self.text_scale
        start = place.at(place.diagram.input_at)
        for line in place.diagram.lines:
            if line.tone == "x" and not line.has_arrow:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.accent))
                painter.drawEllipse(place.points(line)[-1], 3.2, 3.2)
        pixels = min(19 * scale, max(13.0, 0.5 * place.row))
        at = QPointF(start.x() + 9, start.y() - 1)
        if place.row >= 20 * scale:
            width = symbol_width("x_t", pixels)
            copy_symbol(painter, at, "x_t", pixels, theme.accent)
            label = QRectF(at.x() + width + 8, at.y() - 13 * scale, min(220 * scale, self.width() - at.x() - width - 12), 18 * scale)
            self.draw_text(painter, label, self.input_text, theme.text_2, SIZE_TICK)

    def _draw_end(self, painter: QPainter, end: End, thickness: float) -> None:
        assert self.step is not None
        place, theme, scale = self.place(), self.theme, self.text_scale
        pixels = self._symbol_pixels()
        at, width = place.at(end.at), symbol_width(end.latex, pixels)
        left = place.room.right() - width - 4 if end.is_right else at.x()
        copy_symbol(painter, QPointF(left, at.y() - thickness / 2 - 0.42 * pixels), end.latex, pixels, self._color(end.tone, is_text=True))
        if self.height() < NORMS_FROM * scale:
            return
        number = number_text(self.step.norm(end.value))
        text = f"‖{end.latex[0]}‖ {number}" if self.step.is_mean else number
        room = place.box.left() - place.room.left() - 3
        is_apart = self.step.is_mean and self.text_width(text, SIZE_TICK) > room
        box = QRectF(at.x() if not end.is_right else place.room.right() - 90, at.y() + thickness / 2 + 5 * scale, 90, 16 * scale)
        align = Qt.AlignmentFlag.AlignRight if end.is_right else Qt.AlignmentFlag.AlignLeft
        self.draw_text(painter, box, number if is_apart else text, theme.text_2, SIZE_TICK, align)
        if is_apart and place.row >= 30 * scale:
            self.draw_text(painter, box.translated(0, 15 * scale), f"‖{end.latex[0]}‖", theme.text_3, SIZE_TICK, align)

    def _draw_selection(self, painter: QPainter, glass: Glass) -> None:
        painter.setPen(QPen(QColor(self.theme.accent), 1.6))
        painter.setBrush(QColor(self.theme.accent_wash))
        painter.drawEllipse(glass.center, glass.radius + 2, glass.radius + 2)

    def _draw_focus(self, painter: QPainter) -> None:
        """Where the keyboard is: around a dial, or around a state's symbol."""
        box = self.area_of(self.choices[min(self._pointed, len(self.choices) - 1)])
        painter.setPen(QPen(QColor(self.theme.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), 8, 8)

    def _draw_hover(self, painter: QPainter) -> None:
        name = "" if self.hover is None else self.signal_under(self.hover)
        if name and self.hover is not None and self.step is not None and self.plan is not None:
            signal = self.plan.signals[name]
            kind = "mean" if self.step.is_mean else f"unit {self.step.unit}"
            color = self.theme.tone(signal.role).mark
            rows = [(full_name(signal, name), "", ""), (kind, number_text(self.step.shown(name)), color)]
            if name in self.place().glasses():
                rows.append((f"dot: unit {self.step.unit}", number_text(self.step.of_unit(name)), self.theme.accent))
            draw_readout(self, painter, self.hover, rows)

    # Choosing

    def area_of(self, name: str) -> QRectF:
        """What to press for signal ``name``: its dial, or the symbol of the state where it leaves."""
        glasses = self.place().glasses()
        if name in glasses:
            glass = glasses[name]
            return QRectF(glass.center.x() - glass.radius, glass.center.y() - glass.radius, 2 * glass.radius, 2 * glass.radius)
        end = next(end for end in self.place().diagram.ends if end.value == name)
        at, pixels = self.place().at(end.at), self._symbol_pixels()
        width = symbol_width(end.latex, pixels) + 8
        return QRectF(self.place().room.right() - width, at.y() - 1.5 * pixels, width + 4, 1.9 * pixels)

    def signal_under(self, at: QPointF) -> str:
        """The signal that a press at ``at`` chooses; "" for none."""
        return "" if self.is_empty() else next((name for name in self.choices if self.area_of(name).contains(at)), "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = self.signal_under(event.position()) if event.button() == Qt.MouseButton.LeftButton else ""
        if name:
            self._pointed = self.choices.index(name)
            self.signal_chosen.emit(name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        is_pressable = bool(self.signal_under(event.position()))
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_pressable else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        choices = self.choices
        if not choices or self.is_empty():
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._pointed = (self._pointed + (1 if event.key() == Qt.Key.Key_Right else -1)) % len(choices)
            self._describe()
            self.update()
        elif event.key() in ENTER:
            self.signal_chosen.emit(choices[self._pointed])
        elif event.key() == Qt.Key.Key_Escape and self.selected:
            self.signal_chosen.emit(self.selected)
        else:
            super().keyPressEvent(event)

    def _describe(self) -> None:
        """Tell screen readers where the keyboard is."""
        if self.step is not None and self.plan is not None and self.choices:
            name = self.choices[min(self._pointed, len(self.choices) - 1)]
            chosen = ", chosen" if name == self.selected else ""
            value = number_text(self.step.shown(name))
            self.setAccessibleDescription(f"{full_name(self.plan.signals[name], name)}, {value.replace(MINUS, 'minus ')}{chosen}")

    def _on_flow(self) -> None:
        self._flowed = (self._flowed + FLOW_SPEED * FLOW_INTERVAL / 1000) % DASH_LENGTH
        self.update()


def _draw_head(painter: QPainter, points: Sequence[QPointF], color: QColor, half: float, length: float) -> None:
    """An arrow's head that goes on where the line through ``points`` ends."""
    last, before = points[-1], points[-2]
    way = QLineF(before, last).unitVector()
    along = QPointF(way.dx(), way.dy())
    across = QPointF(-along.y(), along.x())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([last + across * half, last + along * length, last - across * half]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
