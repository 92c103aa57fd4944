"""What the prediction panel lets a person try: inputs of their own, drawings, longer sequences."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core import registry
from core.length_test import LengthResult
from core.prediction import Answer, Prediction
from core.sampling import Sampling
from core.settings import Settings
from core.snapshot import Metric
from core.tasks.captioning import read_picture
from gui.panels.prediction import PredictionPanel
from gui.run_history import RunHistory
from gui.walk import Phase, Walk
from tests.gui.prediction_panels import feed, shown_panel
from tests.gui.snapshots import (
    make_snapshot,
    number_prediction,
    series_prediction,
    symbols_prediction,
    text_prediction,
)


@pytest.fixture
def panel(qtbot) -> PredictionPanel:
    return shown_panel(qtbot)


# Your own input: more in test_own_input.py


def test_what_is_typed_is_asked(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "text")
    qtbot.keyClicks(panel.own_input.line, " I like ")
    panel.own_input.options.temperature_field.set_value(1.2)
    panel.own_input.options.length_field.set_value(30)
    with qtbot.waitSignal(panel.try_requested) as emitted:
        panel.own_input.button.click()
    assert emitted.args == ["I like", Sampling(30, 1.2), 0]


def test_enter_asks_and_empty_input_does_not(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "number")
    with qtbot.assertNotEmitted(panel.try_requested):
        panel.own_input.button.click()
    qtbot.keyClicks(panel.own_input.line, "0.5* 0.2*")
    with qtbot.waitSignal(panel.try_requested) as emitted:
        qtbot.keyClick(panel.own_input.line, Qt.Key.Key_Return)
    assert emitted.args[0] == "0.5* 0.2*"


@pytest.mark.parametrize(
    ("kind", "has_length", "has_temperature"), [("number", False, False), ("text", True, True), ("series", True, False)]
)
def test_fields_suit_the_kind(panel: PredictionPanel, kind: str, has_length: bool, has_temperature: bool) -> None:
    feed(panel, kind)
    options = panel.own_input.options
    assert (options.length.isVisible(), options.temperature.isVisible()) == (has_length, has_temperature)
    assert panel.own_input.options_button.isVisible() == has_temperature
    assert panel.own_input.line.placeholderText() == f"Try your own: {registry.tasks()['adding'].input_example}"


def test_answers_and_problems_are_shown(panel: PredictionPanel) -> None:
    feed(panel, "number")
    text = panel.own_input.answer_view.text.caption
    panel.show_answer(Answer((1.4,), None, "1.402 (right is 1.400)"))
    assert text.isVisible()
    assert text.text() == "1.402 (right is 1.400)"
    color = text.palette().windowText().color()
    panel.show_problem("'x' is not right")
    assert text.text() == "'x' is not right"
    assert text.palette().windowText().color() != color


def test_answer_stays_while_training_goes_on(panel: PredictionPanel) -> None:
    feed(panel, "number")
    panel.show_answer(Answer((1.4,), None, "1.402"))
    feed(panel, number_prediction(seed=9))
    assert panel.own_input.answer_view.text.caption.text() == "1.402"


def test_the_next_run_is_asked_what_the_last_one_was(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "number")
    qtbot.keyClicks(panel.own_input.line, "0.5* 0.2*")
    panel.own_input.button.click()
    panel.show_answer(Answer((0.7,), None, "0.7"))
    panel.clear()
    assert not panel.own_input.answer_view.isVisible()
    with qtbot.waitSignal(panel.try_requested) as emitted:
        feed(panel, "number", run_id=2)
    assert emitted.args[0] == "0.5* 0.2*" == panel.own_input.line.text()
    with qtbot.assertNotEmitted(panel.try_requested):
        feed(panel, "number", run_id=2)


def test_no_answer_makes_the_panel_ask_for_more_room(panel: PredictionPanel) -> None:
    feed(panel, "text")
    before = panel.minimumSizeHint()
    panel.own_input.ask("once upon a time")
    panel.show_answer(Answer(("a",), {f"{k}": 0.1 for k in range(9)}, "a word " * 200), 13)
    panel.grab()
    assert panel.minimumSizeHint() == before and panel.own_input.answer_area.height() <= 0.3 * panel.height() + 1
    assert panel.own_input.answer_view.bars.isVisible()


def test_bars_that_the_view_has_stand_there_only(panel: PredictionPanel) -> None:
    feed(panel, "text")
    panel.own_input.ask(text_prediction().prompt)
    panel.show_answer(Answer(("a",), {"a": 0.6, "b": 0.4}, "a"), 13)
    assert panel.own_input.answer_view.isVisible() and not panel.own_input.answer_view.bars.isVisible()


def test_a_task_without_a_length_can_not_be_tested_longer(panel: PredictionPanel) -> None:
    feed_task(panel, "captioning", symbols_prediction())
    assert not panel.length_button.isEnabled() and "no length" in panel.length_button.toolTip()
    feed_task(panel, "adding", number_prediction())
    assert panel.length_button.isEnabled()


# Longer sequences


def test_longer_sequences_are_tested_when_asked_for(panel: PredictionPanel, qtbot) -> None:
    assert panel.options() == [panel.length_button]
    feed(panel, "number")
    with qtbot.waitSignal(panel.length_test_requested):
        panel.length_button.click()
    results = [LengthResult(k, 50.0 * k, 0.1, Metric("right", value, "%")) for k, value in ((1, 99.0), (2, 97.0), (4, 30.0))]
    panel.show_lengths(results, 740)
    assert panel.length_row.isVisible()
    assert "50 steps: 99" in panel.as_sentence() and "200: 30" in panel.as_sentence()
    panel.show_lengths("its sequences have no length that could be changed", 740)
    assert panel.length_row.text() == "its sequences have no length that could be changed"
    panel.clear()
    assert not panel.length_row.isVisible()


# Drawing


def feed_task(panel: PredictionPanel, task: str, prediction: Prediction) -> None:
    settings = Settings.from_dict({"task": {"name": task}})
    snapshot = replace(make_snapshot(100), settings=settings, prediction=prediction)
    panel.show_snapshot(snapshot, RunHistory())
    panel.grab()


@pytest.mark.parametrize("task", ["captioning", "prices"])
def test_a_task_that_can_be_drawn_has_a_pad(panel: PredictionPanel, task: str) -> None:
    feed_task(panel, "adding", number_prediction())
    assert not panel.own_input.draw_button.isVisible()
    feed_task(panel, task, series_prediction() if task == "prices" else symbols_prediction())
    panel.own_input.draw_button.click()
    assert panel.drawing.isVisible() and not panel.view.isVisible()
    feed_task(panel, task, series_prediction() if task == "prices" else symbols_prediction())
    assert panel.drawing.isVisible()
    panel.own_input.draw_button.click()
    assert panel.view.isVisible() and not panel.drawing.isVisible()


def test_examples_are_asked_and_can_be_read(panel: PredictionPanel, qtbot) -> None:
    feed_task(panel, "captioning", symbols_prediction())
    panel.own_input.draw_button.click()
    texts = []
    for _ in range(2):
        with qtbot.waitSignal(panel.try_requested) as emitted:
            panel.drawing.example_button.click()
        texts.append(emitted.args[0])
    assert all(read_picture(text) is not None for text in texts) and texts[0] != texts[1]
    assert panel.own_input.line.text() == texts[1]
    with qtbot.waitSignal(panel.question_forgotten):
        panel.drawing.clear_button.click()


def test_a_curve_begins_with_what_is_known_in_the_series_own_range(panel: PredictionPanel, qtbot) -> None:
    prediction = series_prediction()
    feed_task(panel, "prices", prediction)
    panel.own_input.draw_button.click()
    low, high = panel.view.plot.y_scale.low, panel.view.plot.y_scale.high
    assert panel.drawing.view.bounds[0] in (low, low - (high - low) / 4) and panel.drawing.view.bounds[1] == high + (high - low) / 4
    with qtbot.waitSignal(panel.try_requested) as emitted:
        panel.drawing.example_button.click()
    drawn = [float(word) for word in emitted.args[0].split(",")]
    np.testing.assert_allclose(drawn, prediction.past[-panel.drawing.view.steps :], atol=0.6)
    panel.show_answer(Answer((1.0, 2.0), None, "1, 2"))
    panel.grab()


def test_clearing_brings_back_the_hint(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "text")
    panel.clear()
    assert panel.view is None
    assert not panel.own_input.isVisible()
    assert "press play" in panel.as_sentence()


# Walking


@pytest.mark.parametrize("kind", ["number", "symbols", "text", "classes", "series", "wave", "melody", "tags", "sensor"])
def test_a_walk_gives_no_answer_away(panel: PredictionPanel, kind: str) -> None:
    feed(panel, kind)
    seq_len = panel._trace.seq_len
    whole, said = panel.grab().toImage(), panel.subtitle
    panel.set_walk(Walk(Phase.FORWARD, 6, seq_len))
    assert panel.grab().toImage() != whole and panel.subtitle == f"7 of {seq_len} steps read so far"
    panel.set_walk(Walk(Phase.FORWARD, seq_len - 1, seq_len))
    assert panel.grab().toImage() == whole and panel.subtitle == said
