"""The tables of the library of past runs, as numbered steps from an empty file to what this version uses."""

import sqlite3
from collections.abc import Callable, Sequence

RUN_COLUMNS = """
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    begun_at REAL NOT NULL, updated_at REAL NOT NULL,
    name TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', is_favourite INTEGER NOT NULL DEFAULT 0,
    preset TEXT NOT NULL, settings_toml TEXT NOT NULL, task TEXT NOT NULL, cell TEXT NOT NULL,
    hidden_size INTEGER NOT NULL, num_layers INTEGER NOT NULL, optimizer TEXT NOT NULL, learning_rate REAL NOT NULL,
    seed INTEGER NOT NULL, parameters INTEGER NOT NULL, updates INTEGER NOT NULL, seconds REAL NOT NULL,
    loss REAL, best_loss REAL, baseline_loss REAL,
    metric_name TEXT NOT NULL, metric_value REAL, metric_unit TEXT NOT NULL, is_higher_better INTEGER NOT NULL,
    solved_at INTEGER, diverged_at INTEGER, curve BLOB NOT NULL,
    parent INTEGER REFERENCES runs(id) ON DELETE SET NULL,
    session_bytes INTEGER NOT NULL DEFAULT 0
"""


def _make_runs(connection: sqlite3.Connection) -> None:
    connection.execute(f"CREATE TABLE runs ({RUN_COLUMNS})")
    connection.execute("CREATE INDEX runs_by_time ON runs (updated_at)")
    connection.execute("CREATE INDEX runs_by_parent ON runs (parent)")


def _add_trash(connection: sqlite3.Connection) -> None:
    """Runs that were thrown away stay for a while, so that they can be had back."""
    connection.execute("ALTER TABLE runs ADD COLUMN deleted_at REAL")


def _add_token(connection: sqlite3.Connection) -> None:
    """Sessions are named after their library, so that one which was set aside while somebody used it can't write over the next one's."""
    connection.execute("CREATE TABLE library (token TEXT NOT NULL)")
    # The sessions of an older library stand there under their bare numbers.
    connection.execute("INSERT INTO library SELECT CASE WHEN EXISTS (SELECT 1 FROM runs) THEN '' ELSE lower(hex(randomblob(4))) END")


STEPS: Sequence[Callable[[sqlite3.Connection], None]] = (_make_runs, _add_trash, _add_token)
"""Step n leads from version n to n + 1. Steps that went out are never changed; new ones are added at the end."""


def version_of(connection: sqlite3.Connection) -> int:
    """The number of steps that the file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def token_of(connection: sqlite3.Connection) -> str:
    """What tells this library's sessions from those of another in the same folder; "" where they have bare numbers."""
    row = connection.execute("SELECT token FROM library").fetchone()
    return "" if row is None else str(row[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing; within a transaction that is the caller's, so that there is all of it or nothing."""
    for number in range(version_of(connection), len(STEPS)):
        STEPS[number](connection)
        connection.execute(f"PRAGMA user_version = {number + 1}")
