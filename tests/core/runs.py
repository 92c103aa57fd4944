"""Runs of the trainer, compared bit for bit, made to explode, and written to files."""

import dataclasses
import io
import zipfile
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
