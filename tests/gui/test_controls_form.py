"""A form is made from nothing but the fields of a settings dataclass."""

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from core import registry
from core.fields import choice, fields_of, file, flag, integer, number, text
from core.settings import NetworkSettings, TrainingSettings
from gui.controls.choice_box import ChoiceBox
from gui.controls.control import shown_unit
from gui.controls.file_field import FileField
from gui.controls.segments import Segments
from gui.controls.settings_form import SettingsForm
from gui.controls.slider_field import SliderField
from gui.controls.stepper import Stepper
from gui.controls.switch import Switch
from gui.controls.text_field import TextField


@dataclasses.dataclass(frozen=True)
class Everything:
    """One field of each kind, live and not, important and not."""

    size: int = integer(8, 1, 64, "Size", "How many.")
    noise: float = number(0.1, 0.0, 1.0, "Noise", "How much.", is_live=True)
    kind: str = choice("a", ("a", "b"), "Kind", "Which.")
    many: str = choice("one", ("one", "two", "three", "four", "five"), "Many", "Which of many.")
    rule: str = choice("x", ("x", "y"), "Rule", "Which rule.", is_live=True)
    path: str = file((".csv",), "Table", "Your own table.")
    column: str = text("", "Column", "Which column.", is_important=False)
    bias: bool = flag(True, "Bias", "With or without.", is_important=False)
    decay: float = number(0.0, 0.0, 1.0, "Decay", "How fast.", scale="log", is_live=True, is_important=False, off_value=0.0)


FIELDS = fields_of(Everything)
DEFAULTS = {key: info.default for key, info in FIELDS.items()}


@pytest.fixture
def form(qtbot: QtBot) -> SettingsForm:
    made = SettingsForm(FIELDS, "Everything", {"rule": {"x": "Rule X", "y": "Rule Y"}})
    qtbot.addWidget(made)
    made.resize(280, made.sizeHint().height())
    with qtbot.waitExposed(made):
        made.show()
    return made


def recorded(form: SettingsForm) -> list[tuple[str, Any]]:
    changes: list[tuple[str, Any]] = []
    form.changed.connect(lambda key, value: changes.append((key, value)))
    return changes


def test_every_field_gets_the_control_that_suits_it(form: SettingsForm) -> None:
    kinds = {
        "size": Stepper,
        "noise": SliderField,
        "kind": Segments,
        "many": ChoiceBox,
        "rule": ChoiceBox,
        "path": FileField,
        "column": TextField,
        "bias": Switch,
        "decay": SliderField,
    }
    assert {key: type(form.control(key)) for key in FIELDS} == kinds
    assert form.values() == DEFAULTS


def test_words_of_a_choice_are_shown_in_full(form: SettingsForm) -> None:
    box = form.control("rule")
    assert isinstance(box, ChoiceBox)
    assert [box.list_box.itemText(k) for k in range(2)] == ["Rule X", "Rule Y"]


def test_live_and_structural_fields_are_apart(form: SettingsForm) -> None:
    assert [row.info.label for row in form.live_group.rows] == ["Noise", "Rule", "Decay"]
    assert {row.info.label for row in form.structural_group.rows} == {"Size", "Kind", "Many", "Table", "Column", "Bias"}
    assert form.live_group.chip.text == "Live" and form.structural_group.chip.text == "Rebuilds"
    assert not any(isinstance(row.control, SliderField) for row in form.structural_group.rows)


def test_group_of_the_first_field_stands_first(form: SettingsForm) -> None:
    assert form.structural_group.y() < form.live_group.y()
    assert form.structural_group.title.isVisible() and not form.live_group.title.isVisible()


def test_less_important_fields_are_in_a_fold(form: SettingsForm, qtbot: QtBot) -> None:
    fold = form.structural_group.fold
    assert fold.button.text() == "More: column, bias"
    assert not form.row("column").isVisible()
    qtbot.mouseClick(fold.button, Qt.MouseButton.LeftButton)
    assert form.row("column").isVisible() and fold.is_open
    qtbot.keyClick(fold.button, Qt.Key.Key_Space)
    assert not form.row("column").isVisible()


