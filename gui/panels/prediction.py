"""What the network can do now, in the form that suits its task, and ways to try it: an own input, a drawing, longer sequences."""

import importlib
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QStackedWidget, QVBoxLayout, QWidget

from core import registry
from core.length_test import LengthResult, why_not_longer
from core.prediction import Answer, SeriesPrediction
from core.snapshot import Snapshot, Trace
from core.task import Task
from gui.controls.button import Button
from gui.controls.tooltips import tooltip
from gui.panels.drawing_page import DrawingPage
from gui.panels.length_row import LengthRow
from gui.panels.own_input import OwnInput
from gui.panels.pads.examples import PixelExamples
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.panels.prediction_views.view import PredictionView
from gui.plots.canvas import Canvas
from gui.plots.numbers import counted
from gui.run_history import RunHistory
from gui.style import current_look
from gui.theme import HEIGHT_FIELD, SIZE_LABEL, Theme
from gui.walk import Phase, Span, Walk

ROOM_FOR_FORECAST = 0.25
# Of the panel's height, and its own least one in px at text size 1.0.
ANSWER_SHARE, ANSWER_SHARE_DRAWING, LEAST_HEIGHT = 0.3, 0.16, 64
LOW = 220
"""Pixels of height at text size 1 below which the drawing needs the row of lengths: its figures then stand in the title bar."""
LENGTH_HELP = "Try the network on sequences 2 and 4 times as long as those it learns from."


def view_of(kind: type) -> type[PredictionView]:
    """The view that draws predictions of ``kind``: for SeriesPrediction that of prediction_views/series.py; the others are not imported."""
    name = kind.__name__.removesuffix("Prediction").lower()
    view: type[PredictionView] = importlib.import_module(f"gui.panels.prediction_views.{name}").VIEW
    return view


