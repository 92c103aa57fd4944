"""The thread that keeps past runs: what it adds, what it leaves alone, and that it goes on whatever happens."""

from dataclasses import replace

import pytest

from core.history import DamagedLibraryError, RunLibrary
from core.run_query import RunQuery
from core.run_record import RunMoment, moment_of
from core.settings import Settings
from core.snapshot import Divergence
from core.trainer import Trainer
from gui.librarian import LEAST_UPDATES, Librarian, RunLabel


@pytest.fixture
def librarian(qtbot, tmp_path):
    made = Librarian(tmp_path / "runs")
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def moment() -> RunMoment:
    trainer = Trainer(Settings.preset("adding").with_changes({"network.hidden_size": 4, "task.seq_len": 8}), "numpy")
    trainer.train_to(LEAST_UPDATES)
    return moment_of(trainer, LEAST_UPDATES, 0.5)


def after(moment: RunMoment, step: int, trained: int) -> RunMoment:
    return replace(moment, state=replace(moment.state, step_count=step), updates_trained=trained)


def kept(librarian: Librarian) -> list:
    """What is in the library when all that was asked for is done."""
    librarian.close()
    with RunLibrary(librarian._folder) as library:
        return library.search(RunQuery(sort="oldest"))


def test_a_run_has_one_row_that_is_brought_up_to_date(librarian, moment):
    librarian.begin_run(1, RunLabel("adding"))
    for updates in (20, 100, 100, 300):
        librarian.keep(1, after(moment, updates, updates))
    (record,) = kept(librarian)
    assert (record.updates, record.preset, record.has_session) == (300, "adding", True)


def test_short_and_unknown_runs_are_left_out(librarian, moment):
    librarian.begin_run(1, RunLabel())
    librarian.keep(1, after(moment, 500, LEAST_UPDATES - 1))
    librarian.keep(2, after(moment, 500, 500))
    librarian.search(RunQuery())
    assert kept(librarian) == []


def test_a_run_that_diverged_at_once_is_kept(librarian, moment):
    librarian.begin_run(1, RunLabel())
    librarian.keep(1, replace(after(moment, 2, 2), divergence=Divergence(3, "the loss")))
    (record,) = kept(librarian)
    assert (record.updates, record.diverged_at) == (2, 3)


def test_a_run_that_was_rewound_and_trained_on_is_another_row(librarian, moment):
    librarian.begin_run(1, RunLabel())
    librarian.keep(1, after(moment, 100, 100))
    librarian.keep(1, after(moment, 60, 100))
    librarian.keep(1, after(moment, 90, 130))
    librarian.keep(1, after(moment, 95, 135))
    first, second = kept(librarian)
    assert (first.updates, second.updates, second.parent) == (100, 95, first.id)


def test_a_search_that_is_overtaken_is_not_made(librarian, qtbot):
    found = []
    librarian.found.connect(lambda result: found.append(result.query.text))
    with qtbot.waitSignal(librarian.found, check_params_cb=lambda result: result.query.text == "last"):
        for text in ("l", "la", "las", "last"):
            librarian.search(RunQuery(text))
    assert found[-1] == "last" and found.count("last") == 1


def test_what_can_not_be_done_is_said_and_the_next_command_is_carried_out(librarian, moment, qtbot):
    with qtbot.waitSignal(librarian.refused) as refused:
        librarian.rename(99, "nobody")
    assert "run 99: there is no such run" in refused.args[0]
    librarian.begin_run(1, RunLabel())
    librarian.keep(1, moment)
    assert len(kept(librarian)) == 1


def test_a_library_that_breaks_while_it_is_open_is_set_aside_and_the_run_kept_in_a_new_one(librarian, moment, qtbot, monkeypatch):
    def break_down(library: RunLibrary, *_arguments: object) -> None:
        library.close()
        library.path.write_bytes(b"scribble" * 4096)
        raise DamagedLibraryError("malformed")

    monkeypatch.setattr(RunLibrary, "update", break_down)
    librarian.begin_run(1, RunLabel())
    with qtbot.waitSignal(librarian.recorded):
        librarian.keep(1, moment)
    with qtbot.waitSignal(librarian.said) as said:
        librarian.keep(1, after(moment, 100, 100))
    assert "set aside" in said.args[0]
    assert [record.updates for record in kept(librarian)] == [100]


def test_exported_sessions_and_curves(librarian, moment, qtbot, tmp_path):
    librarian.begin_run(1, RunLabel())
    librarian.keep(1, moment)
    with qtbot.waitSignal(librarian.said):
        librarian.export(1, tmp_path / "mine.rnnp")
    assert (tmp_path / "mine.rnnp").exists()
    with qtbot.waitSignal(librarian.curve_read) as read:
        librarian.read_curve(1)
    assert (read.args[0].run_id, len(read.args[0].losses), read.args[0].end) == (1, LEAST_UPDATES, LEAST_UPDATES)
