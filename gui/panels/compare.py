"""Up to six runs that learn the same task side by side, on the same data from the same seed.

A person should see who learns it and who does not, how soon, and why: where the gradient of the simple network fades, the gated ones
carry it back. Every figure of the table was measured in this race.
"""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.race import MOST_RUNS, Row, cell_title, rows
from core.registry import cells, tasks
from core.snapshot import Snapshot
from gui.controls.button import Button
from gui.controls.caption import WrappedCaption
from gui.controls.flow_layout import FlowLayout
from gui.controls.menu import Menu
from gui.controls.race_table import RaceTable, measured_text
from gui.controls.segments import Segments
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.race_plot import RacePlot
from gui.plots.run_flow import RunFlow, flow_scale
from gui.race_run import RaceRun
from gui.race_words import data_words, joined, letters_in_a_row, progress_words, race_sentence
from gui.run_history import RunHistory
from gui.style import current_look
from gui.theme import SIZE_BODY, SIZE_EMPHASIS, SIZE_LABEL, Theme

BY_UPDATES, BY_TIME = "updates", "time"
# px at text size 1: below these there is no room beside or below the curves.
WIDTH_WITH_TABLE, HEIGHT_WITH_FLOWS, HEIGHT_OF_FLOW, WIDTH_OF_FLOW, HEIGHT_WITH_BAR = 480, 500, 190, 220, 190
LEAST_WIDTH, LEAST_HEIGHT = 240, 130
TABLE_SHARE, TABLE_SHARE_AT_MOST, MANY = 0.42, 0.56, 4
FRAMES_OF_TABLE = 6
BIG_BUTTON = 44


