"""What the run's history keeps: every loss, whatever the frames; rows of gradients, bounded and evenly spread."""

from dataclasses import replace

import numpy as np
import pytest

from core.snapshot import Mark
from gui.run_history import BLOCK, MAX_ROWS, GradientRows, RunHistory
from tests.gui.snapshots import losses_until, make_snapshot, run_of_snapshots, with_losses

BARE = replace(make_snapshot(1), evaluations=(), marks=(), trace=None, prediction=None, solved_at=None)


def history_of(*snapshots) -> RunHistory:
    history = RunHistory()
    for snapshot in snapshots:
        history.add(snapshot)
    return history


def with_steps(losses: np.ndarray, step: int, **changes):
    return replace(with_losses(BARE, losses), step=step, **changes)


def test_all_losses_are_kept_across_frames() -> None:
    history = history_of(*run_of_snapshots(200, 20))
    np.testing.assert_array_equal(history.losses, losses_until(200))
    assert list(history.evaluation_steps) == list(range(20, 201, 20))


def test_losses_stay_in_place_while_memory_grows() -> None:
    losses = np.random.default_rng(0).random(5000)
    history = history_of(*(with_steps(losses[k : k + 7], min(k + 7, 5000)) for k in range(0, 5000, 7)))
    np.testing.assert_array_equal(history.losses, losses)


def test_losses_can_not_be_changed_from_outside() -> None:
    with pytest.raises(ValueError, match="read-only"):
        history_of(BARE).losses[0] = 1.0


def test_new_run_starts_from_nothing() -> None:
    history = history_of(make_snapshot(1240), make_snapshot(20, run_id=2))
    assert (len(history.losses), len(history.evaluations), history.marks, history.solved_at) == (20, 1, [], None)
    assert len(history.gradient_rows(0).steps) == 1


def test_replaced_losses_drop_the_earlier_curves() -> None:
    replayed = with_steps(np.full(30, 0.5), 30, is_replaced=True, marks=(Mark(10, "rate 1 → 2"),))
    history = history_of(make_snapshot(300), replayed)
    np.testing.assert_array_equal(history.losses, np.full(30, 0.5))
    assert (history.evaluations, [mark.step for mark in history.marks], history.gradient_rows(0).steps) == ([], [10], [])


def test_rewound_run_drops_what_came_later() -> None:
    history = history_of(make_snapshot(1240), with_steps(np.full(10, 0.9), 410))
    assert len(history.losses) == 410
    np.testing.assert_array_equal(history.losses[400:], np.full(10, 0.9))
    np.testing.assert_array_equal(history.losses[:400], losses_until(400))
    assert history.evaluation_steps[-1] == 400
    assert [mark.step for mark in history.marks] == [260]


def test_run_loaded_without_its_curve_begins_with_a_gap() -> None:
    history = history_of(with_steps(np.array([0.3, 0.2]), 102))
    assert len(history.losses) == 102
    assert np.isnan(history.losses[:100]).all()
    np.testing.assert_array_equal(history.losses[100:], [0.3, 0.2])


def test_infinite_losses_become_gaps() -> None:
    losses = history_of(with_steps(np.array([0.3, np.inf, np.nan, 0.2]), 4)).losses
    np.testing.assert_array_equal(np.isfinite(losses), [True, False, False, True])


@pytest.mark.parametrize("width", [1, 3, 50, 200, 700])
def test_bins_hold_every_extreme_and_the_mean(width: int) -> None:
    losses = np.exp(np.random.default_rng(1).normal(size=6400))
    losses[3000] = 1e-6
    losses[4000] = 1e6
    bins = history_of(with_steps(losses, 6400)).loss_bins(1, 6400, width)
    assert (np.nanmin(bins.low), np.nanmax(bins.high)) == (1e-6, 1e6)
    assert len(bins.updates) <= 6400 / (width // BLOCK * BLOCK if width >= 2 * BLOCK else width) + 1
    group = width if width < 2 * BLOCK else width // BLOCK * BLOCK
    np.testing.assert_allclose(bins.mean_log[2], np.log10(losses[2 * group : 3 * group]).mean())
    assert (np.diff(bins.updates) > 0).all()


def test_bins_do_not_move_when_the_curve_grows() -> None:
    losses = np.random.default_rng(2).random(1000)
    short, long = (history_of(with_steps(losses[:n], n)).loss_bins(1, n, 8) for n in (800, 1000))
    np.testing.assert_array_equal(short.low[:99], long.low[:99])
    np.testing.assert_array_equal(short.updates[:99], long.updates[:99])


def test_bins_of_a_stretch_lie_in_it() -> None:
    bins = history_of(with_steps(np.arange(1.0, 1001.0), 1000)).loss_bins(300, 310, 1)
    np.testing.assert_array_equal(bins.updates, np.arange(300, 311))
    np.testing.assert_array_equal(bins.low, np.arange(300, 311))


def test_bins_without_losses_are_empty() -> None:
    assert len(RunHistory().loss_bins(1, 100, 1).updates) == 0


def test_gradient_rows_are_bounded_and_evenly_spread() -> None:
    rows = GradientRows()
    for step in range(1, 20_001):
        rows.add(step, np.array([float(step)]))
    assert MAX_ROWS / 4 <= len(rows.steps) <= MAX_ROWS
    gaps = np.diff(rows.steps[:-1])
    assert gaps.max() <= 4 * gaps.min()
    assert (rows.steps[0], rows.steps[-1]) == (1, 20_000)
    assert [float(row[0]) for row in rows.rows] == rows.steps


def test_gradient_rows_forget_what_was_rewound() -> None:
    rows = GradientRows()
    for step in (10, 20, 30, 40):
        rows.add(step, np.zeros(2))
    rows.add(20, np.ones(2))
    assert rows.steps == [10, 20]
    assert rows.rows[-1][0] == 1


def test_gradient_rows_are_of_the_cell_state_where_there_is_one() -> None:
    for cell in ("lstm", "gru"):
        snapshot = make_snapshot(100, cell=cell, layers=2)
        layer = snapshot.trace.layers[1]
        expected = layer.gradient_c if cell == "lstm" else layer.gradient_h
        np.testing.assert_array_equal(history_of(snapshot).gradient_rows(1).rows[0], expected)
