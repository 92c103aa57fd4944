"""Undo and redo of what a person set: live changes, other runs, rewinds."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoCommand
from PySide6.QtWidgets import QLineEdit

from core.errors import InputError
from core.settings import Settings
from gui import undo as undo_module
from gui.change_words import change_words
from gui.run_state import RunState
from tests.gui.windows import train

SMALL = {"network.hidden_size": 4, "task.seq_len": 6, "training.batch_size": 4}


@pytest.fixture
def window(make_window):
    return make_window(settings=Settings.preset("adding").with_changes(SMALL))


def begin(qtbot, window, action) -> None:
    with qtbot.waitSignal(window.controller.run_began):
        action()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED and window.frames.snapshot is not None)


def rate(window) -> float:
    return window.controller.settings.training.learning_rate


def test_nothing_to_undo_at_first(window):
    assert (window.undo.undo_text, window.undo.redo_text) == ("", "")
    assert not window.menu_actions["undo"].isEnabled() and not window.transport.redo_button.isEnabled()
    window.commands.on_undo()
    window.commands.on_redo()


def test_live_change_is_taken_back_live_with_a_mark(qtbot, window):
    train(qtbot, window, 10)
    window.setup.changed.emit("training", "learning_rate", 0.02)
    qtbot.waitUntil(lambda: rate(window) == 0.02)
    assert window.menu_actions["undo"].text() == "&Undo learning rate 0.004 → 0.02"
    assert "learning rate 0.004 → 0.02" in window.transport.undo_button.toolTip()
    assert window.transport.undo_button.accessibleName() == "Undo learning rate 0.004 → 0.02"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(window.controller.history.marks) == 2)
    assert rate(window) == 0.004 and window.step_count == 10
    assert window.controller.history.marks[-1].label == "learning rate 0.02 → 0.004"
    assert window.undo.redo_text == "learning rate 0.004 → 0.02" and window.undo.undo_text == ""
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(window.controller.history.marks) == 3)
    assert rate(window) == 0.02


def test_a_slider_that_has_not_come_to_rest_is_undone_too(qtbot, window):
    window.setup.changed.emit("training", "learning_rate", 0.02)
    window.commands.on_undo()
    qtbot.waitUntil(lambda: window.undo.redo_text == "learning rate 0.004 → 0.02")
    assert rate(window) == 0.004


def test_many_changes_back_and_forth(qtbot, window):
    for value in (0.01, 0.02, 0.03):
        window.controller.apply({"training.learning_rate": value})
    window.controller.apply({"training.clip_norm": 0.5, "training.batch_size": 8})
    for _ in range(4):
        window.commands.on_undo()
    assert rate(window) == 0.004 and window.undo.undo_text == ""
    for _ in range(3):
        window.commands.on_redo()
    assert rate(window) == 0.03 and window.controller.settings.training.clip_norm == 1.0
    window.controller.apply({"training.learning_rate": 0.5})
    assert window.undo.redo_text == ""


def test_another_cell_is_taken_back_and_the_old_run_goes_on(qtbot, window):
    train(qtbot, window, 60)
    losses = window.controller.history.losses.copy()
    begin(qtbot, window, lambda: window.setup.changed.emit("network", "cell", "gru"))
    train(qtbot, window, 7)
    assert window.undo.undo_text == "cell LSTM → GRU"
    begin(qtbot, window, window.commands.on_undo)
    qtbot.waitUntil(lambda: window.step_count == 60)
    np.testing.assert_array_equal(window.controller.history.losses, losses)
    # Its past is there, too.
    with qtbot.waitSignal(window.controller.travelled):
        window.controller.rewind(20)
    window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 60 and not window.undo.undo_text)


def test_redo_brings_the_other_run_back_as_it_was(qtbot, window):
    train(qtbot, window, 20)
    begin(qtbot, window, lambda: window.setup.changed.emit("network", "cell", "gru"))
    train(qtbot, window, 9)
    losses = window.controller.history.losses.copy()
    begin(qtbot, window, window.commands.on_undo)
    begin(qtbot, window, window.commands.on_redo)
    qtbot.waitUntil(lambda: window.step_count == 9)
    assert window.controller.settings.network.cell == "gru"
    np.testing.assert_array_equal(window.controller.history.losses, losses)


def test_task_seed_and_reset(qtbot, window):
    train(qtbot, window, 5)
    begin(qtbot, window, lambda: window.setup.task_selected.emit("copy"))
    assert window.undo.undo_text == "task Adding → Copy"
    begin(qtbot, window, lambda: window.transport.seed_changed.emit(7))
    assert window.undo.undo_text == "seed 0 → 7"
    begin(qtbot, window, window.commands.on_reset)
    assert window.undo.undo_text == "reset"
    for step in (0, 0, 5):
        begin(qtbot, window, window.commands.on_undo)
        qtbot.waitUntil(lambda step=step: window.step_count == step)
    assert window.controller.settings.task.name == "adding" and window.undo.undo_text == ""


def test_runs_beyond_the_bound_begin_anew(qtbot, window, monkeypatch):
    monkeypatch.setattr(undo_module, "MOST_PARKED", 1)
    train(qtbot, window, 5)
    for seed in (1, 2):
        begin(qtbot, window, lambda seed=seed: window.setup_controller.set_seed(seed))
        train(qtbot, window, seed)
    begin(qtbot, window, window.commands.on_undo)
    qtbot.waitUntil(lambda: window.step_count == 1)
    with qtbot.waitSignal(window.undo.said) as said:
        begin(qtbot, window, window.commands.on_undo)
    assert "begins anew" in said.args[0]
    assert window.step_count == 0 and window.controller.settings.training.seed == 0


def test_refused_change_leaves_nothing_to_undo(qtbot, window, monkeypatch):
    window.controller.apply({"training.clip_norm": 0.5})
    qtbot.waitUntil(lambda: bool(window.controller.history.marks))

    def refuse(changes):
        raise InputError("not this time")

    monkeypatch.setattr(window.controller._worker._trainer, "apply", refuse)
    with qtbot.waitSignal(window.controller.refused):
        window.controller.apply({"training.learning_rate": 0.02})
    assert window.undo.undo_text.endswith("1 → 0.5") and window.undo.redo_text == ""
    assert rate(window) == 0.004


def test_run_that_can_not_be_had_back_stays_where_it_was(qtbot, window, tmp_path, monkeypatch):
    monkeypatch.setattr(undo_module, "MOST_PARKED", 0)
    text = tmp_path / "mine.txt"
    text.write_text("the rain in spain stays mainly in the plain. " * 60)
    begin(qtbot, window, lambda: window.open_data(text))
    begin(qtbot, window, lambda: window.setup.task_selected.emit("copy"))
    words = window.undo.undo_text
    text.unlink()
    with qtbot.waitSignal(window.controller.run_refused):
        window.commands.on_undo()
    assert window.undo.undo_text == words and window.controller.settings.task.name == "copy"


def test_rewind_is_undone_by_returning(qtbot, window):
    train(qtbot, window, 60)
    losses = window.controller.history.losses.copy()
    with qtbot.waitSignal(window.controller.travelled):
        window.controller.rewind(20)
    assert window.undo.undo_text == "rewind to update 20"
    qtbot.waitUntil(lambda: window.step_count == 20)
    train(qtbot, window, 5)
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 60)
    np.testing.assert_array_equal(window.controller.history.losses, losses)
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_redo()
    qtbot.waitUntil(lambda: window.step_count == 25)


def test_two_rewinds_without_training_are_one(qtbot, window):
    train(qtbot, window, 60)
    for step in (40, 20):
        with qtbot.waitSignal(window.controller.travelled):
            window.controller.rewind(step)
    assert window.undo.stack.count() == 1
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 60)
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_redo()
    qtbot.waitUntil(lambda: window.step_count == 20)


def test_text_fields_undo_what_is_typed_in_them(qtbot, window):
    train(qtbot, window, 2)
    window.controller.apply({"training.learning_rate": 0.02})
    window.activateWindow()
    line = next(line for line in window.findChildren(QLineEdit) if line.isVisible())
    before = line.text()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "9")
    qtbot.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == before and rate(window) == 0.02


def test_words_for_changes():
    old = Settings.preset("adding")
    words = {
        "learning rate 0.004 → 0.01": {"training.learning_rate": 0.01},
        "hidden size 32 → 8": {"network.hidden_size": 8},
        "cell LSTM → GRU": {"network.cell": "gru"},
        "task Adding → Copy": {"task.name": "copy"},
    }
    assert change_words(old, old) == "reset"
    for text, changes in words.items():
        assert change_words(old, old.with_changes(changes)) == text
    assert change_words(old, old.with_changes({"network.use_bias": False})).endswith(" on → off")
    three = old.with_changes({"training.learning_rate": 0.01, "training.clip_norm": 0.5, "training.batch_size": 8})
    assert change_words(old, three).startswith("learning rate 0.004 → 0.01, ") and change_words(old, three).endswith(" and 1 more")


def test_growth_is_taken_back_by_a_rewind_and_had_back(qtbot, window):
    train(qtbot, window, 20)
    window.controller.apply({"training.learning_rate": 0.02})
    window.controller.apply({"network.hidden_size": 6})
    train(qtbot, window, 10)
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 20 and rate(window) == 0.02)
    assert window.controller.settings.network.hidden_size == 4
    assert (window.undo.undo_text, window.undo.redo_text) == ("learning rate 0.004 → 0.02", "hidden size 4 → 6")
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_redo()
    qtbot.waitUntil(lambda: window.step_count == 30)
    assert window.controller.settings.network.hidden_size == 6 and not window.undo.redo_text


def test_growth_taken_back_leaves_what_was_done_before_it_at_the_same_update(qtbot, window):
    """Edit a weight, grow, undo: the weight is still as it was set; only another undo takes it back."""

    def weight() -> float:
        return float(window.controller._worker._trainer.network.parameters()["head.b"][0])

    train(qtbot, window, 20)
    before = weight()
    with qtbot.waitSignal(window.controller.weight_edited):
        window.controller.edit_weight("head.b", (0,), 0.75)
    window.controller.apply({"network.hidden_size": 6})
    train(qtbot, window, 5)
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 20 and window.undo._moving is None)
    assert window.controller.settings.network.hidden_size == 4 and weight() == 0.75
    assert window.undo.undo_text.startswith("head.b")
    window.commands.on_undo()
    qtbot.waitUntil(lambda: weight() == before and window.undo._moving is None)


def test_growth_that_can_not_be_taken_back_stays_on_the_stack(qtbot, window):
    train(qtbot, window, 20)
    window.controller.apply({"network.hidden_size": 6})
    train(qtbot, window, 1)
    window.controller._worker._trainer.recording.changes.clear()
    with qtbot.waitSignal(window.controller.refused) as refused:
        window.commands.on_undo()
    assert "can't be taken back" in refused.args[0]
    assert (window.undo.undo_text, window.undo.redo_text) == ("hidden size 4 → 6", "")


def test_an_undo_that_is_refused_leaves_the_stack_as_it_was(qtbot, window, monkeypatch):
    window.controller.apply({"training.learning_rate": 0.02})
    qtbot.waitUntil(lambda: bool(window.controller.history.marks))

    def refuse(changes):
        raise InputError("not this time")

    monkeypatch.setattr(window.controller._worker._trainer, "apply", refuse)
    with qtbot.waitSignal(window.controller.refused):
        window.commands.on_undo()
    assert (window.undo.undo_text, window.undo.redo_text) == ("learning rate 0.004 → 0.02", "") and rate(window) == 0.02


def test_another_choice_while_an_undo_loads_is_what_counts(qtbot, window):
    train(qtbot, window, 5)
    begin(qtbot, window, lambda: window.setup.task_selected.emit("copy"))
    window.commands.on_undo()
    begin(qtbot, window, lambda: window.setup.task_selected.emit("parity"))
    assert window.undo.undo_text == "task Copy → Parity" and window.controller.settings.task.name == "parity"
    begin(qtbot, window, window.commands.on_undo)
    assert window.controller.settings.task.name == "copy"
    begin(qtbot, window, window.commands.on_undo)
    qtbot.waitUntil(lambda: window.step_count == 5)
    assert window.controller.settings.task.name == "adding"


def test_a_weight_set_by_hand_is_undone(qtbot, window):
    def weight() -> float:
        return float(window.controller._worker._trainer.network.parameters()["head.b"][0])

    before = weight()
    window.controller.edit_weight("head.b", (0,), 0.75)
    qtbot.waitUntil(lambda: window.undo.undo_text.startswith("head.b"))
    window.commands.on_undo()
    qtbot.waitUntil(lambda: weight() == before and window.undo._moving is None)
    assert window.undo.redo_text.startswith("head.b")
    window.commands.on_redo()
    qtbot.waitUntil(lambda: weight() == 0.75 and window.undo._moving is None)
    assert window.undo.stack.count() == 1 and len(window.controller._worker._trainer.recording.marks) == 3


def test_a_change_of_a_run_that_loads_is_no_step_of_its_own(qtbot, window):
    begin(qtbot, window, lambda: (window.controller.begin(Settings.preset("copy")), window.controller.apply({"training.clip_norm": 0.5})))
    assert window.undo.stack.count() == 1
    begin(qtbot, window, window.commands.on_undo)
    assert window.controller.settings.task.name == "adding" and window.controller.settings.training.clip_norm == 1.0


def test_what_waits_for_its_control_to_rest_goes_to_the_run_before_another_is_opened(qtbot, window, tmp_path):
    path = tmp_path / "run.rnnp"
    window.setup.changed.emit("training", "clip_norm", 2.0)
    with qtbot.waitSignal(window.controller.saved):
        window.controller.save(str(path))
    window.setup.changed.emit("training", "clip_norm", 3.0)
    begin(qtbot, window, lambda: window.setup_controller.open_file(path))
    assert window.controller.settings.training.clip_norm == 2.0
    begin(qtbot, window, window.commands.on_undo)
    assert window.controller.settings.training.clip_norm == 3.0


def test_nothing_is_said_after_the_end(window):
    window.controller.apply({"training.learning_rate": 0.02})
    said = []
    window.undo.close()
    window.undo.changed.connect(lambda: said.append(True))
    window.undo.stack.push(QUndoCommand("one more"))
    assert not said
