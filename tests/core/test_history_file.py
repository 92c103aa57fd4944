"""The file of the library of past runs: whoever else writes, whatever stops halfway, however old or damaged it is."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core import session
from core.errors import InputError
from core.history import FILE, RunLibrary
from core.run_query import RunQuery
from core.run_record import RunFacts
from core.run_schema import STEPS
from core.settings import Settings
from core.trainer import Trainer
from tests.core.test_history import FACTS, facts_in

ROOT = Path(__file__).resolve().parents[2]
# What a writer does that other processes must not be disturbed by.
WRITER = """
import sys
from pathlib import Path
from core.history import RunLibrary
from tests.core.test_history import FACTS
with RunLibrary(Path(sys.argv[1])) as library:
    for k in range(25):
        run_id = library.begin(FACTS, float(k))
        library.rename(run_id, sys.argv[2])
"""
# Stops dead after the row is changed and before the change is committed.
CRASHER = """
import os, signal, sys
from pathlib import Path
from core.history import RunLibrary
from tests.core.test_history import FACTS
library = RunLibrary(Path(sys.argv[1]))
library.begin(FACTS, 1.0)
with library._writing() as connection:
    connection.execute("UPDATE runs SET name = 'half done'")
    connection.execute("DELETE FROM runs WHERE id > 1")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def run_python(code: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def test_two_processes_write_at_once(folder: Path) -> None:
    """They make the library together, too: neither finds it there."""
    writers = [run_python(WRITER, str(folder), name) for name in ("one", "other")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with RunLibrary(folder) as library:
        names = [record.name for record in library.search()]
    assert sorted(names) == ["one"] * 25 + ["other"] * 25


def test_a_second_window_sees_what_the_first_wrote(folder: Path) -> None:
    with RunLibrary(folder) as one, RunLibrary(folder) as other:
        run_id = one.begin(FACTS, 1.0)
        other.rename(run_id, "seen")
        assert one.load(run_id).name == "seen"


def test_a_crash_in_the_middle_leaves_what_was_there(folder: Path) -> None:
    with RunLibrary(folder) as library:
        library.rename(library.begin(FACTS, 0.0), "mine")
    crashed = run_python(CRASHER, str(folder))
    assert crashed.wait(60) == -signal.SIGKILL
    with RunLibrary(folder) as library:
        assert library.message == ""
        assert [record.name for record in library.search(RunQuery(sort="oldest"))] == ["mine", ""]


def test_a_file_of_every_older_version_opens(folder: Path) -> None:
    values = {name: getattr(FACTS, name) for name in RunFacts.__dataclass_fields__} | {
        "curve": FACTS.curve.tobytes(),
        "begun_at": 1.0,
        "updated_at": 2.0,
    }
    for version in range(1, len(STEPS) + 1):
        place = folder / str(version)
        place.mkdir(parents=True)
        connection = sqlite3.connect(place / FILE)
        for step in STEPS[:version]:
            step(connection)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(f"INSERT INTO runs ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values()))
        connection.commit()
        connection.close()
        with RunLibrary(place) as library:
            (record,) = library.search()
            assert facts_in(record) == FACTS and record.deleted_at is None
            library.delete([record.id], 3.0)
            assert library.count() == 0
        connection = sqlite3.connect(place / FILE)
        assert connection.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)
        connection.close()


def test_a_step_that_fails_leaves_the_old_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunLibrary(folder) as library:
        library.begin(FACTS, 1.0)

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM runs")
        raise sqlite3.OperationalError("no such column")

    with monkeypatch.context() as patched:
        for module in ("core.history", "core.run_schema"):
            patched.setattr(f"{module}.STEPS", (*STEPS, half))
        with pytest.raises(InputError, match="no such column"):
            RunLibrary(folder)
    with RunLibrary(folder) as library:
        assert library.count() == 1


def test_a_newer_file_is_refused_and_left_alone(folder: Path) -> None:
    with RunLibrary(folder) as library:
        library.begin(FACTS, 1.0)
    connection = sqlite3.connect(folder / FILE)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    before = (folder / FILE).read_bytes()
    with pytest.raises(InputError, match=f"has version {len(STEPS) + 1}, this program reads up to {len(STEPS)}"):
        RunLibrary(folder)
    assert (folder / FILE).read_bytes() == before


@pytest.mark.parametrize("damage", ["no library", "torn", "scribbled"])
def test_a_damaged_file_is_set_aside_with_its_sessions(folder: Path, trainer: Trainer, damage: str) -> None:
    with RunLibrary(folder) as library:
        run_id = library.begin(FACTS, 1.0)
        for _ in range(200):
            library.begin(replace(FACTS, settings_toml="x" * 500), 1.0)
        library.keep_session(run_id, trainer.state())
        session_name = library.session_path(run_id).name
    path = folder / FILE
    content = path.read_bytes()
    spoiled = {
        "no library": b"dear diary",
        "torn": content[: len(content) // 2],
        "scribbled": content[:4096] + b"\xff" * 8192 + content[12288:],
    }
    path.write_bytes(spoiled[damage])
    with RunLibrary(folder) as library:
        assert "was damaged and is set aside" in library.message and "\n" not in library.message
        assert library.count() == 0
        library.begin(FACTS, 1.0)
    aside = folder / "damaged-1"
    assert (aside / FILE).read_bytes() == spoiled[damage]
    assert session.load(aside / "sessions" / session_name).step_count == trainer.step_count
    with RunLibrary(folder) as library:
        assert library.message == "" and library.count() == 1


def test_a_library_in_use_while_it_is_set_aside_does_not_write_over_the_next(folder: Path, trainer: Trainer, settings: Settings) -> None:
    with RunLibrary(folder) as old:
        old_id = old.begin(FACTS, 1.0)
        (folder / FILE).rename(folder / "moved")
        for ending in ("-wal", "-shm"):
            (folder / (FILE + ending)).unlink(missing_ok=True)
        with RunLibrary(folder) as new:
            new_id = new.begin(FACTS, 2.0)
            new.keep_session(new_id, trainer.state())
            old.keep_session(old_id, Trainer(settings).state())
            assert old_id == new_id
            assert session.load(new.session_path(new_id)).step_count == trainer.step_count > 0


def test_sessions_of_an_older_library_are_still_found(folder: Path, trainer: Trainer) -> None:
    with RunLibrary(folder) as library:
        run_id = library.begin(FACTS, 1.0)
        library.keep_session(run_id, trainer.state())
        library.session_path(run_id).rename(folder / "sessions" / f"{run_id}.rnnp")
    connection = sqlite3.connect(folder / FILE)
    connection.executescript("DROP TABLE library; PRAGMA user_version = 2")
    connection.close()
    with RunLibrary(folder) as library:
        assert library.session_path(run_id).name == f"{run_id}.rnnp"


@pytest.mark.parametrize("blob", [b"\x00" * 7, "no curve", 3])
def test_a_row_with_a_bad_curve_hides_no_other(folder: Path, blob: object) -> None:
    with RunLibrary(folder) as library:
        good, bad = library.begin(FACTS, 2.0), library.begin(FACTS, 1.0)
    connection = sqlite3.connect(folder / FILE)
    connection.execute("UPDATE runs SET curve = ? WHERE id = ?", [blob, bad])
    connection.commit()
    connection.close()
    with RunLibrary(folder) as library:
        assert [(record.id, len(record.curve)) for record in library.search()] == [(good, 2), (bad, 0)]


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="past runs can't be kept"):
        RunLibrary(tmp_path / "file" / "runs")
    (tmp_path / "runs" / FILE).mkdir(parents=True)
    with pytest.raises(InputError, match="past runs can't be kept"):
        RunLibrary(tmp_path / "runs")
