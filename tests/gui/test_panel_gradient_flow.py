"""The gradient flow panel: curves, the axis that stands still, the picture over training, the sentence."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from gui.panel_specs.gradient_flow import PANEL
from gui.panels.gradient_flow import ALONE_NAME, CELL_NAME, HIDDEN_NAME, GradientFlowPanel
from gui.plots import colormaps
from gui.plots.color_bar import labelled_exponents
from gui.plots.curves import Curve
from gui.plots.decade_axis import DecadeAxis
from gui.plots.sticky import PATIENCE
from gui.walk import Phase, Walk
from tests.gui.panels import feed, shown_panel
from tests.gui.snapshots import make_snapshot, run_of_snapshots


@pytest.fixture
def panel(qtbot) -> GradientFlowPanel:
    return shown_panel(qtbot, PANEL, 640, 200)


def with_gradients(h: np.ndarray, c: np.ndarray | None = None, run_id: int = 1, step: int = 100):
    """A snapshot of an RNN, or of an LSTM, with these norms."""
    snapshot = make_snapshot(step, cell="rnn" if c is None else "lstm", seq_len=len(h), run_id=run_id)
    layer = replace(snapshot.trace.layers[0], gradient_h=h, gradient_c=c, gradient_c_alone=c)
    return replace(snapshot, trace=replace(snapshot.trace, layers=(layer,)))


def exponents(panel: GradientFlowPanel) -> tuple[int, int]:
    return round(np.log10(panel.plot.y_scale.low)), round(np.log10(panel.plot.y_scale.high))


def test_lstm_shows_three_curves_and_others_one(panel: GradientFlowPanel) -> None:
    snapshot = make_snapshot(1240)
    feed(panel, snapshot)
    data = panel.curve_data()
    assert list(data) == [CELL_NAME, ALONE_NAME, HIDDEN_NAME]
    np.testing.assert_array_equal(data[CELL_NAME][1], snapshot.trace.layers[0].gradient_c)
    np.testing.assert_array_equal(data[ALONE_NAME][1], snapshot.trace.layers[0].gradient_c_alone)
    np.testing.assert_array_equal(data[HIDDEN_NAME], (np.arange(1, 51), snapshot.trace.layers[0].gradient_h))
    feed(panel, make_snapshot(1240, cell="gru"))
    assert list(panel.curve_data()) == [HIDDEN_NAME]


def test_axis_is_fixed_by_default(panel: GradientFlowPanel) -> None:
    feed(panel, with_gradients(np.full(50, 0.02)))
    assert exponents(panel) == (-4, 0)
    assert [text for _, text in panel.plot.y_scale.ticks(150, 26)] == ["10⁻⁴", "10⁻³", "0.01", "0.1", "1"]


@pytest.mark.parametrize(("smallest", "exponent"), [(3e-6, -6), (2e-9, -9), (2e-26, -26)])
def test_axis_reaches_down_by_decades_as_far_as_the_gradient(panel: GradientFlowPanel, smallest: float, exponent: int) -> None:
    feed(panel, with_gradients(np.geomspace(smallest, 0.1, 50)))
    assert exponents(panel) == (exponent, 0)


def test_axis_reaches_up_when_gradients_explode(panel: GradientFlowPanel) -> None:
    feed(panel, with_gradients(np.geomspace(300, 0.1, 50)))
    assert exponents(panel) == (-4, 3)


def test_axis_does_not_jump(panel: GradientFlowPanel) -> None:
    small, large = with_gradients(np.geomspace(1e-7, 0.1, 50)), with_gradients(np.full(50, 0.1))
    feed(panel, small, *[large] * PATIENCE)
    assert exponents(panel) == (-7, 0)
    feed(panel, large)
    assert exponents(panel) == (-4, 0)


def test_gradient_that_was_cut_off_leaves_a_gap(panel: GradientFlowPanel) -> None:
    norms = np.concatenate((np.zeros(20), np.full(30, 0.1)))
    feed(panel, with_gradients(norms))
    drawn = panel.curve_data()[HIDDEN_NAME][1]
    assert np.isnan(drawn[:20]).all()
    assert (drawn[20:] == 0.1).all()
    assert exponents(panel) == (-4, 0)


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        (0.093, "‖∂L/∂h‖ at t = 1 is 93 % of its size at t = 50"),
        (1e-7, "‖∂L/∂h‖ at t = 1 has faded to 10⁻⁶ of its size at t = 50"),
        (4.0, "‖∂L/∂h‖ at t = 1 is 40 times its size at t = 50"),
        (0.0, "‖∂L/∂h‖ at t = 1 is 0: nothing comes back from t = 50"),
    ],
)
def test_title_bar_says_plainly_how_much_comes_back(panel: GradientFlowPanel, first: float, sentence: str) -> None:
    feed(panel, with_gradients(np.concatenate(([first], np.full(49, 0.1)))))
    assert panel.subtitle.replace("\u202f", " ") == sentence


def test_sentence_is_about_the_cell_state_where_there_is_one(panel: GradientFlowPanel) -> None:
    feed(panel, with_gradients(np.full(50, 1e-3), np.concatenate(([0.05], np.full(49, 0.1)))))
    assert panel.subtitle.replace("\u202f", " ") == "‖∂L/∂C‖ at t = 1 is 50 % of its size at t = 50"


def test_gradient_that_is_not_finite_is_said_so(panel: GradientFlowPanel) -> None:
    feed(panel, with_gradients(np.full(50, np.nan)))
    assert "not finite" in panel.subtitle


# The picture over training


def test_picture_has_the_newest_row_on_top(panel: GradientFlowPanel) -> None:
    snapshots = list(run_of_snapshots(1200, 20))
    feed(panel, *snapshots)
    matrix = panel.map.matrix(100)
    assert matrix.shape == (100, 50)
    np.testing.assert_array_equal(matrix[0], snapshots[-1].trace.layers[0].gradient_c)
    np.testing.assert_array_equal(matrix[-1], snapshots[0].trace.layers[0].gradient_c)
    assert panel.map.title == "‖∂L/∂C‖ over the updates"


def test_picture_wears_magma_on_log10(panel: GradientFlowPanel) -> None:
    norms = np.full(10, 1.0)
    norms[:5] = 1e-4
    feed(panel, *(with_gradients(norms, step=step) for step in (10, 20)))
    assert panel.map.decades == (-4, 0)
    image, box = panel.map.grab().toImage(), panel.map.plot_rect()
    y = round(box.top() + 0.3 * box.height())
    colors = [image.pixel(round(box.left() + share * box.width()), y) for share in (0.25, 0.75)]
    assert colors == [int(colormaps.table("magma")[0]), int(colormaps.table("magma")[255])]


@pytest.mark.parametrize(
    ("norms", "decades", "is_beyond", "said"),
    [
        ((0.02, 0.05), (-4, 0), (False, False), ""),
        ((1e-30, 0.5), (-4, 0), (True, False), ""),
        ((0.1, 300), (-4, 0), (False, True), ""),
        ((3e-7, 5e-6), (-9, -5), (False, False), ", all below 10⁻⁴"),
        ((20, 300), (-1, 3), (False, False), ", all above 1"),
    ],
    ids=str,
)
def test_colours_mean_the_same_unless_all_sizes_lie_beyond(panel: GradientFlowPanel, norms, decades, is_beyond, said) -> None:
    feed(panel, *(with_gradients(np.geomspace(*norms, 50), step=step) for step in (10, 20)))
    assert (panel.map.decades, panel.map.is_beyond) == (decades, is_beyond)
    assert panel.map.caption == panel.map.title + said
    assert {decades[0], decades[1]} <= set(labelled_exponents(panel.map.decades, has_room=True))


def test_colours_of_a_small_gradient_are_not_all_black(panel: GradientFlowPanel) -> None:
    feed(panel, *(with_gradients(np.geomspace(1e-6, 9e-6, 50), step=step) for step in (10, 20)))
    image, box = panel.map.grab().toImage(), panel.map.plot_rect()
    y = round(box.top() + 0.3 * box.height())
    lightness = [image.pixelColor(round(box.left() + share * box.width()), y).lightness() for share in (0.02, 0.98)]
    assert lightness[1] > lightness[0] + 30
    assert lightness[0] > 100


def test_another_run_has_colours_of_its_own(panel: GradientFlowPanel) -> None:
    feed(panel, with_gradients(np.full(50, 1e-9), step=10))
    feed(panel, with_gradients(np.full(50, 0.05), step=10))
    assert panel.map.decades == (-4, 0)


def test_rows_of_another_length_are_padded(panel: GradientFlowPanel) -> None:
    feed(panel, with_gradients(np.full(30, 0.1), step=10), with_gradients(np.full(50, 0.1), step=20))
    matrix = panel.map.matrix(10)
    assert np.isnan(matrix[-1, 30:]).all()
    assert np.isfinite(matrix[0]).all()


def test_updates_and_steps_under_the_pointer(panel: GradientFlowPanel) -> None:
    feed(panel, *run_of_snapshots(1200, 20))
    box = panel.map.plot_rect()
    ((text, value, _),) = panel.map.readout_at(box.right() - 1, box.top() + 1)
    assert text == "update 1,200, t = 50"
    assert float(value) == pytest.approx(0.075, rel=0.05)


def test_narrow_panel_has_no_room_for_the_picture(panel: GradientFlowPanel, qtbot) -> None:
    feed(panel, make_snapshot(100))
    assert panel.map.isVisible()
    panel.resize(360, 180)
    assert not panel.map.isVisible()
    qtbot.waitUntil(lambda: panel.plot.width() > 340)


# Layers, cursor, table


def test_top_layer_is_shown_until_another_is_chosen(panel: GradientFlowPanel, qtbot) -> None:
    snapshot = make_snapshot(100, layers=3)
    (choice,) = panel.options()
    qtbot.addWidget(choice)
    history = feed(panel, snapshot)
    np.testing.assert_array_equal(panel.curve_data()[HIDDEN_NAME][1], snapshot.trace.layers[2].gradient_h)
    choice._segments.segment(0).click()
    np.testing.assert_array_equal(panel.curve_data()[HIDDEN_NAME][1], snapshot.trace.layers[0].gradient_h)
    panel.show_snapshot(snapshot, history)
    np.testing.assert_array_equal(panel.curve_data()[HIDDEN_NAME][1], snapshot.trace.layers[0].gradient_h)
    assert panel.map.rows is history.gradient_rows(0)


def test_cursor_is_drawn_without_drawing_anything_else(panel: GradientFlowPanel) -> None:
    feed(panel, make_snapshot(1240))
    panel.set_cursor(10)
    canvases = (panel.plot, panel.map)
    before = [(canvas.grab().toImage(), canvas.picture_count) for canvas in canvases]
    panel.set_cursor(30)
    for canvas, (image, count) in zip(canvases, before, strict=True):
        assert canvas.grab().toImage() != image
        assert canvas.picture_count == count


def test_click_and_drag_choose_a_time_step(panel: GradientFlowPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    chosen: list[int] = []
    panel.cursor_moved.connect(chosen.append)
    for canvas in (panel.plot, panel.map):
        y = round(canvas.plot_rect().center().y())
        qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(float(canvas.to_x(28))), y))
        qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(0, 0))
    assert chosen == [27, 27]


def test_hover_alone_chooses_nothing(panel: GradientFlowPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    with qtbot.assertNotEmitted(panel.cursor_moved):
        qtbot.mouseMove(panel.plot, QPoint(200, 100))
    assert panel.plot.hover == QPointF(200, 100)


def test_wheel_zooms_into_time(panel: GradientFlowPanel) -> None:
    feed(panel, make_snapshot(1240))
    panel.plot.zoom_by(0.5, 25.0)
    assert panel.plot.visible_range() == pytest.approx((13, 37.5))
    assert panel.plot.step_at(float(panel.plot.to_x(20))) == 19


def test_table_has_a_row_a_step(panel: GradientFlowPanel) -> None:
    snapshot = make_snapshot(1240)
    feed(panel, snapshot)
    header, *rows = panel.as_table()
    assert header == ["t", HIDDEN_NAME, CELL_NAME, ALONE_NAME]
    assert len(rows) == 50
    assert float(rows[9][2]) == pytest.approx(snapshot.trace.layers[0].gradient_c[9], rel=1e-5)


def test_snapshot_without_a_trace_changes_nothing(panel: GradientFlowPanel) -> None:
    history = feed(panel, make_snapshot(1240))
    before = panel.curve_data()[CELL_NAME][1]
    panel.show_snapshot(replace(make_snapshot(1260, 1240), trace=None), history)
    np.testing.assert_array_equal(panel.curve_data()[CELL_NAME][1], before)


def test_clearing_brings_back_the_hint(panel: GradientFlowPanel) -> None:
    feed(panel, make_snapshot(100))
    panel.clear()
    assert panel.plot.is_empty()
    assert not panel.map.isVisible()
    assert panel.curve_data() == {}


def test_the_gradient_that_a_walk_has_not_brought_back_is_veiled(panel: GradientFlowPanel) -> None:
    feed(panel, make_snapshot(1240))
    whole = panel.plot.grab().toImage()
    for walk, seen in ((Walk(Phase.FORWARD, 24, 50), (50, 50)), (Walk(Phase.BACKWARD, 24, 50), (24, 50)), (Walk(), None)):
        panel.set_walk(walk)
        assert panel.plot.seen == seen
        assert (panel.plot.grab().toImage() == whole) == (seen is None)


def test_an_axis_that_was_needed_once_is_given_up() -> None:
    """Though few pictures were drawn since: at full speed they are many updates apart."""
    axis, steps = DecadeAxis(), np.arange(1.0, 51.0)
    small, usual = (Curve("", steps, np.geomspace(low, 0.1, 50), "#FFFFFF") for low in (1e-12, 1e-3))
    assert axis.scale_for([small], 1).low == pytest.approx(1e-12)
    assert axis.scale_for([usual], 40).low == pytest.approx(1e-12)
    assert axis.scale_for([usual], 51).low == pytest.approx(1e-4)
