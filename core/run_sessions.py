"""Session files beside the library of past runs, named by the library's token and the run's id, within a bound on their number and size."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from core import session
from core.errors import InputError
from core.files import write_atomically
from core.trainer_state import TrainerState

MOST_SESSIONS = 200
MOST_BYTES = 500 * 2**20


class RunSessions:
    """The folder ``folder`` of files ``TOKEN-ID.rnnp``; ``ID.rnnp`` where ``token`` is ""."""

    def __init__(self, folder: Path, token: str) -> None:
        self._folder = folder
        self._prefix = f"{token}-" if token else ""

    def path(self, run_id: int) -> Path:
        """Where the session of a run stands, if it does."""
        return self._folder / f"{self._prefix}{run_id}.rnnp"

    def keep(self, run_id: int, state: TrainerState) -> int:
        """Write the session of a run, with its whole curve; returns its bytes, and 0 where its weights are not finite."""
        path = self.path(run_id)
        try:
            session.save(path, state, is_curve_whole=True)
        except InputError:
            # A disk that is full, or a network beyond all bounds: the row stays without a session, or with the last good one.
            return path.stat().st_size if path.exists() else 0
        return path.stat().st_size

    def drop(self, run_ids: Iterable[int]) -> None:
        """Remove sessions; what is gone already is no matter."""
        for run_id in run_ids:
            with suppress(OSError):
                self.path(run_id).unlink()

    def copy(self, run_id: int, target: Path) -> None:
        """Write a session to ``target``. Raises InputError where it is gone or can't be written."""
        try:
            content = self.path(run_id).read_bytes()
        except OSError:
            raise InputError(f"run {run_id}: its session is not kept any more") from None
        write_atomically(target, content)


def too_many(sizes: Iterable[tuple[int, int]], most_sessions: int, most_bytes: int) -> list[int]:
    """Ids of the sessions that have to go, of (id, bytes) pairs with the newest first; the newest stays in any case."""
    total, dropped = 0, []
    for place, (run_id, size) in enumerate(sizes):
        total += size
        if place and (place >= most_sessions or total > most_bytes):
            dropped.append(run_id)
    return dropped
