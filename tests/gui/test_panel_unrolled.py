"""The unrolled network: thickness is what the trace says, cuts stand where the core cuts, the lens and the walk redraw little."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gui.panel_specs.unrolled import PANEL
from gui.panels.unrolled import UnrolledPanel
from gui.plots.unrolled import unrolled_plot
from gui.plots.unrolled.answers import answers_of
from gui.plots.unrolled.bands import Kind, Show
from gui.plots.unrolled.drawing import visible_cuts
from gui.plots.unrolled.input_strip import InputKind, kind_of
from gui.plots.unrolled.lens import Lens
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from gui.walk import Phase, Walk
from tests.gui.panels import feed, shown_panel
from tests.gui.snapshots import TASK_OF_KIND, make_layer, make_snapshot, make_trace


@pytest.fixture
def panel(qtbot) -> UnrolledPanel:
    return shown_panel(qtbot, PANEL, 640, 320)


def truncated(snapshot, truncate: int):
    return replace(snapshot, settings=snapshot.settings.with_changes({"training.truncate": truncate}))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_thickness_is_the_size_of_the_state(panel: UnrolledPanel, cell: str) -> None:
    snapshot = make_snapshot(1240, cell=cell)
    feed(panel, snapshot)
    layer, (drawn,) = snapshot.trace.layers[0], panel.plot.layers
    (row,) = panel.plot.rows_of(Kind.CELLS)
    most = panel.plot.plan(row).most
    names = [signal.name for signal in layer.signals if signal.role in ("cell_state", "hidden")]
    assert len(drawn.states) == len(names) == (2 if cell == "lstm" else 1)
    largest = max(np.linalg.norm(layer.values[name], axis=1).max() for name in names)
    for belt, name in zip(drawn.states, names, strict=True):
        norms = np.sqrt((layer.values[name] ** 2).sum(axis=1))
        np.testing.assert_allclose(panel.plot.drawn_thickness(belt, most), norms / largest * most, rtol=1e-12)


def test_belts_are_as_thick_on_screen(panel: UnrolledPanel) -> None:
    feed(panel, make_snapshot(1240))
    panel.set_cursor(27)
    image = panel.plot.grab().toImage()
    (row,) = panel.plot.rows_of(Kind.CELLS)
    plan, plot = panel.plot.plan(row), panel.plot
    for step in (20, 35, 45):
        x = int(plot.lens.middles[step])
        for belt, y in zip(plot.layers[0].states, plan.belts, strict=True):
            mark = DARK.tone(belt.role).mark
            column = [image.pixelColor(x, int(y) + dy).name().upper() for dy in range(-16, 17)]
            assert abs(column.count(mark) - plot.drawn_thickness(belt, plan.most)[step]) <= 1.6


def test_gradients_are_drawn_by_their_logarithm_on_a_fixed_scale(panel: UnrolledPanel) -> None:
    norms = np.array([1.0, 0.1, 0.01, 1e-4, 1e-7, 0.0, np.nan, 50.0])
    trace = make_trace("rnn", seq_len=8)
    layer = replace(trace.layers[0], gradient_h=norms)
    feed(panel, replace(make_snapshot(100, cell="rnn", seq_len=8), trace=replace(trace, layers=(layer,))))
    ((row, belt),) = panel.plot.lanes()
    thickness = panel.plot.drawn_thickness(belt, 12.0)
    np.testing.assert_allclose(thickness, [12, 9, 6, 0, 0, np.nan, np.nan, 12], atol=1e-9)
    assert panel.plot.lane_most(row) > 5


@pytest.mark.parametrize(("truncate", "cuts"), [(0, ()), (10, (10, 20, 30, 40)), (50, ()), (20, (20, 40))])
def test_cuts_are_drawn_between_the_steps(panel: UnrolledPanel, truncate: int, cuts: tuple[int, ...]) -> None:
    feed(panel, truncated(make_snapshot(1240), truncate))
    plot = panel.plot
    assert plot.layers[0].cuts == cuts
    assert visible_cuts(plot.lens, cuts) == cuts
    image = plot.grab().toImage()
    row = plot.lanes()[0][0]
    for cut in cuts:
        x = round(plot.lens.edges[cut])
        assert DARK.warn in {image.pixelColor(x, y).name().upper() for y in range(int(row.top), int(row.bottom))}
    assert ("cut every" in panel.as_sentence()) == bool(cuts)


def test_cuts_at_every_step_of_a_long_sequence_do_not_fill_the_screen() -> None:
    lens = Lens(1000, 500, 40.0, 500.0)
    shown = visible_cuts(lens, tuple(range(1, 1000)))
    assert 20 < len(shown) < 130
    assert np.diff(lens.edges[list(shown)]).min() >= 4


def test_cursor_moves_only_the_lens(panel: UnrolledPanel, monkeypatch) -> None:
    feed(panel, make_snapshot(1240))
    frames = panel.plot.frame_count
    monkeypatch.setattr(unrolled_plot, "state_belts", None)
    monkeypatch.setattr(unrolled_plot, "gradient_belts", None)
    pictures = []
    for step in (5, 30, 30):
        panel.set_cursor(step)
        pictures.append(panel.plot.grab().toImage())
    assert pictures[0] != pictures[1] == pictures[2]
    assert panel.plot.frame_count == frames
    drawn = panel.plot.picture_count
    panel.plot.hover = panel.plot.rect().center().toPointF()
    panel.plot.grab()
    assert panel.plot.picture_count == drawn


def test_click_chooses_the_step_under_the_pointer(panel: UnrolledPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    panel.set_cursor(27)
    steps: list[int] = []
    panel.cursor_moved.connect(steps.append)
    for step in (0, 12, 26, 27, 49):
        qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(round(panel.plot.lens.middles[step]), 100))
    assert steps == [0, 12, 26, 27, 49]
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(3, 100))
    assert len(steps) == 5


def test_a_drag_takes_the_lens_along(panel: UnrolledPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    panel.cursor_moved.connect(panel.set_cursor)
    panel.set_cursor(27)
    x = round(panel.plot.lens.middles[27])
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(x, 100))
    seen = []
    for dx in range(0, 120, 2):
        qtbot.mouseMove(panel.plot, QPoint(x + dx, 100))
        seen.append(panel.plot.cursor_step)
        assert abs(panel.plot.lens.middles[panel.plot.cursor_step] - (x + dx)) < 8
    assert seen == sorted(seen) and seen[0] == 27 < seen[-1]


def test_keys_move_the_cursor(panel: UnrolledPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    panel.cursor_moved.connect(panel.set_cursor)
    panel.set_cursor(27)
    keys = (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home)
    seen = []
    for key in keys:
        qtbot.keyClick(panel.plot, key)
        seen.append(panel.plot.cursor_step)
    assert seen == [28, 27, 37, 27, 49, 49, 0]


def test_directions(panel: UnrolledPanel) -> None:
    feed(panel, make_snapshot(1240))
    choice = panel.options()[1]
    choice.segment(Show.FORWARD).click()
    assert not panel.plot.lanes()
    forward = panel.plot.grab().toImage()
    choice.segment(Show.BACKWARD).click()
    (row,) = panel.plot.rows_of(Kind.CELLS)
    assert all(belt.is_gradient for belt in panel.plot.belts_in(row)) and not panel.plot.lanes()
    assert panel.plot.grab().toImage() != forward
    choice.segment(Show.BOTH).click()
    assert len(panel.plot.lanes()) == 2


def test_all_layers_where_there_is_room_else_the_chosen_one(panel: UnrolledPanel) -> None:
    feed(panel, make_snapshot(100, layers=4, cell="gru"))
    panel.resize(800, 700)
    assert [row.band.layer for row in panel.plot.rows_of(Kind.CELLS)] == [3, 2, 1, 0]
    assert sorted(row.band.layer for row, _ in panel.plot.lanes()) == [0, 1, 2, 3]
    panel.resize(590, 200)
    panel.options()[0]._segments.segment(1).click()
    rows = panel.plot.rows_of(Kind.CELLS)
    assert 1 in [row.band.layer for row in rows] and len(rows) < 4


def test_layers_that_read_from_the_end_flow_from_the_right(panel: UnrolledPanel) -> None:
    layers = (make_layer("gru", 20), replace(make_layer("gru", 20, seed=2), is_backward=True))
    snapshot = make_snapshot(100, cell="gru", seq_len=20)
    feed(panel, truncated(replace(snapshot, trace=replace(snapshot.trace, layers=layers)), 6))
    forward, backward = panel.plot.layers
    assert [layer.label for layer in panel.plot.layers] == ["1→", "1←"]
    assert (forward.states[0].runs_left, forward.gradients[0].runs_left) == (False, True)
    assert (backward.states[0].runs_left, backward.gradients[0].runs_left) == (True, False)
    assert (forward.cuts, backward.cuts) == ((6, 12, 18), (2, 8, 14))
    panel.set_walk(Walk(Phase.FORWARD, 4, 20))
    assert panel.plot.seen(forward.states[0]) == (0, 5) and panel.plot.seen(backward.states[0]) == (15, 20)


def test_what_the_walk_has_not_come_to_is_faint(panel: UnrolledPanel) -> None:
    feed(panel, make_snapshot(1240))
    panel.set_cursor(24)
    plot = panel.plot
    y = round(plot.plan(plot.rows_of(Kind.CELLS)[0]).belts[0])
    bright = DARK.cell_state.mark

    def bright_steps(y: int) -> set[int]:
        image = plot.grab().toImage()
        return {step for step in range(2, 48) if image.pixelColor(int(plot.lens.middles[step]), y).name().upper() == bright}

    assert bright_steps(y) == set(range(2, 48))
    panel.set_walk(Walk(Phase.FORWARD, 24, 50))
    assert bright_steps(y) <= set(range(25)) and bright_steps(y) >= set(range(2, 23))
    lane = round(plot.lanes()[0][0].middle) - 3
    assert not bright_steps(lane)
    panel.set_walk(Walk(Phase.BACKWARD, 24, 50))
    assert bright_steps(y) == set(range(2, 48))
    assert bright_steps(lane) <= set(range(24, 50)) and len(bright_steps(lane)) > 15
    panel.set_walk(Walk())
    assert len(bright_steps(lane)) > 35


def test_frames_without_a_look_inside_draw_nothing_anew(panel: UnrolledPanel, monkeypatch) -> None:
    drawn = []
    first = make_snapshot(since=1)
    feed(panel, first)
    monkeypatch.setattr(panel, "_redraw", lambda: drawn.append(1))
    history = RunHistory()
    history.add(first)
    for _ in range(3):
        panel.show_snapshot(replace(first, trace=None, prediction=None), history)
    assert not drawn


def test_table_says_what_is_drawn(panel: UnrolledPanel) -> None:
    snapshot = make_snapshot(1240)
    feed(panel, snapshot)
    header, *rows = panel.as_table()
    assert header[:6] == ["t", "input", "‖C‖", "‖h‖", "‖∂L/∂C‖", "‖∂L/∂h‖"] and header[6:9] == ["mean forget", "mean input", "mean output"]
    layer = snapshot.trace.layers[0]
    row = rows[30]
    assert row[:2] == ["31", snapshot.trace.input_labels[30]]
    wanted = [np.linalg.norm(layer.values["cell state"][30]), np.linalg.norm(layer.values["hidden"][30]), layer.gradient_c[30]]
    assert [float(figure) for figure in row[2:5]] == pytest.approx(wanted, rel=1e-5)
    assert float(row[6]) == pytest.approx(layer.values["forget"][30].mean(), rel=1e-5)
    assert float(row[-2]) == pytest.approx(snapshot.trace.outputs[30, 0], abs=5e-4) and row[-1] == "1.41"


def test_inputs_are_drawn_as_what_they_are() -> None:
    trace = make_trace("lstm")
    assert kind_of(trace) is InputKind.BARS
    assert kind_of(replace(trace, inputs=np.eye(50)[:, :9])) is InputKind.LABELS
    assert kind_of(replace(trace, inputs=np.random.default_rng(0).random((50, 9)))) is InputKind.PICTURE
    assert kind_of(replace(trace, decoder_start=20)) is InputKind.LABELS
    assert kind_of(replace(trace, inputs=np.ones((1, 35)), decoder_start=0)) is InputKind.LABELS


@pytest.mark.parametrize("kind", TASK_OF_KIND)
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_answers_fit_the_sequence(panel: UnrolledPanel, kind: str, theme) -> None:
    snapshot = make_snapshot(600, kind=kind)
    panel.set_theme(theme)
    feed(panel, snapshot)
    assert len(panel.plot.answers.given) == len(panel.plot.answers.wanted) == snapshot.trace.seq_len
    assert panel.plot.answers.is_each_step == bool(panel.plot.rows_of(Kind.ANSWERS))


def test_answers_of_the_trace_that_is_shown() -> None:
    snapshot = make_snapshot(600)
    trace = replace(snapshot.trace, outputs=np.full((50, 1), 1.234))
    answers = answers_of(trace, snapshot.prediction, is_each_step=False)
    assert set(answers.given) == {"1.23"} and answers.wanted[-1] == "1.41"
    assert set(answers_of(trace, None, is_each_step=True).given) == {""}


def test_encoder_and_decoder_are_parted(panel: UnrolledPanel) -> None:
    snapshot = make_snapshot(100, seq_len=20)
    before_trace = snapshot.trace
    feed(panel, snapshot)
    before = panel.plot.grab().toImage()
    feed(panel, replace(snapshot, trace=replace(before_trace, decoder_start=12)))
    image = panel.plot.grab().toImage()
    assert image != before
    (row,) = panel.plot.rows_of(Kind.CELLS)
    x = round(panel.plot.lens.edges[12])
    assert image.pixelColor(x, int(row.top) + 1).name().upper() == DARK.text_2


def test_lens_glides_to_the_cursor_and_is_there_at_once_in_training(panel: UnrolledPanel, qtbot) -> None:
    panel.show()
    feed(panel, make_snapshot(1240))
    plot = panel.plot
    panel.set_running(True)
    panel.set_cursor(10)
    panel.set_cursor(20)
    assert not plot._glide.is_on_its_way and plot.lens.widths.argmax() == 20
    panel.set_running(False)
    panel.set_cursor(40)
    assert plot._glide.is_on_its_way and plot.lens.cursor == 40 and plot.lens.widths.argmax() == 20
    qtbot.waitUntil(lambda: not plot._glide.is_on_its_way)
    assert plot.lens.widths.argmax() == 40


def test_numbers_alone_redraw_nothing_that_stands(panel: UnrolledPanel, monkeypatch) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(unrolled_plot, "draw_lensed", lambda *_: drawn.append(1))
    feed(panel, make_snapshot(1240))
    panel.set_cursor(27)
    panel.plot.grab()
    first = len(drawn)
    trace = panel.plot.trace
    louder = replace(trace.layers[0], gradient_h=trace.layers[0].gradient_h * 3)
    panel.plot.show_network(replace(trace, layers=(louder,)), 0, 0, panel.plot.answers)
    panel.plot.grab()
    assert first and len(drawn) == first
    panel.plot.show_network(replace(trace, input_labels=tuple("x" * trace.seq_len)), 0, 0, panel.plot.answers)
    panel.plot.grab()
    assert len(drawn) == first + 1
