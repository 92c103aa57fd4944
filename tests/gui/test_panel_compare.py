"""The compare panel, fed by hand: curves, table and sentence are read back from it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from core.race import Row, rows
from core.registry import cells
from gui.controls.race_table import measured_text
from gui.panel_specs.compare import PANEL
from gui.panels.compare import ComparePanel
from gui.plots.race_plot import spread
from gui.race_remedies import race_remedies
from gui.race_run import Entry, RaceRun
from gui.race_time import RaceTime
from gui.race_words import race_sentence
from gui.theme import DARK, LIGHT
from tests.gui.races import BASE, diverge, make_run, six_runs, three_runs
from tests.gui.races import entry as make_entry
from tests.gui.snapshots import losses_until, make_snapshot, with_losses

SIZES = [(590, 215), (300, 180), (420, 900), (1120, 750), (1900, 1200)]


@pytest.fixture
def panel(qtbot) -> ComparePanel:
    panel = PANEL.make(DARK)
    qtbot.addWidget(panel)
    for option in panel.options():
        qtbot.addWidget(option)
    panel.resize(1120, 760)
    panel.show()
    return panel


def show(panel: ComparePanel, runs, is_even: bool = True) -> None:
    panel.show_race(runs, True, is_even)
    panel.grab()


def colors_of(panel: ComparePanel) -> int:
    image = panel.grab().toImage()
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def test_empty_it_offers_a_race(panel: ComparePanel, qtbot) -> None:
    assert all(cell.title in panel.start_button.text() for cell in cells().values())
    assert panel.start_button.isVisible() and not panel.plot.isVisible()
    assert panel.as_sentence() == "No race yet: choose Race cells."
    assert panel.as_table() == [[""]]
    with qtbot.waitSignal(panel.race_requested):
        qtbot.keyClick(panel.start_button, Qt.Key.Key_Space)


def test_curves_are_the_losses_of_the_runs(panel: ComparePanel) -> None:
    runs = three_runs(300)
    show(panel, runs)
    for curve in panel.plot.curves:
        updates, losses = curve.raw
        np.testing.assert_array_equal(updates, np.arange(1, 301))
        np.testing.assert_array_equal(losses, losses_until(300))
    assert panel.plot.x_title == "updates"


def test_by_time_the_curves_stand_against_seconds(panel: ComparePanel) -> None:
    runs = [make_run("A", "rnn", 400, seconds=2.0), make_run("B", "lstm", 400, seconds=8.0)]
    show(panel, runs, is_even=False)
    ends = [curve.x[-1] for curve in panel.plot.curves]
    np.testing.assert_allclose(ends, [2.0, 8.0])
    assert panel.plot.x_title == "seconds of training"
    np.testing.assert_allclose(panel.plot.curves[0].x[199], 1.0)


def test_table_says_what_the_histories_say(panel: ComparePanel) -> None:
    runs = three_runs()
    show(panel, runs)
    lines = [line for line in rows([run.measured() for run in runs]) if line.key != "updates"]
    for k, line in enumerate(lines):
        for column, (value, is_best) in enumerate(zip(line.values, line.is_best, strict=True)):
            assert panel.table.text_at(k, column) == measured_text(line, value, line.gaps[column])
            words = panel.table.item(k + 1, column + 1).data(Qt.ItemDataRole.AccessibleTextRole)
            assert words.startswith(f"{line.label}, {runs[column].title}") and words.endswith(", the best") == is_best
    by_key = {line.key: line for line in lines}
    assert by_key["solved_at"].values == (None, 760, 760)
    assert by_key["seconds_to_solved"].values == (None, 1.5, pytest.approx(1.8))
    assert by_key["best_loss"].values == tuple(min(e.loss for e in run.history.evaluations) for run in runs)
    assert by_key["updates_per_second"].values == (pytest.approx(700 / 1.2), 1240 / 2.5, pytest.approx(1240 / 3))
    assert by_key["solved_at"].is_best == (False, True, True)


def test_table_for_csv_is_exact(panel: ComparePanel) -> None:
    runs = three_runs()
    show(panel, runs)
    header, *lines = panel.as_table()
    assert header == ["", "A, RNN", "B, GRU", "C, LSTM"]
    assert {len(line) for line in lines} == {4}
    named = {line[0]: line[1:] for line in lines}
    assert named["Updates done"] == ["700", "1240", "1240"]
    assert float(named["Best held-out loss"][1]) == pytest.approx(min(e.loss for e in runs[1].history.evaluations), rel=1e-5)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("make", [three_runs, six_runs, lambda: [make_run("A", "rnn", 30)]], ids=["three", "six", "one"])
def test_it_draws_at_any_size(panel: ComparePanel, make, theme) -> None:
    show(panel, make())
    panel.set_theme(theme)
    for size in SIZES:
        panel.resize(*size)
        assert (panel.width(), panel.height()) == size
        assert colors_of(panel) > 15
        assert all(flow.isVisible() == (size[1] > 700 and size[0] > 1000) for flow in panel.flows) or len(panel.flows) == 1


@pytest.mark.parametrize("is_small_first", [True, False])
def test_small_it_keeps_curves_and_figures(panel: ComparePanel, qtbot, is_small_first: bool) -> None:
    if is_small_first:
        panel.resize(590, 215)
    show(panel, three_runs())
    panel.resize(590, 215)
    panel.grab()
    assert panel.plot.isVisible() and panel.table.isVisible() and not panel.flows[0].isVisible()
    bars = panel.table.horizontalScrollBar(), panel.table.verticalScrollBar()
    qtbot.waitUntil(lambda: [bar.maximum() for bar in bars] == [0, 0])


def test_gradients_at_first_early_and_now(panel: ComparePanel) -> None:
    runs = three_runs()
    show(panel, runs)
    of_lstm = {curve.name: curve for curve in panel.flows[2].plot.curves}
    assert list(of_lstm) == ["‖∂L/∂h‖ now", "‖∂L/∂C‖", "at 100", "at 0"]
    patterns = {name: (curve.is_dashed, curve.is_dotted) for name, curve in of_lstm.items()}
    assert patterns["at 100"] == (True, False) and patterns["at 0"] == (False, True) and patterns["‖∂L/∂h‖ now"] == (False, False)
    flows = runs[2].flows
    for name, norms in (
        ("‖∂L/∂h‖ now", flows["now"].gradient_h),
        ("at 100", flows["early"].gradient_h),
        ("at 0", flows["first"].gradient_h),
        ("‖∂L/∂C‖", flows["now"].gradient_c),
    ):
        drawn = of_lstm[name].y
        np.testing.assert_array_equal(drawn[np.isfinite(drawn)], norms[np.isfinite(drawn)])
    assert {flow.plot.y_scale for flow in panel.flows} == {panel.flows[0].plot.y_scale}, "one axis for all"
    assert [flow.plot.plot_rect().top() for flow in panel.flows] == [panel.flows[0].plot.plot_rect().top()] * 3


def test_sentence_says_who_won_and_who_stands_still(panel: ComparePanel) -> None:
    show(panel, three_runs())
    sentence = panel.as_sentence()
    assert sentence.startswith("B, GRU and C, LSTM solved it together, after 760 updates.")
    assert "A, RNN is still at the line after 700 updates: its gradient fades" in sentence
    assert panel.accessibleDescription() == sentence
    assert "after 700 to 1,240 updates" in panel.subtitle and "same data, same seed 0" in panel.subtitle
    assert race_sentence([make_run("A", "rnn", 0), make_run("B", "gru", 0)]).startswith("The first updates")
    assert race_sentence([make_run("A", "rnn", 800)]) == "A, RNN has solved it after 760 updates."


def with_mean(letter: str, cell: str, loss: float, step: int = 200) -> RaceRun:
    """A run whose loss was the same in every update."""
    run = RaceRun(letter, make_entry(cell), ord(letter))
    run.take(with_losses(make_snapshot(step, cell=cell, run_id=run.run_id), [loss] * step, solved_at=None))
    return run


def test_nobody_leads_by_chance() -> None:
    line = make_run("A", "rnn", 200).history.baseline_loss

    def said(first: float, second: float, step: int = 200) -> str:
        return race_sentence([with_mean("A", "rnn", first * line, step), with_mean("B", "gru", second * line, step)])

    assert said(0.95, 0.99).startswith("Nobody is clearly below the dashed line")
    assert said(0.5, 0.53).startswith("Level so far after 200 updates: the lowest loss is")
    assert said(0.5, 0.7, step=60).startswith("Level so far")
    assert said(0.5, 0.7).startswith("A, RNN leads: its loss is")


def test_a_speed_is_shown_when_the_kernels_have_caught_up(panel: ComparePanel) -> None:
    run, other = make_run("A", "rnn", 400), make_run("B", "lstm", 400)
    run.awaits_kernels = True
    run.note_time(RaceTime(400, 8.0, None, is_slow=True))
    show(panel, [run, other])
    speeds = next(line for line in panel.shown_table() if line[0] == "Updates per second")
    assert speeds[1] == "compiling" and not any(panel._lines[2].is_best)
    run.note_time(RaceTime(400, 0.2, None))
    show(panel, [run, other])
    assert panel._lines[2].values[0] == 2000 and panel._lines[2].is_best == (True, False)
    np.testing.assert_allclose(run.seconds_at(np.array([400.0])), 0.2)


def test_only_matched_runs_are_called_so(panel: ComparePanel) -> None:
    runs = three_runs()
    show(panel, runs)
    assert panel.match_button.isChecked() and panel.match_button.text() == "Match parameters"
    wide = make_run("D", "lstm", 900)
    wide.entry = Entry(BASE.with_changes({"network.hidden_size": 16}), BASE, is_matched=False)
    show(panel, [*runs, wide])
    assert not panel.match_button.isChecked() and panel.match_button.text() == "Matched: A–C"
    assert wide.name == "LSTM 16"


def test_what_would_help_the_one_that_stays_behind() -> None:
    other = make_run("B", "gru", 900)
    stuck = with_mean("A", "rnn", other.history.baseline_loss, 700)
    assert [remedy.label for remedy in race_remedies([stuck, other])][-1] == "Stop this run"
    assert race_remedies([stuck, other])[0].changes == {"network.init": "orthogonal"}
    assert race_remedies([other]) == ()
    assert all(remedy.for_all for remedy in race_remedies([stuck]))


def test_a_run_that_diverged_stays_with_its_words(panel: ComparePanel) -> None:
    runs = [diverge(make_run("A", "rnn", 200)), make_run("B", "lstm", 400)]
    show(panel, runs)
    assert "A, RNN diverged at update 50." in panel.as_sentence()
    assert len(panel.plot.curves) == 2
    assert not panel.table.buttons()[0].stop_action.isEnabled()


def test_names_say_what_is_varied(panel: ComparePanel) -> None:
    runs = six_runs()
    assert [run.name for run in runs] == ["RNN", "GRU", "LSTM", "LSTM, rate 0.01", "GRU, rmsprop", "RNN, start orthogonal, clip off"]
    show(panel, runs)
    assert not panel.add_button.isEnabled() and not panel.add_action.isEnabled()
    assert [button.accessibleName() for button in panel.table.buttons()][3] == "Run D, LSTM, rate 0.01: use, stop or remove it"


def test_a_runs_menu_by_keys(panel: ComparePanel, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    show(panel, three_runs())
    head = panel.table.buttons()[1]
    opened: list[object] = []
    monkeypatch.setattr(head.menu, "popup", opened.append)
    qtbot.keyClick(head, Qt.Key.Key_Space)
    assert len(opened) == 1
    signals = (panel.run_used, panel.run_stopped, panel.run_removed)
    for action, signal, args in zip(head.menu.actions(), signals, (["B"], ["B", True], ["B"]), strict=True):
        assert "&" in action.text()
        with qtbot.waitSignal(signal) as chosen:
            action.trigger()
        assert chosen.args == args


def test_every_control_has_a_name_and_can_be_reached(panel: ComparePanel) -> None:
    show(panel, three_runs())
    controls = [button for root in (panel, *panel.options()) for button in (root, *root.findChildren(QAbstractButton))]
    buttons = [control for control in controls if isinstance(control, QAbstractButton) and control.isVisible()]
    assert len(buttons) >= 8
    for button in buttons:
        assert button.accessibleName(), button
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    for widget in (panel.plot, panel.table, *(flow.plot for flow in panel.flows)):
        assert widget.accessibleName() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("name", ["play", "add", "copy", "end"])
def test_buttons_and_menu_ask_for_the_same(panel: ComparePanel, qtbot, name: str) -> None:
    show(panel, three_runs())
    signal = {"play": panel.play_toggled, "add": panel.add_requested, "copy": panel.copy_requested, "end": panel.end_requested}[name]
    with qtbot.waitSignal(signal):
        getattr(panel, f"{name}_button").click()
    with qtbot.waitSignal(signal):
        getattr(panel, f"{name}_action").trigger()


def test_pace_and_matching_are_chosen(panel: ComparePanel, qtbot) -> None:
    show(panel, three_runs())
    with qtbot.waitSignal(panel.evenness_chosen) as chosen:
        panel.pace.segment("time").click()
    assert chosen.args == [False]
    with qtbot.waitSignal(panel.matching_chosen) as chosen:
        panel.match_button.click()
    assert chosen.args == [False]


def test_nan_and_a_single_step_do_no_harm(panel: ComparePanel) -> None:
    run = make_run("A", "lstm", 120)
    run.flows["now"].gradient_h.setflags(write=True)
    run.flows["now"].gradient_h[:] = np.nan
    show(panel, [run, make_run("B", "rnn", 1)])
    assert "nan" not in panel.as_sentence()
    assert colors_of(panel) > 15


def test_the_cursor_moves_no_curve(panel: ComparePanel) -> None:
    show(panel, three_runs())
    drawn = [flow.plot.picture_count for flow in panel.flows]
    panel.set_cursor(7)
    panel.grab()
    assert [flow.plot.picture_count for flow in panel.flows] == drawn
    assert [flow.plot.cursor_step for flow in panel.flows] == [7] * 3


def test_gradients_are_not_drawn_anew_without_news(panel: ComparePanel) -> None:
    show(panel, three_runs())
    drawn = [flow.plot.picture_count for flow in panel.flows]
    for _ in range(12):
        panel.show_progress()
        panel.grab()
    assert [flow.plot.picture_count for flow in panel.flows] == drawn


def test_a_race_that_ends_leaves_the_offer(panel: ComparePanel) -> None:
    show(panel, three_runs())
    show(panel, [])
    assert panel.start_button.isVisible() and panel.subtitle == ""
    show(panel, six_runs())
    assert len(panel.plot.curves) == 6


def test_the_windows_own_run_is_not_in_it(panel: ComparePanel) -> None:
    show(panel, three_runs())
    panel.clear()
    assert len(panel.plot.curves) == 3


def test_letters_at_the_end_do_not_cover_each_other() -> None:
    assert spread([50, 51, 52], 18, 10, 200) == [50, 68, 86]
    assert spread([195, 198], 18, 10, 200) == [182, 200]
    assert spread([20, 100], 18, 10, 200) == [20, 100]
    assert spread([], 18, 10, 200) == []


def test_shares_beyond_all_per_cents_are_numbers() -> None:
    def shown(share: float) -> str:
        return measured_text(Row("gradient_left", "", "", (), (), "%"), 100 * share)

    assert [shown(share) for share in (0.0, 1.4e-16, 0.26, 1.1, 1756.0)] == ["0", "1.4·10⁻¹⁶", "26\u202f%", "110\u202f%", "1,756×"]


def test_the_loss_that_counts_as_solved_is_on_the_plot(panel: ComparePanel) -> None:
    runs = [with_mean("A", "rnn", 0.5), with_mean("B", "gru", 0.4)]
    show(panel, runs)
    assert panel.plot.y_scale.low > 1e-3
    for run in runs:
        run.solved_below = 1e-3
    show(panel, runs)
    assert panel.plot.y_scale.low <= 1e-3
