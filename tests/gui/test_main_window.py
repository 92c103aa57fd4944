"""The whole window: it loads, trains, changes, saves, refuses, and closes cleanly."""

import gc
import math
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from core.compile import Combination, combination_for
from core.sampling import GREEDY
from core.session import save
from core.settings import Settings
from core.trainer import Trainer
from gui.app import create_main_window
from gui.controls.caption import Title
from gui.controls.number_field import NumberField
from gui.run_state import RunState
from gui.theme import LIGHT
from gui.worker import Worker

SMALL = {"network.hidden_size": 8, "task.seq_len": 10, "training.batch_size": 8}


@pytest.fixture
def make_window(qtbot):
    windows = []

    def make(**keywords):
        if not any(key in keywords for key in ("settings", "session", "preset")):
            keywords["settings"] = Settings.preset("adding").with_changes(SMALL)
        window = create_main_window(is_remembering=False, **keywords)
        windows.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.state is not RunState.LOADING)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


def train(qtbot, window, updates: int) -> None:
    target = window.step_count + updates
    window.controller.train(updates)
    qtbot.waitUntil(lambda: window.step_count == target and window.state is RunState.PAUSED)


def test_it_plays_pauses_and_counts_frames(qtbot, make_window):
    window = make_window()
    assert window.step_count == 0 and window.state is RunState.PAUSED
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.step_count > 20)
    assert window.state is RunState.RUNNING and window.frame_count > 1
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)


def test_words_and_cursor_go_by_the_last_look_inside(qtbot, make_window):
    """A frame without one must not make the sentence flicker."""
    window = make_window()
    window.controller.train(60)
    qtbot.waitUntil(lambda: window.step_count == 60 and window.frames.snapshot.trace is not None)
    sentence = window.status_line.sentence.text()
    window.frames.show_snapshot(replace(window.frames.snapshot, trace=None))
    assert window.frames.snapshot.trace is not None and window.status_line.sentence.text() == sentence


def test_the_curve_shown_is_the_trainers(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    trainer = Trainer(window.controller.settings)
    trainer.train_to(60)
    np.testing.assert_array_equal(window.controller.history.losses, trainer.losses)


def test_reset_gives_the_same_curve_again(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 30)
    first = window.controller.history.losses.copy()
    with qtbot.waitSignal(window.controller.run_began):
        window.commands.on_reset()
    qtbot.waitUntil(lambda: window.step_count == 0 and window.state is RunState.PAUSED)
    train(qtbot, window, 30)
    np.testing.assert_array_equal(window.controller.history.losses, first)


def test_a_live_change_leaves_a_mark_and_no_reset(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 10)
    window.setup.changed.emit("training", "learning_rate", 0.02)
    qtbot.waitUntil(lambda: bool(window.controller.history.marks))
    assert window.step_count == 10
    assert "learning rate 0.004 → 0.02" in window.controller.history.marks[0].label
    assert window.controller.settings.training.learning_rate == 0.02


@pytest.mark.parametrize(
    ("section", "key", "value"), [("network", "cell", "gru"), ("network", "hidden_size", 6), ("network", "num_layers", 2)]
)
def test_a_structural_change_begins_a_new_run(qtbot, make_window, section, key, value):
    window = make_window()
    train(qtbot, window, 10)
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit(section, key, value)
    qtbot.waitUntil(lambda: window.step_count == 0)
    assert getattr(window.controller.settings.network, key) == value


def test_a_run_that_plays_goes_on_playing_with_another_cell(qtbot, make_window):
    window = make_window()
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 5)
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "cell", "rnn")
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING and window.step_count > 5)


@pytest.mark.parametrize("task", ["copy", "completion", "sentiment", "prices"])
def test_every_task_can_be_chosen_and_shows_its_prediction(qtbot, make_window, task):
    window = make_window()
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.task_selected.emit(task)
    assert window.controller.settings.task.name == task
    assert window.controller.settings.network.cell == "lstm"
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    train(qtbot, window, 3)
    panel = window.bench.docks["prediction"].panel
    qtbot.waitUntil(lambda: panel.view is not None)
    assert len(panel.as_table()) > 1


def test_a_file_that_is_not_there_is_refused_and_nothing_is_lost(qtbot, make_window):
    window = make_window(preset="completion")
    train(qtbot, window, 5)
    with qtbot.waitSignal(window.controller.run_refused) as refused:
        window.setup.changed.emit("task", "file", "/nowhere/at/all.txt")
    assert "all.txt" in refused.args[0]
    assert "all.txt" in window.status_line.sentence.text()
    assert window.controller.settings.task.fields.file == ""
    train(qtbot, window, 5)
    assert window.step_count == 10


