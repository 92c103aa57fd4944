"""Loss against updates.

A person should see whether the network learns at all (does the curve leave the dashed line, the best that can be had without
memory?), whether it learns the task or the examples (held out against training), and what each change of a setting did.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.registry import tasks
from core.snapshot import Snapshot
from gui.controls.menu import Menu
from gui.criterion import criterion_words
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.past_curve import PastCurve
from gui.plots.ghosts import NAME, branch_words
from gui.plots.legend import Entry, Legend
from gui.plots.loss_plot import LossPlot
from gui.plots.numbers import count_text, counted, value_text
from gui.plots.past_curves import past_entries
from gui.run_history import RunHistory
from gui.theme import Theme

MOST_MARKS = 4
"""Changes that the menu names: those nearest to the place that was clicked."""
WAITING = "The first update is being computed."


class LossPanel(Panel):
    """The loss curve with its legend in the title bar.

    ``rewind_requested`` carries an update, and whether the changes made right after it are left out; ``return_requested`` the number
    of a curve that was left.
    """

    rewind_requested = Signal(int, bool)
    return_requested = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.plot = LossPlot(theme)
        self.plot.setAccessibleName("Loss curve")
        self._hint = self.plot.hint
        self._legend = Legend(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.addWidget(self.plot)
        self._has_ghosts = False
        self._criterion = ""
        self._fill_legend()
        self.plot.rewind_requested.connect(lambda step: self.rewind_requested.emit(step, False))
        self.plot.menu_requested.connect(self._on_menu_requested)
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
        self._show_ghosts_in_legend(bool(history.branches))
        self._criterion = criterion_words(task, history)
        self.say(self._subtitle())

    def set_past_curves(self, curves: Sequence[PastCurve]) -> None:
        """Draw curves of past runs behind the present one, instead of those before."""
        self.plot.set_past_curves(curves)
        self._fill_legend()

    def clear(self) -> None:
        self.plot.clear()
        self._show_ghosts_in_legend(False)
        self.say("")

    def set_running(self, is_running: bool) -> None:
        self.plot.hint = WAITING if is_running else self._hint
        if self.plot.is_empty():
            self.plot.update()

    def set_elsewhere(self, words: str) -> None:
        """Play means something else: ``words`` say what, "" that it means this run again."""
        self.plot.hint = words or self._hint
        if self.plot.is_empty():
            self.plot.refresh()

    def say(self, subtitle: str) -> None:
        super().say(subtitle)
        self.plot.setAccessibleDescription(self.as_sentence())

    def as_table(self) -> list[list[str]]:
        """Every update with its training loss, and the held-out loss and metric where they were measured."""
        history = self.plot.history
        evaluations = {evaluation.step: evaluation for evaluation in history.evaluations}
        left = [dict(zip(np.round(branch.updates).tolist(), branch.losses.tolist(), strict=True)) for branch in history.branches]
        names = [f"{NAME}, up to {branch.last_step}" for branch in history.branches]
        rows = [["update", "training loss", "held-out loss", "metric", *names]]
        for update in sorted({*range(1, len(history.losses) + 1), *evaluations, *(int(update) for losses in left for update in losses)}):
            known = 1 <= update <= len(history.losses) and np.isfinite(history.losses[update - 1])
            evaluation = evaluations.get(update)
            held_out = [f"{evaluation.loss:.6g}", f"{evaluation.metric.value:.6g}"] if evaluation else ["", ""]
            rows.append(
                [
                    str(update),
                    f"{history.losses[update - 1]:.6g}" if known else "",
                    *held_out,
                    *(_number(losses.get(float(update))) for losses in left),
                ]
            )
        return rows

    def as_sentence(self) -> str:
        history = self.plot.history
        if self.plot.is_empty():
            return "No loss yet: press play." if self.plot.hint == self._hint else f"No loss yet: {WAITING.lower()}"
        sentence = f"After {counted(history.step, 'update')} the loss is {self._subtitle()}"
        sentence += f"; the dashed line ({self.plot.baseline_label}) is at {value_text(history.baseline_loss, 3)}"
        if history.branches:
            sentence += f"; {counted(len(history.branches), 'earlier curve')} kept"
        if history.divergence is not None:
            return f"{sentence}; it diverged at update {count_text(history.divergence.step)}."
        counts = f" ({self._criterion})" if self._criterion else ""
        solved = "not solved" if history.solved_at is None else f"solved at update {count_text(history.solved_at)}"
        return f"{sentence}; {solved}{counts}."

    def curve_data(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The drawn curves by name: updates and losses."""
        plot = self.plot
        curves = {"training": plot.training(), "smoothed": plot.smoothed_training(), "held out": plot.held_out()}
        ghosts = {f"{NAME} {k + 1}": curve for k, curve in enumerate(plot.ghosts())}
        return curves | ghosts

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
        if self._has_ghosts:
            entries.append(Entry(NAME, self.theme.ghost, is_dotted=True))
        self._legend.set_entries(entries)

    def _show_ghosts_in_legend(self, has_ghosts: bool) -> None:
        if has_ghosts != self._has_ghosts:
            self._has_ghosts = has_ghosts
            self._fill_legend()

    def menu_at(self, update: int) -> Menu:
        """What can be done at ``update``: rewind to there, to before a change, or return to a curve that was left."""
        history, menu = self.plot.history, Menu(self)
        rewind = menu.add(f"&Rewind to update {count_text(update)}")
        rewind.setEnabled(update < history.step)
        rewind.triggered.connect(lambda: self.rewind_requested.emit(update, False))
        near = sorted(
            (mark for mark in history.marks if mark.step >= history.earliest and not mark.is_rewind),
            key=lambda mark: abs(mark.step - update),
        )
        for mark in sorted(near[:MOST_MARKS], key=lambda mark: mark.step):
            action = menu.add(f"Rewind to before “{mark.label.replace('&', '&&')}”")
            action.triggered.connect(lambda _checked=False, step=mark.step: self.rewind_requested.emit(step, True))
        if history.branches:
            menu.addSeparator()
        for branch in reversed(history.branches):
            action = menu.add(branch_words(branch))
            action.triggered.connect(lambda _checked=False, number=branch.number: self.return_requested.emit(number))
        menu.addSeparator()
        menu.add("Show &all of it").triggered.connect(lambda: self.plot.set_zoom(None))
        return menu

    def _on_menu_requested(self, update: int, at: QPoint) -> None:
        menu = self.menu_at(update)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)


def _number(loss: float | None) -> str:
    return "" if loss is None or not np.isfinite(loss) else f"{loss:.6g}"
