"""Choosing on the loss curve where to rewind to: drag its newest point, or use the keys."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.controls.keys import ARROWS, ENTER, PAGES
from gui.plots import lettering
from gui.plots.numbers import count_text
from gui.plots.plot import Plot
from gui.theme import SIZE_TICK, WEIGHT_TITLE

REACH = 11.0
"""Pixels around the newest point in which it can be taken hold of."""
PAGE_SHARE = 20
"""Home … End in so many pages."""
WASH = 0.62
ESCAPE = frozenset({Qt.Key.Key_Escape})
BEGINNING_KEYS = frozenset({Qt.Key.Key_Home, Qt.Key.Key_PageUp})


class RewindHandle:
    """Where the run would be rewound to: ``step``, None while nothing is chosen. ``set_range`` says between which updates it lies."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._first = self._last = 0
        self.newest: QPointF | None = None
        self.step: int | None = None
        self.is_dragged = False

    @property
    def kept_keys(self) -> frozenset[Qt.Key]:
        """The keys that it needs now."""
        return BEGINNING_KEYS if self.step is None else PAGES | ENTER | ESCAPE | ARROWS

    def set_range(self, first: int, last: int) -> None:
        """Between which updates it can be rewound."""
        self._first, self._last = first, last
        if self.step is not None and not first <= self.step <= last:
            self.clear()

    def clear(self) -> None:
        """Choose nothing."""
        self.step, self.is_dragged = None, False

    def is_at(self, at: QPointF) -> bool:
        """Whether the pointer is on the newest point, and there is something to rewind."""
        if self.newest is None or self._last <= self._first:
            return False
        return (at - self.newest).manhattanLength() <= 1.5 * REACH

    def take_hold(self) -> None:
        """The newest point is being dragged."""
        self.step, self.is_dragged = self._last, True

    def move_to(self, update: float) -> None:
        """Choose another update, kept within the range."""
        self.step = min(max(round(update), self._first), self._last)

    def let_go(self) -> int | None:
        """The drag has ended: the update that was chosen, None for the newest."""
        step = self.step
        self.clear()
        return None if step == self._last else step

    def move_by_key(self, key: int) -> bool:
        """Move by a key; returns whether it was one of its keys."""
        if self._last <= self._first:
            return False
        now = self._last if self.step is None else self.step
        page = max(1, (self._last - self._first) // PAGE_SHARE)
        goals = {
            Qt.Key.Key_Home: self._first,
            Qt.Key.Key_PageUp: now - page,
            Qt.Key.Key_PageDown: now + page,
            Qt.Key.Key_Left: now - 1,
            Qt.Key.Key_Right: now + 1,
            Qt.Key.Key_End: self._last,
        }
        goal = goals.get(Qt.Key(key)) if key in {int(each) for each in PAGES | ARROWS} else None
        if goal is None or (self.step is None and goal > now - 1):
            return False
        self.move_to(goal)
        return True

    def words(self) -> str:
        """What would be done, in words."""
        return "" if self.step is None else f"rewind to {count_text(self.step)}"

    def draw(self, painter: QPainter) -> None:
        """A line where it would stand, and a veil over what would be left."""
        plot, theme = self._plot, self._plot.theme
        box = plot.plot_rect()
        if self.step is None:
            return
        x = round(min(max(float(plot.to_x(self.step)), box.left()), box.right()))
        veil = QColor(theme.panel)
        veil.setAlphaF(WASH)
        painter.fillRect(QRectF(x, box.top(), box.right() - x + 3, box.height()), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(theme.warn), 1))
        painter.drawLine(QLineF(x, box.top() - 6, x, box.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.warn))
        middle = box.center().y()
        painter.drawPolygon(QPolygonF([QPointF(x - 11, middle), QPointF(x - 4, middle - 5), QPointF(x - 4, middle + 5)]))
        text = self.words() + ("" if self.is_dragged else ": Enter")
        width = plot.text_width(text, SIZE_TICK, WEIGHT_TITLE)
        left = x + 8 if x + 8 + width <= plot.width() - 4 else x - 8 - width
        at = QPointF(max(2.0, left), box.top() + 3)
        lettering.draw_halo_text(painter, at, text, plot.text_font(SIZE_TICK, WEIGHT_TITLE), theme.warn, theme.panel)

    def draw_hover(self, painter: QPainter) -> None:
        """A ring around the newest point, which says that it can be dragged."""
        if self.newest is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._plot.theme.warn), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.newest, 8.0, 8.0)
