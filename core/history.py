"""The library of past runs: a row for each in an SQLite file, and beside it the sessions from which they can be reopened.

Several windows and commands may use it at once (write-ahead log; whoever writes waits for the other). A damaged file is set aside with
its sessions, and a new one begun; a file of a newer version is refused. Times come from the caller, in seconds since 1970.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from core.errors import InputError
from core.run_query import RunQuery, haystack_maker
from core.run_record import RunFacts, RunRecord
from core.run_schema import STEPS, migrate, token_of, version_of
from core.run_sessions import MOST_BYTES, MOST_SESSIONS, RunSessions, too_many
from core.trainer_state import TrainerState

FILE = "runs.sqlite"
SESSIONS = "sessions"
SIDE_FILES = ("-wal", "-shm")
BUSY_SECONDS = 10.0
DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
KEPT_SESSIONS = "SELECT id, session_bytes FROM runs WHERE session_bytes > 0 AND NOT is_favourite ORDER BY updated_at DESC"
VALUE_BYTES = 4
EVERYTHING = RunQuery()
FACTS = tuple(field.name for field in fields(RunFacts))
COLUMNS = tuple(field.name for field in fields(RunRecord) if field.name != "has_session")


class DamagedLibraryError(InputError):
    """The file can't be read as a library; opening it anew sets it aside."""