def test_a_persons_text_and_table_are_trained_on_by_dropping_them(qtbot, make_window, tmp_path):
    text = tmp_path / "mine.txt"
    text.write_text("the rain in spain stays mainly in the plain. " * 50)
    table = tmp_path / "mine.csv"
    table.write_text("day,price\n" + "".join(f"2026-01-{i % 28 + 1:02d},{100 + 10 * math.sin(i / 4):.3f}\n" for i in range(300)))
    window = make_window()
    for path, task in ((text, "completion"), (table, "prices")):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drop = QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        with qtbot.waitSignal(window.controller.run_began):
            window.dropEvent(drop)
        assert window.controller.settings.task.name == task
        assert window.controller.settings.task.fields.file == str(path)
        qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
        train(qtbot, window, 3)


def test_a_session_is_saved_and_opened_where_it_was(qtbot, make_window, tmp_path):
    window = make_window()
    train(qtbot, window, 25)
    path = tmp_path / "run.rnnp"
    with qtbot.waitSignal(window.controller.saved):
        window.controller.save(str(path))
    assert zipfile.is_zipfile(path)
    other = make_window(session=str(path))
    qtbot.waitUntil(lambda: other.step_count == 25)
    train(qtbot, window, 10)
    train(qtbot, other, 10)
    np.testing.assert_array_equal(window.controller.history.losses, other.controller.history.losses)


def test_a_damaged_session_is_refused_and_the_run_stays(qtbot, make_window, tmp_path):
    window = make_window()
    train(qtbot, window, 5)
    path = tmp_path / "broken.rnnp"
    path.write_bytes(b"PK\x03\x04 not really")
    with qtbot.waitSignal(window.controller.run_refused) as refused:
        window.open_session(path)
    assert "broken.rnnp" in refused.args[0]
    assert window.step_count == 5


def test_saving_never_goes_over_another_runs_session(qtbot, make_window, tmp_path, monkeypatch):
    """The path belongs to the run it was opened or saved with: a fresh run has none."""
    monkeypatch.setattr("gui.dialogs.ask_to_save", lambda *words: None)
    window = make_window()
    train(qtbot, window, 5)
    path = tmp_path / "first.rnnp"
    with qtbot.waitSignal(window.controller.saved):
        window.controller.save(str(path))
    before = path.read_bytes()
    (tmp_path / "broken.rnnp").write_bytes(b"no session")
    with qtbot.waitSignal(window.controller.run_refused):
        window.open_session(tmp_path / "broken.rnnp")
    assert window.controller.session_path == path
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.task_selected.emit("copy")
    assert window.controller.session_path is None
    window.commands.on_save()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    assert path.read_bytes() == before
    with qtbot.waitSignal(window.controller.run_began):
        window.open_session(path)
    assert window.controller.session_path == path


def test_choices_made_while_a_run_loads_belong_to_it(qtbot, make_window):
    window = make_window()
    window.setup.task_selected.emit("prices")
    window.setup.changed.emit("network", "hidden_size", 12)
    window.play()
    window.setup.changed.emit("network", "num_layers", 2)
    with qtbot.waitSignal(window.controller.run_began):
        pass
    settings = window.controller.settings
    assert (settings.task.name, settings.network.hidden_size, settings.network.num_layers) == ("prices", 12, 2)
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING)
    window.pause()


def test_a_live_change_made_while_a_run_loads_reaches_it(qtbot, make_window):
    window = make_window()
    window.setup.task_selected.emit("prices")
    window.controller.apply({"training.learning_rate": 0.05})
    with qtbot.waitSignal(window.controller.run_began):
        pass
    qtbot.waitUntil(lambda: window.controller._worker._trainer.settings.training.learning_rate == 0.05)
    assert window.controller.settings.training.learning_rate == 0.05


def test_a_refused_live_change_is_taken_back_everywhere(qtbot, make_window, tmp_path):
    """A length that the text can't give: the form, the controller and the trainer agree again."""
    text = tmp_path / "short.txt"
    text.write_text("one two three four five. " * 8)
    window = make_window()
    window.open_data(text)
    with qtbot.waitSignal(window.controller.run_began):
        pass
    with qtbot.waitSignal(window.controller.settings_changed):
        window.controller.apply({"task.seq_len": 7})
    assert window.controller.settings == window.controller._worker._trainer.settings


def test_a_session_whose_file_is_gone_still_shows_and_answers(qtbot, make_window, tmp_path):
    text = tmp_path / "mine.txt"
    text.write_text("the rain in spain stays mainly in the plain. " * 60)
    settings = Settings.preset("completion").with_changes({"task.file": str(text), "network.hidden_size": 8})
    trainer = Trainer(settings)
    trainer.train(5)
    save(tmp_path / "run.rnnp", trainer.state())
    text.unlink()
    window = make_window(session=str(tmp_path / "run.rnnp"))
    qtbot.waitUntil(lambda: window.step_count == 5)
    assert "mine.txt" in window.problem
    with qtbot.waitSignal(window.controller.answered):
        window.controller.ask("the rain in", GREEDY)
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    assert window.step_count == 5


