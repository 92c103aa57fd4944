"""Loss against updates.

A person should see whether the network learns at all (does the curve leave the dashed line, the best that can be had without
memory?), whether it learns the task or the examples (held out against training), and what each change of a setting did.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.registry import tasks
from core.snapshot import Snapshot
from gui.panels.panel import FRAME_MARGINS, Panel, PanelSpec
from gui.past_curve import PastCurve
from gui.plots.legend import Entry, Legend
from gui.plots.loss_plot import LossPlot
from gui.plots.numbers import count_text, counted, value_text
from gui.plots.past_curves import past_entries
from gui.run_history import RunHistory
from gui.theme import Theme

WAITING = "The first update is being computed."


class LossPanel(Panel):
    """The loss curve with its legend in the title bar."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.plot = LossPlot(theme)
        self.plot.setAccessibleName("Loss curve")
        self._hint = self.plot.hint
        self._legend = Legend(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.addWidget(self.plot)
        self._fill_legend()
        self.setAccessibleName("Loss")

    def options(self) -> list[QWidget]:
        return [self._legend]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        self._legend.set_theme(theme)
        self._fill_legend()

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        task = tasks()[snapshot.settings.task.name]
        self.plot.show_history(history, task.loss_unit, task.baseline_label)
        self.say(self._subtitle())

    def set_past_curves(self, curves: Sequence[PastCurve]) -> None:
        """Draw curves of past runs behind the present one, instead of those before."""
        self.plot.set_past_curves(curves)
        self._fill_legend()

    def clear(self) -> None:
        self.plot.clear()
        self.say("")

    def set_running(self, is_running: bool) -> None:
        self.plot.hint = WAITING if is_running else self._hint
        if self.plot.is_empty():
            self.plot.update()

    def say(self, subtitle: str) -> None:
        super().say(subtitle)
        self.plot.setAccessibleDescription(self.as_sentence())

    def as_table(self) -> list[list[str]]:
        """Every update with its training loss, and the held-out loss and metric where they were measured."""
        history = self.plot.history
        evaluations = {evaluation.step: evaluation for evaluation in history.evaluations}
        rows = [["update", "training loss", "held-out loss", "metric"]]
        for update in sorted({*range(1, len(history.losses) + 1), *evaluations}):
            known = 1 <= update <= len(history.losses) and np.isfinite(history.losses[update - 1])
            evaluation = evaluations.get(update)
            held_out = [f"{evaluation.loss:.6g}", f"{evaluation.metric.value:.6g}"] if evaluation else ["", ""]
            rows.append([str(update), f"{history.losses[update - 1]:.6g}" if known else "", *held_out])
        return rows

    def as_sentence(self) -> str:
        history = self.plot.history
        if self.plot.is_empty():
            return "No loss yet: press play." if self.plot.hint == self._hint else f"No loss yet: {WAITING.lower()}"
        sentence = f"After {counted(history.step, 'update')} the loss is {self._subtitle()}"
        sentence += f"; the dashed line ({self.plot.baseline_label}) is at {value_text(history.baseline_loss, 3)}"
        if history.divergence is not None:
            return f"{sentence}; it diverged at update {count_text(history.divergence.step)}."
        return f"{sentence}; {'not solved' if history.solved_at is None else f'solved at update {count_text(history.solved_at)}'}."

    def curve_data(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The drawn curves by name: updates and losses."""
        plot = self.plot
        return {"training": plot.training(), "smoothed": plot.smoothed_training(), "held out": plot.held_out()}

    def _subtitle(self) -> str:
        if self.plot.is_empty():
            return ""
        now = self.plot.history.loss_now
        held_out = self.plot.history.evaluations[-1:]
        parts = [f"now {value_text(now)}"] if np.isfinite(now) else []
        return ", ".join(parts + [f"held out {value_text(evaluation.loss)}" for evaluation in held_out])

    def _fill_legend(self) -> None:
        entries = [Entry("training", self.theme.accent), Entry("held out", self.theme.hidden.mark, width=1.5)]
        entries += past_entries(self.plot.past_curves, self.theme)
        self._legend.set_entries(entries)


PANEL = PanelSpec(
    name="loss",
    title="Loss",
    help="How wrong the network is, update by update: below the dashed line it has learnt to remember.",
    order=30,
    make=LossPanel,
)
