"""Where the parts of a cell's drawing stand in pixels, and how far its lines reach."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from core.diagram import HEIGHT, WIDTH, Diagram, Line, Place
from gui.plots.dial import Glass

SIDE, TOP, BOTTOM = 14.0, 4.0, 6.0
HALO_OF_HEIGHT, HALO_OF_WIDTH = 0.138, 0.064
OPERATOR_OF_ROW, OPERATOR_OF_HEIGHT = 0.27, 0.026
LEAST_OPERATOR, MOST_OPERATOR = 6.5, 13.0


@dataclass(frozen=True)
class CellPlace:
    """A drawing within ``room``; the frame of the cell itself is ``box``."""

    diagram: Diagram
    room: QRectF

    @staticmethod
    def within(diagram: Diagram, width: float, height: float) -> "CellPlace":
        """As large as there is room, but not drawn out."""
        room = QRectF(SIDE, TOP, width - 2 * SIDE, height - TOP - BOTTOM)
        most_height, most_width = room.width() * 0.7, room.height() * 3.1
        if room.height() > most_height:
            room = QRectF(room.left(), room.center().y() - most_height / 2, room.width(), most_height)
        if room.width() > most_width:
            room = QRectF(room.center().x() - most_width / 2, room.top(), most_width, room.height())
        return CellPlace(diagram, room)

    def at(self, place: Place) -> QPointF:
        """A place of the grid, in pixels."""
        x, y = place
        return QPointF(self.room.left() + x / WIDTH * self.room.width(), self.room.top() + y / HEIGHT * self.room.height())

    @property
    def row(self) -> float:
        """Height of a row of the grid."""
        return self.room.height() / HEIGHT

    @property
    def halo(self) -> float:
        """Radius of a dial's halo."""
        return min(HALO_OF_HEIGHT * self.room.height(), HALO_OF_WIDTH * self.room.width())

    @property
    def operator_radius(self) -> float:
        """Radius of a round operator."""
        return min(max(MOST_OPERATOR, OPERATOR_OF_HEIGHT * self.room.height()), max(LEAST_OPERATOR, OPERATOR_OF_ROW * self.row))

    @property
    def box(self) -> QRectF:
        """The cell's own frame: inputs and outputs cross it."""
        top_left, bottom_right = self.at((0.92, 0.05)), self.at((WIDTH - 0.92, 5.5))
        return QRectF(top_left, bottom_right)

    def glasses(self) -> dict[str, Glass]:
        """Signal -> where its dial stands."""
        return {dial.signal: Glass(self.at(dial.at), self.halo) for dial in self.diagram.dials}

    def reach(self, place: Place, is_arrow: bool = False) -> float:
        """How far what stands at ``place`` reaches: lines end at its rim, at a dial's glass; arrows at its halo."""
        if any(dial.at == place for dial in self.diagram.dials):
            return self.halo + 3 if is_arrow else self.halo * 0.7
        return self.operator_radius if any(operator.at == place for operator in self.diagram.operators) else 0.0

    def points(self, line: Line, tip: float = 0.0) -> list[QPointF]:
        """The line in pixels, from rim to rim; it ends ``tip`` pixels earlier, where an arrow's head goes on."""
        points = [self.at(place) for place in line.places]
        points[0] = _moved(points[0], points[1], self.reach(line.places[0]))
        points[-1] = _moved(points[-1], points[-2], self.reach(line.places[-1], line.has_arrow) + tip)
        return points


def _moved(start: QPointF, towards: QPointF, by: float) -> QPointF:
    length = math.hypot(towards.x() - start.x(), towards.y() - start.y())
    return start + (towards - start) * min(1.0, by / length) if length else start
