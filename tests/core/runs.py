"""Runs of the trainer, compared bit for bit, made to explode, and written to files."""

import dataclasses
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core import session
from core.settings import Settings
from core.trainer import Trainer
from core.trainer_state import TrainerState
from tests.core.samples import Variant

# Nothing random about it: plain gradient descent with ReLU, a huge rate and no clipping explodes within a few updates.
EXPLOSIVE = {
    "network.cell": "rnn",
    "network.activation": "relu",
    "network.num_layers": 2,
    "training.optimizer": "sgd",
    "training.learning_rate": 10.0,
    "training.clip_norm": 0.0,
}


def assert_same_run(found: Trainer, right: Trainer) -> None:
    """Bit for bit: parameters, moments, random numbers, losses, evaluations, marks and all else that a run goes on from."""
    for field in dataclasses.fields(TrainerState):
        mine, other = (getattr(trainer.state(), field.name) for trainer in (found, right))
        if field.name in ("parameters", "moments", "losses", "carried"):
            np.testing.assert_equal(mine, other)
        else:
            assert mine == other, field.name


def with_options(settings: Settings, variant: Variant) -> Settings:
    """``settings`` with the variant's cell and options."""
    options = {f"network.{name}": value for name, value in vars(variant.options).items()}
    return settings.with_changes({"network.cell": variant.cell.name, **options})


def exploded(settings: Settings, engine: str = "kernels", **more: Any) -> Trainer:
    """A run that has diverged."""
    trainer = Trainer(settings.with_changes(EXPLOSIVE | more), engine)
    trainer.train_to(1000)
    assert trainer.divergence is not None
    return trainer


def saved(trainer: Trainer, path: Path) -> Path:
    """The file that the run was saved to."""
    session.save(path, trainer.state())
    return path


def members_of(content: bytes) -> dict[str, bytes]:
    """What a session file holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def assert_goes_on_from_session(trainer: Trainer, path: Path, step: int) -> None:
    """Saved, opened again and trained up to update ``step``, the run is the one that was never closed."""
    reopened = session.load(saved(trainer, path))
    for run in (trainer, reopened):
        run.train_to(step)
    assert_same_run(trainer, reopened)


def assert_changes_nothing(settings: Settings, meddle: Callable[[Trainer], object]) -> None:
    """What is done to a run between two updates leaves it as it would be without."""
    meddled, plain = Trainer(settings), Trainer(settings)
    for trainer in (meddled, plain):
        trainer.train(3)
    meddle(meddled)
    for trainer in (meddled, plain):
        trainer.train(3)
    assert_same_run(meddled, plain)
