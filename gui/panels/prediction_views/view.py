"""The contract of a prediction view. Each file in this folder exports one as VIEW; it draws the kind of prediction it is named after."""

from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.prediction import Answer
from core.snapshot import Trace
from gui.plots.veil import draw_veil
from gui.theme import Theme
from gui.walk import Span


class Cover(QWidget):
    """A veil over a whole view."""

    def __init__(self, view: "PredictionView") -> None:
        super().__init__(view)
        self._view = view
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            draw_veil(painter, self.rect().toRectF(), 0.0, 0.0, self._view.theme)


class PredictionView(QWidget):
    """Draws predictions of ``prediction_type``.

    ``default_length`` is how far an input of the person's own is continued, 0 where nothing is; ``has_temperature`` tells views
    whose continuation is drawn by chance. ``step_chosen`` carries a time step from 0.
    """

    name: ClassVar[str]
    prediction_type: ClassVar[type]
    default_length: ClassVar[int] = 0
    has_temperature: ClassVar[bool] = False

    step_chosen = QtSignal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._cover: Cover | None = None

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme

    def show_prediction(self, prediction: Any, trace: Trace | None) -> None:
        """Draw ``prediction``; ``trace`` is the sequence it was made for."""
        raise NotImplementedError

    def show_answer(self, answer: Answer) -> None:
        """Draw the answer to an input of the person's own, where it is more than a text."""

    def set_cursor(self, step: int) -> None:
        """Mark time step ``step`` (from 0)."""

    def set_seen(self, seen: Span | None) -> None:
        """Veil what a walk has not answered yet, beyond the steps ``seen`` (first, and the one after the last); None: nothing.

        Here all of it, for the answer comes when everything is read; views that answer at every step veil the steps that are left.
        """
        if self._cover is None:
            self._cover = Cover(self)
        self._cover.resize(self.size())
        self._cover.setVisible(seen is not None)
        self._cover.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._cover is not None:
            self._cover.resize(self.size())

    def value_bounds(self) -> tuple[float, float] | None:
        """The lowest and highest value of a series' axis, where a series is drawn."""
        return None

    def subtitle(self) -> str:
        """The one secondary sentence of the title bar."""
        raise NotImplementedError

    def as_table(self) -> list[list[str]]:
        """What is drawn, as rows of a table with a header row."""
        raise NotImplementedError
