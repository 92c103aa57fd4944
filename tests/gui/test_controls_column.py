"""The setup column shows settings, and says what a person changes."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core import registry
from core.fields import fields_of
from core.settings import NetworkSettings, Settings, TrainingSettings
from gui.controls.caption import WrappedCaption
from gui.controls.segments import Segments
from gui.controls.setup_column import SetupColumn
from gui.controls.stepper import Stepper
from gui.style import Look, apply_look, current_look
from gui.theme import WIDTH_SETUP_COLUMN

MOST_WIDGETS = 300


def show(column: SetupColumn, settings: Settings) -> None:
    values = settings.to_dict()
    network = fields_of(NetworkSettings) | fields_of(type(settings.network.options))
    task_type = type(settings.task.fields)
    column.set_settings(
        settings.task.name, task_type, values["task"], network, values["network"], fields_of(TrainingSettings), values["training"]
    )


@pytest.fixture
def column(qtbot: QtBot) -> SetupColumn:
    made = SetupColumn()
    qtbot.addWidget(made)
    show(made, Settings())
    made.resize(made.width(), 860)
    with qtbot.waitExposed(made):
        made.show()
    return made


def recorded(column: SetupColumn) -> list[tuple[Any, ...]]:
    changes: list[tuple[Any, ...]] = []
    column.changed.connect(lambda *change: changes.append(change))
    column.task_selected.connect(lambda name: changes.append((name,)))
    return changes


def test_what_the_optimizer_does_without_is_greyed_out(column: SetupColumn) -> None:
    for optimizer, is_used in (("lbfgs", False), ("adam", True), ("hessian_free", False)):
        show(column, Settings().with_changes({"training.optimizer": optimizer}))
        for key in ("learning_rate", "clip_norm", "clip_value", "warmup"):
            assert column.row_of("training", key).isEnabled() == is_used
        assert column.row_of("training", "batch_size").isEnabled() and column.row_of("training", "optimizer").isEnabled()


def test_what_a_task_refuses_is_greyed_out_and_says_why(column: SetupColumn) -> None:
    show(column, Settings().with_changes({"task.name": "completion"}))
    row = column.row_of("network", "bidirectional")
    assert not row.isEnabled() and "before the rest of the input is read" in row.control.toolTip()
    show(column, Settings().with_changes({"task.name": "sentiment"}))
    assert row.isEnabled() and "Without effect" not in row.control.toolTip()


def test_shows_settings_silently(column: SetupColumn) -> None:
    changes = recorded(column)
    show(
        column,
        Settings().with_changes({"task.name": "copy", "network.cell": "gru", "training.learning_rate": 0.5, "network.hidden_size": 7}),
    )
    assert column.gallery.current() == "copy" and column.cell.value() == "gru"
    assert column.row_of("training", "learning_rate").control.value() == 0.5
    assert column.row_of("network", "hidden_size").control.value() == 7
    assert changes == []


def test_every_setting_has_its_row(column: SetupColumn) -> None:
    settings = Settings()
    shown = {"task": fields_of(type(settings.task.fields)), "network": fields_of(NetworkSettings), "training": fields_of(TrainingSettings)}
    for section, fields in shown.items():
        for key in fields:
            if (section, key) not in (("network", "cell"), ("training", "seed")):
                assert column.row_of(section, key).info.label == fields[key].label


def test_says_what_is_changed(column: SetupColumn, qtbot: QtBot) -> None:
    changes = recorded(column)
    size = column.row_of("network", "hidden_size").control
    assert isinstance(size, Stepper)
    qtbot.mouseClick(column.cell.segment("gru"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(size.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(column.gallery.card("copy"), Qt.MouseButton.LeftButton)
    assert changes == [("network", "cell", "gru"), ("network", "hidden_size", 48), ("copy",)]


def test_live_fields_of_the_network_stand_with_training(column: SetupColumn) -> None:
    changes = recorded(column)
    row = column.row_of("network", "dropout")
    assert row.mapTo(column, row.rect().topLeft()).y() > column.cell.mapTo(column, column.cell.rect().topLeft()).y()
    row.control.value_changed.emit(0.5)
    assert changes == [("network", "dropout", 0.5)]


def test_choosing_another_cell_keeps_the_focus_and_changes_its_options(column: SetupColumn, qtbot: QtBot) -> None:
    column.activateWindow()
    settings = Settings()

    def follow(section: str, key: str, value: object) -> None:
        show(column, settings.with_changes({f"{section}.{key}": value}))

    column.changed.connect(follow)
    column.cell.setFocus()
    qtbot.waitUntil(column.cell.segment(settings.network.cell).hasFocus)
    before = column.row_of("network", "hidden_size")
    qtbot.keyClick(column.cell.segment("lstm"), Qt.Key.Key_Left)
    assert column.cell.value() == "rnn" and column.cell.segment("rnn").hasFocus()
    assert column.row_of("network", "hidden_size") is before
    assert isinstance(column.row_of("network", "activation").control, Segments)
    with pytest.raises(StopIteration):
        column.row_of("network", "forget_bias")


@pytest.mark.parametrize("task", registry.tasks())
def test_every_task_and_cell_fits(column: SetupColumn, task: str) -> None:
    for cell in registry.cells():
        show(column, Settings().with_changes({"task.name": task, "network.cell": cell}))
    assert column.gallery.current() == task
    assert column.width() == current_look().px(WIDTH_SETUP_COLUMN)


def test_error_is_shown_and_scrolled_to(column: SetupColumn) -> None:
    column.resize(column.width(), 300)
    QApplication.processEvents()
    assert column.show_error("training", "truncate", "training.truncate = -1: must be a number from 0")
    row = column.row_of("training", "truncate")
    assert "must be" in row.error
    assert 0 <= row.mapTo(column, row.rect().topLeft()).y() < column.height()
    assert not column.show_error("training", "nothing", "x")


def test_the_card_of_the_task_unfolds(column: SetupColumn, qtbot: QtBot) -> None:
    show(column, Settings())
    card = column.about.findChildren(WrappedCaption)[0]
    assert card.text() == registry.tasks()["adding"].card and not card.isVisible()
    qtbot.mouseClick(column.about.button, Qt.MouseButton.LeftButton)
    assert card.isVisible() and card.height() > 5 * card.sizeHint().height(), "all of its lines show"
    show(column, Settings.preset("copy"))
    assert card.text() == registry.tasks()["copy"].card


def test_tab_goes_down_the_column(column: SetupColumn, qtbot: QtBot) -> None:
    show(column, Settings().with_changes({"network.cell": "rnn"}))
    column.resize(column.width(), 1400)
    column.activateWindow()
    column.gallery.card("adding").setFocus()
    qtbot.waitUntil(column.gallery.card("adding").hasFocus)
    heights = []
    for _ in range(12):
        focused = QApplication.focusWidget()
        heights.append(focused.mapTo(column, focused.rect().center()).y())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert heights == sorted(heights) and len(set(heights)) >= 8


def test_width_grows_with_the_text(column: SetupColumn, qapp: QApplication) -> None:
    before = current_look()
    apply_look(qapp, Look(text_size=1.4))
    width = column.width()
    apply_look(qapp, before)
    assert width == round(1.4 * WIDTH_SETUP_COLUMN)


def test_column_has_few_widgets(qtbot: QtBot) -> None:
    """What it takes to make it grows with them; rows that are folded away count too."""
    column = SetupColumn()
    qtbot.addWidget(column)
    show(column, Settings())
    assert len(column.findChildren(QWidget)) < MOST_WIDGETS
