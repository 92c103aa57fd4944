"""Single controls: each is set silently, changed by mouse and keyboard, and survives bad input."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QKeyEvent, QKeySequence, QPixmap, QShortcut, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.fields import fields_of, file, text
from core.settings import NetworkSettings, TrainingSettings
from gui.controls.button import Button
from gui.controls.caption import ElidedCaption, FieldLabel
from gui.controls.choice_box import ChoiceBox
from gui.controls.control import Control
from gui.controls.file_field import FileField
from gui.controls.segments import Segments
from gui.controls.slider_field import SliderField
from gui.controls.slider_track import INSET, SliderTrack
from gui.controls.stepper import Stepper
from gui.controls.switch import Switch
from gui.controls.text_field import TextField
from gui.controls.tooltips import choose_mnemonic, with_mnemonic
from gui.style import Look, apply_look, current_look
from gui.theme import LIGHT

TRAINING, NETWORK = fields_of(TrainingSettings), fields_of(NetworkSettings)


@dataclasses.dataclass(frozen=True)
class Sample:
    path: str = file((".txt",), "Text", "Your own text.")
    word: str = text("a", "Word", "Any word.")


PATH, WORD = fields_of(Sample).values()


def shown(qtbot: QtBot, widget: QWidget, width: int = 256) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, widget.sizeHint().height())
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget


def recorded(control: Control) -> list[Any]:
    values: list[Any] = []
    control.value_changed.connect(values.append)
    return values


def retype(qtbot: QtBot, field: QWidget, typed: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def rate(qtbot: QtBot) -> SliderField:
    field = SliderField(TRAINING["learning_rate"], "l")
    shown(qtbot, field)
    return field


def at(track: SliderTrack, position: float) -> QPoint:
    return QPoint(round(INSET + position * (track.width() - 2 * INSET)), 10)


def test_set_value_is_silent(rate: SliderField) -> None:
    values = recorded(rate)
    rate.set_value(0.01)
    assert (rate.value(), rate.field.text(), values) == (0.01, "0.01", [])


def test_typing_moves_the_slider(qtbot: QtBot, rate: SliderField) -> None:
    values = recorded(rate)
    retype(qtbot, rate.field, "0.5")
    assert values == [0.5]
    assert rate.track.number() == 0.5


def test_nothing_is_sent_while_typing(qtbot: QtBot, rate: SliderField) -> None:
    values = recorded(rate)
    rate.field.setFocus()
    rate.field.selectAll()
    qtbot.keyClicks(rate.field, "0.0")
    assert values == []


def test_the_same_value_again_leaves_the_typing_alone(qtbot: QtBot, rate: SliderField) -> None:
    rate.field.setFocus()
    qtbot.waitUntil(rate.field.hasFocus)
    rate.field.selectAll()
    qtbot.keyClicks(rate.field, "0.0")
    rate.set_value(rate.value())
    assert rate.field.text() == "0.0"
    rate.set_value(0.25)
    assert rate.field.text() == "0.25"


@pytest.mark.parametrize("typed", ["200", "abc", "", "-1", "nan", "1e999"])
def test_bad_input_keeps_the_last_good_value(qtbot: QtBot, rate: SliderField, typed: str) -> None:
    values = recorded(rate)
    rate.field.setFocus()
    rate.field.selectAll()
    rate.field.del_()
    qtbot.keyClicks(rate.field, typed)
    qtbot.keyClick(rate.field, Qt.Key.Key_Return)
    assert rate.field.is_bad
    assert "from 1e-6 to 100" in rate.field.toolTip()
    assert rate.value() == TRAINING["learning_rate"].default and values == []
    retype(qtbot, rate.field, "0.5")
    assert not rate.field.is_bad and values == [0.5]
    assert "downhill" in rate.field.toolTip()


def test_bad_field_wears_the_bad_colour(qtbot: QtBot, qapp: QApplication, rate: SliderField) -> None:
    before = current_look()
    apply_look(qapp, Look(LIGHT))
    retype(qtbot, rate.field, "200")
    rate.field.clearFocus()
    image = rate.field.grab().toImage()
    left = image.pixelColor(0, image.height() // 2)
    apply_look(qapp, before)
    assert left == QColor(LIGHT.bad)


def test_escape_brings_the_good_value_back(qtbot: QtBot, rate: SliderField) -> None:
    retype(qtbot, rate.field, "200")
    qtbot.keyClick(rate.field, Qt.Key.Key_Escape)
    assert rate.field.text() == "0.003" and not rate.field.is_bad


def test_pulling_sends_values_on_the_way(qtbot: QtBot, rate: SliderField) -> None:
    values = recorded(rate)
    qtbot.mousePress(rate.track, Qt.MouseButton.LeftButton, pos=at(rate.track, 0.5))
    qtbot.mouseMove(rate.track, at(rate.track, 0.75))
    qtbot.mouseRelease(rate.track, Qt.MouseButton.LeftButton, pos=at(rate.track, 0.75))
    assert values == [pytest.approx(0.01, rel=0.1), pytest.approx(1.0, rel=0.1)]
    assert rate.value() == values[-1]
    qtbot.mouseMove(rate.track, at(rate.track, 0.1))
    assert rate.value() == values[-1]


def test_pulling_beyond_the_ends(qtbot: QtBot) -> None:
    clip = SliderField(TRAINING["clip_norm"])
    shown(qtbot, clip)
    qtbot.mousePress(clip.track, Qt.MouseButton.LeftButton, pos=QPoint(-50, 10))
    assert (clip.value(), clip.field.text()) == (0.0, "off")
    qtbot.mouseMove(clip.track, QPoint(5000, 10))
    assert clip.value() == 1000.0


@pytest.mark.parametrize("key", ["clip_norm", "weight_decay", "truncate"])
def test_off_is_at_the_left_and_can_be_typed(qtbot: QtBot, key: str) -> None:
    field = SliderField(TRAINING[key])
    shown(qtbot, field)
    retype(qtbot, field.field, "1")
    assert field.value() == 1
    qtbot.keyClick(field.track, Qt.Key.Key_Home)
    assert (field.value(), field.field.text()) == (0, "off")
    qtbot.keyClick(field.track, Qt.Key.Key_Right)
    assert field.value() > 0
    retype(qtbot, field.field, "off")
    assert field.value() == 0 and field.track.number() == 0


def test_arrows_go_to_the_next_tick(qtbot: QtBot, rate: SliderField) -> None:
    values = recorded(rate)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(rate.track, key)
    qtbot.keyClick(rate.field, Qt.Key.Key_Up)
    qtbot.keyClick(rate.field, Qt.Key.Key_Down)
    assert values == [0.01, 0.1, 0.01, 0.1, 0.01]


def test_shift_and_arrow_go_a_tenth_of_a_tick(qtbot: QtBot, rate: SliderField) -> None:
    qtbot.keyClick(rate.track, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert rate.value() == pytest.approx(0.003 * 10**0.1, rel=0.03)


def test_double_click_brings_the_default(qtbot: QtBot, rate: SliderField) -> None:
    rate.set_value(10.0)
    values = recorded(rate)
    qtbot.mouseDClick(rate.track, Qt.MouseButton.LeftButton, pos=at(rate.track, 0.9))
    assert values == [0.003]


def test_whole_numbers_stay_whole(qtbot: QtBot) -> None:
    batch = SliderField(TRAINING["batch_size"])
    shown(qtbot, batch)
    values = recorded(batch)
    qtbot.keyClick(batch.track, Qt.Key.Key_Right)
    assert values == [64] and isinstance(values[0], int)
    retype(qtbot, batch.field, "48")
    assert batch.value() == 48 and batch.field.text() == "48"


def test_wheel_is_left_to_what_scrolls(rate: SliderField) -> None:
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(QPointF(), QPointF(), QPoint(), QPoint(0, 120), none, Qt.KeyboardModifier.NoModifier, phase, False)
    QApplication.sendEvent(rate.track, wheel)
    assert rate.value() == 0.003 and not wheel.isAccepted()


def test_control_speaks_to_screen_readers(rate: SliderField) -> None:
    assert rate.field.accessibleName() == "Learning rate"
    assert rate.track.accessibleName()
    assert rate.track.accessibleDescription() == "0.003"
    assert rate.own_label.buddy() is rate.field
    assert "Alt+L" in rate.own_label.toolTip()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Escape])
def test_field_keeps_its_keys_from_the_window(rate: SliderField, key: Qt.Key) -> None:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(rate.field, event)
    assert event.isAccepted()
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.ControlModifier)
    event.ignore()
    QApplication.sendEvent(rate.track, event)
    assert not event.isAccepted()


def test_enter_confirms_though_the_window_uses_it(qtbot: QtBot) -> None:
    window = QWidget()
    field = SliderField(TRAINING["learning_rate"])
    QVBoxLayout(window).addWidget(field)
    pressed: list[bool] = []
    QShortcut(QKeySequence(Qt.Key.Key_Return), window).activated.connect(lambda: pressed.append(True))
    shown(qtbot, window)
    field.field.setFocus()
    qtbot.waitUntil(field.field.hasFocus)
    retype(qtbot, field.field, "0.5")
    assert field.value() == 0.5 and pressed == []


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
    assert caption.shown_text().endswith("…") and caption.toolTip() == caption.text()
    caption.resize(2000, caption.height())
    caption.grab()
    assert caption.shown_text() == caption.text() and caption.toolTip() == ""