def test_changes_carry_key_and_value(form: SettingsForm, qtbot: QtBot) -> None:
    changes = recorded(form)
    size, kind = form.control("size"), form.control("kind")
    assert isinstance(size, Stepper) and isinstance(kind, Segments)
    qtbot.mouseClick(size.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(kind.segment("b"), Qt.MouseButton.LeftButton)
    assert changes == [("size", 12), ("kind", "b")]


def test_set_values_is_silent(form: SettingsForm) -> None:
    changes = recorded(form)
    values = {
        "size": 3,
        "noise": 0.5,
        "kind": "b",
        "many": "five",
        "rule": "y",
        "path": "/a.csv",
        "column": "c",
        "bias": False,
        "decay": 0.1,
    }
    form.set_values(values)
    form.set_values({"unknown": 1})
    assert form.values() == values and changes == []


def test_error_is_shown_at_its_field(form: SettingsForm) -> None:
    form.show_error("path", "sales.csv: line 3 has 2 columns, must have 4")
    assert form.row("path").error == "sales.csv: line 3 has 2 columns, must have 4"
    assert form.row("size").error == ""
    form.set_values(DEFAULTS)
    assert form.row("path").error == ""


def test_what_was_typed_wrong_is_told_and_survives_a_change_elsewhere(form: SettingsForm, qtbot: QtBot) -> None:
    size = form.control("size")
    assert isinstance(size, Stepper)
    size.field.selectAll()
    qtbot.keyClicks(size.field, "1000")
    qtbot.keyClick(size.field, Qt.Key.Key_Return)
    form.set_values(DEFAULTS | {"noise": 0.7})
    assert size.field.text() == "1000" and "from 1 to 64" in form.row("size").error
    form.set_values(DEFAULTS | {"size": 16})
    assert size.field.text() == "16" and form.row("size").error == ""


def test_other_fields_keep_the_rows_that_stay(form: SettingsForm, qtbot: QtBot) -> None:
    size = form.row("size")
    fewer = {key: FIELDS[key] for key in ("noise", "size")} | {"extra": fields_of(NetworkSettings)["num_layers"]}
    path = form.row("path")
    form.set_fields(fewer)
    qtbot.waitUntil(lambda: not isValid(path))
    assert form.row("size") is size
    assert list(form.values()) == ["noise", "size", "extra"] and "path" not in form
    assert form.live_group.y() < form.structural_group.y()
    assert form.row("extra").isVisible()


def test_structural_rest_of_a_live_form_is_outlined_in_its_fold(qtbot: QtBot) -> None:
    form = SettingsForm(fields_of(TrainingSettings), "Training")
    qtbot.addWidget(form)
    form.show()
    assert form.live_group.title.text() == "Training"
    assert form.live_group.isAncestorOf(form.structural_group)
    assert "precision" in form.live_group.fold.button.text()
    assert not form.structural_group.isVisible()
    form.live_group.fold.button.setChecked(True)
    assert form.structural_group.isVisible()


def test_every_control_is_named_explained_and_reached_with_alt(form: SettingsForm) -> None:
    letters = [form.row(key).letter for key in FIELDS]
    assert all(letters) and len(set(letters)) == len(letters)
    assert not set(letters) & set("fevrlh")
    for key, info in FIELDS.items():
        row = form.row(key)
        target = row.control.focus_target()
        assert info.label in target.accessibleName(), key
        assert info.help in row.label.toolTip() and info.help in target.toolTip(), key
        assert isinstance(row.label, QLabel) and row.label.buddy() is target, key


def test_alt_and_letter_lead_to_the_control(form: SettingsForm, qtbot: QtBot) -> None:
    form.activateWindow()
    size = form.control("size")
    assert isinstance(size, Stepper)
    letter = form.row("size").letter
    qtbot.keyClick(form, getattr(Qt.Key, f"Key_{letter.upper()}"), Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(size.field.hasFocus)


def test_tab_goes_down_the_form(form: SettingsForm) -> None:
    stops: list[QWidget] = form.tab_stops()
    heights = [stop.mapTo(form, stop.rect().center()).y() for stop in stops if stop.isVisible()]
    assert heights == sorted(heights) and len(heights) >= 9


def test_empty_form_shows_nothing(qtbot: QtBot) -> None:
    form = SettingsForm({}, "Nothing")
    qtbot.addWidget(form)
    form.show()
    assert not form.live_group.isVisible() and not form.structural_group.isVisible()


def test_no_unit_repeats_its_label() -> None:
    infos = [info for task in registry.tasks().values() for info in fields_of(task.Settings).values()]
    shown = [(info.label.lower().split(), shown_unit(info)) for info in infos]
    assert all(unit not in words for words, unit in shown) and any(unit for _, unit in shown)
