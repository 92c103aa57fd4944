"""The whole window: it loads, trains, changes, and closes cleanly."""

import gc
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.compile import Combination, combination_for
from core.settings import Settings
from core.trainer import Trainer
from gui.controls.number_field import NumberField
from gui.run_state import RunState
from gui.worker import Worker
from tests.gui.windows import SMALL, compile_kernels, train


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
    compile_kernels()
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


def test_a_new_run_has_no_figures_of_the_old_one(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    assert "now" in window.bench.docks["loss"].panel.subtitle
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "forget_bias", 2.0)
    qtbot.waitUntil(lambda: window.step_count == 0 and window.frames.snapshot is not None)
    assert window.bench.docks["loss"].panel.subtitle == ""


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
    compile_kernels()
    is_ready = False
    real = Combination.is_ready
    monkeypatch.setattr(Combination, "is_ready", property(lambda self: is_ready and real.fget(self)))
    monkeypatch.setattr("gui.kernel_helper.KernelHelper.ask_for", lambda self, combination: None)
    window = make_window()
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 3)
    assert window.controller._worker._trainer.engine == "numpy"
    is_ready = True
    window.controller._kernels._on_ready(combination_for(window.controller.settings))
    qtbot.waitUntil(lambda: window.controller._worker._trainer.engine == "kernels")
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED and window.step_count == window.controller._worker._trainer.step_count)
    trainer = Trainer(window.controller.settings)
    trainer.train_to(window.step_count)
    np.testing.assert_array_equal(window.controller.history.losses, trainer.losses)


def typed(qtbot, window, field, text: str) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus(Qt.FocusReason.MouseFocusReason)
    field.selectAll()
    qtbot.keyClicks(field, text)
    assert field.hasFocus() and field.isModified()


def test_a_number_that_is_being_typed_counts_before_a_click_on_play(qtbot, make_window):
    window = make_window()
    field = window.setup.row_of("training", "learning_rate").findChild(NumberField)
    typed(qtbot, window, field, "0.02")
    qtbot.mouseClick(window.transport.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.step_count > 3)
    assert window.controller.settings.training.learning_rate == 0.02
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)


def test_a_seed_that_is_being_typed_counts_before_a_click_on_reset_and_a_key_of_the_menu(qtbot, make_window):
    window = make_window()
    typed(qtbot, window, window.transport.seed.field, "42")
    qtbot.mouseClick(window.transport.reset_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED and window.controller.settings.training.seed == 42)
    assert window.transport.seed.seed() == 42
    field = window.setup.row_of("training", "learning_rate").findChild(NumberField)
    typed(qtbot, window, field, "0.03")
    qtbot.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.step_count == 1)
    trainer = Trainer(window.controller.settings.with_changes({"training.learning_rate": 0.03}))
    trainer.train_to(1)
    assert window.controller.settings.training.learning_rate == 0.03
    assert [mark.step for mark in window.controller.history.marks] == [0]


def test_windows_of_its_own_close_with_it(qtbot, make_window):
    window = make_window()
    window.bench.docks["loss"].setFloating(True)
    window.bench.docks["gates"].header.table_requested.emit()
    window.commands.on_keys()
    qtbot.waitUntil(lambda: sum(child.isVisible() for child in window.findChildren(QWidget) if child.isWindow()) >= 3)
    own = [child for child in window.findChildren(QWidget) if child.isWindow() and child.isVisible()]
    window.close()
    assert not any(shiboken6.isValid(child) and child.isVisible() for child in own)


def test_tab_reaches_only_what_can_be_seen(qtbot, make_window):
    window = make_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        window.transport.play_button.setFocus()
        stops = []
        for _ in range(200):
            qtbot.keyClick(window.focusWidget(), key)
            stops.append(window.focusWidget())
            if stops[-1] is window.transport.play_button:
                break
        assert stops[-1] is window.transport.play_button and len(stops) == len(set(stops)) > 30
        assert not [stop for stop in stops if window.bench.isAncestorOf(stop) and stop.visibleRegion().isEmpty()]


def test_letters_lead_to_one_thing_each_and_every_panel_has_a_key(make_window):
    window = make_window()

    def letters_of(menu) -> list[str]:
        texts = [action.text() for action in menu.actions() if not action.isSeparator()]
        return [text[text.index("&") + 1].lower() for text in texts if "&" in text.replace("&&", "")]

    assert len(set(letters_of(window.menuBar()) + ["s"])) == len(window.menuBar().actions()) + 1
    for action in window.menuBar().actions():
        letters = letters_of(action.menu())
        assert len(letters) == len(set(letters)), action.text()
    view = next(action.menu() for action in window.menuBar().actions() if "View" in action.text())
    keys = [action.text().partition("\t")[2] for action in view.actions() if action.isCheckable()]
    assert all(keys) and len(keys) == len(set(keys)) == len(window.bench.docks)
    others = {key.toString() for action in window.menu_actions.values() for key in action.shortcuts()}
    assert not others & set(keys)


def test_what_a_frame_should_hold_is_found_out_only_where_one_can_be_had(qtbot, make_window, monkeypatch):
    window = make_window()
    qtbot.waitUntil(lambda: window.frame_count > 0 and window.state is RunState.PAUSED)
    asked = []
    looks = window.frames._looks
    monkeypatch.setattr(window.frames, "_looks", lambda: asked.append(None) or looks())
    window.controller._is_frame_in_flight = True
    for _ in range(20):
        window.frames.request_soon()
    assert not asked
    window.controller._is_frame_in_flight = False
    window.frames.request_soon()
    assert len(asked) == 1
