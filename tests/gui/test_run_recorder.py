"""Past runs in the whole window: kept by themselves, reopened bit for bit, compared, and kept nowhere where they shall not be."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core import session
from core.folders import library_folder
from core.history import FILE, RunLibrary
from core.run_query import RunQuery
from core.settings import Settings
from core.trainer import Trainer
from gui.librarian import LEAST_UPDATES
from gui.note_dialog import NoteDialog
from gui.run_state import RunState
from tests.core.runs import assert_same_run
from tests.gui.windows import SMALL, compile_kernels, train


@pytest.fixture
def make_window(make_window):
    """Windows that show the library, and keep their runs in it if they are not told otherwise."""

    def make(is_remembering: bool = True, **changes):
        window = make_window(is_remembering, settings=Settings.preset("adding").with_changes(SMALL | changes))
        window.bench.show_panel("library")
        return window

    return make


def kept() -> list:
    with RunLibrary(library_folder()) as library:
        return library.search(RunQuery(sort="oldest"))


def panel_of(window):
    return window.bench.docks["library"].panel


def wait_for_rows(qtbot, window, count: int) -> None:
    qtbot.waitUntil(lambda: len(panel_of(window).model.records) == count)


def reopen(qtbot, window, row: int, updates: int) -> None:
    panel = panel_of(window)
    panel.list.choose(panel.model.row_of(row))
    panel.actions_bar.button("reopen").click()
    qtbot.waitUntil(lambda: window.recorder.reopened == row and window.step_count == updates)


def test_a_run_that_rests_is_kept_and_shown(qtbot, make_window):
    window = make_window()
    wait_for_rows(qtbot, window, 0)
    train(qtbot, window, 60)
    wait_for_rows(qtbot, window, 1)
    (record,) = panel_of(window).model.records
    assert (record.updates, record.hidden_size, record.has_session) == (60, 8, True)
    assert "this run" in panel_of(window).model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    train(qtbot, window, 10)
    qtbot.waitUntil(lambda: panel_of(window).model.records[0].updates == 70)
    window.close()
    assert [record.updates for record in kept()] == [70]


def test_a_run_that_is_replaced_and_one_that_is_closed_while_it_plays_are_kept_whole(qtbot, make_window):
    compile_kernels()
    compile_kernels(**{"network.cell": "gru"})
    window = make_window()
    train(qtbot, window, 60)
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "cell", "gru")
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 2 * LEAST_UPDATES)
    window.close()
    first, second = kept()
    assert (first.cell, first.updates, second.cell) == ("lstm", 60, "gru")
    with RunLibrary(library_folder()) as library:
        saved = session.load(library.session_path(second.id))
    trainer = Trainer(second.settings)
    trainer.train_to(second.updates)
    assert_same_run(saved, trainer)


def test_while_it_plays_it_is_kept_every_half_minute(qtbot, make_window):
    window = make_window()
    window.recorder._timer.setInterval(50)
    window.play()
    qtbot.waitUntil(lambda: bool(panel_of(window).model.records))
    first = panel_of(window).model.records[0].updates
    qtbot.waitUntil(lambda: panel_of(window).model.records[0].updates > first)
    assert window.state is RunState.RUNNING and len(panel_of(window).model.records) == 1


def test_a_run_that_was_only_tried_leaves_nothing(qtbot, make_window):
    window = make_window()
    train(qtbot, window, LEAST_UPDATES - 1)
    window.close()
    assert not (library_folder() / FILE).exists() or kept() == []


def test_reopened_it_is_as_it_was(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 30)
    window.controller.apply({"training.learning_rate": 0.02})
    train(qtbot, window, 90)
    losses, marks = window.controller.history.losses.copy(), list(window.controller.history.marks)
    evaluations = list(window.controller.history.evaluations)
    settings = window.controller.settings
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "cell", "rnn")
    wait_for_rows(qtbot, window, 1)
    reopen(qtbot, window, 1, 120)
    history = window.controller.history
    assert window.controller.settings == settings and marks
    np.testing.assert_array_equal(history.losses, losses)
    assert history.marks == marks and history.evaluations == evaluations
    assert window.controller.session_path is None, "the library's own file is not the person's"
    trainer = Trainer(Settings.preset("adding").with_changes(SMALL))
    trainer.train_to(30)
    trainer.apply({"training.learning_rate": 0.02})
    trainer.train_to(160)
    train(qtbot, window, 40)
    np.testing.assert_array_equal(window.controller.history.losses, trainer.losses)
    wait_for_rows(qtbot, window, 2)
    window.close()
    old, new = kept()
    assert (old.updates, new.updates, new.parent) == (120, 160, old.id)
    assert new.seconds > old.seconds


def test_looking_at_a_past_run_makes_no_other(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 40)
    wait_for_rows(qtbot, window, 1)
    reopen(qtbot, window, 1, 40)
    assert "this run" in panel_of(window).model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    window.close()
    assert len(kept()) == 1


def test_the_past_is_there_in_the_next_window(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 40)
    window.close()
    window = make_window()
    wait_for_rows(qtbot, window, 1)
    panel = panel_of(window)
    panel.list.setFocus()
    panel.list.choose(0)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.step_count == 40)


def test_switched_off_nothing_is_kept_and_that_is_remembered(qtbot, make_window):
    window = make_window()
    action = next(action for action in window.menuBar().actions()[0].menu().actions() if "Keep past runs" in action.text())
    assert action.isChecked()
    action.trigger()
    train(qtbot, window, 40)
    window.close()
    assert not (library_folder() / FILE).exists() or kept() == []
    window = make_window()
    assert not window.recorder.is_keeping and not window.preferences.is_keeping_runs
    assert "not kept" in panel_of(window).as_sentence()
    window.recorder.set_keeping(True)
    train(qtbot, window, 40)
    wait_for_rows(qtbot, window, 1)


def test_a_window_that_remembers_nothing_has_no_library(qtbot, make_window):
    window = make_window(is_remembering=False)
    train(qtbot, window, 40)
    assert window.recorder.librarian is None and "keeps nothing" in panel_of(window).as_sentence()
    window.close()
    assert not library_folder().exists()


def test_a_library_that_can_not_be_opened_does_not_stop_the_window(qtbot, make_window):
    library_folder().parent.mkdir(parents=True)
    library_folder().write_text("in the way")
    window = make_window()
    qtbot.waitUntil(lambda: "can't be kept" in panel_of(window).as_sentence())
    train(qtbot, window, 40)
    assert window.step_count == 40


def test_a_damaged_library_is_set_aside_and_said(qtbot, make_window):
    library_folder().mkdir(parents=True)
    (library_folder() / FILE).write_bytes(b"scribble")
    window = make_window()
    qtbot.waitUntil(lambda: "set aside" in window.problem)
    train(qtbot, window, 40)
    wait_for_rows(qtbot, window, 1)


def test_runs_are_named_noted_marked_deleted_and_restored(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 40)
    wait_for_rows(qtbot, window, 1)
    panel = panel_of(window)
    panel.list.choose(0)
    panel.model.setData(panel.model.index(0), "mine")
    qtbot.waitUntil(lambda: panel.model.records[0].name == "mine")
    panel.actions_bar.button("note").click()
    dialog = window.findChild(NoteDialog)
    dialog.text.setPlainText("what I saw")
    dialog.accept()
    qtbot.waitUntil(lambda: panel.model.records[0].note == "what I saw")
    panel.actions_bar.button("favourite").click()
    qtbot.waitUntil(lambda: panel.model.records[0].is_favourite)
    panel.filters.field.setText("mine saw favourite")
    qtbot.waitUntil(lambda: panel.subtitle == "1 run")
    panel.actions_bar.button("delete").click()
    wait_for_rows(qtbot, window, 0)
    panel.undo_bar.undo.click()
    wait_for_rows(qtbot, window, 1)


def test_a_past_run_is_drawn_behind_the_present_one(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "cell", "gru")
    wait_for_rows(qtbot, window, 1)
    train(qtbot, window, 20)
    panel, plot = panel_of(window), window.bench.docks["loss"].panel.plot
    panel.list.choose(panel.model.row_of(1))
    panel.actions_bar.button("compare").click()
    qtbot.waitUntil(lambda: len(plot.past_curves) == 1)
    (curve,) = plot.past_curves
    trainer = Trainer(Settings.preset("adding").with_changes(SMALL))
    trainer.train_to(60)
    np.testing.assert_allclose(curve.losses, trainer.losses, rtol=1e-5)
    np.testing.assert_array_equal(curve.updates, np.arange(1, 61))
    assert plot.full_range()[1] >= 60
    panel.actions_bar.button("compare").click()
    assert plot.past_curves == ()
    panel.actions_bar.button("compare").click()
    qtbot.waitUntil(lambda: len(plot.past_curves) == 1)
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.task_selected.emit("copy")
    qtbot.waitUntil(lambda: plot.past_curves == ())
    panel.actions_bar.button("compare").click()
    assert "another task" in window.problem


def test_a_run_brought_back_goes_on_in_its_row(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 40)
    window.setup_controller.set_seed(7)
    qtbot.waitUntil(lambda: window.controller.settings.training.seed == 7 and window.state is RunState.PAUSED)
    with qtbot.waitSignal(window.controller.run_began):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 40)
    train(qtbot, window, 30)
    window.close()
    assert [record.updates for record in kept()] == [70]


def test_a_run_whose_row_is_deleted_gets_another_for_what_comes_then(qtbot, make_window):
    window = make_window()
    librarian = window.recorder.librarian
    train(qtbot, window, 40)
    with qtbot.waitSignal(librarian.recorded) as recorded:
        window.controller.take_moment()
    librarian.delete([recorded.args[1]])
    train(qtbot, window, 40)
    window.close()
    assert [record.updates for record in kept()] == [80]


def test_a_run_taken_from_a_race_brings_its_time_with_it(qtbot, make_window, monkeypatch):
    """Its row says all that it took to train it, and how many updates that were: not what came after it was taken alone."""
    monkeypatch.setattr("gui.race_controller.RaceController._ask_for_kernels", lambda self, run: None)
    window = make_window()
    window.race.begin(window.controller.settings, ["rnn"])
    window.race.pause()
    qtbot.waitUntil(lambda: window.race.runs[0].word == "Paused" and window.race.runs[0].parameters > 0)
    window.race.train(40)
    qtbot.waitUntil(lambda: window.race.step == 40 and not window.race.runs[0].is_running)
    in_race = window.race._threads[window.race.runs[0].run_id].pace
    assert in_race.updates_trained == 40 and in_race.seconds_trained > 0
    with qtbot.waitSignal(window.controller.run_began):
        window.race.use("A")
    qtbot.waitUntil(lambda: window.step_count == 40 and window.state is RunState.PAUSED)
    train(qtbot, window, 10)
    pace = window.controller._worker.pace
    assert pace.updates_trained == 50 and pace.seconds_trained > in_race.seconds_trained
    window.close()
    (record,) = kept()
    assert record.updates == 50 and record.seconds == pytest.approx(pace.seconds_trained)
