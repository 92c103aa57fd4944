"""The line on longer sequences: figures, words for screen readers, bars for what is left."""

from dataclasses import replace

import pytest

from core.length_test import LengthResult, why_not_longer
from core.registry import tasks
from core.snapshot import Mark, Metric
from gui.panels.length_row import LengthRow, bar_share, bar_tone, kept_share, metric_text


def results(values: list[float], unit: str = "%", is_higher_better: bool = True) -> list[LengthResult]:
    return [LengthResult(2**k, 50.0 * 2**k, 0.1, Metric("sums right", value, unit, is_higher_better)) for k, value in enumerate(values)]


@pytest.fixture
def row(qtbot) -> LengthRow:
    row = LengthRow()
    qtbot.addWidget(row)
    row.resize(640, 24)
    return row


def test_it_says_each_length(row: LengthRow) -> None:
    row.show_results(results([99, 97, 61]), 740)
    assert row.isVisible()
    assert row.text().replace("\u202f", " ") == "sums right by length, tested at update 740: 50 steps: 99 % · 100: 97 % · 200: 61 %"
    assert row.accessibleDescription() == row.text() and "740 updates" in row.toolTip()
    row.clear()
    assert not row.isVisible()


@pytest.mark.parametrize("width", [120, 240, 400, 900])
def test_it_is_drawn_at_every_width(row: LengthRow, width: int) -> None:
    row.resize(width, 24)
    row.show_results(results([99, 97, 61]), 740)
    image = row.grab().toImage()
    assert len({image.pixel(x, 12) for x in range(width)}) > 2
    row.show_problem("prices: its sequences have no length that could be changed")
    row.grab()


@pytest.mark.parametrize(
    ("values", "is_higher_better", "right"),
    [([80.0, 40.0], True, 0.5), ([0.2, 0.4], False, 0.5), ([80.0, 90.0], True, 1.0), ([0.0, 0.0], True, 1.0), ([0.0, 3.0], False, 0.0)],
)
def test_bars_say_how_much_is_left(values: list[float], is_higher_better: bool, right: float) -> None:
    first, last = results(values, "", is_higher_better)
    assert kept_share(last, first) == pytest.approx(right)


def test_data_without_longer_sequences_say_so(row: LengthRow) -> None:
    row.show_results([replace(result, steps=14.8) for result in results([95, 95, 95])], 740)
    assert row.text().replace("\u202f", " ") == "These data hold no longer sequences: sums right 95 % at 15 steps."
    row.grab()


def test_nan_is_drawn_as_nothing_left(row: LengthRow) -> None:
    first, last = results([80.0, float("nan")])
    assert kept_share(last, first) == 0.0
    row.show_results([first, last], 3)
    row.grab()
    assert metric_text(last.metric) == "–"


def test_figures_have_their_unit() -> None:
    assert metric_text(Metric("mean error", 0.414, "s")) == "0.41 s"
    assert metric_text(Metric("mean error", 0.414)) == "0.41"


def test_a_failing_network_is_not_green() -> None:
    first, longer = results([14.0, 14.0])
    assert bar_share(longer, first) == pytest.approx(0.14) and bar_tone(longer, first) == "warn"
    assert [bar_tone(result, first) for result in results([95.0, 89.0, 40.0])] == ["ok", "accent", "warn"]
    first, longer = results([0.5, 0.6], "s", is_higher_better=False)
    assert bar_tone(longer, first) == "accent" and bar_tone(replace(longer, is_solved=True), first) == "ok"


def test_tasks_without_a_length_say_why() -> None:
    assert [name for name, task in tasks().items() if why_not_longer(task)] == ["captioning"]
    assert why_not_longer(tasks()["adding"]) == ""


def test_results_grow_old(row: LengthRow) -> None:
    row.follow_run(740, ())
    row.show_results(results([99, 97, 61]), 740)
    fresh = row.grab().toImage()
    row.follow_run(790, ())
    assert not row.is_stale and row.grab().toImage() == fresh
    row.follow_run(791, ())
    assert row.is_stale and row.grab().toImage() != fresh and "learned on" in row.toolTip()


CHANGE, REWIND = Mark(740, "W_h forget [3, 7] 0.21 → 0.5"), Mark(600, "rewound from 740", is_rewind=True)


@pytest.mark.parametrize(("step", "marks"), [(739, ()), (600, (REWIND,)), (900, (REWIND,)), (740, (CHANGE,)), (0, ())])
def test_results_of_weights_that_are_gone_are_gone(row: LengthRow, step: int, marks: tuple[Mark, ...]) -> None:
    """By a rewind, a reset or an edit; a rewind may have been trained beyond before the panel was looked at again."""
    row.follow_run(740, ())
    row.show_results(results([99, 97, 61]), 740)
    row.follow_run(step, marks)
    assert not row.results and not row.isVisible()


def test_results_stay_where_a_setting_is_changed_later(row: LengthRow) -> None:
    row.follow_run(740, (REWIND,))
    row.show_results(results([99, 97, 61]), 740)
    row.follow_run(760, (REWIND, Mark(750, "rate 0.003 → 0.001")))
    assert row.results and row.isVisible()
