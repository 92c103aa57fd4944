"""The updates panel shows the core's norms and ratios, and says whether the learning rate is sane."""

from dataclasses import replace

import numpy as np
import pytest

from core.look import NoLook
from core.looks.updates import UpdateSizes
from core.settings import Settings
from core.snapshot import Divergence
from core.trainer import Trainer
from core.update_log import NO_UPDATES, UpdateSeries
from gui.panels.updates import UpdatesPanel, opinion
from gui.plots.ratio_bars import RatioBars, short_names
from gui.run_history import RunHistory
from gui.theme import DARK
from gui.update_history import BLOCK, UpdateCurve
from tests.gui.snapshots import make_snapshot


@pytest.fixture
def panel(qtbot) -> UpdatesPanel:
    panel = UpdatesPanel(DARK)
    qtbot.addWidget(panel)
    panel.resize(640, 340)
    panel.show()
    return panel


def show(panel: UpdatesPanel, *snapshots) -> RunHistory:
    history = RunHistory()
    for snapshot in snapshots:
        history.add(snapshot)
        panel.show_snapshot(snapshot, history)
    panel.grab()
    return history


def test_numbers_are_the_cores(panel: UpdatesPanel) -> None:
    changes = {"network.hidden_size": 6, "task.seq_len": 8, "training.clip_norm": 0.2, "training.warmup": 4, "training.batch_size": 4}
    trainer = Trainer(Settings().with_changes(changes), "numpy")
    snapshots = []
    for count in (3, 5):
        trainer.train(count)
        snapshots.append(trainer.snapshot(1, looks=("updates",)))
    show(panel, *snapshots)
    norms, clipped, rates = (
        np.concatenate([getattr(snapshot.updates, name) for snapshot in snapshots]) for name in ("norms", "clipped_norms", "rates")
    )
    table = panel.as_table()[1:]
    assert [row[:4] for row in table[:8]] == [[str(k + 1), *(f"{values[k]:.6g}" for values in (norms, clipped, rates))] for k in range(8)]
    ratios = snapshots[-1].looks["updates"].ratios
    assert [(row[4], row[5]) for row in table[8:]] == [(name, f"{value:.6g}") for name, value in ratios.items()]
    curves = {curve.name: curve for curve in panel.norms.curves}
    assert np.array_equal(curves["before clipping"].y, norms) and np.array_equal(curves["after"].y, clipped)
    assert np.array_equal(panel.rates.curves[0].y, rates)
    assert sorted(ratio.value for ratio in panel.bars.ratios) == sorted(ratios.values())
    assert f"clip at {0.2:g}" in [rule.name for rule in panel.norms.rules]


def test_share_of_clipped_updates(panel: UpdatesPanel) -> None:
    snapshot = make_snapshot(200)
    norms = np.where(np.arange(200) % 4 == 0, 3.0, 0.5)
    show(panel, replace(snapshot, updates=UpdateSeries(norms, np.minimum(norms, 1.0), np.full(200, 0.003))))
    assert "25\u202f% clipped lately" in panel.subtitle
    assert "25\u202f% of the last 100 were clipped" in panel.as_sentence()


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.5, "reckless"), (0.05, "large"), (1e-3, "sane"), (2e-4, "sane"), (5e-6, "small"), (1e-8, "tiny"), (0.0, "tiny")]
)
def test_opinion(ratio: float, words: str) -> None:
    assert opinion({"layers.0.W_h": ratio, "head.W": ratio, "head.b": 1.0}).startswith(words)


def test_no_opinion_without_a_ratio() -> None:
    assert opinion({"head.W": float("nan")}) == "" and opinion({"head.b": 0.1}) == ""


def test_second_order_has_neither_rate_nor_clipping(panel: UpdatesPanel) -> None:
    snapshot = make_snapshot(50)
    norms = np.full(50, 3.0)
    settings = snapshot.settings.with_changes({"training.optimizer": "lbfgs"})
    show(panel, replace(snapshot, settings=settings, updates=UpdateSeries(norms, norms, np.full(50, np.nan))))
    assert panel.subtitle == "it finds its own step size"
    assert panel.norms.rules == () and [curve.name for curve in panel.norms.curves][0] == "gradient norm"
    assert panel.rates.isHidden()


def test_updates_that_are_not_known(panel: UpdatesPanel) -> None:
    show(panel, replace(make_snapshot(50), updates=NO_UPDATES, looks={"updates": NoLook("not yet")}))
    assert panel.as_sentence() == "No updates yet: press play." and len(panel.as_table()) == 1


def test_all_norms_nan_or_zero(panel: UpdatesPanel) -> None:
    for value in (0.0, np.inf):
        norms = np.full(60, value)
        show(panel, replace(make_snapshot(60), updates=UpdateSeries(norms, norms, np.zeros(60))))
        assert panel.as_sentence().endswith(".")


