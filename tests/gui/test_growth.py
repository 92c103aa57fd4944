"""A panel with very much room draws larger; at the sizes that it was designed for it draws as designed."""

import pytest

from gui.plots.canvas import Canvas
from gui.plots.growth import MOST, growth_at
from gui.theme import DARK
from tests.gui.test_panel_unrolled import UnrolledPanel, feed, make_snapshot


@pytest.mark.parametrize(
    ("size", "growth"), [((590, 250), 1.0), ((1290, 860), 1.0), ((2240, 1290), 1.5), ((9000, 5000), MOST), ((2240, 300), 1.0)]
)
def test_growth_follows_the_room(size: tuple[int, int], growth: float) -> None:
    assert growth_at(*size) == growth


def test_letters_grow_with_the_panel_and_shrink_again(qtbot) -> None:
    panel = UnrolledPanel(DARK)
    qtbot.addWidget(panel)
    feed(panel, make_snapshot(100))
    panel.resize(600, 300)
    panel.show()
    small = panel.plot.text_font().pixelSize()
    panel.resize(2240, 1290)
    panel.grab()
    assert panel.plot.text_scale == 1.5 and panel.plot.text_font().pixelSize() == round(1.5 * small)
    panel.resize(600, 300)
    panel.grab()
    assert panel.plot.text_scale == 1.0 and panel.plot.text_font().pixelSize() == small


def test_a_drawing_outside_of_any_panel_does_not_grow(qtbot) -> None:
    canvas = Canvas(DARK)
    qtbot.addWidget(canvas)
    canvas.resize(3000, 2000)
    canvas.show()
    assert canvas.text_scale == 1.0


def test_letters_of_one_width_grow_too(qtbot) -> None:
    panel = UnrolledPanel(DARK)
    qtbot.addWidget(panel)
    feed(panel, make_snapshot(100))
    panel.resize(600, 300)
    panel.show()
    small = panel.plot.mono_font().pixelSize()
    panel.resize(2240, 1290)
    panel.grab()
    assert panel.plot.mono_font().pixelSize() == round(1.5 * small)
