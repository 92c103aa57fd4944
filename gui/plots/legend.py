"""Legends: which line is what, inside a plot or in a title bar."""

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots import lettering
from gui.plots.canvas import Canvas
from gui.theme import SIZE_LABEL, SIZE_TICK, Theme

SAMPLE, GAP, ENTRY_GAP = 16.0, 7.0, 16.0
TIGHT_SAMPLE, TIGHT_ENTRY_GAP = 13.0, 9.0
SHORTEST_SAMPLE, SHORTEST_NAME = 6.0, 22.0
ROW_HEIGHT = 17.0
MOST_ROWS = 2
SYMBOL_GROWTH = 1.25


@dataclass(frozen=True)
class Entry:
    """One line of a legend."""

    name: str
    color: str
    is_dashed: bool = False
    width: float = 2.0
    is_dotted: bool = False


@dataclass(frozen=True)
class Place:
    """Where an entry stands: its row from 0, the left edge, and the pixels that its sample and its name have."""

    row: int
    left: float
    sample: float
    name: float


def lay_out(canvas: Canvas, entries: list[Entry], room: float, size: int = SIZE_LABEL, most_rows: int = MOST_ROWS) -> list[Place]:
    """Places of all ``entries`` on rows of ``room`` pixels.

    What has no room goes to the next row; where there are not rows enough for that, entries stand closer, then names are cut, and at
    last the samples: no entry is left out.
    """
    scale = canvas.text_scale
    names = [canvas.text_width(entry.name, size) + 1 for entry in entries]
    whole = max(names, default=0.0)
    wide, tight = (SAMPLE * scale, ENTRY_GAP * scale), (TIGHT_SAMPLE * scale, TIGHT_ENTRY_GAP * scale)
    for longest, (sample, gap) in [(whole, wide), *((shorter, tight) for shorter in _shorter(whole, SHORTEST_NAME * scale))]:
        head = sample + GAP * scale
        places: list[Place] = []
        row, x = 0, 0.0
        for name in (min(name, longest) for name in names):
            if x > 0 and x + head + name > room:
                row, x = row + 1, 0.0
            places.append(Place(row, x, sample, name))
            x += head + name + gap
        if row < most_rows and all(place.left + head + place.name <= room for place in places):
            return places
    # Not even short names have room: the entries share what there is.
    in_row = -(-len(entries) // most_rows)
    each = room / max(1, in_row)
    sample = max(1.0, min(SHORTEST_SAMPLE * scale, 0.6 * each))
    left_for_name = max(0.0, each - sample - 2 * GAP * scale)
    return [Place(k // in_row, k % in_row * each, sample, left_for_name) for k in range(len(entries))]


def _shorter(longest: float, shortest: float) -> list[float]:
    """Lengths to cut names to, from ``longest`` in small steps down to ``shortest``."""
    steps = max(0, int((longest - shortest) / 6.0))
    return [longest - 6.0 * k for k in range(steps + 1)]


def row_count(canvas: Canvas, entries: list[Entry], room: float, size: int = SIZE_LABEL, most_rows: int = MOST_ROWS) -> int:
    """Rows that ``entries`` take on ``room`` pixels."""
    return 1 + max((place.row for place in lay_out(canvas, entries, room, size, most_rows)), default=0)


def draw_legend(
    canvas: Canvas,
    painter: QPainter,
    entries: list[Entry],
    at: QPointF,
    room: float,
    size: int = SIZE_LABEL,
    most_rows: int = MOST_ROWS,
) -> None:
    """Draw ``entries`` from ``at`` (left, middle of the first row) on rows of ``room`` pixels."""
    scale = canvas.text_scale
    for entry, place in zip(entries, lay_out(canvas, entries, room, size, most_rows), strict=True):
        x, y = at.x() + place.left, at.y() + place.row * ROW_HEIGHT * scale
        pen = QPen(QColor(entry.color), entry.width * canvas.growth, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
        if entry.is_dashed:
            pen.setDashPattern([5 / entry.width, 3 / entry.width])
        elif entry.is_dotted:
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setDashPattern([0.1, 2.2])
        painter.setPen(pen)
        painter.drawLine(QLineF(x, y, x + place.sample, y))
        box = QRectF(x + place.sample + GAP * scale, y - 9 * scale, place.name, 18 * scale)
        symbol = lettering.parts_of(entry.name)
        if symbol is None:
            canvas.draw_text(painter, box, entry.name, canvas.theme.text_2, size)
        else:
            pixels = SYMBOL_GROWTH * size * scale
            lettering.draw_symbol(painter, QPointF(box.left(), y + 0.32 * pixels), symbol[0], pixels, canvas.theme.text_2, symbol[1])


class Legend(Canvas):
    """A legend as a widget of its own, for a title bar: transparent, as wide as its entries."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.entries: list[Entry] = []

    def set_entries(self, entries: list[Entry]) -> None:
        """Show other entries."""
        if entries != self.entries:
            self.entries = entries
            self.setAccessibleName("Legend: " + ", ".join(entry.name for entry in entries))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        scale = self.text_scale
        widths = (self.text_width(entry.name, SIZE_TICK) + 1 + (SAMPLE + GAP + ENTRY_GAP) * scale for entry in self.entries)
        return QSize(round(sum(widths)), round(20 * scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            draw_legend(self, painter, self.entries, QPointF(0, self.height() / 2), self.width(), SIZE_TICK, most_rows=1)