class ComparePanel(Panel):
    """Curves, table, gradients, and what can be done with the race.

    ``race_requested`` asks for a race of all cells, the others for what their names say; letters name runs.
    """

    race_requested = Signal()
    play_toggled = Signal()
    add_requested = Signal()
    end_requested = Signal()
    evenness_chosen = Signal(bool)
    matching_chosen = Signal(bool)
    copy_requested = Signal()
    run_used = Signal(str)
    run_stopped = Signal(str, bool)
    run_removed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.runs: Sequence[RaceRun] = ()
        self._lines: list[Row] = []
        self._is_even = True
        self._frames = 0
        self._matched = ""
        self._cursor: int | None = None
        self.plot = RacePlot(theme)
        self.plot.hint = "The curves are drawn here, update by update."
        self.table = RaceTable()
        self.flows: list[RunFlow] = []
        self.pace = Segments([(BY_UPDATES, "By updates"), (BY_TIME, "By time")], "Pace of the race", 24, SIZE_LABEL, 8, helps=PACE_HELPS)
        self.start_button = Button(
            f"Race {joined([cell.title for cell in cells().values()])}", icon="race", frame="accent", height=BIG_BUTTON, size=SIZE_EMPHASIS
        )
        self.play_button = Button("Pause", "pause", help="Let the race run, or hold it")
        self.add_button = Button("Add a run", "plus", help=f"Another cell, size, rate, optimizer or start; at most {MOST_RUNS} runs")
        self.match_button = Button(
            "Match parameters", help="Hidden sizes for as many parameters as your own run has. All runs begin anew.", frame="outlined"
        )
        self.match_button.setCheckable(True)
        self.copy_button = Button("Copy as CSV", help="The table, for a spreadsheet")
        self.end_button = Button("End the race", help="Take all runs out; play means your own run again")
        self.menu_button = Button("Race", name="Race: play, add, match, copy, end", height=24, size=SIZE_LABEL)
        self.menu_button.set_chevron()
        self.menu = Menu(self)
        self.play_action = self.menu.add("&Pause")
        self.add_action = self.menu.add("&Add a run…")
        self.match_action = self.menu.add("&Match parameters")
        self.match_action.setCheckable(True)
        self.copy_action = self.menu.add("&Copy as CSV")
        self.end_action = self.menu.add("&End the race")
        self._lay_out()
        self._connect()
        self.setAccessibleName("Compare")
        self._show_parts()

    def _lay_out(self) -> None:
        self._empty = QWidget(self)
        words = _number_word(len(cells()))
        self._promise = WrappedCaption(
            f"{words} networks of the same number of parameters learn the present task side by side: the same data, the same seed. "
            "Your own run pauses meanwhile.",
            SIZE_BODY,
        )
        self._promise.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        empty = QVBoxLayout(self._empty)
        empty.addStretch(2)
        empty.addWidget(self.start_button, alignment=Qt.AlignmentFlag.AlignHCenter)
        empty.addSpacing(8)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._promise, 6)
        row.addStretch(1)
        empty.addLayout(row)
        empty.addStretch(3)
        self.bar = QWidget(self)
        buttons = FlowLayout(self.bar, gap=8, row_gap=4)
        for button in (self.play_button, self.add_button, self.match_button, self.copy_button, self.end_button):
            buttons.addWidget(button)
        self._side = QWidget(self)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(12, 4, 12, 4)
        side.setSpacing(6)
        side.addWidget(self.table, 1)
        side.addWidget(self.bar)
        side.addStretch(0)
        self._flow_row = QWidget(self)
        self._flow_grid = QGridLayout(self._flow_row)
        self._flow_grid.setContentsMargins(0, 0, 0, 0)
        self._flow_grid.setSpacing(4)
        self._top = QWidget(self)
        top = QHBoxLayout(self._top)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        top.addWidget(self.plot, 1)
        top.addWidget(self._side)
        layout = QVBoxLayout(self)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._top, 6)
        layout.addWidget(self._flow_row, 5)
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.race_requested)
        for button, action, signal in (
            (self.play_button, self.play_action, self.play_toggled),
            (self.add_button, self.add_action, self.add_requested),
            (self.copy_button, self.copy_action, self.copy_requested),
            (self.end_button, self.end_action, self.end_requested),
        ):
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            action.triggered.connect(lambda _=False, signal=signal: signal.emit())
        self.match_button.clicked.connect(self.matching_chosen)
        self.match_action.triggered.connect(self.matching_chosen)
        self.menu_button.clicked.connect(lambda: self.menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft())))
        self.pace.value_changed.connect(lambda value: self.evenness_chosen.emit(value == BY_UPDATES))
        self.table.used.connect(self.run_used)
        self.table.stopped.connect(self.run_stopped)
        self.table.removed.connect(self.run_removed)

    def options(self) -> list[QWidget]:
        return [self.pace, self.menu_button]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        self.table.restyle()
        for flow in self.flows:
            flow.set_theme(theme)
        self._draw(is_all=True)

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        """The window's own run is not in the race."""

    def clear(self) -> None:
        """The window's own run begins anew: the race goes on."""

    def set_cursor(self, step: int) -> None:
        self._cursor = step
        for flow in self.flows:
            flow.plot.set_cursor_step(step)

    # The race

    def show_race(self, runs: Sequence[RaceRun], is_playing: bool, is_even: bool) -> None:
        """Other runs, or other states of them."""
        is_matched = all(run.entry.is_matched for run in runs)
        self.runs, self._is_even = list(runs), is_even
        self.play_button.setText("Pause" if is_playing else "Play")
        self.play_action.setText("&Pause" if is_playing else "&Play")
        self.match_action.setChecked(is_matched)
        self.add_action.setEnabled(len(runs) < MOST_RUNS)
        self.play_button.set_icon("pause" if is_playing else "play")
        self.play_button.setAccessibleName("Pause the race" if is_playing else "Play the race")
        self.pace.set_value(BY_UPDATES if is_even else BY_TIME)
        self.match_button.setChecked(is_matched)
        self.match_button.set_icon("check" if is_matched else "")
        matched = [run.letter for run in runs if run.entry.is_matched]
        self._matched = "" if is_matched or not matched else f"Matched: {letters_in_a_row(matched)}"
        self.add_button.setEnabled(len(runs) < MOST_RUNS)
        self._show_parts()
        self._draw(is_all=True)
        # Only now the table knows how many columns it has.
        self._fit()

    def show_progress(self) -> None:
        """The runs have something new to show: the curves at once, the figures a few times a second."""
        self._frames += 1
        is_at_rest = not any(run.is_running for run in self.runs)
        self._draw(is_all=is_at_rest or self._frames % FRAMES_OF_TABLE == 0)

    def is_at_work(self) -> bool:
        """Whether there is a race."""
        return bool(self.runs)

    def as_table(self) -> list[list[str]]:
        header = ["", *(run.title for run in self.runs)]
        if not self.runs:
            return [header]
        lines = rows([run.measured() for run in self.runs])
        named = [["Cell", *(cell_title(run.settings.network.cell) for run in self.runs)]]
        return [header, *named, *([_label(line), *(_exact(value) for value in line.values)] for line in lines)]

    def as_sentence(self) -> str:
        return race_sentence(self.runs)

    def shown_table(self) -> list[list[str]]:
        """The table as it stands on screen."""
        return [[line.label, *(measured_text(line, *shown) for shown in zip(line.values, line.gaps, strict=True))] for line in self._lines]

    def minimumSizeHint(self) -> QSize:
        # What has no room is left out: a dock may be made smaller than what it holds now.
        look = current_look()
        return QSize(look.px(LEAST_WIDTH), look.px(LEAST_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _draw(self, is_all: bool) -> None:
        if not self.runs:
            return
        task = tasks()[self.runs[0].settings.task.name]
        self.plot.show_runs(self.runs, task.loss_unit, task.baseline_label, not self._is_even)
        if not is_all:
            return
        measured = [run.measured() for run in self.runs]
        steps = {run.updates for run in measured}
        # By updates all have done the same number, and the title bar says it.
        self._lines = [line for line in rows(measured) if line.key != "updates" or (not self._is_even and len(steps) > 1)]
        self.table.show_measured(self.runs, self._lines)
        self.table.setMaximumHeight(self.table.most_height())
        if not self._flow_row.isHidden():
            scale = flow_scale(self.runs)
            for flow, run in zip(self.flows, self.runs, strict=True):
                flow.show_run(run, scale)
            most_rows = max(flow.plot.wanted_rows() for flow in self.flows)
            for flow in self.flows:
                flow.plot.set_rows(most_rows)
        progress = progress_words(self.runs)
        self.say(f"{data_words(self.runs)}{', ' if progress else ''}{progress}")
        self.setAccessibleDescription(self.as_sentence())
        self.plot.setAccessibleDescription(self.as_sentence())

    def _show_parts(self) -> None:
        """Either the offer to race, or the race."""
        has_race = bool(self.runs)
        self._empty.setVisible(not has_race)
        self._top.setVisible(has_race)
        self.pace.setVisible(has_race)
        self.menu_button.setVisible(has_race)
        if not has_race:
            self.plot.clear()
            self.say("")
            self.setAccessibleDescription(self.as_sentence())
        while len(self.flows) < len(self.runs):
            flow = RunFlow(self.theme)
            flow.plot.step_chosen.connect(self.cursor_moved)
            flow.plot.set_cursor_step(self._cursor)
            self.flows.append(flow)
        while len(self.flows) > len(self.runs):
            flow = self.flows.pop()
            flow.hide()
            flow.deleteLater()
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for: first the gradients, then the buttons, then the table."""
        look = current_look()
        width, height = self.width(), self.height()
        has_race = bool(self.runs)
        was_hidden = self._flow_row.isHidden()
        across = max(1, min(len(self.runs), width // look.px(WIDTH_OF_FLOW)))
        down = -(-len(self.runs) // across)
        # As many beside each other in every row.
        across = -(-len(self.runs) // max(1, down))
        has_flows = has_race and down <= 2 and height >= look.px(HEIGHT_WITH_FLOWS + HEIGHT_OF_FLOW * (down - 1))
        for k, flow in enumerate(self.flows):
            self._flow_grid.addWidget(flow, k // across, k % across)
        self._flow_row.setVisible(has_flows)
        has_table = has_race and width >= look.px(WIDTH_WITH_TABLE)
        self._side.setVisible(has_table)
        self.bar.setVisible(height >= look.px(HEIGHT_WITH_BAR))
        least, wish = self.table.least_width() + 24, self.table.wanted_width() + 24
        share = TABLE_SHARE if len(self.runs) <= MANY else TABLE_SHARE_AT_MOST
        self._side.setFixedWidth(max(look.px(180), min(int(TABLE_SHARE_AT_MOST * width), max(least, min(wish, int(share * width))))))
        self._promise.setMaximumWidth(look.px(460))
        is_wide = self._side.width() >= look.px(400)
        self.add_button.setText("Add a run" if is_wide else "Add")
        self.match_button.setText(self._matched or ("Match parameters" if is_wide else "Match"))
        self.copy_button.setVisible(is_wide)
        self.end_button.setText("End the race" if is_wide else "End")
        self.play_button.setVisible(is_wide)
        # At once, or the panel would be drawn with what no longer has room.
        for part in (self, self._top, self._side):
            layout = part.layout()
            if layout is not None:
                layout.activate()
        if has_flows and was_hidden:
            self._draw(is_all=True)


def _label(line: Row) -> str:
    return f"{line.label} ({line.unit})" if line.unit else line.label


def _exact(value: float | None) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else f"{value:.6g}"


def _number_word(count: int) -> str:
    return {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}.get(count, str(count))


PACE_HELPS = (
    "No run gets ahead of the slowest: all have done the same number of updates.",
    "Each runs as fast as it can; the curves stand against the seconds that each has trained.",
)