class RunLibrary:
    """The library in ``folder``, which is made where missing. ``message`` says what was amiss at opening, "" for nothing.

    To be used in the thread that made it; another one makes its own.

    Raises
    ------
    InputError
        At opening, where the folder can't be made or written, or the file is of a newer version; later, where the disk is full, the file
        is in use for too long, or there is no such run.
    """

    def __init__(self, folder: Path, most_sessions: int = MOST_SESSIONS, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.path = folder / FILE
        self.message = ""
        self._most_sessions, self._most_bytes = most_sessions, most_bytes
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise InputError(f"{folder}: past runs can't be kept there: {error.strerror}") from None
        try:
            self._connection = self._connect()
        except DamagedLibraryError:
            self.message = self._set_aside()
            self._connection = self._connect()
        self._sessions = RunSessions(folder / SESSIONS, token_of(self._connection))

    def __enter__(self) -> "RunLibrary":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self._connection.close()

    # A run, as it goes on

    def begin(self, facts: RunFacts, now: float) -> int:
        """Add a run; returns its id."""
        values = self._as_columns(facts) | {"begun_at": now, "updated_at": now}
        names = ", ".join(values)
        with self._writing() as connection:
            cursor = connection.execute(f"INSERT INTO runs ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))
            return int(cursor.lastrowid or 0)

    def update(self, run_id: int, facts: RunFacts, now: float) -> None:
        """What has become of a run."""
        self._set(run_id, **self._as_columns(facts), updated_at=now)

    def keep_session(self, run_id: int, state: TrainerState) -> None:
        """Write the session of a run; those of the oldest runs go where room is short, but for favourites."""
        # Before the row says so: what stops halfway leaves a file that the row learns of the next time.
        self.load(run_id)
        self._set(run_id, session_bytes=self._sessions.keep(run_id, state))
        with self._writing() as connection:
            kept = connection.execute(KEPT_SESSIONS)
            dropped = too_many([(row["id"], row["session_bytes"]) for row in kept], self._most_sessions, self._most_bytes)
            connection.executemany("UPDATE runs SET session_bytes = 0 WHERE id = ?", [(each,) for each in dropped])
        self._sessions.drop(dropped)

    # Looking

    def search(self, query: RunQuery = EVERYTHING) -> list[RunRecord]:
        """The runs that ``query`` asks for, in its order."""
        clause, values = query.as_sql()
        return [_record(row) for row in self._read(f"SELECT * FROM runs {clause}", values)]

    def load(self, run_id: int) -> RunRecord:
        """One run, thrown away or not. Raises InputError where there is none."""
        rows = self._read("SELECT * FROM runs WHERE id = ?", [run_id])
        if not rows:
            raise InputError(f"run {run_id}: there is no such run in {self.path}")
        return _record(rows[0])

    def count(self) -> int:
        """How many runs there are that were not thrown away."""
        return int(self._read("SELECT count(*) FROM runs WHERE deleted_at IS NULL", [])[0][0])

    def names_of(self, column: str) -> list[str]:
        """The tasks or cells ("task", "cell") of which there are runs."""
        if column not in ("task", "cell"):
            raise ValueError(column)
        return [row[0] for row in self._read(f"SELECT DISTINCT {column} FROM runs WHERE deleted_at IS NULL ORDER BY {column}", [])]

    def session_path(self, run_id: int) -> Path:
        """The session from which a run can be reopened. Raises InputError where it is not kept any more."""
        record = self.load(run_id)
        path = self._sessions.path(run_id)
        if not record.has_session or not path.exists():
            raise InputError(f"{record.title}: only its curve and settings are kept, its weights had to make room for newer runs")
        return path

    def export(self, run_id: int, target: Path) -> None:
        """Write the session of a run to ``target``. Raises InputError as ``session_path`` does, and where it can't be written."""
        self.session_path(run_id)
        self._sessions.copy(run_id, target)

    # What a person does

    def rename(self, run_id: int, name: str) -> None:
        """Give a run a name of its own; "" takes it back."""
        self._set(run_id, name=" ".join(name.split()))

    def set_note(self, run_id: int, note: str) -> None:
        """Write a note on a run, of any length."""
        self._set(run_id, note=note.strip())

    def set_favourite(self, run_id: int, is_favourite: bool) -> None:
        """Mark a run, so that its session always stays."""
        self._set(run_id, is_favourite=int(is_favourite))

    def delete(self, run_ids: Sequence[int], now: float) -> None:
        """Throw runs away, all of them or none; until ``purge`` they can be restored."""
        self._set(*run_ids, deleted_at=now)

    def restore(self, run_ids: Sequence[int]) -> None:
        """Take runs back that were thrown away, all of them or none."""
        self._set(*run_ids, deleted_at=None)

    def purge(self, before: float) -> int:
        """Forget runs for good that were thrown away before that time, their sessions too; returns how many."""
        with self._writing() as connection:
            rows = connection.execute("SELECT id FROM runs WHERE deleted_at < ?", [before]).fetchall()
            ids = [int(row["id"]) for row in rows]
            connection.executemany("DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in ids])
        self._sessions.drop(ids)
        return len(ids)

    # The file

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.create_function("haystack", 11, haystack_maker(), deterministic=True)
            connection.execute("PRAGMA foreign_keys = ON")
            version = version_of(connection)
            if version > len(STEPS):
                raise InputError(
                    f"{self.path}: has version {version}, this program reads up to {len(STEPS)}: past runs need a newer version of it"
                )
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise DamagedLibraryError(f"{self.path}: is damaged")
            with suppress(sqlite3.OperationalError):
                # Another process that begins at the same moment may hold the file; then it does this.
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._connection = connection
            with self._writing():
                migrate(connection)
            return connection
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise self._refusal(error) from None
        except InputError:
            if connection is not None:
                connection.close()
            raise

    def _set_aside(self) -> str:
        """Move a damaged file and its sessions into a folder of their own; says so in one line."""
        number = next(n for n in range(1, 10_000) if not (self.folder / f"damaged-{n}").exists())
        place = self.folder / f"damaged-{number}"
        try:
            place.mkdir()
            for name in (FILE, *(FILE + ending for ending in SIDE_FILES), SESSIONS):
                if (self.folder / name).exists():
                    (self.folder / name).rename(place / name)
        except OSError as error:
            raise InputError(f"{self.path}: is damaged and can't be set aside: {error.strerror}") from None
        return f"The library of past runs was damaged and is set aside in {place}; a new one begins."

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or nothing."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                # Some errors, such as that of a full disk, have ended it already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except (sqlite3.Error, UnicodeEncodeError) as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise self._refusal(error) from None

    def _read(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise self._refusal(error) from None

    def _set(self, *run_ids: int, **values: Any) -> None:
        assignments = ", ".join(f"{name} = ?" for name in values)
        with self._writing() as connection:
            for run_id in run_ids:
                cursor = connection.execute(f"UPDATE runs SET {assignments} WHERE id = ?", [*values.values(), run_id])
                if not cursor.rowcount:
                    raise InputError(f"run {run_id}: there is no such run in {self.path}")

    def _as_columns(self, facts: RunFacts) -> dict[str, Any]:
        values = {name: getattr(facts, name) for name in FACTS}
        # The run that it was reopened from may be gone for good by now.
        is_parent_there = facts.parent is not None and bool(self._read("SELECT 1 FROM runs WHERE id = ?", [facts.parent]))
        values |= {"parent": facts.parent if is_parent_there else None}
        return values | {"is_higher_better": int(facts.is_higher_better), "curve": np.asarray(facts.curve, "<f4").tobytes()}

    def _refusal(self, error: sqlite3.Error | UnicodeEncodeError) -> InputError:
        if isinstance(error, UnicodeEncodeError):
            broken = error.object[error.start : error.end]
            return InputError(f"a name, a note or what is searched for: has {ascii(broken)} in it, which is no character")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in DAMAGE_CODES:
            return DamagedLibraryError(f"{self.path}: is damaged: {error}")
        return InputError(f"{self.path}: past runs can't be kept there: {error}")


def _record(row: sqlite3.Row) -> RunRecord:
    values = {name: row[name] for name in COLUMNS}
    values["curve"] = _curve_in(row["curve"])
    for name in ("is_higher_better", "is_favourite"):
        values[name] = bool(values[name])
    return RunRecord(**values, has_session=row["session_bytes"] > 0)


def _curve_in(blob: Any) -> np.ndarray:
    """The curve of a row; none where what stands there is no curve, so that one bad row does not hide all the others."""
    if not isinstance(blob, bytes) or len(blob) % VALUE_BYTES:
        return np.zeros(0, np.float32)
    return np.frombuffer(blob, "<f4").astype(np.float32)
