"""The rewind dialog: to any update, to before one change, or back to a curve that was left."""

import pytest
import shiboken6
from PySide6.QtCore import Qt

from core.settings import Settings
from gui.rewind_dialog import RewindDialog
from tests.gui.windows import SMALLER, rewind, train


@pytest.fixture
def make_window(make_window):
    """Windows whose runs are smaller still: a rewind trains its way."""
    return lambda **changes: make_window(settings=Settings.preset("adding").with_changes(SMALLER | changes))


@pytest.fixture
def dialog(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    window.controller.apply({"training.learning_rate": 0.05})
    train(qtbot, window, 40)
    rewind(qtbot, window, 80)
    train(qtbot, window, 5)
    window.commands.on_rewind()
    (dialog,) = window.findChildren(RewindDialog)
    yield dialog
    if shiboken6.isValid(dialog):
        dialog.close()


def test_dialog_lists_changes_and_curves(dialog):
    texts = [dialog.list.item(k).text() for k in range(dialog.list.count())]
    assert texts[0] == "60: before “learning rate 0.004 → 0.05”"
    assert texts[1].startswith("Return to the curve that ended at 100: held out")
    assert dialog.field.value() == 77 and dialog.field.accessibleName() == "Rewind to update"


def test_dialog_rewinds_to_a_number_that_is_typed(qtbot, dialog):
    dialog.field.setText("12")
    with qtbot.waitSignal(dialog.rewind_chosen) as chosen:
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert chosen.args == [12, None]


def test_dialog_refuses_a_number_that_can_not_be(qtbot, dialog):
    dialog.field.setText("1200")
    with qtbot.assertNotEmitted(dialog.rewind_chosen):
        dialog.field.editingFinished.emit()
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    assert dialog.field.is_bad and dialog.isVisible()


def test_dialog_rewinds_to_before_a_change_and_returns_to_a_curve(qtbot, dialog):
    dialog.list.setCurrentRow(0)
    assert dialog.field.value() == 60 and dialog.go.text() == "&Rewind"
    dialog.list.setCurrentRow(1)
    assert dialog.go.text() == "&Return"
    with qtbot.waitSignal(dialog.return_chosen) as chosen:
        dialog.go.click()
    assert chosen.args == [0]


def test_a_change_picked_counts_until_a_number_is_typed(qtbot, dialog):
    dialog.list.setCurrentRow(0)
    qtbot.keyClicks(dialog.field, "5")
    assert dialog.list.currentRow() == -1
    dialog.list.setCurrentRow(0)
    with qtbot.waitSignal(dialog.rewind_chosen) as chosen:
        dialog.go.click()
    assert chosen.args == [60, 0]


def test_before_a_change_keeps_what_was_changed_before_it_at_the_same_update(qtbot, make_window):
    """The dialog's entry goes to before that change alone, also when it is undone and done again."""
    window = make_window()
    train(qtbot, window, 40)
    controller = window.controller
    controller.apply({"training.learning_rate": 0.02})
    controller.apply({"training.batch_size": 7})
    controller.apply({"training.learning_rate": 0.05})
    train(qtbot, window, 20)
    qtbot.waitUntil(lambda: len(controller.history.marks) == 3)
    window.commands.on_rewind()
    (dialog,) = window.findChildren(RewindDialog)
    texts = [dialog.list.item(k).text() for k in range(dialog.list.count())]
    assert len(texts) == 3 and "0.02 → 0.05" in texts[0] and "batch size 4 → 7" in texts[1] and "0.004 → 0.02" in texts[2]
    dialog.list.setCurrentRow(1)
    with qtbot.waitSignal(controller.travelled):
        dialog.go.click()

    def stands_before_the_second_change() -> None:
        qtbot.waitUntil(lambda: window.step_count == 40)
        assert controller.settings.training.learning_rate == 0.02
        assert controller.settings.training.batch_size == 4
        assert [mark.label for mark in controller.history.marks] == ["learning rate 0.004 → 0.02", "rewound from 60"]

    stands_before_the_second_change()
    with qtbot.waitSignal(controller.travelled):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 60)
    assert controller.settings.training.batch_size == 7
    with qtbot.waitSignal(controller.travelled):
        window.commands.on_redo()
    stands_before_the_second_change()


def test_changes_from_before_a_session_was_opened_are_not_offered(qtbot, make_window, tmp_path):
    """Nothing of the run remembers how it was before them."""
    window = make_window()
    train(qtbot, window, 30)
    window.controller.apply({"training.learning_rate": 0.02})
    with qtbot.waitSignal(window.controller.saved):
        window.controller.save(str(tmp_path / "changed.rnnp"))
    with qtbot.waitSignal(window.controller.run_began):
        window.open_session(tmp_path / "changed.rnnp")
    qtbot.waitUntil(lambda: window.step_count == 30)
    history = window.controller.history
    assert [mark.label for mark in history.marks] == ["learning rate 0.004 → 0.02"]
    dialog = RewindDialog(window, window.controller.timeline, history.step, history.marks)
    assert dialog.list.count() == 0
    dialog.close()


def test_a_dialog_with_nothing_to_return_to_leaves_nothing_behind(qtbot, make_window):
    window = make_window()
    dialog = RewindDialog(window, window.controller.timeline, 0, ())
    assert dialog.list.window() is dialog and dialog.list.isHidden()
    held = dialog.list
    dialog.open()
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(held))
