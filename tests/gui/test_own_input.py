"""Typing and drawing an own input, the options of the draw, and how the answer is shown."""

import pytest
from PySide6.QtCore import Qt

from core.prediction import Answer
from core.sampling import Sampling
from gui.panels.own_input import OwnInput
from gui.plots.share_bars import OTHERS
from gui.style import Look, apply_look
from gui.theme import DARK, LIGHT

LONG = "the dog is going to the park and the cat is going home. " * 40


@pytest.fixture
def own(qtbot) -> OwnInput:
    own = OwnInput(DARK)
    qtbot.addWidget(own)
    own.configure("I am going to the", 12, has_chance=True, has_pad=False)
    own.resize(640, 300)
    own.show()
    return own


def asked(own: OwnInput) -> list:
    seen: list = []
    own.try_requested.connect(lambda text, sampling, seed: seen.append((text, sampling, seed)))
    return seen


def test_every_option_reaches_the_question(own: OwnInput, qtbot) -> None:
    seen, options = asked(own), own.options
    own.options_button.click()
    own.line.setText("once")
    qtbot.keyClick(own.line, Qt.Key.Key_Return)
    for field, typed in ((options.top_k_field, "5"), (options.seed_field, "42"), (options.length_field, "30")):
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    options.stops_switch.click()
    assert seen[0] == ("once", Sampling(12, 0.7), 0)
    assert seen[-1] == ("once", Sampling(30, 0.7, 5, stops_at_end=False), 42)
    assert len(seen) == 5
    options.likeliest_switch.click()
    assert seen[-1][1].temperature == 0
    assert not options.temperature.isEnabled() and not options.top_k_field.isEnabled() and options.stops_switch.isEnabled()
    assert not options.seed_field.isEnabled()


def test_top_k_says_off_for_all(own: OwnInput) -> None:
    assert own.options.top_k_field.text() == "off" and own.options.sampling(True).top_k == 0


def test_the_die_draws_another_seed_and_asks_again(own: OwnInput) -> None:
    seen = asked(own)
    own.ask("once")
    for _ in range(20):
        own.options.die.click()
    seeds = [seed for _, _, seed in seen]
    assert all(a != b for a, b in zip(seeds, seeds[1:], strict=False)) and own.options.seed() == seeds[-1]


def test_nothing_is_asked_before_something_was(own: OwnInput) -> None:
    seen = asked(own)
    own.options.die.click()
    own.options.likeliest_switch.click()
    assert seen == []


