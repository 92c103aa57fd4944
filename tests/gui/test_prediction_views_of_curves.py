"""The views of series, waves and pictures."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gui.panels.prediction import PredictionPanel
from gui.plots.sticky import SHORT_PATIENCE
from gui.theme import DARK
from tests.gui.prediction_panels import feed, shown_panel
from tests.gui.snapshots import (
    classes_prediction,
    picture,
    series_prediction,
    symbols_prediction,
    wave_prediction,
)


@pytest.fixture
def panel(qtbot) -> PredictionPanel:
    return shown_panel(qtbot)


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
