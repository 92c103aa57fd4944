"""Single controls: each is set silently, changed by mouse and keyboard, and survives bad input."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QPixmap
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.controls.button import Button
from gui.controls.caption import ElidedCaption, FieldLabel, YieldingCaption
from gui.controls.choice_box import ChoiceBox
from gui.controls.control import Control
from gui.controls.file_field import FileField
from gui.controls.segments import Segments
from gui.controls.slider_field import SliderField
from gui.controls.stepper import Stepper
from gui.controls.switch import Switch
from gui.controls.text_field import TextField
from gui.controls.tooltips import choose_mnemonic, tooltip, with_mnemonic
from gui.style import Look, apply_look, current_look
from tests.gui.fields import NETWORK, PATH, TRAINING, WORD, recorded, retype, shown


def test_stepper(qtbot: QtBot) -> None:
    stepper = Stepper(NETWORK["hidden_size"])
    shown(qtbot, stepper, 120)
    values = recorded(stepper)
    minus, plus = stepper.buttons
    qtbot.mouseClick(plus, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(minus, Qt.MouseButton.LeftButton)
    qtbot.keyClick(stepper.field, Qt.Key.Key_Down)
    retype(qtbot, stepper.field, "100")
    retype(qtbot, stepper.field, "5000")
    assert values == [48, 32, 24, 100]
    assert stepper.value() == 100 and stepper.field.is_bad


def test_stepper_ends(qtbot: QtBot) -> None:
    stepper = Stepper(NETWORK["num_layers"])
    qtbot.addWidget(stepper)
    minus, plus = stepper.buttons
    assert not minus.isEnabled() and plus.isEnabled()
    stepper.set_value(4)
    assert minus.isEnabled() and not plus.isEnabled()


def test_segments(qtbot: QtBot) -> None:
    segments = Segments([("a", "First"), ("b", "Second"), ("c", "Third")], "Letters")
    shown(qtbot, segments)
    values = recorded(segments)
    assert segments.value() == "a"
    qtbot.mouseClick(segments.segment("c"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(segments.segment("c"), Qt.MouseButton.LeftButton)
    segments.set_value("b")
    assert values == ["c"]
    assert [segments.segment(letter).isChecked() for letter in "abc"] == [False, True, False]


def test_segments_with_the_keyboard(qtbot: QtBot) -> None:
    segments = Segments([("a", "First"), ("b", "Second"), ("c", "Third")], "Letters")
    shown(qtbot, segments)
    values = recorded(segments)
    segments.setFocus()
    qtbot.waitUntil(segments.segment("a").hasFocus)
    qtbot.keyClick(segments.segment("a"), Qt.Key.Key_Right)
    qtbot.keyClick(segments.segment("b"), Qt.Key.Key_Right)
    assert values == ["b", "c"]
    assert segments.segment("c").hasFocus()


def test_segments_do_not_move_when_another_is_chosen(qtbot: QtBot) -> None:
    segments = Segments([("a", "First"), ("b", "Second")])
    shown(qtbot, segments)
    before = [segments.segment(letter).geometry() for letter in "ab"]
    segments.set_value("b")
    assert [segments.segment(letter).geometry() for letter in "ab"] == before


def test_switch(qtbot: QtBot) -> None:
    switch = Switch("Biases")
    shown(qtbot, switch)
    values = recorded(switch)
    switch.set_value(True)
    qtbot.mouseClick(switch.button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(switch.button, Qt.Key.Key_Space)
    assert values == [False, True] and switch.value() is True


def test_choice_box(qtbot: QtBot) -> None:
    box = ChoiceBox([("sgd", "SGD"), ("adam", "Adam")], "Optimizer")
    shown(qtbot, box)
    values = recorded(box)
    box.set_value("adam")
    assert box.list_box.currentText() == "Adam" and values == []
    qtbot.keyClick(box.list_box, Qt.Key.Key_Up)
    assert values == ["sgd"] and box.value() == "sgd"


def test_text_field_sends_when_confirmed(qtbot: QtBot) -> None:
    field = TextField(WORD)
    shown(qtbot, field)
    values = recorded(field)
    retype(qtbot, field.line, "park")
    qtbot.keyClick(field.line, Qt.Key.Key_Return)
    assert values == ["park"]


def test_file_field_browses_and_clears(qtbot: QtBot) -> None:
    asked: list[tuple[str, tuple[str, ...], str]] = []

    def choose(parent: QWidget, title: str, suffixes: tuple[str, ...], start: str) -> str:
        asked.append((title, suffixes, start))
        return "/home/ada/my.txt"

    field = FileField(PATH, choose)
    shown(qtbot, field)
    values = recorded(field)
    assert field.line.placeholderText() == "bundled" and not field.clear_button.isVisible()
    qtbot.mouseClick(field.browse_button, Qt.MouseButton.LeftButton)
    assert asked == [("Text", (".txt",), "")] and field.line.text() == "/home/ada/my.txt"
    qtbot.mouseClick(field.clear_button, Qt.MouseButton.LeftButton)
    assert values == ["/home/ada/my.txt", ""] and not field.clear_button.isVisible()


def test_file_field_without_an_answer(qtbot: QtBot) -> None:
    field = FileField(PATH, lambda *_: "")
    shown(qtbot, field)
    values = recorded(field)
    field.set_value("/a/b.txt")
    qtbot.mouseClick(field.browse_button, Qt.MouseButton.LeftButton)
    assert values == [] and field.value() == "/a/b.txt"


def test_file_can_be_dropped(qtbot: QtBot, tmp_path: Path) -> None:
    field = FileField(PATH)
    shown(qtbot, field)
    values = recorded(field)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "my.txt"))])
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    field.dropEvent(drop)
    assert values == [str(tmp_path / "my.txt")]


def test_file_field_shows_an_error(qtbot: QtBot) -> None:
    field = FileField(PATH)
    qtbot.addWidget(field)
    field.show_error("my.txt: is not a text file")
    assert field.line.property("is_bad") and "not a text file" in field.line.toolTip()
    field.show_error("")
    assert not field.line.property("is_bad") and "Your own text." in field.line.toolTip()


def test_click_leaves_the_keyboard_where_it_is(qtbot: QtBot) -> None:
    window, segments, box = QWidget(), Segments([("a", "First"), ("b", "Second")]), ChoiceBox([("a", "First")])
    first = Button("first")
    layout = QVBoxLayout(window)
    for widget in (first, segments, box):
        layout.addWidget(widget)
    shown(qtbot, window)
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    qtbot.mouseClick(segments.segment("b"), Qt.MouseButton.LeftButton)
    assert first.hasFocus() and segments.value() == "b"
    assert not box.list_box.focusPolicy() & Qt.FocusPolicy.ClickFocus


def test_button_is_reached_by_tab_not_by_click(qtbot: QtBot) -> None:
    window, button = QWidget(), Button("Try length 100")
    layout = QVBoxLayout(window)
    layout.addWidget(Button("other"))
    layout.addWidget(button)
    shown(qtbot, window)
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.hasFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def makers() -> dict[str, Any]:
    return {
        "slider": lambda: SliderField(TRAINING["learning_rate"]),
        "stepper": lambda: Stepper(NETWORK["hidden_size"]),
        "segments": lambda: Segments([("a", "First"), ("b", "Second")]),
        "switch": lambda: Switch("Biases"),
        "choice": lambda: ChoiceBox([("a", "First"), ("b", "Second")]),
        "file": lambda: FileField(PATH),
        "text": lambda: TextField(WORD),
        "button": lambda: Button("Reset", "reset"),
    }


def focus_place(widget: QWidget) -> QWidget:
    return widget.focus_target() if isinstance(widget, Control) else widget


@pytest.mark.parametrize("name", makers())
def test_focus_is_visible(qtbot: QtBot, name: str) -> None:
    window = QWidget()
    widget = makers()[name]()
    other = Button("other")
    layout = QVBoxLayout(window)
    layout.addWidget(widget)
    layout.addWidget(other)
    shown(qtbot, window)
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    without: QPixmap = widget.grab()
    focus_place(widget).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: widget.isAncestorOf(QApplication.focusWidget()) or widget.hasFocus())
    qtbot.waitUntil(lambda: widget.grab().toImage() != without.toImage())


@pytest.mark.parametrize("name", makers())
def test_control_grows_with_the_text(qtbot: QtBot, qapp: QApplication, name: str) -> None:
    before = current_look()
    apply_look(qapp, Look())
    widget = makers()[name]()
    qtbot.addWidget(widget)
    small = widget.sizeHint().expandedTo(widget.minimumSize()).height()
    apply_look(qapp, Look(text_size=1.4))
    large = widget.sizeHint().expandedTo(widget.minimumSize()).height()
    apply_look(qapp, before)
    assert large == pytest.approx(1.4 * small, abs=4)


def test_label_shows_no_mnemonic_mark_but_has_one(qtbot: QtBot) -> None:
    label = FieldLabel("&Learning rate", "1/s")
    qtbot.addWidget(label)
    assert label.plain_text == "Learning rate"


def test_mnemonics_do_not_collide() -> None:
    taken = set("fevr")
    letters = [choose_mnemonic(text, taken) for text in ("Learning rate", "Length", "Layers", "Forget bias", "F E V")]
    assert letters[:2] == ["l", "n"] or len(set(letters[:4])) == 4
    assert letters[4] == ""
    assert with_mnemonic("Forget bias", "b") == "Forget &bias"
    assert with_mnemonic("Bits & pieces", "") == "Bits && pieces"


def test_elided_text_is_whole_in_the_tooltip(qtbot: QtBot) -> None:
    caption = ElidedCaption("Gradients fade to a millionth of their size after twenty steps")
    shown(qtbot, caption, 100)
    caption.grab()
    assert caption.shown_text().endswith("…") and caption.toolTip() == tooltip(caption.text())
    caption.resize(2000, caption.height())
    caption.grab()
    assert caption.shown_text() == caption.text() and caption.toolTip() == ""


def test_a_stub_of_a_sentence_is_left_out(qtbot: QtBot) -> None:
    caption = YieldingCaption()
    caption.setText("24 steps, cut every 5 steps")
    shown(qtbot, caption, 30)
    assert caption.shown_text() == ""
    caption.resize(120, caption.height())
    assert caption.shown_text().endswith("…")