def test_bars_stay_between_the_ends_of_their_axis(qtbot) -> None:
    bars = RatioBars(DARK)
    qtbot.addWidget(bars)
    bars.resize(300, 200)
    bars.show_ratios({"head.W": 1e9, "layers.0.W_h": 1e-30, "layers.0.W_x": 0.0, "head.b": float("nan")})
    track = bars.track_rect()
    assert bars.x_of(1e9) == track.right() and bars.x_of(1e-30) == track.left()
    assert bars.x_of(1e-3) == pytest.approx(track.left() + 4 / 7 * track.width())
    bars.grab()


def test_more_bars_than_room(qtbot) -> None:
    bars = RatioBars(DARK)
    qtbot.addWidget(bars)
    bars.resize(300, 130)
    bars.show_ratios({f"layers.{k}.{name}": 1e-3 for k in range(4) for name in ("b", "W_h", "W_x")})
    assert len(bars.shown()) < 12 and all("W" in ratio.name for ratio in bars.shown())
    bars.grab()


def test_names_beside_bars() -> None:
    names = ["layers.0.W_x", "layers.0.backward.W_h", "encoder.layers.1.b", "start.W", "head.W", "head.b"]
    assert list(short_names(names).values()) == ["1 W_xh", "1 ← W_hh", "enc 2 b", "start W", "W_hy", "b_y"]
    assert short_names(["layers.0.W_x", "head.W"]) == {"layers.0.W_x": "W_xh", "head.W": "W_hy"}


def test_new_ratios_are_shown(panel: UpdatesPanel) -> None:
    snapshot = make_snapshot(100)
    history = show(panel, snapshot)
    history._looks["updates"] = UpdateSizes(120, {"head.W": 0.3})
    panel.show_snapshot(snapshot, history)
    assert [ratio.value for ratio in panel.bars.ratios] == [0.3] and "reckless" in panel.subtitle


def test_not_drawn_again_without_news(panel: UpdatesPanel) -> None:
    snapshot = make_snapshot(100)
    history = show(panel, snapshot)
    panel.show_snapshot(snapshot, history)
    panel.grab()
    before = panel.norms.picture_count, panel.bars.picture_count
    panel.show_snapshot(replace(snapshot, trace=None), history)
    panel.grab()
    assert (panel.norms.picture_count, panel.bars.picture_count) == before


@pytest.mark.parametrize("width", [1, 3, BLOCK, 2 * BLOCK, 300])
def test_bins_hold_the_extremes(width: int) -> None:
    values = np.random.default_rng(0).normal(size=3000)
    curve = UpdateCurve()
    for start in range(0, 3000, 77):
        curve.put(start, values[start : start + 77])
    assert np.array_equal(curve.values, values)
    bins = curve.bins(1, 3000, width)
    used = width // BLOCK * BLOCK if width >= 2 * BLOCK else width
    for k, (low, high) in enumerate(zip(bins.low[:-1], bins.high[:-1], strict=True)):
        group = values[k * used : (k + 1) * used]
        assert (low, high) == (group.min(), group.max())
    assert bins.updates[0] == pytest.approx(1 + (used - 1) / 2)


def test_rewound_curve() -> None:
    curve = UpdateCurve()
    curve.put(0, np.arange(200.0))
    curve.put(130, np.full(100, -1.0))
    assert len(curve.values) == 230 and (curve.values[130:] == -1).all() and curve.values[129] == 129
    assert curve.bins(1, 230, 128).low[1] == -1
    curve.put(300, np.ones(2))
    assert np.isnan(curve.values[230:300]).all()


def test_a_run_put_back_to_its_start_knows_no_norm() -> None:
    curve = UpdateCurve()
    curve.put(0, np.array([1.0, 2.0]))
    curve.put(1, np.empty(0))
    assert curve.is_known
    curve.put(0, np.empty(0))
    assert not curve.is_known


def test_it_says_that_there_is_no_update_after_a_rewind_to_the_start(panel: UpdatesPanel) -> None:
    history = show(panel, make_snapshot(20))
    assert "gradient" in panel.as_sentence()
    history.updates.forget_after(0)
    panel.show_snapshot(replace(make_snapshot(20), step=0), history)
    assert panel.as_sentence() == "No updates yet: press play."


def test_after_divergence_the_bars_do_not_ask_to_press_play(panel: UpdatesPanel) -> None:
    history = show(panel, make_snapshot(20))
    diverged = replace(make_snapshot(21, 20), divergence=Divergence(21, "loss"), looks={"updates": NoLook("no move is known")})
    history.add(diverged)
    panel.show_snapshot(diverged, history)
    assert panel.bars.is_empty() and "play" not in panel.bars.hint and "reset" in panel.bars.hint
    rewound = replace(make_snapshot(10), looks={"updates": NoLook("the next update will show how far the weights move")})
    history.add(rewound)
    panel.show_snapshot(rewound, history)
    assert "the next update" in panel.bars.hint
