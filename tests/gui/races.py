"""Races fed by hand: runs with the snapshots of real ones, no thread, no training."""

from core.snapshot import Divergence, Snapshot
from gui.race_run import Entry, RaceRun
from gui.race_time import RaceTime
from tests.gui.snapshots import make_settings, make_snapshot, with_losses

BASE = make_settings()


def entry(cell: str = "lstm", **changes) -> Entry:
    return Entry(BASE.with_changes({"network.cell": cell, **changes}), BASE, is_matched=True)


def make_run(letter: str, cell: str, step: int, seconds: float = 1.5, run_id: int = 0, **changes) -> RaceRun:
    """A run that was looked into at 0, 100 and ``step`` updates."""
    run = RaceRun(letter, entry(cell, **changes), run_id or ord(letter))
    run.word, run.is_running = "Running", True
    since = 0
    for at in sorted({0, 100, step} - ({100} if step < 100 else set())):
        run.note_time(RaceTime(at, seconds * at / max(step, 1), seconds * 0.6 if at >= 760 else None))
        run.take(make_snapshot(at, since, cell=cell, run_id=run.run_id) if at else start_of(run, cell))
        since = at
    return run


def start_of(run: RaceRun, cell: str) -> Snapshot:
    return with_losses(make_snapshot(1, cell=cell, run_id=run.run_id, progress=0.0), [], step=0, evaluations=(), solved_at=None)


def three_runs(step: int = 1240) -> list[RaceRun]:
    return [make_run("A", "rnn", min(step, 700), 1.2), make_run("B", "gru", step, 2.5), make_run("C", "lstm", step, 3.0)]


def six_runs(step: int = 900) -> list[RaceRun]:
    more = (("D", "lstm", {"training.learning_rate": 0.01}), ("E", "gru", {"training.optimizer": "rmsprop"}))
    return [
        *three_runs(step),
        *(make_run(letter, cell, step, **changes) for letter, cell, changes in more),
        make_run("F", "rnn", step, **{"network.init": "orthogonal", "training.clip_norm": 0.0}),
    ]


def diverge(run: RaceRun, step: int = 50) -> RaceRun:
    run.take(with_losses(make_snapshot(run.step, run.step, run_id=run.run_id), [], step=run.step, divergence=Divergence(step, "the loss")))
    run.word, run.is_running, run.has_ended = "Diverged", False, True
    return run
