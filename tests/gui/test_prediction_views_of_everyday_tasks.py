"""The views of recordings, tags and sensors."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gui.panels.prediction import PredictionPanel
from gui.panels.prediction_views.tags import balanced_lines
from gui.theme import DARK
from tests.gui.prediction_panels import feed, shown_panel
from tests.gui.snapshots import (
    recording_prediction,
    sensor_prediction,
    tags_prediction,
)


@pytest.fixture
def panel(qtbot) -> PredictionPanel:
    return shown_panel(qtbot)


# Recordings


def test_a_recording_is_a_picture_above_the_curves(panel: PredictionPanel) -> None:
    prediction = recording_prediction()
    feed(panel, prediction)
    view = panel.view
    assert view.spectrogram.isVisible() and view.plot.isVisible() and not view.strip.isVisible()
    np.testing.assert_array_equal(view.spectrogram.values, prediction.spectrogram)
    left, right = view.spectrogram.row.left(), view.spectrogram.row.right()
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
    box = picture.row
    with qtbot.waitSignal(panel.cursor_moved) as emitted:
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(round(box.left() + 11 / 39 * box.width()), round(box.center().y())))
    assert emitted.args == [11]


def test_loud_bands_are_bright_and_the_first_lies_at_the_bottom(panel: PredictionPanel) -> None:
    picture = np.zeros((40, 12))
    picture[20, 0] = 1.0
    feed(panel, replace(recording_prediction(), spectrogram=picture))
    canvas = panel.view.spectrogram
    box, image = canvas.row, canvas.grab().toImage()
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
