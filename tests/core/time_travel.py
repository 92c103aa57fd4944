"""What tests of the time machine do with a run."""

from dataclasses import fields, replace

import numpy as np

from core.time_machine import TimeMachine
from core.trainer import Trainer
from core.trainer_state import TrainerState


def rewind(machine: TimeMachine, step: int, is_before_changes: bool = False) -> None:
    for _share in machine.rewinding(step, is_before_changes):
        pass


def without_rewind_marks(trainer: Trainer) -> TrainerState:
    state = trainer.state()
    return replace(state, marks=tuple(mark for mark in state.marks if not mark.is_rewind))


def assert_same_state(found: TrainerState, right: TrainerState) -> None:
    for field in fields(TrainerState):
        mine, other = getattr(found, field.name), getattr(right, field.name)
        if field.name in ("parameters", "moments", "losses", "carried"):
            np.testing.assert_equal(mine, other)
        else:
            assert mine == other, field.name


def train(machine: TimeMachine, step: int, spacing: int = 7) -> None:
    """As the window does: in pieces, each of them noted."""
    trainer = machine.trainer
    while trainer.step_count < step and trainer.divergence is None:
        trainer.train_to(min(step, trainer.step_count + spacing))
        machine.note()
