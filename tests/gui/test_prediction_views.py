"""The views of numbers, symbols, texts and classes."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.prediction import SymbolsPrediction
from gui.panels.prediction import PredictionPanel
from gui.panels.prediction_views.number import figures
from gui.plots import colormaps
from gui.theme import DARK, LIGHT
from tests.gui.prediction_panels import feed, shown_panel
from tests.gui.snapshots import (
    PASSAGE,
    REVIEW,
    classes_prediction,
    number_prediction,
    picture,
    symbols_prediction,
    text_prediction,
)


@pytest.fixture
def panel(qtbot) -> PredictionPanel:
    return shown_panel(qtbot)


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
