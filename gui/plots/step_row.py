"""Steps in a row from left to right, in line with a plot against time above or below; one of them can be chosen."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from gui.plots.canvas import Canvas
from gui.plots.plot import LEFT_MARGIN
from gui.theme import Theme

RIGHT_MARGIN = 14.0


class StepRow(Canvas):
    """The first and the last step have their middles where a plot against time has its ends. A press chooses one (from 0)."""

    step_chosen = QtSignal(int)
    top, bottom = 0.0, 0.0
    """Margins above and below the row, px at text size 1."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.cursor_step: int | None = None

    @property
    def step_count(self) -> int:
        """How many steps there are."""
        raise NotImplementedError

    def set_cursor_step(self, step: int | None) -> None:
        """Mark time step ``step`` (from 0)."""
        if step != self.cursor_step:
            self.cursor_step = step
            self.update()

    @property
    def row(self) -> QRectF:
        """From the middle of the first step to that of the last, in pixels."""
        scale = self.text_scale
        return QRectF(self.rect()).adjusted(LEFT_MARGIN * scale, self.top * scale, -RIGHT_MARGIN * scale, -self.bottom * scale)

    @property
    def pitch(self) -> float:
        """Pixels from one step to the next."""
        return self.row.width() / max(1, self.step_count - 1)

    def x_of(self, step: int) -> float:
        """The middle of ``step``, pixels from the left."""
        return self.row.left() + step * self.pitch

    def step_at(self, at: QPointF) -> int | None:
        """The step under a point of the widget; None where there is none."""
        if self.step_count == 0:
            return None
        return min(max(round((at.x() - self.row.left()) / self.pitch), 0), self.step_count - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        step = self.step_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if step is not None:
            self.step_chosen.emit(step)
