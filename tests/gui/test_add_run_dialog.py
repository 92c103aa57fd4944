"""The dialog for one more run of a race."""

import pytest
from PySide6.QtCore import Qt

from gui.add_run_dialog import KEYS, AddRunDialog
from tests.gui.races import BASE


@pytest.fixture
def dialog(qtbot) -> AddRunDialog:
    dialog = AddRunDialog(None, BASE, is_matched=True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_it_begins_with_the_races_settings(dialog: AddRunDialog, qtbot) -> None:
    assert dialog.settings() == BASE
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.add_button.click()
    assert chosen.args == [BASE, True]
    assert not dialog.isVisible()


def test_what_is_chosen_is_what_it_says(dialog: AddRunDialog, qtbot) -> None:
    wanted = {
        "network.cell": "gru",
        "network.hidden_size": 48,
        "training.learning_rate": 0.01,
        "training.optimizer": "rmsprop",
        "network.init": "orthogonal",
        "training.clip_norm": 0.0,
    }
    assert set(wanted) == set(KEYS)
    for key, value in wanted.items():
        dialog.rows[key].control.set_value(value)
    dialog.match.set_value(False)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.add_button.click()
    assert chosen.args == [BASE.with_changes(wanted), False]


def test_a_matched_size_can_not_be_set(dialog: AddRunDialog, qtbot) -> None:
    assert not dialog.rows["network.hidden_size"].isEnabled()
    qtbot.mouseClick(dialog.match.focus_target(), Qt.MouseButton.LeftButton)
    assert dialog.match.value() is False
    assert dialog.rows["network.hidden_size"].isEnabled()


def test_everything_has_a_name(dialog: AddRunDialog) -> None:
    for row in dialog.rows.values():
        target = row.control.focus_target()
        assert row.label.text() and (target.accessibleName() or row.label.buddy() is target)
    assert dialog.match_label.text() == "&Match parameters"