@pytest.mark.parametrize("width", [300, 380, 450, 560, 900])
def test_all_fields_are_reached_at_every_width(own: OwnInput, width: int, qtbot) -> None:
    own.resize(width, 300)
    own.options_button.click()
    own.grab()
    options = own.options
    everything = [options.length, options.temperature, *options.of_chance, own.line, own.button, own.options_button]
    for widget in everything:
        assert widget.isVisible()
        corner = widget.mapTo(own, widget.rect().topLeft())
        assert corner.x() >= 0 and corner.x() + widget.width() <= width
    boxes = [widget.rect().translated(widget.mapTo(own, widget.rect().topLeft())) for widget in everything]
    assert not any(a.intersects(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert own.line.width() >= 80


def test_options_fold_away_and_are_named(own: OwnInput) -> None:
    assert not own.options.isVisible()
    own.options_button.click()
    assert own.options.isVisible()
    options = own.options
    for widget in (
        options.top_k_field,
        options.seed_field,
        options.likeliest_switch,
        options.stops_switch,
        options.die,
        own.options_button,
    ):
        assert widget.accessibleName() and widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    own.configure("120, 123", 12, has_chance=False, has_pad=True)
    assert not own.options.isVisible() and not own.options_button.isVisible() and own.draw_button.isVisible()


def test_probabilities_are_bars_in_order(own: OwnInput) -> None:
    own.show_answer(Answer(("Y",), {"X": 0.25, "Y": 0.6, "Z": 0.15}, "Y (60 %)"), 12)
    bars = own.answer_view.bars
    assert bars.isVisible() and bars.rows() == [("Y", 0.6), ("X", 0.25), ("Z", 0.15)]
    assert bars.accessibleDescription().startswith("Y 60")
    own.show_answer(Answer(("a",), {f"{k}": 0.08 for k in range(8)}, "a"), 13)
    names = [name for name, _ in bars.rows()]
    assert len(names) == 6 and names[-1] == OTHERS and bars.rows()[-1][1] == pytest.approx(1 - 5 * 0.08)
    own.show_answer(Answer((1.0,), None, "1.0"), 14)
    assert not bars.isVisible()


@pytest.mark.parametrize("width", [300, 700])
def test_bars_stand_beside_or_below_the_answer(own: OwnInput, width: int, qtbot) -> None:
    own.resize(width, 300)
    own.show_answer(Answer(("Y",), {"X": 0.25, "Y": 0.75}, "Y (75 %)"), 12)
    text, bars = own.answer_view.text, own.answer_view.bars
    if width == 700:
        qtbot.waitUntil(lambda: bars.x() >= text.x() + text.width() and bars.y() < text.height())
    else:
        qtbot.waitUntil(lambda: bars.y() >= text.y() + text.height() and bars.width() > 200)


def test_long_answers_scroll_and_can_be_selected(own: OwnInput) -> None:
    own.show_answer(Answer(tuple(LONG.split()), None, LONG), 12)
    own.grab()
    text = own.answer_view.text
    assert text.height() < 120 and text.verticalScrollBar().maximum() > 0
    assert text.caption.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    own.show_answer(Answer(("a",), None, "a"), 12)
    own.grab()
    assert text.verticalScrollBar().maximum() == 0 and text.height() < 40


def test_the_note_says_when_and_whether_it_is_live(own: OwnInput) -> None:
    view = own.answer_view
    view.set_run_state(is_running=False, is_diverged=False)
    own.show_answer(Answer(("a",), None, "a"), 0)
    assert "before the first update" in view.note.text() and not view.live_chip.isVisible()
    view.set_run_state(is_running=True, is_diverged=False)
    own.show_answer(Answer(("a",), None, "a"), 1240)
    assert view.note.text() == "after 1,240 updates" and view.live_chip.isVisible()
    view.set_run_state(is_running=False, is_diverged=True)
    assert "diverged" in view.note.text() and not view.live_chip.isVisible()
    own.show_problem("no")
    assert not view.note.isVisible()


def test_an_answer_that_comes_late_is_not_shown(own: OwnInput, qtbot) -> None:
    own.ask("once")
    with qtbot.waitSignal(own.forgotten):
        qtbot.keyClicks(own.line, "u")
    own.show_answer(Answer(("a",), None, "late"), 3)
    assert not own.answer_view.isVisible()
    own.ask("upon")
    own.show_answer(Answer(("a",), None, "in time"), 3)
    assert own.answer_view.isVisible()


def test_what_is_drawn_stands_in_the_line(own: OwnInput, qtbot) -> None:
    seen = asked(own)
    own.ask_drawn("1, 2, 3")
    assert own.line.text() == "1, 2, 3" and [text for text, _, _ in seen] == ["1, 2, 3"]
    with qtbot.waitSignal(own.forgotten):
        own.ask_drawn("")
    assert len(seen) == 1


def test_bars_follow_the_theme(own: OwnInput) -> None:
    own.show_answer(Answer(("Y",), {"X": 0.25, "Y": 0.75}, "Y"), 12)
    own.set_theme(LIGHT)
    assert own.answer_view.bars.grab().toImage().pixelColor(1, 1).name().upper() == LIGHT.panel


def test_an_answer_scrolls_where_there_is_little_room(own: OwnInput, qtbot) -> None:
    own.set_room(60)
    own.show_answer(Answer(("a",), {f"{k}": 0.1 for k in range(9)}, "a"), 13)
    qtbot.waitUntil(lambda: own.answer_area.height() == 60 and own.answer_area.verticalScrollBar().maximum() > 0)
    own.clear()
    assert not own.answer_area.isVisible()


def test_labels_keep_the_theme_s_tone_wherever_they_move(own: OwnInput, qapp) -> None:
    label = own.options.length.label
    try:
        apply_look(qapp, Look(theme=LIGHT))
        for width in (380, 900):
            own.resize(width, 300)
            own.grab()
            assert label.palette().color(label.foregroundRole()).name().upper() == LIGHT.text_2
            texts = [own.options.length, own.options.temperature]
        assert texts[0].x() < texts[1].x()
    finally:
        apply_look(qapp, Look())


def test_one_update_is_one(own: OwnInput) -> None:
    own.show_answer(Answer(("a",), None, "a"), 1)
    assert own.answer_view.note.text() == "after 1 update"
