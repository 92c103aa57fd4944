"""The prediction panel: the view that suits each kind of prediction, what it says, and trying one's own input."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core import registry
from core.length_test import LengthResult
from core.prediction import Answer, Prediction, SymbolsPrediction
from core.sampling import Sampling
from core.settings import Settings
from core.snapshot import Metric
from core.tasks.captioning import read_picture
from gui.panels.prediction import PANEL, PredictionPanel, views
from gui.panels.prediction_views.number import figures
from gui.panels.prediction_views.tags import balanced_lines
from gui.plots import colormaps
from gui.plots.sticky import SHORT_PATIENCE
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.snapshots import (
    PASSAGE,
    REVIEW,
    TASK_OF_KIND,
    classes_prediction,
    make_prediction,
    make_snapshot,
    number_prediction,
    picture,
    recording_prediction,
    sensor_prediction,
    series_prediction,
    symbols_prediction,
    tags_prediction,
    text_prediction,
    wave_prediction,
)

KINDS = tuple(TASK_OF_KIND)


@pytest.fixture
def panel(qtbot) -> PredictionPanel:
    panel = PANEL.make(DARK)
    qtbot.addWidget(panel)
    panel.resize(640, 260)
    panel.show()
    return panel


def feed(panel: PredictionPanel, prediction: Prediction | str, run_id: int = 1) -> None:
    prediction = make_prediction(prediction) if isinstance(prediction, str) else prediction
    history = RunHistory()
    snapshot = replace(make_snapshot(100, run_id=run_id), prediction=prediction)
    history.add(snapshot)
    panel.show_snapshot(snapshot, history)
    panel.grab()


def test_every_kind_of_prediction_has_a_view() -> None:
    assert set(views()) == set(get_args(Prediction))


@pytest.mark.parametrize("kind", KINDS)
def test_panel_picks_the_view(panel: PredictionPanel, kind: str) -> None:
    feed(panel, kind)
    assert panel.view.name == kind
    assert panel.view.isVisible()
    assert panel.subtitle == panel.view.subtitle() != ""
    header, *rows = panel.as_table()
    assert rows
    assert {len(row) for row in rows} == {len(header)}


def test_views_are_made_once_and_swapped(panel: PredictionPanel) -> None:
    feed(panel, "number")
    number = panel.view
    feed(panel, "text")
    feed(panel, "number")
    assert panel.view is number


@pytest.mark.parametrize("kind", KINDS)
def test_cursor_redraws_no_picture(panel: PredictionPanel, kind: str) -> None:
    feed(panel, kind)
    panel.set_cursor(3)
    panel.grab()
    canvases = [canvas for canvas in panel.view.findChildren(object) if hasattr(canvas, "picture_count")]
    before, image = [canvas.picture_count for canvas in canvases], panel.view.grab().toImage()
    panel.set_cursor(9)
    assert panel.view.grab().toImage() != image
    assert [canvas.picture_count for canvas in canvases] == before


def test_cursor_set_before_the_first_prediction_is_drawn(panel: PredictionPanel) -> None:
    panel.set_cursor(7)
    feed(panel, "number")
    assert panel.view.plot.cursor_step == 7


@pytest.mark.parametrize("kind", KINDS)
def test_other_theme_other_colours(panel: PredictionPanel, kind: str) -> None:
    feed(panel, kind)
    dark = panel.view.grab().toImage()
    panel.set_theme(LIGHT)
    light = panel.view.grab().toImage()
    assert dark.pixelColor(1, 1).name().upper() == DARK.panel
    assert light.pixelColor(1, 1).name().upper() == LIGHT.panel


# Number


def test_number_shows_answers_against_the_right_ones(panel: PredictionPanel) -> None:
    prediction = number_prediction()
    feed(panel, prediction)
    answer, right = panel.view.plot.curves
    np.testing.assert_array_equal(answer.y, prediction.answers)
    np.testing.assert_array_equal(right.y, prediction.running_targets)
    assert right.is_stairs
    assert right.is_dashed
    assert panel.view.plot.marked_steps == (8, 27)
    assert panel.subtitle == "answers 1.40, right is 1.41"


def test_number_figures_are_the_share_within_tolerance_and_the_mean_error() -> None:
    prediction = replace(number_prediction(), held_out_targets=np.array([1.0, 1, 1, 1]), held_out_answers=np.array([1.0, 1.03, 0.9, 1.2]))
    share, error = figures(prediction)
    assert share == 0.5
    assert error == pytest.approx(0.0825)


def test_number_scatter_has_a_dot_at_answer_and_target(panel: PredictionPanel) -> None:
    prediction = replace(number_prediction(), held_out_targets=np.array([0.0, 2.0, 1.5]), held_out_answers=np.array([0.0, 2.0, 0.5]))
    feed(panel, prediction)
    scatter = panel.view.scatter
    square, image = scatter.square(), scatter.grab().toImage()
    dot = image.pixelColor(round(square.left() + 0.75 * square.width()), round(square.bottom() - 0.25 * square.height()))
    empty = image.pixelColor(round(square.left() + 0.25 * square.width()), round(square.bottom() - 0.75 * square.height()))
    assert empty.name().upper() == DARK.raised
    assert dot != empty


def test_number_scatter_is_drawn_anew_only_when_it_changed(panel: PredictionPanel) -> None:
    feed(panel, number_prediction())
    count = panel.view.scatter.picture_count
    feed(panel, replace(number_prediction(), answers=np.zeros(50)))
    assert panel.view.scatter.picture_count == count
    feed(panel, number_prediction(seed=9))
    assert panel.view.scatter.picture_count == count + 1


@pytest.mark.parametrize(
    ("answers", "bounds"), [((0.5, 1.5), (0, 2)), ((-0.2, 1.5), (-0.5, 2)), ((0.5, 3.3), (0, 3.5)), ((-0.02, 2.03), (0, 2))]
)
def test_number_axis_is_that_of_the_targets_and_gives_way_to_answers(panel: PredictionPanel, answers, bounds) -> None:
    feed(panel, replace(number_prediction(), answers=np.linspace(*answers, 50)))
    scale = panel.view.plot.y_scale
    assert (scale.low, scale.high) == bounds


@pytest.mark.parametrize("size", [(640, 180), (640, 400), (1200, 900)], ids=str)
def test_number_scatter_is_a_square_inside_its_room(panel: PredictionPanel, size) -> None:
    panel.resize(*size)
    feed(panel, "number")
    square, scatter = panel.view.scatter.square(), panel.view.scatter
    assert square.width() == square.height() > 50
    assert scatter.rect().contains(square.toRect())


def test_number_scatter_shows_answers_beyond_the_targets(panel: PredictionPanel) -> None:
    prediction = replace(number_prediction(), held_out_targets=np.array([0.0, 2.0, 1.0]), held_out_answers=np.array([-0.4, 2.0, 1.0]))
    feed(panel, prediction)
    scatter = panel.view.scatter
    assert (scatter.scale.low, scatter.scale.high) == (-0.5, 2)
    square, image = scatter.square(), scatter.grab().toImage()
    x, y = (scatter.scale.fraction(np.array(value)) for value in (0.0, -0.4))
    dot = image.pixelColor(round(square.left() + x * square.width()), round(square.bottom() - y * square.height()))
    assert dot.name().upper() not in (DARK.raised, DARK.line_2)
    # Those farther off lie on the edge, rather than nowhere.
    feed(panel, replace(prediction, held_out_answers=np.array([-90.0, 2.0, 1.0])))
    assert scatter.scale.low == -2


def test_number_scatter_names_both_axes(panel: PredictionPanel) -> None:
    feed(panel, "number")
    drawn: list[str] = []
    scatter = panel.view.scatter
    scatter.draw_text = lambda painter, box, text, *more, **named: drawn.append(text)
    scatter.reframe()
    panel.grab()
    assert {"target", "answer"} <= set(drawn)


# Symbols


def test_symbols_that_are_wrong_are_found(panel: PredictionPanel) -> None:
    prediction = symbols_prediction()
    feed(panel, prediction)
    wrong = panel.view.is_wrong()
    answers = [prediction.symbols[k] for k in prediction.probabilities.argmax(axis=1)]
    assert wrong == [a != w for a, w in zip(answers, prediction.wanted, strict=True)]
    assert any(wrong)
    assert panel.subtitle == f"{24 - sum(wrong)} of 24 symbols right"


def test_symbols_that_are_wrong_wear_a_mark_that_right_ones_do_not(panel: PredictionPanel) -> None:
    prediction = symbols_prediction()
    feed(panel, prediction)
    strip = panel.view.strip
    image, wrong = strip.grab().toImage(), panel.view.is_wrong()

    def is_marked(step: int) -> bool:
        box = strip._strip_cell(2, step).toRect().adjusted(1, 1, -1, -1)
        pixels = [image.pixelColor(x, y) for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom())]
        return any(color.red() > 150 and color.red() > 1.5 * color.blue() for color in pixels)

    assert [is_marked(step) for step in range(24)] == wrong


def test_symbols_heat_wears_viridis(panel: PredictionPanel) -> None:
    prediction = symbols_prediction()
    feed(panel, prediction)
    strip, heat = panel.view.strip, panel.view.strip.heat_area()
    x, y = heat.left() + 3.5 * strip.cell_width(), heat.top() + 2.5 / 9 * heat.height()
    value = prediction.probabilities[3, 2]
    assert strip.grab().toImage().pixel(int(x), int(y)) == int(colormaps.table("viridis")[int(value * 255 + 0.5)])


def test_symbols_not_asked_for_are_never_wrong(panel: PredictionPanel) -> None:
    prediction = symbols_prediction()
    feed(panel, replace(prediction, wanted=tuple("" for _ in prediction.wanted)))
    assert not any(panel.view.is_wrong())
    assert panel.subtitle == "0 of 0 symbols right"


def test_symbols_too_narrow_for_letters_are_still_drawn(panel: PredictionPanel) -> None:
    feed(panel, symbols_prediction(lag=900, count=50))
    assert 0 < panel.view.strip.cell_width() < 1
    assert sum(panel.view.is_wrong()) > 0


def test_a_separator_among_the_symbols_is_drawn(panel: PredictionPanel) -> None:
    slash = SymbolsPrediction(("a", "/"), ("a", "/"), ("/", "a"), np.array([[0.1, 0.9], [0.8, 0.2]]))
    feed(panel, slash)
    cell = panel.view.strip._strip_cell(1, 0).toRect()
    with_slash = panel.view.strip.grab(cell).toImage()
    feed(panel, replace(slash, wanted=("", "a")))
    assert panel.view.strip.grab(cell).toImage() != with_slash


def test_every_legal_symbol_is_outlined_and_needed(panel: PredictionPanel) -> None:
    legal = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1]], dtype=bool)
    shares = np.array([[0.5, 0.4, 0.1], [0.3, 0.3, 0.4], [0.5, 0.3, 0.2]])
    prediction = SymbolsPrediction(("a", "b", "c"), ("s", "a", "c"), ("a/b", "c", "a/c"), shares, legal=legal)
    feed(panel, prediction)
    assert panel.view.outlined() == [(0, 0), (0, 1), (1, 2), (2, 0), (2, 2)]
    assert panel.view.is_wrong() == [False, False, True]
    assert panel.subtitle == "2 of 3 steps right, 1 of them by a narrow margin"
    assert [row[3] for row in panel.as_table()[1:]] == ["a/b", "c", "a/b"]


# Text


def test_text_says_what_comes_next(panel: PredictionPanel) -> None:
    feed(panel, text_prediction())
    assert panel.subtitle.replace("\u202f", " ") == "“I am going to the” goes on with “park” (33 %)"
    names, shares = zip(*panel.view.next_symbols.rows(), strict=True)
    assert names[0] == "park"
    assert names[-1] == "all others"
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("is_words", [False, True])
def test_text_has_every_symbol_in_its_place(panel: PredictionPanel, is_words: bool) -> None:
    prediction = text_prediction(is_words)
    panel.resize(900, 500)
    feed(panel, prediction)
    passage = panel.view.passage
    boxes = [passage.box_of(step) for step in range(len(prediction.read))]
    assert all(box is not None for box in boxes)
    assert [passage.step_at(box.center()) for box in boxes] == list(range(len(prediction.read)))
    assert len(passage.plan().continuations) == 3
    assert passage.plan().size == 20


def test_text_is_shaded_where_it_surprised(panel: PredictionPanel) -> None:
    panel.set_theme(LIGHT)
    prediction = text_prediction()
    surprise = np.zeros(len(PASSAGE))
    surprise[10] = 8.0
    feed(panel, replace(prediction, surprise=surprise))
    passage, image = panel.view.passage, panel.view.passage.grab().toImage()
    shaded, plain = (image.pixelColor(passage.box_of(step).topLeft().toPoint() + QPoint(1, 3)) for step in (10, 20))
    assert shaded.red() > shaded.blue() + 60
    assert plain.name().upper() == LIGHT.panel


def test_text_scrolls_to_the_cursor(panel: PredictionPanel) -> None:
    panel.resize(320, 130)
    feed(panel, text_prediction())
    passage = panel.view.passage
    assert passage.box_of(0) is None
    panel.set_cursor(0)
    panel.grab()
    assert passage.box_of(0) is not None


def test_small_panel_keeps_a_continuation_of_the_middle_temperature(panel: PredictionPanel) -> None:
    for height in range(130, 300, 4):
        panel.resize(640, height)
        feed(panel, text_prediction())
        shown = panel.view.passage.plan().continuations
        if len(shown) == 1:
            assert shown == [1]
            return
    pytest.fail("no height at which just one continuation has room")


# Classes


def test_classes_show_the_probability_after_every_word(panel: PredictionPanel) -> None:
    prediction = classes_prediction()
    feed(panel, prediction)
    negative, positive = panel.view.plot.curves
    assert (negative.name, positive.name) == ("negative (truth)", "positive")
    np.testing.assert_array_equal(positive.y, prediction.probabilities[:, 1])
    assert panel.subtitle.endswith("sure: right")
    feed(panel, replace(prediction, truth=1))
    assert panel.subtitle.endswith("sure: wrong, it is positive")


def test_click_on_a_word_chooses_its_step(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "classes")
    strip = panel.view.strip
    with qtbot.waitSignal(panel.cursor_moved) as emitted:
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip._boxes[REVIEW.index("boring")].center().toPoint())
    assert emitted.args == [REVIEW.index("boring")]


def test_words_keep_inside_the_strip(panel: PredictionPanel) -> None:
    for width in (300, 640, 1200):
        panel.resize(width, 260)
        feed(panel, "classes")
        strip = panel.view.strip
        assert all(box.right() <= strip.width() for box in strip._boxes)
        assert strip._boxes[-1].bottom() <= strip.height()


def test_many_classes_have_numbers_only_where_they_fit(panel: PredictionPanel) -> None:
    names = tuple(str(k) for k in range(10))
    shares = np.full((len(REVIEW), 10), 0.1)
    feed(panel, replace(classes_prediction(), classes=names, probabilities=shares, truth=7, confusion=np.eye(10, dtype=np.int64) * 36))
    drawn: list[str] = []
    matrix = panel.view.matrix
    matrix.draw_text = lambda painter, box, text, *more: drawn.append(text)
    for width, has_numbers in ((460, False), (1900, True)):
        panel.resize(width, 600)
        drawn.clear()
        matrix.reframe()
        panel.grab()
        assert (drawn.count("36") == 10) == has_numbers and drawn.count("7") == 2


def test_named_classes_have_colours_of_their_own_and_keep_them(panel: PredictionPanel) -> None:
    names = tuple(str(k) for k in range(10))
    shares = np.full((len(REVIEW), 10), 0.01)
    shares[-1, [0, 6, 9]] = 0.3, 0.4, 0.2
    first = replace(classes_prediction(), classes=names, probabilities=shares, truth=3, confusion=np.eye(10, dtype=np.int64))

    def colors() -> dict[str, str]:
        return {curve.name: curve.color for curve in panel.view.plot.curves if curve.name}

    feed(panel, first)
    before = colors()
    # With a colour for every sixth class 0 and 6, 3 and 9 would look the same.
    assert set(before) == {"0", "3 (truth)", "6", "9"} and len(set(before.values())) == 4
    later = shares.copy()
    later[-1, [0, 8]] = 0.0, 0.3
    feed(panel, replace(first, probabilities=later))
    after = colors()
    assert set(after) == {"3 (truth)", "6", "8", "9"} and len(set(after.values())) == 4
    assert all(after[name] == before[name] for name in ("3 (truth)", "6", "9"))
    assert panel.view.class_color(1) == DARK.text_3


def test_words_do_not_repeat_a_picture(panel: PredictionPanel) -> None:
    feed(panel, "classes")
    assert panel.view.strip.isVisible()
    feed(panel, replace(classes_prediction(), picture=picture()))
    assert not panel.view.strip.isVisible() and panel.view.picture.isVisible() and panel.view.plot.isVisible()
    assert panel.view.plot.step_name(2) == "t = 3"
    feed(panel, "classes")
    assert panel.view.strip.isVisible()


@pytest.mark.parametrize("width", [460, 520, 640, 900, 1500])
def test_numbers_of_the_confusion_matrix_stay_in_their_cells(panel: PredictionPanel, width: int) -> None:
    counts = np.full((4, 4), 1533)
    panel.resize(width, 300)
    feed(
        panel, replace(classes_prediction(), classes=("a", "b", "c", "d"), probabilities=np.full((len(REVIEW), 4), 0.25), confusion=counts)
    )
    matrix = panel.view.matrix
    drawn: list[tuple[str, float, float]] = []

    def note(painter, box, text, color, size, align=None, weight=400) -> None:
        drawn.append((text, box.width(), matrix.text_width(text, size, weight)))

    matrix.draw_text = note
    matrix.reframe()
    panel.grab()
    numbers = [entry for entry in drawn if entry[0][:1] == "1" and "right" not in entry[0]]
    assert {text for text, _, _ in numbers} <= {"1,533", "1.5k"}
    assert all(needed <= room for _, room, needed in numbers)
    assert width < 900 or len(numbers) == 16


# Series


def test_series_goes_on_where_the_past_ends(panel: PredictionPanel) -> None:
    prediction = series_prediction()
    feed(panel, prediction)
    curves = {curve.name: curve for curve in panel.view.plot.curves}
    assert list(curves) == ["known", "guessed one step ahead", "what came", "forecast"]
    np.testing.assert_array_equal(curves["known"].y, prediction.past)
    np.testing.assert_array_equal(curves["forecast"].x, np.arange(96, 121))
    assert curves["forecast"].y[0] == prediction.past[-1]
    np.testing.assert_array_equal(curves["forecast"].y[1:], prediction.forecast)
    steps, low, high = panel.view.band()
    np.testing.assert_array_equal(steps, curves["forecast"].x)
    np.testing.assert_array_equal((low[1:], high[1:]), (prediction.low, prediction.high))


def test_series_without_a_known_future_draws_none(panel: PredictionPanel) -> None:
    feed(panel, replace(series_prediction(), future=np.full(24, np.nan)))
    assert "what came" not in [curve.name for curve in panel.view.plot.curves]
    assert panel.subtitle.startswith("passengers in thousand: next ")
    assert "came" not in panel.subtitle


def test_wide_band_does_not_flatten_the_series(panel: PredictionPanel) -> None:
    prediction = series_prediction()
    feed(panel, replace(prediction, low=prediction.low - 1e6, high=prediction.high + 1e6))
    span = prediction.past.max() - prediction.past.min()
    assert panel.view.plot.y_scale.high - panel.view.plot.y_scale.low < 4 * span


def test_series_axis_holds_all_that_is_known(panel: PredictionPanel) -> None:
    prediction = series_prediction()
    feed(panel, prediction)
    scale = panel.view.plot.y_scale
    assert scale.low <= min(prediction.past.min(), prediction.future.min())
    assert scale.high >= max(prediction.past.max(), prediction.future.max())


def test_click_in_the_forecast_chooses_the_last_known_step(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "series")
    plot = panel.view.plot
    with qtbot.waitSignal(panel.cursor_moved) as emitted:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(float(plot.to_x(115))), 60))
    assert emitted.args == [95]


def test_series_axis_forgets_a_wild_forecast(panel: PredictionPanel) -> None:
    steps = np.arange(60)
    wave = replace(series_prediction(), past=np.sin(steps[:48]), future=np.sin(steps[48:]), one_step=np.sin(steps[:48]))
    tame = replace(wave, forecast=np.sin(steps[48:]), low=np.sin(steps[48:]) - 0.1, high=np.sin(steps[48:]) + 0.1)
    feed(panel, replace(tame, forecast=np.linspace(0, 40, 12)))
    scale = panel.view.plot.y_scale
    assert scale.high <= 4
    for _ in range(SHORT_PATIENCE + 1):
        feed(panel, tame)
    scale = panel.view.plot.y_scale
    assert 1 < scale.high <= 2 and -2 <= scale.low < -1


# Wave


def test_wave_is_wanted_and_written(panel: PredictionPanel) -> None:
    prediction = wave_prediction()
    feed(panel, prediction)
    curves = {curve.name: curve for curve in panel.view.plot.curves}
    assert list(curves) == ["wanted", "told the last value", "written by itself"]
    for curve, values in zip(curves.values(), (prediction.wanted, prediction.taught, prediction.written), strict=True):
        np.testing.assert_array_equal((curve.x, curve.y), (np.arange(1, 41), values))
    off = 100 * np.abs(prediction.written - prediction.wanted).mean() / np.abs(prediction.wanted).max()
    assert panel.subtitle == f"off by {off:.1f} % of its height on average"
    assert panel.view.strip.accessibleName() == "In: frequency 1.70, phase 0.25, amplitude 0.80, sine"


def test_ground_between_the_waves_is_shaded(panel: PredictionPanel) -> None:
    prediction = wave_prediction(error=0.3)
    feed(panel, prediction)
    plot, step = panel.view.plot, int(np.abs(prediction.written - prediction.wanted).argmax())
    between = float(prediction.wanted[step] + prediction.written[step]) / 2
    x, y = round(float(plot.to_x(step + 1))), round(float(plot.to_y(between)))
    shaded = plot.grab().toImage().pixelColor(x, y)
    feed(panel, replace(prediction, written=prediction.wanted))
    assert plot.grab().toImage().pixelColor(x, y) != shaded
    assert panel.subtitle.startswith("off by 0.0 %")


def test_wave_that_runs_away_does_not_rule_the_axis(panel: PredictionPanel) -> None:
    prediction = wave_prediction()
    feed(panel, replace(prediction, written=1e3 * np.arange(40.0)))
    scale = panel.view.plot.y_scale
    assert -4 < scale.low < -0.8 and 0.8 < scale.high < 4
    assert panel.subtitle.startswith("off by over 1000 %")
    feed(panel, replace(prediction, written=np.full(40, np.nan)))
    assert panel.subtitle == ""


def test_cursor_of_the_wave_is_its_step(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "wave")
    plot = panel.view.plot
    with qtbot.waitSignal(panel.cursor_moved) as emitted:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(float(plot.to_x(12))), 60))
    assert emitted.args == [11]


# Pictures beside the prediction


@pytest.mark.parametrize("make", [symbols_prediction, classes_prediction])
def test_picture_is_drawn_where_there_is_one(panel: PredictionPanel, make) -> None:
    feed(panel, make())
    assert not panel.view.picture.isVisible()
    feed(panel, replace(make(), picture=picture()))
    plot = panel.view.picture
    assert plot.isVisible() and plot.geometry().right() < panel.view.strip.geometry().left() + 1
    image = plot.grab().toImage()
    seen = [[image.pixelColor(plot.box(row, column).center().toPoint()).lightness() for column in range(5)] for row in range(7)]
    order = np.argsort(np.ravel(seen), kind="stable")
    assert np.all(np.diff(np.ravel(picture())[order]) >= 0), "the more ink, the lighter on a dark ground"
    assert seen[6][2] > seen[0][2] > seen[3][2]
    feed(panel, make())
    assert not panel.view.picture.isVisible()


@pytest.mark.parametrize(("steps", "box"), [(8, (3, 0, 8)), (64, (0, 3, 1))])
def test_what_is_read_at_the_cursor_is_outlined(panel: PredictionPanel, steps: int, box: tuple[int, int, int]) -> None:
    """A whole row, or a single pixel."""
    shares = np.full((steps, 2), 0.5)
    prediction = replace(classes_prediction(), tokens=("..#",) * steps, probabilities=shares, picture=np.zeros((8, 8)))
    feed(panel, prediction)
    plot = panel.view.picture
    panel.set_cursor(3)
    image = plot.grab().toImage()
    outlined = plot.box(*box)
    corner = QPoint(round(outlined.center().x()), round(outlined.top()))
    assert image.pixelColor(corner).name().upper() != DARK.panel
    drawn = {(x, y) for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).name().upper() == DARK.accent}
    assert drawn and all(outlined.adjusted(-2, -2, 2, 2).contains(x, y) for x, y in drawn)


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


# Recordings


def test_a_recording_is_a_picture_above_the_curves(panel: PredictionPanel) -> None:
    prediction = recording_prediction()
    feed(panel, prediction)
    view = panel.view
    assert view.spectrogram.isVisible() and view.plot.isVisible() and not view.strip.isVisible()
    np.testing.assert_array_equal(view.spectrogram.values, prediction.spectrogram)
    left, right = view.spectrogram.picture_rect().left(), view.spectrogram.picture_rect().right()
    assert (left, right) == (view.plot.plot_rect().left(), view.plot.plot_rect().right())
    feed(panel, "classes")
    assert view.strip.isVisible() and not view.spectrogram.isVisible()


def test_of_many_classes_the_truth_and_the_likeliest_have_names(panel: PredictionPanel) -> None:
    prediction = recording_prediction()
    feed(panel, replace(prediction, truth=0))
    named = [curve.name for curve in panel.view.plot.curves if curve.name]
    likeliest = [prediction.classes[k] for k in np.argsort(-prediction.probabilities[-1])[:3]]
    assert set(named) == {"yes (truth)", *likeliest} and len(panel.view.plot.curves) == 10


def test_click_on_the_picture_chooses_its_step(panel: PredictionPanel, qtbot) -> None:
    feed(panel, recording_prediction())
    picture = panel.view.spectrogram
    box = picture.picture_rect()
    with qtbot.waitSignal(panel.cursor_moved) as emitted:
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(round(box.left() + 11 / 39 * box.width()), round(box.center().y())))
    assert emitted.args == [11]


def test_loud_bands_are_bright_and_the_first_lies_at_the_bottom(panel: PredictionPanel) -> None:
    picture = np.zeros((40, 12))
    picture[20, 0] = 1.0
    feed(panel, replace(recording_prediction(), spectrogram=picture))
    canvas = panel.view.spectrogram
    box, image = canvas.picture_rect(), canvas.grab().toImage()
    x = round(box.left() + 20 / 39 * box.width())
    bottom, top = (image.pixelColor(x, round(y)) for y in (box.bottom() - 4, box.top() + 4))
    assert bottom.lightness() > top.lightness() + 60


@pytest.mark.parametrize("width", [460, 640, 1400])
def test_names_over_a_narrow_matrix_are_turned(panel: PredictionPanel, width: int) -> None:
    panel.resize(width, 300)
    feed(panel, recording_prediction())
    matrix = panel.view.matrix
    assert matrix.isVisible() and matrix.counts.shape == (10, 10)
    image = matrix.grab().toImage()
    # Nothing is drawn beyond the right edge.
    assert {image.pixelColor(image.width() - 2, y).name().upper() for y in range(image.height())} == {DARK.panel}


# Tags


def test_tags_tell_right_from_wrong(panel: PredictionPanel) -> None:
    prediction = tags_prediction()
    feed(panel, prediction)
    assert panel.view.answers()[5] == "person" and prediction.wanted[5] == "organisation"
    assert panel.subtitle == "3 of 4 names right, 1 wrong"
    shares = prediction.probabilities.copy()
    shares[5] = np.eye(4)[2]
    feed(panel, replace(prediction, probabilities=shares))
    assert panel.subtitle == "4 of 4 names right"


@pytest.mark.parametrize(("width", "height"), [(320, 240), (640, 240), (900, 300), (1400, 500)])
def test_tagged_words_keep_inside_and_in_order(panel: PredictionPanel, width: int, height: int) -> None:
    panel.resize(width, height)
    feed(panel, "tags")
    words = panel.view.words
    assert words._boxes[0].top() >= 0 and max(box.right() for box in words._boxes) <= words.width()
    places = [(box.top(), box.left()) for box in words._boxes]
    assert places == sorted(places)
    if height > 240:
        assert words._boxes[-1].bottom() <= words.height()


def test_lines_of_words_are_about_equally_long() -> None:
    widths = [30.0] * 11
    lines = balanced_lines(widths, 210.0, 5.0)
    assert [len(line) for line in lines] == [6, 5] and [step for line in lines for step in line] == list(range(11))
    assert balanced_lines([500.0, 20.0], 210.0, 5.0) == [[0], [1]]


def test_click_on_a_tagged_word_chooses_its_step(panel: PredictionPanel, qtbot) -> None:
    feed(panel, "tags")
    words = panel.view.words
    with qtbot.waitSignal(panel.cursor_moved) as emitted:
        qtbot.mouseClick(words, Qt.MouseButton.LeftButton, pos=words._boxes[3].center().toPoint())
    assert emitted.args == [3]


# Sensor


def test_sensor_counts_what_is_found(panel: PredictionPanel) -> None:
    feed(panel, "sensor")
    assert panel.subtitle == "12 of 17 faulty steps found, 1 false alarm"
    assert np.flatnonzero(panel.view.is_wrong()).tolist() == [*range(20, 35), 50, 51]
    assert panel.as_table()[21][5:] == ["1", f"{sensor_prediction().probabilities[20]:.4f}"]


def test_channels_keep_to_their_lanes_and_are_read_in_their_own_unit(panel: PredictionPanel) -> None:
    prediction = sensor_prediction()
    feed(panel, prediction)
    lanes = panel.view.lanes
    for lane, curve in enumerate(lanes.curves):
        assert 3 - lane < curve.y.min() and curve.y.max() < 4 - lane
    np.testing.assert_array_equal(lanes.channels, prediction.channels)
    above, below = lanes.plot_rect(), panel.view.plot.plot_rect()
    assert (above.left(), above.right()) == (below.left(), below.right())


def test_ground_is_shaded_where_something_is_wrong(panel: PredictionPanel) -> None:
    panel.resize(700, 400)
    feed(panel, "sensor")
    lanes = panel.view.lanes
    image, box = lanes.grab().toImage(), lanes.plot_rect()
    inside, outside = (image.pixelColor(round(float(lanes.to_x(step + 1.4))), round(box.top()) + 2) for step in (27, 42))
    assert outside.name().upper() == DARK.panel and inside.red() > outside.red() + 15
