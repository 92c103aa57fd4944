"""``rnn-playground runs``, and ``train --record``."""

import json
from pathlib import Path

import pytest

from core import cli, session
from core.errors import InputError
from core.folders import library_folder
from core.history import FILE, RunLibrary

SMALL = ("--set", "network.hidden_size=4", "--set", "task.seq_len=8", "--set", "training.batch_size=4")


def train(*more: str, cell: str = "lstm", record: bool = True) -> None:
    words = ["train", "adding", "--steps", "60", "--quiet", *SMALL, "--set", f"network.cell={cell}", *more]
    assert cli.main([*words, *(["--record"] if record else [])]) == 0


def runs(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert cli.main(["runs", *words]) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.err


def test_nothing_is_kept_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    train(record=False)
    assert not library_folder().exists()
    assert runs(capsys) == "No runs.\n" and json.loads(runs(capsys, "--json")) == []
    assert "there is no library yet" in runs(capsys, "show", "1", code=2)
    assert not library_folder().exists()


def test_recorded_runs_are_listed_searched_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    train(cell="gru")
    newest, older = json.loads(runs(capsys, "--json"))
    assert (newest["cell"], older["cell"]) == ("gru", "lstm")
    assert (older["task"], older["updates"], older["preset"], older["has_session"]) == ("adding", 60, "adding", True)
    assert older["seconds"] > 0 and older["best_loss"] > 0
    assert runs(capsys, "list", "--sort", "oldest").splitlines()[0].split()[0] == "1"
    assert json.loads(runs(capsys, "--json", "search", "gru", "4"))[0]["id"] == 2
    assert json.loads(runs(capsys, "search", "lstm", "--json"))[0]["id"] == 1
    assert runs(capsys, "search", "nonsense") == "No run has all these words.\n"
    assert 'cell = "lstm"' in runs(capsys, "show", "1")
    shown = json.loads(runs(capsys, "show", "1", "--json"))
    assert shown["settings"]["network"]["hidden_size"] == 4 and 0 < len(shown["curve"]) <= 64


def test_runs_are_deleted_and_restored(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    assert "restore 1" in runs(capsys, "delete", "1")
    assert runs(capsys) == "No runs.\n" and "Adding" in runs(capsys, "list", "--deleted")
    runs(capsys, "restore", "1")
    assert "Adding" in runs(capsys)
    assert "run 7: there is no such run" in runs(capsys, "delete", "1", "7", code=2)
    assert "Adding" in runs(capsys)


def test_a_session_is_exported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    train()
    path = tmp_path / "mine.rnnp"
    runs(capsys, "export", "1", "--out", str(path))
    assert session.load(path).step_count == 60
    assert "must end in .rnnp" in runs(capsys, "export", "1", "--out", str(tmp_path / "mine.zip"), code=2)
    assert not (tmp_path / "mine.zip").exists()


def test_a_diverged_run_is_kept_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "adding", "--steps", "300", "--quiet", "--record", *SMALL, "--set", "network.cell=rnn"]
    wild = ["network.activation=relu", "training.optimizer=sgd", "training.learning_rate=100.0", "training.clip_norm=0.0"]
    assert cli.main([*words, *(word for override in wild for word in ("--set", override))]) == 3
    assert "diverged at" in runs(capsys)


def test_a_damaged_library_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    (library_folder() / FILE).write_bytes(b"scribble")
    assert cli.main(["runs"]) == 0
    said = capsys.readouterr()
    assert "set aside" in said.err and said.out == "No runs.\n"
    assert cli.main(["runs"]) == 0
    assert capsys.readouterr().err == ""
    with RunLibrary(library_folder()) as library:
        assert library.message == ""


def test_recording_says_that_a_damaged_library_is_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    (library_folder() / FILE).write_bytes(b"scribble")
    capsys.readouterr()
    train()
    assert capsys.readouterr().err.count("set aside") == 1


def test_nothing_is_trained_where_it_could_not_be_recorded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    library_folder().parent.mkdir(parents=True, exist_ok=True)
    library_folder().write_text("in the way")
    monkeypatch.setattr("core.train_command._train", lambda *_: pytest.fail("trained for nothing"))
    assert cli.main(["train", "adding", "--steps", "60", "--quiet", *SMALL, "--record"]) == 2
    assert "past runs can't be kept there" in capsys.readouterr().err


def test_what_was_trained_is_told_where_the_library_is_lost_meanwhile(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise InputError("the disk is full")

    monkeypatch.setattr("core.train_command.record", refused)
    assert cli.main(["train", "adding", "--steps", "60", "--json", *SMALL, "--record"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["step_count"] == 60 and "the run is not kept: the disk is full" in said.err
