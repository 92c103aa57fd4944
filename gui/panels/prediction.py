"""What the network can do now, in the form that suits its task, and a line to try one's own input."""

from functools import cache

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from core import registry
from core.prediction import Answer
from core.registry import members
from core.snapshot import Snapshot
from gui.panels.own_input import OwnInput
from gui.panels.panel import FRAME_MARGINS, Panel, PanelSpec
from gui.panels.prediction_views.view import PredictionView
from gui.plots.canvas import Canvas
from gui.run_history import RunHistory
from gui.theme import Theme


@cache
def views() -> dict[type, type[PredictionView]]:
    """Kind of prediction -> the view that draws it, from all files in prediction_views/."""
    return {view.prediction_type: view for view in members("gui.panels.prediction_views", "VIEW").values()}


class EmptyView(Canvas):
    """Says what will be here."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.hint = "Press play: what the network can do is drawn here."

    def is_empty(self) -> bool:
        return True


class PredictionPanel(Panel):
    """One view at a time, made when its kind of prediction first arrives."""

    try_requested = QtSignal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.view: PredictionView | None = None
        self._made: dict[type, PredictionView] = {}
        self._cursor_step: int | None = None
        self._input_example = ""
        self._empty = EmptyView(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self.own_input = OwnInput()
        self.own_input.setVisible(False)
        self.own_input.try_requested.connect(self.try_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.own_input)
        self.setAccessibleName("Prediction")

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._empty.set_theme(theme)
        for view in self._made.values():
            view.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        prediction = snapshot.prediction
        if prediction is None:
            return
        view = self._made.get(type(prediction)) or self._make(type(prediction))
        example = registry.tasks()[snapshot.settings.task.name].input_example
        if view is not self.view or example != self._input_example:
            self.view, self._input_example = view, example
            self._stack.setCurrentWidget(view)
            self.own_input.configure(example, view.default_length, view.has_temperature)
            self.own_input.setVisible(True)
            if self._cursor_step is not None:
                view.set_cursor(self._cursor_step)
        view.show_prediction(prediction, snapshot.trace if snapshot.trace is not None else history.trace)
        self.say(view.subtitle())

    def show_answer(self, answer: Answer) -> None:
        """Show the answer to what the person typed."""
        self.own_input.show_answer(answer)
        if self.view is not None:
            self.view.show_answer(answer)

    def show_problem(self, message: str) -> None:
        """Show why what the person typed has no answer."""
        self.own_input.show_problem(message)

    def clear(self) -> None:
        for view in self._made.values():
            self._stack.removeWidget(view)
            view.deleteLater()
        self._made.clear()
        self.view = None
        self._stack.setCurrentWidget(self._empty)
        self.own_input.clear()
        self.own_input.setVisible(False)
        self.say("")

    def set_cursor(self, step: int) -> None:
        self._cursor_step = step
        if self.view is not None:
            self.view.set_cursor(step)

    def as_table(self) -> list[list[str]]:
        return self.view.as_table() if self.view is not None else [["t", "answer"]]

    def as_sentence(self) -> str:
        return f"Prediction: {self.view.subtitle()}." if self.view is not None else "No prediction yet: press play."

    def _make(self, kind: type) -> PredictionView:
        view = views()[kind](self.theme)
        view.step_chosen.connect(self.cursor_moved)
        self._made[kind] = view
        self._stack.addWidget(view)
        return view


PANEL = PanelSpec(
    name="prediction",
    title="Prediction",
    help="What the network answers now, against what would be right; type an input of your own below.",
    order=60,
    make=PredictionPanel,
)
