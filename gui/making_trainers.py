"""Ways to make the trainer of a run; the worker's thread calls them, for they read files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core import registry, session
from core.compile import combination_for
from core.errors import InputError
from core.matching import match_parameters, parameter_count
from core.settings import Settings
from core.trainer import Trainer
from core.trainer_state import TrainerState

MakeTrainer = Callable[[], Trainer]


def trainer_for_settings(settings: Settings) -> MakeTrainer:
    """Makes a fresh trainer; with the NumPy step where the kernels are not compiled yet."""
    return lambda: Trainer(settings, _engine_for(settings))


def trainer_for_first_that_loads(choices: Sequence[Settings]) -> MakeTrainer:
    """Makes a fresh trainer from the first settings whose data can be read; where none can, the first says why."""

    def make() -> Trainer:
        errors = []
        for settings in choices:
            try:
                return Trainer(settings, _engine_for(settings))
            except InputError as error:
                errors.append(error)
        raise errors[0]

    return make


def trainer_for_session(path: str | Path) -> MakeTrainer:
    """Makes a trainer that continues a session."""

    def make() -> Trainer:
        state = session.load_state(path)
        return session.trainer_from(path, state, _engine_for(state.settings))

    return make


def trainer_for_matched(settings: Settings, base: Settings) -> MakeTrainer:
    """Makes a fresh trainer of the hidden size that gives it as many parameters as ``base`` has, for the same task."""

    def make() -> Trainer:
        task = registry.tasks()[base.task.name](base.task.fields)
        matched = match_parameters(settings, parameter_count(base, task), task)
        return Trainer(matched, _engine_for(matched))

    return make


def trainer_for_state(state: TrainerState) -> MakeTrainer:
    """Makes a trainer that continues where another one stood."""
    return lambda: Trainer(state.settings, _engine_for(state.settings), state)


def _engine_for(settings: Settings) -> str:
    return "kernels" if combination_for(settings).is_ready else "numpy"
