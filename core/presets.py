"""Bundled presets: settings with a title, a budget of updates, and what is to be seen with them.

A preset's file is a settings file with keys of its own at its top::

    title = "Simple RNN: it forgets"
    description = "One sentence on what to watch."
    steps = 3000                  # the budget
    outcome = "unsolved"          # what the budget ends with: solved (left out), unsolved, diverged
    story = "Remember for long"   # presets of one story belong together and are told in the order of ``chapter``
    chapter = 1
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.files import read_toml
from core.folders import PRESETS

OUTCOMES = ("solved", "unsolved", "diverged")


@dataclass(frozen=True)
class PresetInfo:
    """What a preset, or any settings file, says besides its settings.

    ``steps`` is its budget in updates, None where none is named; ``story`` is empty where it tells none.
    """

    title: str = ""
    description: str = ""
    steps: int | None = None
    outcome: str = OUTCOMES[0]
    story: str = ""
    chapter: int = 0


PRESET_ONLY_KEYS = frozenset(PresetInfo.__dataclass_fields__)


def info_in(path: Path) -> PresetInfo:
    """What the preset or settings file ``path`` says of itself. Raises InputError that names the file and the key."""
    try:
        return checked_info(read_toml(path))
    except InputError as error:
        raise error if str(error).startswith(str(path)) else InputError(f"{path}: {error}") from None


def checked_info(values: Mapping[str, Any]) -> PresetInfo:
    """The keys of a file's top that are no sections. Raises InputError where one can't be right."""
    info = PresetInfo(**{key: value for key, value in values.items() if key in PRESET_ONLY_KEYS})
    for key in ("title", "description", "outcome", "story"):
        if not isinstance(getattr(info, key), str):
            raise InputError(f"{key} = {getattr(info, key)!r}: must be a text in quotes")
    for key in ("steps", "chapter"):
        number = getattr(info, key)
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
            raise InputError(f"{key} = {number!r}: must be a whole number, 0 or more")
    if info.outcome not in OUTCOMES:
        raise InputError(f"outcome = {info.outcome!r}: must be one of {', '.join(OUTCOMES)}")
    return info


def preset_ids() -> list[str]:
    """Names of the bundled presets."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def preset_path(preset_id: str) -> Path:
    """The file of a bundled preset. Raises InputError that lists what there is."""
    if preset_id not in preset_ids():
        raise InputError(f"there is no preset {preset_id!r}: there are {', '.join(preset_ids())}")
    return PRESETS / f"{preset_id}.toml"


@cache
def presets() -> dict[str, PresetInfo]:
    """Name -> what it says, of all bundled presets."""
    return {name: info_in(PRESETS / f"{name}.toml") for name in preset_ids()}


def stories() -> dict[str, tuple[str, ...]]:
    """Story -> names of its presets, in the order in which they are told; stories by their titles."""
    told = [(info.story, info.chapter, name) for name, info in presets().items() if info.story]
    names = sorted({story for story, _, _ in told})
    return {story: tuple(name for of, _, name in sorted(told) if of == story) for story in names}


def chapters_with(preset_id: str) -> tuple[str, ...]:
    """All presets of the story that a preset tells, in order; none where it tells none."""
    return next((names for names in stories().values() if preset_id in names), ())