def test_numpy_steps_give_way_even_where_the_kernels_are_ready_already(qtbot, make_window, monkeypatch):
    """A run that began on NumPy steps and changed to an optimizer that is compiled."""
    ready = set()
    monkeypatch.setattr(Combination, "is_ready", property(lambda self: self.optimizer in ready))
    monkeypatch.setattr("gui.kernel_helper.KernelHelper.ask_for", lambda self, combination: None)
    window = make_window()
    train(qtbot, window, 3)
    assert window.controller._worker._trainer.engine == "numpy"
    ready |= {"adam", "sgd"}
    window.controller.apply({"training.optimizer": "sgd"})
    qtbot.waitUntil(lambda: window.controller._worker._trainer.engine == "kernels")
    assert window.controller._worker._trainer.settings.training.optimizer == "sgd"


def test_quitting_with_a_number_half_typed_ends_every_thread(qtbot, make_window):
    """Losing the focus confirms the number, which would begin a new run behind the window's back."""
    window = make_window()
    field = next(field for field in window.setup.findChildren(NumberField) if field.accessibleName() == "Forget bias")
    field.setFocus()
    field.setText("3")
    window.close()
    field.editingFinished.emit()
    assert window.controller._worker is None and window.controller._candidate is None
    assert not [
        thread for thread in gc.get_objects() if issubclass(type(thread), Worker) and shiboken6.isValid(thread) and thread.isRunning()
    ]