class EmptyView(Canvas):
    """Says what will be here."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.hint = "Press play: what the network can do is drawn here."

    def is_empty(self) -> bool:
        return True


class PredictionPanel(Panel):
    """One view at a time, made when its kind of prediction first arrives; a pad in its place while a person draws."""

    try_requested = QtSignal(str, object, int)
    question_forgotten = QtSignal()
    length_test_requested = QtSignal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.view: PredictionView | None = None
        self._made: dict[type, PredictionView] = {}
        self._cursor_step: int | None = None
        self._walk = Walk()
        self._trace: Trace | None = None
        self._snapshot: Snapshot | None = None
        self._suited: tuple[type[Task], type[PredictionView]] | None = None
        self._examples = PixelExamples()
        self._empty = EmptyView(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self.drawing = DrawingPage()
        self._stack.addWidget(self.drawing)
        self.length_row = LengthRow()
        self.length_button = Button(
            "Test longer",
            name="Test on longer sequences",
            help=LENGTH_HELP,
            height=HEIGHT_FIELD,
            size=SIZE_LABEL,
        )
        self.length_button.clicked.connect(self.length_test_requested)
        self.own_input = OwnInput(theme)
        self.own_input.setVisible(False)
        self.own_input.try_requested.connect(self.try_requested)
        self.own_input.forgotten.connect(self._on_forgotten)
        self.own_input.drawing_toggled.connect(self._on_drawing_toggled)
        self.drawing.drawn.connect(self.own_input.ask_drawn)
        self.drawing.example_requested.connect(self._on_example_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.length_row)
        layout.addWidget(self.own_input)
        self.setAccessibleName("Prediction")

    def options(self) -> list[QWidget]:
        return [self.length_button]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self.own_input.set_theme(theme)
        for view in self._made.values():
            view.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        prediction = snapshot.prediction
        self.length_row.follow_run(history.step, tuple(history.marks))
        if prediction is None:
            return
        self._snapshot = snapshot
        is_new_run = self.view is None
        view = self._made.get(type(prediction)) or self._make(type(prediction))
        if view is not self.view:
            self.view = view
            if self._cursor_step is not None:
                view.set_cursor(self._cursor_step)
        self._suit(registry.tasks()[snapshot.settings.task.name], view)
        view.show_prediction(prediction, snapshot.trace if snapshot.trace is not None else history.trace)
        self._turn_to_page()
        if is_new_run:
            # What was tried on the last run is tried on this one, before it learns.
            self.own_input.ask_again()
        self._trace = snapshot.trace if snapshot.trace is not None else history.trace
        self._show_walk()

    def show_answer(self, answer: Answer, step: int | None = None) -> None:
        """Show the answer to what the person typed or drew, given after ``step`` updates."""
        self.own_input.show_answer(answer, step, has_bars=not self._is_shown_as_bars(self.own_input.asked))
        self.drawing.show_answer(answer)
        if self.view is not None:
            self.view.show_answer(answer)

    def show_problem(self, message: str) -> None:
        """Show why what the person typed has no answer."""
        self.own_input.show_problem(message)
        self.drawing.show_answer(None)

    def show_lengths(self, results: Sequence[LengthResult] | str, step: int) -> None:
        """Show how a network ``step`` updates old does on longer sequences, or why that can't be tested."""
        if isinstance(results, str):
            self.length_row.show_problem(results)
        else:
            self.length_row.show_results(results, step)
        self.say(self._subtitle())

    def set_run_state(self, is_running: bool, is_diverged: bool) -> None:
        """Whether answers change as the network learns, and whether they are the last there are."""
        self.own_input.answer_view.set_run_state(is_running, is_diverged)

    def clear(self) -> None:
        for view in self._made.values():
            self._stack.removeWidget(view)
            view.deleteLater()
        self._made.clear()
        self.view = self._snapshot = self._trace = None
        self._stack.setCurrentWidget(self._empty)
        self.own_input.clear_answer()
        self.own_input.setVisible(False)
        self.drawing.show_answer(None)
        self.length_row.clear()
        self.say("")

    def set_cursor(self, step: int) -> None:
        self._cursor_step = step
        if self.view is not None:
            self.view.set_cursor(step)

    def set_walk(self, walk: Walk) -> None:
        self._walk = walk
        self._show_walk()

    def _steps_answered(self) -> Span | None:
        """First step, and the one after the last, whose answers a walk has come to; None where it leaves none out."""
        walk, trace = self._walk, self._trace
        if walk.phase is not Phase.FORWARD or walk.is_read or trace is None or walk.seq_len != trace.seq_len:
            return None
        # What is read from both ends is answered when all is read.
        return (0, 0) if any(layer.is_backward for layer in trace.layers) else walk.values_seen()

    def _show_walk(self) -> None:
        if self.view is not None:
            self.view.set_seen(self._steps_answered())
            self.say(self._subtitle())

    def _subtitle(self) -> str:
        if self.view is None:
            return ""
        if self._steps_answered() is None:
            lengths = self.length_row.folded_text()
            return f"by length: {lengths}" if lengths else self.view.subtitle()
        return f"{self._walk.step + 1} of {counted(self._walk.seq_len, 'step')} read so far"

    def as_table(self) -> list[list[str]]:
        return self.view.as_table() if self.view is not None else [["t", "answer"]]

    def as_sentence(self) -> str:
        if self.view is None:
            return "No prediction yet: press play."
        lengths = f" {self.length_row.text()}." if self.length_row.results else ""
        return f"Prediction: {self._subtitle()}.{lengths}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def minimumSizeHint(self) -> QSize:
        # The same whatever is asked and answered: else the other panels would have to give way.
        look = current_look()
        return QSize(super().minimumSizeHint().width(), look.px(LEAST_HEIGHT))

    def _share_height(self) -> None:
        """A drawing needs most of the room; beside what is drawn anyway an answer may take a third."""
        self.length_row.set_folded(self.height() < LOW * current_look().text_size)
        self.say(self._subtitle())
        share = ANSWER_SHARE_DRAWING if self.own_input.draw_button.isChecked() else ANSWER_SHARE
        self.own_input.set_room(round(share * self.height()))

    def _is_shown_as_bars(self, asked: str) -> bool:
        """Whether the view has bars of what comes after ``asked``."""
        shown = getattr(self._snapshot.prediction, "prompt", None) if self._snapshot is not None else None
        return isinstance(shown, str) and " ".join(shown.split()).casefold() == " ".join(asked.split()).casefold()

    def _suit(self, task: type[Task], view: PredictionView) -> None:
        """Let the own input suit the task, where it is another than before."""
        if self._suited != (task, type(view)):
            self._suited = (task, type(view))
            reason = why_not_longer(task)
            self.length_button.setEnabled(not reason)
            self.length_button.setToolTip(tooltip(reason or LENGTH_HELP))
            self.own_input.configure(task.input_example, view.default_length, view.has_temperature, task.pad is not None)
            if task.pad is not None:
                self.drawing.set_pad(task.pad)
        self.own_input.setVisible(True)

    def _turn_to_page(self) -> None:
        page = self.drawing if self.own_input.draw_button.isChecked() else self.view
        self._stack.setCurrentWidget(page or self._empty)

    def _on_drawing_toggled(self, is_drawing: bool) -> None:
        if is_drawing and self.view is not None:
            bounds = self.view.value_bounds()
            if bounds is not None:
                self.drawing.set_bounds(*_with_room(*bounds))
        self._turn_to_page()
        self._share_height()
        if is_drawing and self.drawing.view is not None:
            self.drawing.view.setFocus()

    def _on_forgotten(self) -> None:
        self.drawing.show_answer(None)
        self.question_forgotten.emit()

    def _on_example_requested(self) -> None:
        if self._snapshot is None:
            return
        prediction = self._snapshot.prediction
        if isinstance(prediction, SeriesPrediction):
            known = prediction.past[np.isfinite(prediction.past)]
            self.drawing.show_text(", ".join(f"{value:.10g}" for value in known))
        else:
            self.drawing.show_text(self._examples.next_text(self._snapshot.settings.task))

    def _make(self, kind: type) -> PredictionView:
        view = view_of(kind)(self.theme)
        view.step_chosen.connect(self.cursor_moved)
        self._made[kind] = view
        self._stack.addWidget(view)
        return view


def _with_room(low: float, high: float) -> tuple[float, float]:
    """Bounds with room for a forecast that leads out of them; those above 0 stay so."""
    room = ROOM_FOR_FORECAST * (high - low)
    return (low - room if low - room > 0 or low < 0 else low, high + room)
