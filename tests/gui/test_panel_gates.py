"""The gates panel: what colour stands where, in which order, and what a click does."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from core.cells.rnn import RNNOptions
from core.registry import cells
from gui.panel_specs.gates import PANEL
from gui.panels.gates import GatesPanel, saturated_share
from gui.plots import colormaps
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from gui.walk import Phase, Walk
from tests.gui.panels import feed, shown_panel
from tests.gui.snapshots import make_snapshot


@pytest.fixture
def panel(qtbot) -> GatesPanel:
    return shown_panel(qtbot, PANEL, 640, 260)


def with_values(snapshot, **values):
    layer = snapshot.trace.layers[0]
    changed = replace(layer, values={**layer.values, **{name.replace("_", " "): value for name, value in values.items()}})
    return replace(snapshot, trace=replace(snapshot.trace, layers=(changed,)))


def names(panel: GatesPanel) -> list[str]:
    return [signal.name for signal in panel.maps.layer.signals]


def middle_of(panel: GatesPanel, tile: int, row: int, step: int) -> QPointF:
    area = panel.maps.tiles[tile].map
    return QPointF(
        area.left() + (step + 0.5) / panel.maps.seq_len * area.width(), area.top() + (row + 0.5) / len(panel.maps.order) * area.height()
    )


@pytest.mark.parametrize(("cell", "count"), [("lstm", 6), ("gru", 4), ("rnn", 1)])
def test_every_signal_of_the_cell_has_a_map(panel: GatesPanel, cell: str, count: int) -> None:
    snapshot = make_snapshot(1240, cell=cell)
    feed(panel, snapshot)
    assert names(panel) == [signal.name for signal in snapshot.trace.layers[0].signals]
    assert len(panel.maps.tiles) == count
    inside = panel.maps.rect()
    boxes = [tile.map.toRect() for tile in panel.maps.tiles]
    assert all(inside.contains(box) and box.height() > 20 for box in boxes)
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_cells_have_the_colours_of_their_values(panel: GatesPanel, theme) -> None:
    panel.set_theme(theme)
    snapshot = make_snapshot(1240, units=8, seq_len=10)
    feed(panel, snapshot)
    image = panel.maps.grab().toImage()
    for tile, signal in enumerate(panel.maps.layer.signals):
        table = colormaps.table(colormaps.name_for(signal, theme))
        for row in (0, 3, 6):
            value = panel.maps.picture_values(signal)[row, 4]
            index = int(np.clip((value - signal.low) / (signal.high - signal.low) * 255 + 0.5, 0, 255))
            assert image.pixel(middle_of(panel, tile, row, 4).toPoint()) == int(table[index])


def test_missing_values_are_grey(panel: GatesPanel) -> None:
    snapshot = make_snapshot(1240, units=8, seq_len=10)
    forget = snapshot.trace.layers[0].values["forget"].copy()
    forget[4, :] = np.nan
    feed(panel, with_values(snapshot, forget=forget))
    color = panel.maps.grab().toImage().pixelColor(middle_of(panel, 0, 3, 4).toPoint())
    assert color.name().upper() == DARK.line_2


def test_most_active_units_stand_on_top(panel: GatesPanel) -> None:
    snapshot = make_snapshot(1240)
    feed(panel, snapshot)
    activity = snapshot.trace.layers[0].values["cell state"].var(axis=0)
    np.testing.assert_array_equal(panel.maps.order, np.argsort(-activity, kind="stable"))


def test_order_by_index_on_demand(panel: GatesPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    sort_choice = panel.options()[1]
    qtbot.addWidget(sort_choice)
    sort_choice.segment("index").click()
    np.testing.assert_array_equal(panel.maps.order, np.arange(32))
    assert "by index" in panel.subtitle
    sort_choice.segment("activity").click()
    assert list(panel.maps.order) != list(range(32))


def test_order_stays_while_values_only_tremble(panel: GatesPanel) -> None:
    snapshot = make_snapshot(1240)
    rng = np.random.default_rng(0)
    state = snapshot.trace.layers[0].values["cell state"]
    trembling = [with_values(snapshot, cell_state=state * (1 + 0.02 * rng.normal(size=32))) for _ in range(20)]
    feed(panel, snapshot)
    order = panel.maps.order.copy()
    feed(panel, *trembling)
    np.testing.assert_array_equal(panel.maps.order, order)


def test_share_of_saturated_gates(panel: GatesPanel) -> None:
    snapshot = make_snapshot(1240, units=10, seq_len=10)
    forget = np.full((10, 10), 0.5)
    forget[:, 0] = 0.99
    forget[:5, 1] = 0.01
    snapshot = with_values(snapshot, forget=forget)
    layer = snapshot.trace.layers[0]
    assert saturated_share(layer, layer.signals[0]) == 0.15
    feed(panel, snapshot)
    assert panel.subtitle.replace("\u202f", " ") == "10 units, most changing first; 15 % of forget values saturated"


def test_click_chooses_the_step_and_follows_the_unit(panel: GatesPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    steps: list[int] = []
    units: list[int] = []
    panel.cursor_moved.connect(steps.append)
    panel.unit_followed.connect(units.append)
    qtbot.mouseClick(panel.maps, Qt.MouseButton.LeftButton, pos=middle_of(panel, 2, 5, 30).toPoint())
    assert steps == [30]
    assert units == [panel.maps.order[5]]
    assert panel.maps.followed_unit == panel.maps.order[5]


def test_click_beside_the_maps_does_nothing(panel: GatesPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    with qtbot.assertNotEmitted(panel.cursor_moved):
        qtbot.mouseClick(panel.maps, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def test_value_under_the_pointer(panel: GatesPanel) -> None:
    snapshot = make_snapshot(1240)
    feed(panel, snapshot)
    signal, unit, step, value = panel.maps.value_under(middle_of(panel, 1, 7, 20))
    assert (signal.name, unit, step) == ("input", panel.maps.order[7], 20)
    assert value == snapshot.trace.layers[0].values["input"][20, unit]


def test_cursor_and_arrow_redraw_no_image(panel: GatesPanel) -> None:
    feed(panel, make_snapshot(1240))
    image, count = panel.maps.grab().toImage(), panel.maps.picture_count
    panel.set_cursor(20)
    with_cursor = panel.maps.grab().toImage()
    panel.follow(3)
    with_arrow = panel.maps.grab().toImage()
    assert image != with_cursor != with_arrow
    assert panel.maps.picture_count == count
    x, top = int(middle_of(panel, 0, 0, 20).x()), round(panel.maps.tiles[0].map.top())
    assert {with_cursor.pixelColor(x, top + dy).name().upper() for dy in range(3, 20)} == {DARK.accent}


def test_followed_unit_that_is_gone_is_forgotten(panel: GatesPanel) -> None:
    feed(panel, make_snapshot(1240, units=32))
    panel.follow(30)
    feed(panel, make_snapshot(20, units=8, run_id=2))
    assert panel.maps.followed_unit == panel.maps.order[0]


def test_until_a_unit_is_followed_the_arrow_stands_at_the_most_active_one(panel: GatesPanel) -> None:
    feed(panel, make_snapshot(1240))
    most_active = int(panel.maps.order[0])
    assert panel.maps.followed_unit == most_active
    panel._on_sorting_chosen("index")
    assert panel.maps.order[0] == 0 and panel.maps.followed_unit == most_active


def test_a_scale_that_is_exceeded_says_so(panel: GatesPanel) -> None:
    snapshot = make_snapshot(1240)
    state = snapshot.trace.layers[0].values["cell state"]
    feed(panel, with_values(snapshot, cell_state=np.full_like(state, 4.0)))
    assert not panel.maps._beyond
    frames = panel.maps.frame_count
    feed(panel, with_values(snapshot, cell_state=np.full_like(state, 4.5)))
    assert panel.maps._beyond == {"cell state"} and panel.maps.frame_count == frames + 1


def test_names_stand_all_in_full_or_not_at_all(panel: GatesPanel) -> None:
    feed(panel, make_snapshot(1240))
    room = [panel.maps._has_room_for_name(signal, tile) for signal, tile in zip(panel.maps.layer.signals, panel.maps.tiles, strict=True)]
    assert all(room)
    panel.resize(600, 160)
    panel.maps.grab()
    assert not all(panel.maps._has_room_for_name(s, tile) for s, tile in zip(panel.maps.layer.signals, panel.maps.tiles, strict=True))


def test_layers_can_be_chosen(panel: GatesPanel, qtbot) -> None:
    snapshot = make_snapshot(100, layers=2)
    for widget in panel.options():
        qtbot.addWidget(widget)
    feed(panel, snapshot)
    assert panel.maps.layer is snapshot.trace.layers[1]
    panel.options()[0]._segments.segment(0).click()
    assert panel.maps.layer is snapshot.trace.layers[0]


def test_table_has_a_row_a_unit_and_step(panel: GatesPanel) -> None:
    snapshot = make_snapshot(100, units=3, seq_len=5)
    feed(panel, snapshot)
    header, *rows = panel.as_table()
    assert header == ["unit", "t", "forget", "input", "output", "candidate", "cell state", "hidden"]
    assert len(rows) == 15
    unit, t, forget = rows[7][:3]
    assert float(forget) == pytest.approx(snapshot.trace.layers[0].values["forget"][int(t) - 1, int(unit)], rel=1e-5)


def test_frames_without_a_look_inside_draw_nothing_anew(panel, monkeypatch):
    """The window looks in less often than it shows the loss."""
    drawn = []
    monkeypatch.setattr(panel, "_redraw", lambda: drawn.append(1))
    first = make_snapshot(since=1)
    feed(panel, first, replace(first, trace=None), replace(first, trace=None))
    assert len(drawn) == 1
    feed(panel, make_snapshot(since=1), replace(first, trace=None))
    assert len(drawn) == 2


def test_a_look_that_went_by_while_the_panel_was_closed_is_drawn(panel, monkeypatch):
    drawn, history = [], RunHistory()
    monkeypatch.setattr(panel, "_redraw", lambda: drawn.append(1))
    first, second = make_snapshot(since=1), make_snapshot(since=1, seed=2)
    feed(panel, first)
    history.add(first)
    history.add(second)
    panel.show_snapshot(replace(second, trace=None), history)
    assert len(drawn) == 2


def rectified(values: np.ndarray):
    """A look at a layer of ReLU units with these values (T, H)."""
    snapshot = make_snapshot(1240, cell="rnn", units=values.shape[1], seq_len=len(values))
    (signal,) = cells()["rnn"].shown_signals(RNNOptions(activation="relu"))
    layer = replace(snapshot.trace.layers[0], signals=(signal,), values={"hidden": values})
    return replace(snapshot, trace=replace(snapshot.trace, layers=(layer,)))


@pytest.mark.parametrize(("largest", "end"), [(0.3, 1), (1.0, 1), (3.2, 5), (170.0, 200)])
def test_values_without_a_bound_choose_their_scale_and_do_not_saturate(panel: GatesPanel, largest: float, end: float) -> None:
    values = np.linspace(0, largest, 80).reshape(10, 8)
    feed(panel, rectified(values))
    (signal,) = panel.maps.layer.signals
    assert panel.maps.scale_of(signal) == (0, end)
    assert "saturated" not in panel.subtitle and panel.subtitle.startswith("8 units, most changing first; the largest hidden value is ")
    brightest = panel.maps.grab().toImage().pixel(middle_of(panel, 0, int(np.flatnonzero(panel.maps.order == 7)[0]), 9).toPoint())
    assert brightest == int(colormaps.table("viridis")[int(largest / end * 255 + 0.5)])


def test_scale_of_values_that_are_bounded_stays(panel: GatesPanel) -> None:
    feed(panel, make_snapshot(1240))
    assert [panel.maps.scale_of(signal) for signal in panel.maps.layer.signals] == [(s.low, s.high) for s in panel.maps.layer.signals]


def test_steps_that_a_walk_has_not_come_to_are_veiled(panel: GatesPanel) -> None:
    feed(panel, make_snapshot(1240))
    before, count = panel.maps.grab().toImage(), panel.maps.picture_count
    panel.set_walk(Walk(Phase.FORWARD, 24, 50))
    veiled = panel.maps.grab().toImage()
    for step in (3, 20, 24, 26, 40, 49):
        at = middle_of(panel, 0, 12, step).toPoint()
        assert (veiled.pixel(at) == before.pixel(at)) == (step <= 24)
    panel.set_walk(Walk(Phase.BACKWARD, 24, 50))
    assert panel.maps.grab().toImage() == before
    assert panel.maps.picture_count == count


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_network_without_gates_whose_states_left_all_bounds_says_so(panel: GatesPanel, value: float) -> None:
    feed(panel, rectified(np.full((10, 8), value)))
    assert panel.subtitle.endswith("hidden is not finite") and "not finite" in panel.as_sentence()
