"""The loss panel, fed by hand: what it draws is read back from its curves, axes and readouts."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from core.registry import tasks
from core.snapshot import Divergence, Mark
from gui.panel_specs.loss import PANEL
from gui.panels.loss import LossPanel
from gui.plots.labels import crosses
from gui.plots.numbers import value_text
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.panels import feed, shown_panel
from tests.gui.snapshots import losses_until, make_snapshot, run_of_snapshots, with_losses


@pytest.fixture
def panel(qtbot) -> LossPanel:
    return shown_panel(qtbot, PANEL, 640, 200)


def tick_texts(panel: LossPanel) -> list[str]:
    return [text for _, text in panel.plot.y_scale.ticks(panel.plot.plot_rect().height(), 26)]


def wheel(panel: LossPanel, at: QPointF, turned: int) -> None:
    event = QWheelEvent(
        at, panel.plot.mapToGlobal(at), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.plot, event)


def test_hidden_panel_misses_nothing(panel: LossPanel) -> None:
    feed(panel, *run_of_snapshots(300, 20), hidden=14)
    updates, losses = panel.curve_data()["training"]
    np.testing.assert_array_equal(updates, np.arange(1, 301))
    np.testing.assert_array_equal(losses, losses_until(300))
    assert list(panel.curve_data()["held out"][0]) == list(range(20, 301, 20))


def test_long_curve_is_thinned_to_the_width_and_keeps_its_extremes(panel: LossPanel) -> None:
    losses = np.exp(np.random.default_rng(0).normal(size=300_000))
    losses[123_456], losses[234_567] = 1e-5, 1e5
    feed(panel, with_losses(make_snapshot(1), losses))
    updates, drawn = panel.curve_data()["training"]
    assert len(drawn) <= 2 * panel.plot.plot_rect().width() + 4
    assert (drawn.min(), drawn.max()) == (1e-5, 1e5)
    assert len(panel.curve_data()["smoothed"][0]) <= panel.plot.plot_rect().width() + 2
    assert updates[-1] == pytest.approx(300_000, rel=0.01)


def test_smoothed_curve_runs_through_the_noise(panel: LossPanel) -> None:
    feed(panel, make_snapshot(1240))
    updates, smooth = panel.curve_data()["smoothed"]
    plateau = np.log(smooth[(updates > 100) & (updates < 600)])
    assert np.exp(np.median(plateau)) == pytest.approx(1 / 6, rel=0.1)
    assert plateau.std() < np.log(losses_until(600)[100:]).std() / 3


def test_axis_is_logarithmic_with_words_of_its_own(panel: LossPanel) -> None:
    feed(panel, make_snapshot(1240))
    assert tick_texts(panel) == ["10⁻³", "0.01", "0.1", "1"]
    heights = panel.plot.to_y(np.array([1.0, 0.1, 0.01]))
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1])


def test_axis_of_losses_never_narrows_while_running(panel: LossPanel) -> None:
    history = RunHistory()
    ranges = []
    for snapshot in run_of_snapshots(1240, 40):
        history.add(snapshot)
        panel.show_snapshot(snapshot, history)
        ranges.append((panel.plot.y_scale.low, panel.plot.y_scale.high))
    lows, highs = np.array(ranges).T
    assert (np.diff(lows) <= 0).all()
    assert (np.diff(highs) >= 0).all()
    assert len(set(ranges)) < 10


def test_title_bar_tells_the_newest_values(panel: LossPanel, qtbot) -> None:
    with qtbot.waitSignal(panel.subtitle_changed) as emitted:
        feed(panel, make_snapshot(1240))
    assert emitted.args == [panel.subtitle]
    now = panel.plot.history.loss_now
    assert panel.subtitle.startswith(f"now {value_text(now)},")
    assert now == pytest.approx(np.exp(np.log(losses_until(1240)[-5:]).mean()), rel=0.25)
    assert "held out 0.00" in panel.subtitle


def test_legend_stands_in_the_title_bar(panel: LossPanel) -> None:
    (legend,) = panel.options()
    assert [entry.name for entry in legend.entries] == ["training", "held out"]
    assert legend.sizeHint().width() > 100


def test_baseline_wears_the_task_s_words(panel: LossPanel) -> None:
    snapshot = make_snapshot(100)
    feed(panel, snapshot)
    task = tasks()[snapshot.settings.task.name]
    assert (panel.plot.y_title, panel.plot.baseline_label) == (task.loss_unit, task.baseline_label)
    assert "0.167" in panel.as_sentence()


def test_solved_and_diverged_runs_are_badged(panel: LossPanel, monkeypatch) -> None:
    badges = []
    monkeypatch.setattr(panel.plot._labels, "draw_badge", lambda painter, at, text, color: badges.append((text, color)))
    feed(panel, make_snapshot(700))
    assert badges == []
    feed(panel, make_snapshot(1240))
    assert badges == [("solved at 760", DARK.ok)]
    assert "solved at update 760" in panel.as_sentence()
    feed(panel, replace(make_snapshot(1240), run_id=5, divergence=Divergence(1240, "loss"), solved_at=None))
    assert badges[1:] == [("diverged at 1,240", DARK.bad)]
    assert "diverged at update 1,240" in panel.as_sentence()


def test_values_under_the_pointer(panel: LossPanel) -> None:
    feed(panel, make_snapshot(1240))
    rows = {name: value for name, value, _ in panel.plot.readout_at(900)}
    assert "update 900" in rows
    assert float(rows["training"]) == pytest.approx(losses_until(900)[-1], rel=0.01)
    assert rows["right within 0.04"] == "64.0 %"
    assert "rate 0.01 → 0.004" in rows
    assert "rate 0.01 → 0.004" not in {name for name, _, _ in panel.plot.readout_at(800)}


def test_hover_draws_a_readout_without_drawing_the_curves_anew(panel: LossPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    before, count = panel.plot.grab().toImage(), panel.plot.picture_count
    qtbot.mouseMove(panel.plot, QPoint(300, 100))
    after = panel.plot.grab().toImage()
    assert before != after
    assert panel.plot.picture_count == count


def test_wheel_zooms_about_the_pointer_and_double_click_shows_all(panel: LossPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    everything = panel.plot.visible_range()
    at = QPointF(float(panel.plot.to_x(800)), 100)
    wheel(panel, at, 360)
    low, high = panel.plot.visible_range()
    assert high - low == pytest.approx((everything[1] - everything[0]) * 0.8**3)
    assert float(panel.plot.to_x(800)) == pytest.approx(at.x())
    assert len(panel.curve_data()["training"][0]) < 1240
    qtbot.mouseDClick(panel.plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert panel.plot.visible_range() == everything


def test_zooming_out_stops_at_everything(panel: LossPanel) -> None:
    feed(panel, make_snapshot(1240))
    everything = panel.plot.visible_range()
    wheel(panel, QPointF(300, 100), 240)
    wheel(panel, QPointF(300, 100), -1200)
    assert panel.plot.zoom is None
    assert panel.plot.visible_range() == everything


def test_dragging_zooms_into_a_stretch(panel: LossPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    start, end = (QPoint(round(float(panel.plot.to_x(step))), 100) for step in (400, 800))
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(panel.plot, end)
    qtbot.mouseRelease(panel.plot, Qt.MouseButton.LeftButton, pos=end)
    assert panel.plot.visible_range() == pytest.approx((400, 800), abs=3)


def test_zoom_from_the_keyboard(panel: LossPanel, qtbot) -> None:
    feed(panel, make_snapshot(1240))
    everything = panel.plot.visible_range()
    qtbot.keyClicks(panel.plot, "++")
    assert panel.plot.visible_range()[1] - panel.plot.visible_range()[0] == pytest.approx(0.64 * (everything[1] - everything[0]))
    qtbot.keyClicks(panel.plot, "0")
    assert panel.plot.visible_range() == everything


def test_zoomed_view_stands_still_while_training_goes_on(panel: LossPanel) -> None:
    history = feed(panel, make_snapshot(1240))
    panel.plot.set_zoom((700, 900))
    newer = make_snapshot(2600, 1240)
    history.add(newer)
    panel.show_snapshot(newer, history)
    assert panel.plot.visible_range() == (700, 900)


def test_new_run_forgets_zoom_and_bounds(panel: LossPanel) -> None:
    feed(panel, make_snapshot(1240))
    panel.plot.set_zoom((700, 900))
    feed(panel, make_snapshot(20, run_id=2))
    assert panel.plot.visible_range() == (0, 50)
    assert panel.plot.y_scale.low > 1e-3


def test_frame_is_drawn_anew_only_when_it_changed(panel: LossPanel) -> None:
    history = feed(panel, make_snapshot(1240))
    frames = panel.plot.frame_count
    for step in (1242, 1244, 1246):
        newer = replace(make_snapshot(step, step - 2), evaluations=())
        history.add(newer)
        panel.show_snapshot(newer, history)
        panel.grab()
    assert panel.plot.frame_count == frames
    marked = replace(make_snapshot(1248, 1246), marks=(Mark(1248, "clip 1.0 → off"),))
    history.add(marked)
    panel.show_snapshot(marked, history)
    panel.grab()
    assert panel.plot.frame_count == frames + 1


def test_gaps_and_zeros_do_no_harm(panel: LossPanel) -> None:
    losses = losses_until(300).copy()
    losses[100:120] = np.nan
    losses[150] = 0.0
    losses[200] = np.inf
    feed(panel, with_losses(make_snapshot(1), losses))
    drawn = panel.curve_data()["training"][1]
    assert np.isnan(drawn[100:120]).all()
    assert np.isnan(drawn[200])
    assert drawn[150] == 0
    assert np.isfinite(panel.curve_data()["smoothed"][1][50:99]).all()


def test_run_of_nothing_but_nan(panel: LossPanel) -> None:
    feed(panel, replace(with_losses(make_snapshot(1), np.full(50, np.nan)), baseline_loss=float("nan"), evaluations=()))
    assert panel.subtitle == ""
    assert panel.plot.y_scale.low < panel.plot.y_scale.high


def test_table_has_every_update(panel: LossPanel) -> None:
    feed(panel, make_snapshot(100))
    header, *rows = panel.as_table()
    assert header == ["update", "training loss", "held-out loss", "metric"]
    assert [row[0] for row in rows] == [str(update) for update in range(1, 101)]
    assert float(rows[41][1]) == pytest.approx(losses_until(42)[-1], rel=1e-5)
    assert [row[0] for row in rows if row[3]] == ["20", "40", "60", "80", "100"]


def test_theme_changes_the_colours_of_everything(panel: LossPanel) -> None:
    feed(panel, make_snapshot(1240))
    panel.set_theme(LIGHT)
    image = panel.plot.grab().toImage()
    assert image.pixelColor(2, 2).name().upper() == LIGHT.panel
    assert [entry.color for entry in panel.options()[0].entries] == [LIGHT.accent, LIGHT.hidden.mark]


def test_clearing_brings_back_the_hint(panel: LossPanel) -> None:
    feed(panel, make_snapshot(100))
    panel.clear()
    assert panel.plot.is_empty()
    assert panel.subtitle == ""
    assert "press play" in panel.as_sentence()


def test_axis_holds_the_raw_curve(panel: LossPanel) -> None:
    losses = np.full(600, 0.1)
    losses[300], losses[450] = 30.0, 2e-4
    feed(panel, with_losses(make_snapshot(1), losses))
    scale = panel.plot.y_scale
    assert scale.low <= 2e-4 and scale.high >= 30


def boxes_of_labels(panel: LossPanel) -> list:
    return list(panel.plot._labels._taken)


def test_badge_and_label_of_the_line_cover_no_curve_and_not_each_other(panel: LossPanel) -> None:
    panel.resize(640, 260)
    for until in (800, 1240):
        feed(panel, make_snapshot(until))
        line, badge = boxes_of_labels(panel)
        assert not line.intersects(badge)
        assert all(panel.plot.plot_rect().contains(box) for box in (line, badge))
        for name in ("smoothed", "held out"):
            curve = panel.plot._pixels(panel.curve_data()[name])
            assert not crosses(line, *curve) and not crosses(badge, *curve)


def test_where_the_loss_decides_its_limit_is_in_sight(panel: LossPanel) -> None:
    snapshots = [replace(snapshot, solved_below=1e-6) for snapshot in run_of_snapshots(300, 20)]
    without = feed(panel, *run_of_snapshots(300, 20))
    assert panel.plot.y_scale.low > 1e-6 and without.solved_below is None
    panel.clear()
    feed(panel, *snapshots)
    assert panel.plot.y_scale.low <= 1e-6
    assert "held-out loss below 1e-06" in panel.as_sentence()


def test_room_for_marks_is_taken_where_there_are_some(panel: LossPanel) -> None:
    snapshots = list(run_of_snapshots(300, 20))
    feed(panel, *(replace(snapshot, marks=()) for snapshot in snapshots))
    high = panel.plot.plot_rect().height()
    panel.clear()
    feed(panel, *(replace(snapshot, marks=(Mark(20, "rate 0.003 → 0.001"),) if snapshot.step == 20 else ()) for snapshot in snapshots))
    assert panel.plot.plot_rect().height() < high
