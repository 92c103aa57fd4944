"""Ways to make the trainer of a run; the worker's thread calls them, for they read files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core import session
from core.compile import combination_for
from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer

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


def _engine_for(settings: Settings) -> str:
    return "kernels" if combination_for(settings).is_ready else "numpy"
