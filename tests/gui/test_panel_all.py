"""What holds for every panel: it stands any data and any size, says what it shows, and is quiet while empty."""

from dataclasses import replace

import numpy as np
import pytest

from core.snapshot import Snapshot
from gui.panel_spec import panel_specs
from gui.panels.panel import Panel
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.snapshots import CELLS, TASK_OF_KIND, make_snapshot
from tests.gui.trace_look_samples import looks_with_nan

NAMES = ("unrolled", "cell", "loss", "gradient_flow", "gates", "connectivity", "prediction", "state_space", "weights", "updates")
INSIDE = ("unrolled", "cell", "gradient_flow", "gates", "connectivity", "weights", "state_space")
DRAWINGS = [
    *((name, "number") for name in NAMES),
    *((name, kind) for name in ("prediction", "unrolled") for kind in TASK_OF_KIND if kind != "number"),
]
SHAPES = [*((name, "lstm") for name in NAMES if name not in INSIDE), *((name, cell) for name in INSIDE for cell in CELLS)]
SIZES = [(300, 180), (640, 200), (420, 900), (1200, 900)]


def make_panel(name: str, qtbot, size: tuple[int, int] = (640, 200)) -> Panel:
    panel = panel_specs()[name].make(DARK)
    qtbot.addWidget(panel)
    panel.resize(*size)
    panel.show()
    return panel


def feed(panel: Panel, *snapshots: Snapshot) -> None:
    history = RunHistory()
    for snapshot in snapshots:
        history.add(snapshot)
        panel.show_snapshot(snapshot, history)


def colors_of(panel: Panel) -> int:
    """How many different colours there are on a coarse grid over the panel."""
    image = panel.grab().toImage()
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def with_nan(snapshot: Snapshot) -> Snapshot:
    layers = tuple(
        replace(
            layer,
            values={name: np.full_like(values, np.nan) for name, values in layer.values.items()},
            gradient_h=np.full_like(layer.gradient_h, np.nan),
            gradient_c=None if layer.gradient_c is None else np.full_like(layer.gradient_c, np.inf),
            gradient_c_alone=None,
        )
        for layer in snapshot.trace.layers
    )
    broken = {
        name: np.full_like(value, np.nan)
        for name, value in vars(snapshot.prediction).items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }
    return replace(
        snapshot,
        losses=np.full_like(snapshot.losses, np.nan),
        trace=replace(snapshot.trace, layers=layers),
        looks=looks_with_nan(snapshot.looks),
        prediction=replace(snapshot.prediction, **broken),
    )


def test_all_panels_are_found_in_their_order() -> None:
    assert [name for name in panel_specs() if name in NAMES] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_empty_panel_is_quiet_and_says_what_to_do(name: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    image = panel.grab().toImage()
    pixels = [image.pixelColor(x, y).name().upper() for x in range(2, 638, 2) for y in range(2, 190, 2)]
    assert 0.001 < 1 - pixels.count(DARK.panel) / len(pixels) < 0.1
    assert panel.accessibleName()
    assert "press play" in panel.as_sentence()
    assert len(panel.as_table()) == 1
    panel.set_cursor(5)
    panel.set_theme(LIGHT)
    assert colors_of(panel) >= 2


@pytest.mark.parametrize(("name", "kind"), DRAWINGS)
def test_panel_draws_at_any_size(name: str, kind: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    feed(panel, make_snapshot(600, kind=kind), make_snapshot(640, 600, kind=kind))
    panel.set_cursor(20)
    for size in SIZES:
        panel.resize(*size)
        assert (panel.width(), panel.height()) == size
        assert colors_of(panel) > 15, size


@pytest.mark.parametrize(("name", "cell"), SHAPES)
def test_panel_stands_any_shape(name: str, cell: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    for widget in panel.options():
        qtbot.addWidget(widget)
    for run_id, options in enumerate(({"seq_len": 1}, {"units": 1}, {"units": 512}, {"seq_len": 1000}, {"layers": 4}), 1):
        panel.clear()
        feed(panel, make_snapshot(100, cell=cell, run_id=run_id, **options))
        panel.set_cursor(options.get("seq_len", 50) - 1)
        assert colors_of(panel) > 6, options
        header, *rows = panel.as_table()
        assert rows, options
        assert {len(row) for row in rows} == {len(header)}
        assert panel.as_sentence().endswith(".")


@pytest.mark.parametrize(("name", "kind"), DRAWINGS)
def test_panel_stands_nan(name: str, kind: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    feed(panel, with_nan(make_snapshot(100, kind=kind)))
    panel.set_cursor(3)
    assert colors_of(panel) >= 2
    assert "nan" not in panel.as_sentence()


@pytest.mark.parametrize("name", NAMES)
def test_cursor_beyond_the_sequence_is_not_drawn(name: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    feed(panel, make_snapshot(100, seq_len=20))
    before = panel.grab().toImage()
    panel.set_cursor(400)
    assert panel.grab().toImage() == before


@pytest.mark.parametrize("name", NAMES)
def test_sentence_reaches_screen_readers(name: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    feed(panel, make_snapshot(600))
    assert panel.accessibleDescription() == panel.as_sentence()


@pytest.mark.parametrize("name", NAMES)
def test_shorter_sequence_after_a_longer_one(name: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    panel.set_cursor(49)
    feed(panel, make_snapshot(100, seq_len=50), make_snapshot(120, 100, seq_len=7, cell="gru", units=3))
    assert colors_of(panel) > 6


@pytest.mark.parametrize("name", NAMES)
def test_units_are_added_in_mid_run(name: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    panel.follow(6)
    feed(panel, make_snapshot(100, units=8), make_snapshot(120, 100, units=24), make_snapshot(140, 120, units=24))
    assert colors_of(panel) > 15
    feed(panel, make_snapshot(100, units=24), make_snapshot(120, 100, units=8))
    panel.follow(20)
    assert colors_of(panel) > 15


@pytest.mark.parametrize("name", NAMES)
def test_cleared_panel_is_empty_and_can_be_used_again(name: str, qtbot) -> None:
    panel = make_panel(name, qtbot)
    fresh = panel.as_sentence()
    feed(panel, make_snapshot(600))
    panel.clear()
    assert panel.as_sentence() == fresh
    assert panel.subtitle == ""
    feed(panel, make_snapshot(40, run_id=2, cell="gru"))
    assert panel.as_sentence() != fresh
    assert colors_of(panel) > 15