def test_enter_in_the_own_input_asks_and_does_not_step(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    qtbot.waitUntil(lambda: panel.own_input.isVisible())
    panel.own_input.line.setFocus()
    panel.own_input.line.setText("0.5* 0.2 0.9* 0.1")
    with qtbot.waitSignal(window.controller.answered):
        qtbot.keyClick(panel.own_input.line, Qt.Key.Key_Return)
    assert window.step_count == 0


def test_fields_give_the_keyboard_back(qtbot, make_window):
    window = make_window()
    window.activateWindow()
    field = window.transport.seed.findChild(NumberField)
    for leave in (lambda: qtbot.keyClick(field, Qt.Key.Key_Escape), lambda: qtbot.mousePress(window, Qt.MouseButton.LeftButton)):
        field.setFocus()
        leave()
        assert QApplication.focusWidget() is not field


def test_the_setup_column_keeps_its_colours_through_the_drawer(qtbot, make_window):
    window = make_window(theme="dark")
    window.commands.on_theme_toggled()
    window.resize(1200, 800)
    window.resize(1600, 1000)
    colors = {caption.palette().windowText().color().name().upper() for caption in window.setup.findChildren(Title)}
    assert colors == {LIGHT.text}
    assert window.menu_actions["theme_light"].isChecked()


def test_a_new_run_has_no_figures_of_the_old_one(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    assert "now" in window.bench.docks["loss"].panel.subtitle
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "forget_bias", 2.0)
    qtbot.waitUntil(lambda: window.step_count == 0 and window.frames.snapshot is not None)
    assert window.bench.docks["loss"].panel.subtitle == ""


def test_try_your_own_answers_and_explains_what_is_wrong(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    with qtbot.waitSignal(window.controller.answered) as answered:
        panel.try_requested.emit("0.5* 0.2 0.9* 0.1", GREEDY, 0)
    assert len(answered.args[0].output) == 1
    with qtbot.waitSignal(window.controller.answer_refused):
        panel.try_requested.emit("banana", GREEDY, 0)


def test_an_answer_follows_the_network_as_it_learns(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    qtbot.waitUntil(lambda: panel.view is not None)
    steps = []
    window.controller.answered.connect(lambda _answer, step: steps.append(step))
    panel.own_input.ask("0.5* 0.2 0.9* 0.1")
    qtbot.waitUntil(lambda: steps == [0])
    assert "before the first update" in panel.own_input.answer_view.note.text()
    train(qtbot, window, 40)
    qtbot.waitUntil(lambda: steps[-1] == 40)
    assert panel.own_input.answer_view.note.text() == "after 40 updates"
    qtbot.keyClicks(panel.own_input.line, "x")
    count = len(steps)
    train(qtbot, window, 5)
    assert len(steps) == count


def test_longer_sequences_are_tested_on_request_and_once_solved(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    with qtbot.waitSignal(window.controller.lengths_tested) as tested:
        panel.length_button.click()
    assert [round(result.steps) for result in tested.args[0]] == [10, 20, 40] and tested.args[1] == 0
    assert panel.length_row.isVisible()
    solved = replace(window.frames.snapshot, solved_at=3, losses=np.empty(0), evaluations=(), marks=())
    with qtbot.waitSignal(window.controller.lengths_tested):
        window.controller._on_snapshot_made(window.controller._worker.run_id, solved)
    with qtbot.assertNotEmitted(window.controller.lengths_tested):
        window.controller._on_snapshot_made(window.controller._worker.run_id, solved)
        train(qtbot, window, 2)


def test_that_nothing_is_longer_is_said_only_when_asked(qtbot, make_window):
    controller = make_window().controller
    run_id, said = controller._worker.run_id, []
    controller.lengths_tested.connect(lambda results, _step: said.append(results))
    controller._on_lengths_tested(run_id, "no length", 5)
    assert said == []
    controller.test_lengths()
    controller._on_lengths_tested(run_id, "no length", 5)
    assert said == ["no length"]


def test_divergence_is_said_and_its_remedy_leads_on(qtbot, make_window):
    wild = {"network.cell": "rnn", "network.activation": "relu", "training.optimizer": "sgd"}
    wild |= {"training.learning_rate": 10.0, "training.clip_norm": 0.0}
    window = make_window(settings=Settings.preset("adding").with_changes({**SMALL, **wild}))
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.DIVERGED)
    qtbot.waitUntil(lambda: "diverged" in window.status_line.sentence.text())
    assert window.status_line.remedies[0].text() == "Clip at 1.0"
    with qtbot.waitSignal(window.controller.state_changed, check_params_cb=lambda state, said: state is RunState.RUNNING):
        window.status_line.remedy_chosen.emit("0")
    assert window.controller.settings.training.clip_norm == 1.0
    window.pause()


def test_the_time_cursor_moves_in_all_panels_and_stays_inside(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 2)
    seen = {name: [] for name in window.bench.docks}
    for name, dock in window.bench.docks.items():
        original = dock.panel.set_cursor
        dock.panel.set_cursor = lambda step, name=name, original=original: (seen[name].append(step), original(step))
    for _ in range(15):
        window.commands.move_cursor(1)
    window.commands.move_cursor(-1)
    assert all(steps[-2:] == [9, 8] for steps in seen.values())


def test_narrow_windows_fold_the_setup_column_away(qtbot, make_window):
    window = make_window()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.rail.isVisible())
    assert window.quick_strip.isVisible() and not window.setup.isVisible()
    window.rail.setup_button.click()
    qtbot.waitUntil(lambda: window.setup.isVisible())
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: not window.rail.isVisible())
    assert window.setup.isVisible() and not window.quick_strip.isVisible()


def test_both_themes_and_text_sizes_reach_every_panel(qtbot, make_window):
    window = make_window(theme="dark")
    window.commands.on_theme_toggled()
    assert all(panel.theme.name == "light" for panel in window.bench.panels)
    window.commands.on_text_size_chosen(1.4)
    assert window.setup.width() > 288
    window.commands.on_text_size_chosen(1.0)
    window.commands.on_theme_toggled()
    assert all(panel.theme.name == "dark" for panel in window.bench.panels)


def test_a_hidden_panel_misses_nothing(qtbot, make_window):
    window = make_window()
    window.bench.docks["loss"].hide()
    train(qtbot, window, 40)
    window.bench.docks["loss"].show()
    assert len(window.controller.history.losses) == 40


def test_closing_in_mid_training_leaves_no_thread(qtbot, make_window):
    for _ in range(5):
        window = make_window()
        worker = window.controller._worker
        window.play()
        qtbot.waitUntil(lambda window=window: window.step_count > 0)
        window.close()
        assert worker.isFinished()


def test_numpy_steps_train_until_the_kernels_are_there_and_the_curve_is_theirs(qtbot, make_window, monkeypatch):
    """What a first start does, with the compiling itself played."""
    is_ready = False
    real = Combination.is_ready
    monkeypatch.setattr(Combination, "is_ready", property(lambda self: is_ready and real.fget(self)))
    monkeypatch.setattr("gui.kernel_helper.KernelHelper.ask_for", lambda self, combination: None)
    window = make_window()
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 3)
    assert window.controller._worker._trainer.engine == "numpy"
    is_ready = True
    window.controller._on_kernels_ready(combination_for(window.controller.settings))
    qtbot.waitUntil(lambda: window.controller._worker._trainer.engine == "kernels")
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED and window.step_count == window.controller._worker._trainer.step_count)
    trainer = Trainer(window.controller.settings)
    trainer.train_to(window.step_count)
    np.testing.assert_array_equal(window.controller.history.losses, trainer.losses)
