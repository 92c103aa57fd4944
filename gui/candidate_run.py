"""A run that is being loaded beside the current one."""

from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings
from gui.parked_run import ParkedRun
from gui.worker import Worker


@dataclass
class CandidateRun:
    """Its worker, its settings (None where only the session file knows them), its session's path."""

    worker: Worker
    settings: Settings | None
    session_path: Path | None
    is_playing: bool
    parked: ParkedRun | None = None
