"""The library of past runs: what goes in comes out, and is found again."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import session
from core.errors import InputError
from core.history import RunLibrary
from core.run_query import SORTS, RunQuery
from core.run_record import RunFacts, facts_of, moment_of, thumbnail_curve
from core.run_sessions import too_many
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run, exploded

FACTS = RunFacts(
    settings_toml="",
    task="adding",
    cell="lstm",
    hidden_size=32,
    num_layers=1,
    optimizer="adam",
    learning_rate=0.003,
    seed=7,
    parameters=4513,
    updates=1240,
    seconds=12.5,
    loss=0.01,
    best_loss=0.009,
    baseline_loss=1 / 6,
    metric_name="right",
    metric_value=94.0,
    metric_unit="%",
    solved_at=740,
    curve=np.array([0.1, -2.0], np.float32),
)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
counts = st.integers(0, 2**62)
some_facts = st.builds(
    RunFacts,
    preset=texts,
    settings_toml=texts,
    task=texts,
    cell=texts,
    hidden_size=counts,
    num_layers=counts,
    optimizer=texts,
    learning_rate=numbers,
    seed=counts,
    parameters=counts,
    updates=counts,
    seconds=numbers,
    loss=st.none() | numbers,
    best_loss=st.none() | numbers,
    baseline_loss=st.none() | numbers,
    metric_name=texts,
    metric_value=st.none() | numbers,
    metric_unit=texts,
    is_higher_better=st.booleans(),
    solved_at=st.none() | counts,
    diverged_at=st.none() | counts,
    curve=st.lists(st.floats(-30, 30, width=32), max_size=64).map(lambda values: np.array(values, np.float32)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def library(folder: Path) -> Iterator[RunLibrary]:
    with RunLibrary(folder) as opened:
        yield opened


def facts_in(record: RunFacts) -> RunFacts:
    return RunFacts(**{name: getattr(record, name) for name in RunFacts.__dataclass_fields__})


@hypothesis.settings(max_examples=40)
@given(first=some_facts, later=some_facts, begun=numbers, updated=numbers)
def test_facts_come_back_as_they_went_in(first: RunFacts, later: RunFacts, begun: float, updated: float) -> None:
    with tempfile.TemporaryDirectory() as place:
        with RunLibrary(Path(place)) as library:
            run_id = library.begin(first, begun)
            library.update(run_id, later, updated)
        with RunLibrary(Path(place)) as library:
            record = library.load(run_id)
    assert facts_in(record) == later and np.array_equal(record.curve, later.curve)
    assert (record.begun_at, record.updated_at) == (begun, updated)


def test_a_run_and_its_session_go_on_bit_for_bit(library: RunLibrary, trainer: Trainer) -> None:
    run_id = library.begin(facts_of(moment_of(trainer, 60, 1.5), "adding"), 10.0)
    library.keep_session(run_id, trainer.state())
    record = library.load(run_id)
    assert record.has_session and record.settings == trainer.settings
    assert (record.updates, record.seconds, record.parameters) == (60, 1.5, trainer.network.layout.parameter_count)
    assert record.best_loss == min(evaluation.loss for evaluation in trainer.evaluations)
    reopened = session.load(library.session_path(run_id))
    assert_same_run(reopened, trainer)


def test_a_diverged_run_is_a_row_and_keeps_its_last_good_weights(library: RunLibrary, settings: Settings) -> None:
    trainer = exploded(settings)
    run_id = library.begin(facts_of(moment_of(trainer, trainer.step_count, 0.1)), 1.0)
    library.keep_session(run_id, trainer.state())
    record = library.load(run_id)
    assert trainer.divergence is not None and record.diverged_at == trainer.divergence.step
    np.testing.assert_equal(session.load(library.session_path(run_id)).network.parameters(), trainer.network.parameters())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [1, 2, 3, 4]),
        ("lstm adding 32", [1]),
        ("LSTM", [1, 3]),
        ("gr", [2]),
        ("nn", []),
        ("ru", [3]),
        ("plateau", [2]),
        ("käse", [4]),
        ("KÄSE brot", [4]),
        ("100%", [3]),
        ("10_", []),
        ("seed=7 solved", [1, 2]),
        ("favourite", [3]),
        ("nothing", []),
    ],
)
def test_search_finds_runs_that_have_all_words(library: RunLibrary, text: str, found: list[int]) -> None:
    others = (
        {"cell": "gru", "hidden_size": 8},
        {"task": "copy", "seed": 1, "solved_at": None},
        {"task": "parity", "cell": "rnn", "seed": 2},
    )
    ids = [library.begin(replace(FACTS, **changes), 1.0) for changes in ({}, *others)]
    library.set_note(ids[1], "a long  plateau,\nthen a fall")
    library.rename(ids[2], "the 100% run")
    library.set_favourite(ids[2], True)
    library.rename(ids[3], "Käse und Brot")
    assert sorted(record.id for record in library.search(RunQuery(text))) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (RunQuery(task="copy"), [2]),
        (RunQuery(cell="gru"), [2, 3]),
        (RunQuery(outcome="solved"), [1]),
        (RunQuery(outcome="diverged"), [3]),
        (RunQuery(outcome="unsolved"), [2]),
        (RunQuery(is_favourite=True), [2]),
        (RunQuery("gru", task="adding"), [3]),
        (RunQuery(is_deleted=True), []),
    ],
)
def test_filters(library: RunLibrary, query: RunQuery, found: list[int]) -> None:
    library.begin(FACTS, 1.0)
    library.set_favourite(library.begin(replace(FACTS, task="copy", cell="gru", solved_at=None), 2.0), True)
    library.begin(replace(FACTS, cell="gru", solved_at=None, diverged_at=9), 3.0)
    assert sorted(record.id for record in library.search(query)) == found
    assert library.names_of("task") == ["adding", "copy"] and library.names_of("cell") == ["gru", "lstm"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", [3, 2, 1]),
        ("oldest", [1, 2, 3]),
        ("best", [2, 1, 3]),
        ("solved", [2, 1, 3]),
        ("quickest", [3, 1, 2]),
        ("smallest", [1, 3, 2]),
        ("task", [1, 3, 2]),
    ],
)
def test_orders(library: RunLibrary, sort: str, order: list[int]) -> None:
    library.begin(replace(FACTS, parameters=1), 1.0)
    library.begin(replace(FACTS, task="copy", best_loss=1e-4, solved_at=3, seconds=99.0, parameters=9), 2.0)
    library.begin(replace(FACTS, task="adding_1997", best_loss=None, solved_at=None, seconds=0.1, parameters=5), 3.0)
    assert [record.id for record in library.search(RunQuery(sort=sort))] == order
    assert sort in SORTS


def test_every_order_is_tested() -> None:
    tested = next(mark for mark in test_orders.pytestmark if mark.name == "parametrize").args[1]
    assert {sort for sort, _ in tested} == set(SORTS)


def test_deleted_runs_come_back_until_they_are_purged(library: RunLibrary, trainer: Trainer) -> None:
    first, second = (library.begin(FACTS, 1.0) for _ in range(2))
    library.keep_session(first, trainer.state())
    path = library.session_path(first)
    library.delete([first, second], now=100.0)
    assert library.count() == 0 and [record.id for record in library.search(RunQuery(is_deleted=True))] == [second, first]
    library.restore([second])
    assert [record.id for record in library.search()] == [second] and path.exists()
    assert library.purge(before=100.0) == 0
    assert library.purge(before=101.0) == 1 and not path.exists()
    with pytest.raises(InputError, match=f"run {first}: there is no such run"):
        library.load(first)


def test_a_child_outlives_its_parent(library: RunLibrary) -> None:
    parent = library.begin(FACTS, 1.0)
    child = library.begin(replace(FACTS, parent=parent), 2.0)
    library.delete([parent], 3.0)
    library.purge(before=4.0)
    assert library.load(child).parent is None
    library.update(child, replace(FACTS, parent=parent), 5.0)
    assert library.load(child).parent is None


def test_sessions_of_the_oldest_runs_make_room_but_not_those_of_favourites(folder: Path, trainer: Trainer) -> None:
    with RunLibrary(folder, most_sessions=2) as library:
        ids = []
        for k in range(5):
            ids.append(library.begin(FACTS, float(k)))
            library.keep_session(ids[-1], trainer.state())
            if k == 0:
                library.set_favourite(ids[0], True)
        assert [library.load(run_id).has_session for run_id in ids] == [True, False, False, True, True]
        assert library.count() == 5
        assert sorted(path.stem.split("-")[1] for path in (folder / "sessions").iterdir()) == ["1", "4", "5"]
        with pytest.raises(InputError, match="only its curve and settings are kept"):
            library.session_path(ids[1])


def test_the_bound_is_in_bytes_too() -> None:
    assert too_many([(5, 60), (4, 30), (3, 20), (2, 1)], most_sessions=10, most_bytes=100) == [3, 2]
    assert too_many([(5, 600)], most_sessions=10, most_bytes=100) == []
    assert too_many([], 10, 100) == []


def test_export_writes_a_session_that_opens(library: RunLibrary, trainer: Trainer, tmp_path: Path) -> None:
    run_id = library.begin(FACTS, 1.0)
    with pytest.raises(InputError):
        library.export(run_id, tmp_path / "mine.rnnp")
    library.keep_session(run_id, trainer.state())
    library.export(run_id, tmp_path / "mine.rnnp")
    assert_same_run(session.load(tmp_path / "mine.rnnp"), trainer)


def test_what_is_not_there_is_refused(library: RunLibrary) -> None:
    for act in (
        lambda: library.rename(9, "x"),
        lambda: library.delete([9], 1.0),
        lambda: library.session_path(9),
        lambda: library.update(9, FACTS, 1.0),
    ):
        with pytest.raises(InputError, match="run 9: there is no such run"):
            act()


def test_what_is_no_text_is_refused(library: RunLibrary) -> None:
    run_id = library.begin(FACTS, 1.0)
    for act in (
        lambda: library.rename(run_id, "my \udc80 run"),
        lambda: library.set_note(run_id, "\ud800"),
        lambda: library.search(RunQuery("a\udcff")),
    ):
        with pytest.raises(InputError, match=r"'\\ud\w{3}' in it, which is no character"):
            act()
    assert library.load(run_id).title == "Adding, LSTM, 32 units"


def test_runs_are_deleted_and_restored_all_or_none(library: RunLibrary) -> None:
    first, second = (library.begin(FACTS, 1.0) for _ in range(2))
    with pytest.raises(InputError, match="run 9"):
        library.delete([first, 9, second], 2.0)
    assert library.count() == 2
    library.delete([first, second], 2.0)
    with pytest.raises(InputError, match="run 9"):
        library.restore([first, 9])
    assert library.count() == 0


def test_titles_say_what_a_run_is(library: RunLibrary) -> None:
    record = library.load(library.begin(replace(FACTS, num_layers=2, cell="gru"), 1.0))
    assert (record.title, record.short_title) == ("Adding, GRU, 2 × 32 units", "Adding, GRU 2 × 32")
    single = library.load(library.begin(replace(FACTS, hidden_size=1, task="of tomorrow", cell="xlstm"), 1.0))
    assert (single.title, single.short_title) == ("of tomorrow, xlstm, 1 unit", "of tomorrow, xlstm 1")
    library.rename(record.id, "  my   run ")
    assert library.load(record.id).title == library.load(record.id).short_title == "my run"


@given(st.lists(st.floats(1e-20, 1e20) | st.just(float("nan")) | st.just(0.0), max_size=300))
def test_thumbnails_keep_the_mean_of_the_logarithms(values: list[float]) -> None:
    losses = np.array(values, dtype=np.float64)
    curve = thumbnail_curve(losses)
    known = losses[np.isfinite(losses)]
    assert curve.dtype == np.float32 and len(curve) == min(64, len(known)) and np.isfinite(curve).all()
    if 0 < len(known) <= 64:
        np.testing.assert_allclose(curve, np.log10(np.maximum(known, 1e-30)), rtol=1e-6)
    if len(known) > 64:
        logs = np.log10(np.maximum(known, 1e-30))
        assert logs.min() - 1e-4 <= curve.min() and curve.max() <= logs.max() + 1e-4
