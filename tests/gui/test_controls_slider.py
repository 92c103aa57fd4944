"""The slider with its number field: pulled, typed into, stepped by keys, and what it makes of bad input."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QShortcut, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.controls.slider_field import SliderField
from gui.controls.slider_track import INSET, SliderTrack
from gui.style import Look, apply_look, current_look
from gui.theme import LIGHT
from tests.gui.fields import TRAINING, recorded, retype, shown


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
