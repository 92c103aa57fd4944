"""The state space panel: the points are the look's, colours with shapes, the cursor's step, the walk."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from core.look import NoLook
from core.settings import Settings
from core.trainer import Trainer
from gui.panel_specs.state_space import PANEL
from gui.panels.state_space import StateSpacePanel
from gui.plots.glyphs import SHAPES, Stamps, shape_of
from gui.plots.point_colors import ramp, worn
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.panels import feed, shown_panel
from tests.gui.snapshots import make_snapshot
from tests.gui.test_theme import VISIBLE, contrast
from tests.gui.trace_look_samples import states_sample


@pytest.fixture
def panel(qtbot) -> StateSpacePanel:
    return shown_panel(qtbot, PANEL, 640, 260)


def pixel_of(panel: StateSpacePanel, point: np.ndarray) -> QPointF:
    return QPointF(float(panel.scatter.to_x(point[0])), float(panel.scatter.to_y(point[1])))


def test_points_are_those_of_the_core(panel: StateSpacePanel) -> None:
    trainer = Trainer(Settings().with_changes({"task.seq_len": 12, "network.hidden_size": 4, "training.dtype": "float64"}), "numpy")
    snapshot = trainer.snapshot(1, looks=("states",))
    feed(panel, snapshot)
    projection = snapshot.looks["states"].projections["hidden"]
    assert panel.projection() is projection
    rows = panel.as_table()[1:]
    np.testing.assert_allclose([[float(row[2]), float(row[3])] for row in rows], projection.points, rtol=1e-5, atol=1e-9)
    assert f"{100 * projection.axes.shares[0]:.0f}" in panel.scatter.x_title


def test_points_are_drawn_where_they_are(panel: StateSpacePanel) -> None:
    snapshot = make_snapshot(600, seq_len=3)
    feed(panel, snapshot)
    panel.scatter.set_cursor_step(None)
    image = panel.scatter.grab().toImage()
    projection = snapshot.looks["states"].projections["hidden"]
    for point in projection.points[-6:]:
        at = pixel_of(panel, point).toPoint()
        assert image.pixelColor(at).name().upper() != DARK.panel


def test_h_and_c_can_be_chosen(panel: StateSpacePanel) -> None:
    feed(panel, make_snapshot(600))
    assert panel._state_choice.choices == (("hidden", "h"), ("cell state", "C"))
    panel._state_choice.choose("cell state")
    assert panel.projection().signal.name == "cell state"
    assert panel.subtitle.startswith("C of 12")
    feed(panel, make_snapshot(600, cell="gru", run_id=2))
    assert panel.projection().signal.name == "hidden"


def test_colours_can_be_chosen_and_stay_chosen(panel: StateSpacePanel) -> None:
    feed(panel, make_snapshot(600))
    assert [value for value, _ in panel._label_choice.choices] == ["Class", "Sum so far", "Position"]
    panel._label_choice.choose("Position")
    feed(panel, make_snapshot(640))
    assert panel.label().name == "Position"


def test_layer_that_is_chosen_is_looked_at(panel: StateSpacePanel, qtbot) -> None:
    with qtbot.waitSignal(panel.focus_changed) as caught:
        snapshot = make_snapshot(600, layers=3)
        feed(panel, replace(snapshot, looks=snapshot.looks | {"states": states_sample(snapshot.trace, layer=0)}))
    assert caught.args == [2]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_classes_differ_in_colour_and_shape(theme) -> None:
    names = tuple("abcdefghij")
    label = replace(states_sample(make_snapshot(600).trace).labels[0], values=np.arange(10.0), names=names)
    found = {(wear.sign, int(wear.colors[0])) for wear in worn(label, theme)}
    assert len(found) == len({sign for sign, _ in found}) == 10
    assert len({shape_of(number) for number in range(2 * len(SHAPES))}) == 2 * len(SHAPES)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_value_colours_can_be_seen_on_the_panel(theme) -> None:
    colors = [f"#{int(color) & 0xFFFFFF:06X}" for color in ramp(theme)[:: len(ramp(theme)) // 8]]
    assert min(contrast(color, theme.panel) for color in colors) >= VISIBLE - 1.2


def test_unknown_points_are_small_and_at_the_back() -> None:
    label = states_sample(make_snapshot(600).trace).labels[1]
    wears = worn(label, DARK)
    assert np.isnan(label.values[wears[0].points]).all()
    assert int(wears[0].colors[0]) == int(DARK.ghost[1:], 16)
    assert sum(len(wear.points) for wear in wears) == len(label.values)


def test_stamps_lie_where_they_should() -> None:
    stamps = Stamps(40, 30)
    stamps.stamp(np.array([20.5, np.nan, -9.0]), np.array([10.5, 3.0, 5.0]), 1, 3.0, np.array([0x336699], np.uint32))
    image = stamps.image()
    assert image.pixelColor(20, 10).name() == "#336699"
    assert image.pixelColor(35, 25).alpha() == 0
    assert sum(image.pixelColor(x, y).alpha() > 0 for x in range(40) for y in range(30)) < 60


def test_moving_the_cursor_draws_no_points_anew(panel: StateSpacePanel) -> None:
    feed(panel, make_snapshot(600))
    before, image = panel.scatter.picture_count, panel.scatter.grab().toImage()
    panel.set_cursor(9)
    assert panel.scatter.grab().toImage() != image
    assert panel.scatter.picture_count == before


def test_frame_without_a_new_look_draws_nothing(panel: StateSpacePanel) -> None:
    snapshot, history = make_snapshot(600), RunHistory()
    history.add(snapshot)
    panel.show_snapshot(snapshot, history)
    panel.grab()
    before = panel.scatter.picture_count
    panel.show_snapshot(replace(snapshot, looks={}, trace=None), history)
    panel.grab()
    assert panel.scatter.picture_count == before


def test_press_on_a_point_chooses_its_step_and_sequence(panel: StateSpacePanel, qtbot) -> None:
    snapshot = make_snapshot(600)
    feed(panel, snapshot)
    space = snapshot.looks["states"]
    points = space.projections["hidden"].points
    at = pixel_of(panel, points[np.hypot(*points.T).argmax()])
    found = panel.scatter.point_at(QPointF(at.toPoint()))
    with qtbot.waitSignal(panel.cursor_moved) as caught:
        qtbot.mousePress(panel.scatter, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert caught.args == [int(space.steps[found])]
    assert panel.scatter.sequence == space.sequences[found]
    assert f"sequence {panel.scatter.sequence + 1}" in panel.scatter.accessibleDescription()
    assert panel.scatter.readout_of(found)[1][0] == "class"


def test_arrows_choose_a_sequence(panel: StateSpacePanel, qtbot) -> None:
    feed(panel, make_snapshot(600))
    panel.scatter.setFocus()
    qtbot.keyClick(panel.scatter, Qt.Key.Key_Up)
    assert panel.scatter.sequence == 0
    qtbot.keyClick(panel.scatter, Qt.Key.Key_Down)
    assert panel.scatter.sequence is None
    qtbot.keyClick(panel.scatter, Qt.Key.Key_Down)
    assert panel.scatter.sequence == 11


def test_cursor_walks_along_the_sequence_and_stops_when_hidden(panel: StateSpacePanel, qtbot) -> None:
    feed(panel, make_snapshot(600))
    panel.cursor_moved.connect(panel.set_cursor)
    panel.set_cursor(48)
    panel.walk_button.click()
    assert panel._walk.isActive()
    panel._walk.timeout.emit()
    assert panel.scatter.cursor_step == 49
    panel._walk.timeout.emit()
    assert panel.scatter.cursor_step == 0
    panel.hide()
    assert not panel._walk.isActive()
    assert not panel.walk_button.isChecked()


def test_picture_stands_still_while_training_goes_on(panel: StateSpacePanel) -> None:
    """Bounds don't follow every small move of the points."""
    feed(panel, make_snapshot(600))
    scales = panel.scatter.x_scale, panel.scatter.y_scale
    snapshot = make_snapshot(640)
    space = snapshot.looks["states"]
    moved = {name: replace(p, points=0.97 * p.points, path=0.97 * p.path) for name, p in space.projections.items()}
    feed(panel, replace(snapshot, looks={"states": replace(space, projections=moved)}))
    assert (panel.scatter.x_scale, panel.scatter.y_scale) == scales


def test_refused_look_says_why(panel: StateSpacePanel) -> None:
    feed(panel, make_snapshot(600))
    feed(panel, replace(make_snapshot(620), looks={"states": NoLook("the run has diverged")}))
    assert panel.as_sentence() == "No state space: the run has diverged."
    assert panel.projection() is None
    feed(panel, make_snapshot(640))
    assert panel.projection() is not None
