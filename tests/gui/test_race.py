"""A race of real, small runs: side by side, by updates, driven together, ended together."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from core.matching import match_parameters, parameter_count
from core.race import MOST_RUNS
from core.settings import Settings
from core.trainer import Trainer
from gui.controls.counter import counter_text
from gui.main_window import MainWindow
from gui.race_controller import RaceController
from gui.run_state import RunState

BASE = Settings.preset("adding").with_changes({"network.hidden_size": 6, "task.seq_len": 8, "training.batch_size": 4})
CELLS = ("rnn", "gru", "lstm")


@pytest.fixture(autouse=True)
def nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.kernel_helper.KernelHelper.ask_for", lambda self, combination: None)
    # Nor waited for: the slow steps are the runs' own speed.
    monkeypatch.setattr("gui.race_controller.RaceController._ask_for_kernels", lambda self, run: None)
    monkeypatch.setattr("gui.making_trainers._engine_for", lambda settings: "numpy")


@pytest.fixture
def race(qtbot):
    race = RaceController()
    race.set_watched(True)
    yield race
    race.close()


def wait(qtbot, is_reached) -> None:
    """Three threads share what a busy machine has left."""
    qtbot.waitUntil(is_reached, timeout=30_000)


def begin(qtbot, race: RaceController, updates: int = 0, cells=CELLS) -> None:
    """A race that stands after ``updates``."""
    race.begin(BASE, cells)
    race.pause()
    wait(qtbot, lambda: all(run.word == "Paused" and run.parameters for run in race.runs))
    if updates:
        train(qtbot, race, updates)


def train(qtbot, race: RaceController, updates: int) -> None:
    targets = [run.step + updates for run in race.runs]
    race.train(updates)
    wait(qtbot, lambda: [run.step for run in race.runs] == targets and not any(run.is_running for run in race.runs))


def test_each_run_is_what_the_same_settings_give_alone(qtbot, race) -> None:
    begin(qtbot, race, 120)
    budget = parameter_count(BASE)
    for run, cell in zip(race.runs, CELLS, strict=True):
        settings = match_parameters(BASE.with_changes({"network.cell": cell}), budget)
        assert run.settings == settings
        twin = Trainer(settings, "numpy")
        twin.train_to(120)
        np.testing.assert_array_equal(run.history.losses, twin.losses)
        measured = run.measured()
        assert measured.parameters == twin.network.layout.parameter_count
        assert measured.best_loss == min(evaluation.loss for evaluation in twin.evaluations)
        assert measured.updates == 120 and measured.updates_per_second == 120 / run.seconds
        assert {key: flow.step for key, flow in run.flows.items()} == {"first": 0, "early": 100, "now": 120}
        trace = twin.snapshot().trace
        np.testing.assert_array_equal(run.flows["now"].gradient_h, trace.layers[0].gradient_h)


def test_by_updates_a_pause_leaves_all_at_the_same_update(qtbot, race) -> None:
    begin(qtbot, race)
    race.play()
    wait(qtbot, lambda: race.step > 30)
    race.pause()
    wait(qtbot, lambda: not any(run.is_running for run in race.runs) and len({run.step for run in race.runs}) == 1)
    assert not race.is_playing


def test_a_step_and_a_reset_are_of_all_runs(qtbot, race) -> None:
    begin(qtbot, race)
    race.do_step("update")
    wait(qtbot, lambda: [run.step for run in race.runs] == [1, 1, 1])
    race.do_step("epoch")
    wait(qtbot, lambda: [run.step for run in race.runs] == [101] * 3 and not any(run.is_running for run in race.runs))
    first = [run.history.losses.copy() for run in race.runs]
    race.reset()
    wait(qtbot, lambda: all(run.word == "Paused" and run.parameters and run.step == 0 for run in race.runs))
    train(qtbot, race, 101)
    for run, losses in zip(race.runs, first, strict=True):
        np.testing.assert_array_equal(run.history.losses, losses)


def test_six_runs_and_no_more(qtbot, race) -> None:
    begin(qtbot, race)
    for rate in (0.01, 0.02, 0.03):
        race.add(BASE.with_changes({"training.learning_rate": rate}), False)
    assert [run.letter for run in race.runs] == list("ABCDEF") and len(race.runs) == MOST_RUNS
    with qtbot.waitSignal(race.refused) as refused:
        race.add(BASE, True)
    assert refused.args == ["6 runs are in the race already: remove one to add another"]
    race.remove("B")
    race.add(BASE, False)
    assert [run.letter for run in race.runs] == list("ABCDEF"), "a free letter is taken again"
    wait(qtbot, lambda: all(run.parameters for run in race.runs))
    assert race.run("B").settings == BASE


def test_a_run_on_other_data_is_refused(qtbot, race) -> None:
    begin(qtbot, race)
    with qtbot.waitSignal(race.refused) as refused:
        race.add(BASE.with_changes({"task.seq_len": 9}), True)
    assert "other data" in refused.args[0]
    assert len(race.runs) == 3


def test_a_run_can_be_stopped_alone_and_goes_on(qtbot, race) -> None:
    begin(qtbot, race, 5)
    race.stop("A")
    race.play()
    wait(qtbot, lambda: race.run("C").step > 40)
    assert race.run("A").step == 5
    race.stop("A", is_stopped=False)
    wait(qtbot, lambda: race.run("A").step > 20)
    race.pause()


def test_a_run_that_diverges_stays_and_the_others_go_on(qtbot, race) -> None:
    begin(qtbot, race)
    wild = {"training.optimizer": "sgd", "training.learning_rate": 100.0, "training.clip_norm": 0.0}
    race.add(BASE.with_changes({"network.cell": "rnn", "network.activation": "relu", **wild}), False)
    race.play()
    wait(qtbot, lambda: race.run("D").word == "Diverged" and race.run("A").step > 60)
    run = race.run("D")
    assert run.history.divergence is not None and run.measured().diverged_at == run.history.divergence.step
    race.pause()
    train_able = [each for each in race.runs if not each.has_ended]
    assert len(train_able) == 3


def test_unmatched_all_have_the_same_hidden_size(qtbot, race) -> None:
    begin(qtbot, race)
    race.set_matched(False)
    wait(qtbot, lambda: all(run.parameters for run in race.runs))
    assert {run.settings.network.hidden_size for run in race.runs} == {6}
    assert len({run.parameters for run in race.runs}) == 3


def test_another_seed_is_for_all(qtbot, race) -> None:
    begin(qtbot, race, 3)
    race.change_all({"training.seed": 9})
    wait(qtbot, lambda: all(run.parameters for run in race.runs))
    assert {run.settings.training.seed for run in race.runs} == {9}
    assert [run.step for run in race.runs] == [0, 0, 0]


def test_slow_motion_holds_all(qtbot, race) -> None:
    race.set_speed(0.1)
    begin(qtbot, race)
    race.play()
    wait(qtbot, lambda: [run.step for run in race.runs] == [1, 1, 1])
    race.set_speed(math.inf)
    race.pause()


def test_close_in_the_middle_joins_all(qtbot) -> None:
    race = RaceController()
    race.begin(BASE, CELLS)
    race.remove("B")
    wait(qtbot, lambda: race.step > 5)
    race.close()  # what still ran would fail the test


def test_nothing_is_heard_after_the_end(qtbot) -> None:
    race = RaceController()
    race.begin(BASE, CELLS)
    wait(qtbot, lambda: race.step > 5)
    race.close()
    # What was on its way when it ended.
    QCoreApplication.processEvents()
    for run in race.runs:
        race._threads._workers[run.run_id].state_changed.emit(run.run_id, RunState.RUNNING, "")
    QCoreApplication.processEvents()
    assert not race._clock.isActive()


def test_with_all_runs_stopped_it_does_not_play(qtbot, race) -> None:
    begin(qtbot, race, 2)
    for run in race.runs:
        race.stop(run.letter)
    with qtbot.waitSignal(race.refused) as refused:
        race.toggle()
    assert not race.is_playing and "let one go on" in refused.args[0]
    race.stop("A", is_stopped=False)
    race.toggle()
    assert race.is_playing
    wait(qtbot, lambda: race.run("A").step > 4)
    race.stop("A")
    assert not race.is_playing


# In the window


def test_race_cells_pauses_the_own_run_and_takes_the_transport(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.play()
    wait(qtbot, lambda: window.step_count > 5)
    window.commands.on_race()
    wait(qtbot, lambda: window.state is RunState.PAUSED and window.race.step > 5)
    race, panel = window.race, window.bench.docks["compare"].panel
    assert race.is_driven and race.is_playing and panel.is_at_work()
    assert window.status_line.facts.text().startswith("3 runs")
    own = window.controller.history.step
    window.commands.on_play_toggled()
    assert not race.is_playing
    wait(qtbot, lambda: not any(run.is_running for run in race.runs) and len({run.step for run in race.runs}) == 1)
    wait(qtbot, lambda: window.transport.counter.text == counter_text(race.step))
    at = race.step
    window.commands.on_step_requested("update")
    wait(qtbot, lambda: [run.step for run in race.runs] == [at + 1] * 3)
    assert window.controller.history.step == own
    lines = {line[0]: line[1:] for line in panel.as_table()[1:]}
    assert lines["Updates done"] == [str(at + 1)] * 3
    assert lines["Parameters"] == [str(run.parameters) for run in race.runs]


def test_the_own_run_takes_the_transport_back(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    wait(qtbot, lambda: window.race.step > 1)
    window.play()
    wait(qtbot, lambda: window.state is RunState.RUNNING and not window.race.is_driven)
    assert not window.race.is_playing
    window.pause()


def test_a_run_of_the_race_becomes_the_windows_own(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    wait(qtbot, lambda: window.race.step > 1)
    window.commands.on_play_toggled()
    wait(qtbot, lambda: not any(run.is_running for run in window.race.runs) and len({run.step for run in window.race.runs}) == 1)
    run = window.race.run("A")
    with qtbot.waitSignal(window.controller.run_began):
        window.race.use("A")
    wait(qtbot, lambda: window.controller.history.step == run.step)
    assert window.controller.settings == run.settings
    np.testing.assert_array_equal(window.controller.history.losses, run.history.losses)
    assert not window.race.is_driven and len(window.race.runs) == 3
    target = run.step + 10
    window.controller.train(10)
    wait(qtbot, lambda: window.controller.history.step == target and window.state is RunState.PAUSED)
    twin = Trainer(run.settings, "numpy")
    twin.train_to(target)
    # On a machine where they are compiled, kernels take over, and round differently.
    np.testing.assert_allclose(window.controller.history.losses, twin.losses, rtol=1e-4)


def test_ended_the_race_leaves_the_transport(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    wait(qtbot, lambda: window.race.step > 1)
    window.race.end()
    assert not window.race.is_driven and not window.bench.docks["compare"].panel.is_at_work()
    assert window.transport.counter.text == counter_text(window.step_count)
    assert "Race" in window.bench.docks["compare"].panel.start_button.text()


def begin_own(qtbot, window, act) -> None:
    with qtbot.waitSignal(window.controller.run_began, timeout=30_000):
        act()


def test_another_own_run_takes_the_transport_and_leaves_the_race(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    wait(qtbot, lambda: window.race.step > 5)
    assert window.transport.race_button.accessibleName() == "Own run"
    assert "waiting" in window.bench.docks["gates"].header.subtitle.text()
    before = {run.run_id for run in window.race.runs}
    begin_own(qtbot, window, lambda: window.controller.begin(BASE.with_changes({"training.seed": 77})))
    assert not window.race.is_driven and not window.race.is_playing
    assert {run.run_id for run in window.race.runs} == before and window.race.step > 5, "the race is not thrown away"
    assert window.transport.race_button.accessibleName() == "Back to race"
    assert "waiting" not in window.bench.docks["gates"].header.subtitle.text()
    window.transport.race_button.click()
    assert window.race.is_driven and {run.run_id for run in window.race.runs} == before


def test_a_seed_means_the_race_while_it_has_the_transport(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    wait(qtbot, lambda: window.race.step > 1)
    own = window.controller.run_id
    window.transport.seed_changed.emit(41)
    wait(qtbot, lambda: all(run.parameters for run in window.race.runs))
    assert {run.settings.training.seed for run in window.race.runs} == {41}
    assert window.race.is_driven and window.controller.run_id == own


def test_a_remedys_cell_joins_the_race(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race(("lstm", "rnn"))
    wait(qtbot, lambda: window.race.step > 1)
    before = [run.run_id for run in window.race.runs]
    window.commands.on_race(("lstm", "gru"))
    assert [run.run_id for run in window.race.runs][:2] == before
    assert [run.entry.settings.network.cell for run in window.race.runs] == ["lstm", "rnn", "gru"]
    assert window.bench.enlarged == "compare"
    window.commands.race.end()
    assert window.bench.enlarged is None and window.transport.race_button.accessibleName() == "Race cells"


def test_what_throws_work_away_is_asked(qtbot, make_window, monkeypatch: pytest.MonkeyPatch) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    panel = window.bench.docks["compare"].panel
    wait(qtbot, lambda: window.race.step > 1)
    asked: list[tuple[object, object]] = []
    monkeypatch.setattr("gui.dialogs.ask", lambda parent, title, text, yes, on_yes, on_no: asked.append((on_yes, on_no)))
    before = [run.run_id for run in window.race.runs]
    panel.match_button.click()
    assert len(asked) == 1 and [run.run_id for run in window.race.runs] == before
    asked[0][1]()
    assert panel.match_button.isChecked(), "it shows what holds"
    asked[0][0]()
    assert not panel.match_button.isChecked() and [run.run_id for run in window.race.runs] != before


def test_a_live_change_says_that_it_is_the_own_runs(qtbot, make_window) -> None:
    window = make_window(settings=BASE)
    window.commands.on_race()
    wait(qtbot, lambda: window.race.step > 1)
    window.controller.apply({"training.learning_rate": 0.02})
    assert "your own run" in window.problem
    window.commands.on_rewind()
    assert "Only your own run" in window.problem


def test_a_loss_panel_that_nobody_sees_is_made_by_no_race(qtbot, make_window, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made later, it says what goes on."""
    show = MainWindow.show

    def show_without_loss(window: MainWindow) -> None:
        window.bench.docks["loss"].close()
        show(window)

    monkeypatch.setattr(MainWindow, "show", show_without_loss)
    window = make_window(settings=BASE)
    dock = window.bench.docks["loss"]
    window.commands.on_race()
    qtbot.waitUntil(lambda: window.race.is_driven)
    assert not dock.is_made
    dock.show()
    qtbot.waitUntil(lambda: dock.is_made)
    assert "Compare" in dock.panel.plot.hint
    window.race.end()
    assert not window.race.is_driven and "Compare" not in dock.panel.plot.hint
