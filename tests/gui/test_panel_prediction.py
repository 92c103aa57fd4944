"""The prediction panel: the view that suits each kind of prediction, what it says, and trying one's own input."""

from typing import get_args

import pytest

from core.prediction import Prediction
from core.registry import members
from gui.panels.prediction import PredictionPanel, view_of
from gui.theme import DARK, LIGHT
from tests.gui.prediction_panels import feed, shown_panel
from tests.gui.snapshots import (
    TASK_OF_KIND,
)

KINDS = tuple(TASK_OF_KIND)


@pytest.fixture
def panel(qtbot) -> PredictionPanel:
    return shown_panel(qtbot)


def test_every_kind_of_prediction_has_a_view() -> None:
    kinds = get_args(Prediction)
    assert [view_of(kind).prediction_type for kind in kinds] == list(kinds)
    assert {view_of(kind) for kind in kinds} == set(members("gui.panels.prediction_views", "VIEW").values())


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
