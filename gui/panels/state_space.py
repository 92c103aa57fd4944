"""Memory as geometry: the states of many sequences, projected to the two axes along which they differ most.

A person should see what the network keeps: classes that part and stay apart, a counter as a row of clusters, a sum as a line, a state that
comes to rest where nothing happens, and how the sequence on screen walks among them step by step.
"""

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.look import NoLook
from core.looks.states import PointLabel, Projection, StateSpace
from core.snapshot import Snapshot
from gui.controls.button import Button
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.changing_choice import ChangingChoice
from gui.plots.layer_choice import LayerChoice
from gui.plots.numbers import counted, share_text
from gui.plots.state_scatter import StateScatter
from gui.run_history import RunHistory
from gui.theme import HEIGHT_FIELD, Theme

HINT = "Press play: the states of many sequences are drawn here."
WALK_MS = 110
"""From one time step to the next when the cursor walks along the sequence."""


class StateSpacePanel(Panel):
    """One layer's h or C, coloured by what the person chooses."""

    looks = ("states",)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._look: StateSpace | None = None
        self._problem = ""
        self._drawn: tuple[object, ...] = ()
        self.scatter = StateScatter(theme)
        self.scatter.hint = HINT
        self.scatter.setAccessibleName("States along their two principal axes")
        self._layer_choice = LayerChoice()
        self._layer_choice.layer_changed.connect(lambda: self.focus_changed.emit(self._layer_choice.layer))
        self._state_choice = ChangingChoice("Which state")
        self._label_choice = ChangingChoice("Coloured by")
        for choice in (self._state_choice, self._label_choice):
            choice.changed.connect(self._redraw)
        self.walk_button = Button(
            icon="play", name="Walk along the sequence", help="The time cursor walks along the sequence.", frame="bare", height=HEIGHT_FIELD
        )
        self.walk_button.setCheckable(True)
        self.walk_button.toggled.connect(self._on_walk_toggled)
        self._walk = QTimer(self)
        self._walk.setInterval(WALK_MS)
        self._walk.timeout.connect(self._on_walk_due)
        self.scatter.step_chosen.connect(self.cursor_moved)
        self.scatter.sequence_chosen.connect(self._tell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.addWidget(self.scatter)
        self.setAccessibleName("State space")

    def options(self) -> list[QWidget]:
        return [self._layer_choice, self._state_choice, self._label_choice, self.walk_button]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.scatter.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        if history.trace is not None:
            self._layer_choice.set_layers(tuple(layer.is_backward for layer in history.trace.layers))
        look = history.look("states")
        if isinstance(look, NoLook):
            self._refuse(look.reason)
        elif look is not None and look is not self._look:
            self._look, self._problem = look, ""
            self._state_choice.set_choices([(name, projection.signal.symbol) for name, projection in look.projections.items()])
            self._label_choice.set_choices([(label.name, label.name) for label in look.labels])
            if history.trace is not None and look.layer != self._layer_choice.layer:
                # The layer that is shown by default is not the one that was looked at.
                self.focus_changed.emit(self._layer_choice.layer)
            self._redraw()

    def clear(self) -> None:
        self._stop_walk()
        self._look, self._problem, self._drawn = None, "", ()
        self.scatter.hint = HINT
        self.scatter.clear()
        self.say("")

    def set_cursor(self, step: int) -> None:
        self.scatter.set_cursor_step(step)

    def projection(self) -> Projection | None:
        """What is drawn."""
        return None if self._look is None else self._look.projections[self._state_choice.value]

    def label(self) -> PointLabel | None:
        """What the points are coloured by."""
        if self._look is None:
            return None
        return next(label for label in self._look.labels if label.name == self._label_choice.value)

    def as_table(self) -> list[list[str]]:
        """One row a point: whose and when, where, and what is known of it."""
        look, projection = self._look, self.projection()
        if look is None or projection is None:
            return [["sequence", "t"]]
        rows = [["sequence", "t", "axis 1", "axis 2", *(label.name for label in look.labels if label.name != "Position")]]
        for k in range(len(look.steps)):
            texts = [_text(label, k) for label in look.labels if label.name != "Position"]
            x, y = projection.points[k]
            rows.append([str(look.sequences[k] + 1), str(look.steps[k] + 1), f"{x:.6g}", f"{y:.6g}", *texts])
        return rows

    def as_sentence(self) -> str:
        if self._problem:
            return f"No state space: {self._problem}."
        label, projection = self.label(), self.projection()
        if projection is None or label is None:
            return "No states yet: press play."
        shares = share_text(float(projection.axes.shares.sum()))
        chosen = "" if self.scatter.sequence is None else f"; the way of sequence {self.scatter.sequence + 1} is drawn"
        return f"State space: {self._subtitle()}, coloured by {label.name.lower()}; the axes hold {shares} of the variance{chosen}."

    def hideEvent(self, event: QHideEvent) -> None:
        self._stop_walk()
        super().hideEvent(event)

    def _tell(self) -> None:
        self.scatter.setAccessibleDescription(self.as_sentence())

    def _refuse(self, reason: str) -> None:
        if reason != self._problem:
            self.clear()
            self._problem = reason
            self.scatter.hint = f"Nothing to draw: {reason}."
            self.scatter.refresh()
            self.say(reason)

    def _redraw(self) -> None:
        look, projection, label = self._look, self.projection(), self.label()
        if look is None or projection is None or label is None:
            return
        drawn = (look.layer, projection.signal.name)
        self.scatter.show_states(look, projection, label, drawn != self._drawn)
        self._drawn = drawn
        self.say(self._subtitle())
        self._tell()

    def _subtitle(self) -> str:
        look, projection = self._look, self.projection()
        if look is None or projection is None:
            return ""
        return f"{projection.signal.symbol} of {counted(len(np.unique(look.sequences)), 'sequence')}"

    # The walk

    def _on_walk_toggled(self, is_walking: bool) -> None:
        self.walk_button.set_icon("pause" if is_walking else "play")
        if is_walking and self.projection() is not None:
            self._walk.start()
        else:
            self._stop_walk()

    def _on_walk_due(self) -> None:
        projection = self.projection()
        if projection is None:
            self._stop_walk()
            return
        step = self.scatter.cursor_step
        self.cursor_moved.emit(0 if step is None else (step + 1) % len(projection.path))

    def _stop_walk(self) -> None:
        self._walk.stop()
        self.walk_button.setChecked(False)


def _text(label: PointLabel, point: int) -> str:
    value = float(label.values[point])
    if not np.isfinite(value):
        return ""
    return label.names[int(value)] if label.names else f"{value:.6g}"
