"""Thumbnails as they were made last, so that the gallery need not read every task's data before the window can be shown.

``python -m gui.controls.thumbnail_store`` makes them anew; a test holds them against what the generators make now. A task that
is not in the file is read when its card is first drawn.
"""

import dataclasses
import json
from functools import cache
from typing import Any

from core import registry
from core.errors import InputError
from core.files import write_atomically
from core.folders import ASSETS
from gui.controls import thumbnail
from gui.controls.thumbnail import Thumbnail, thumbnail_of

STORE = ASSETS / "thumbnails.json"
# Their data come with a library that may not be there, and then the card says so.
NOT_STORED = ("digits",)


def as_plain(picture: Thumbnail) -> dict[str, Any]:
    """A thumbnail as JSON has it."""
    return {"kind": type(picture).__name__, **dataclasses.asdict(picture)}


def from_plain(plain: dict[str, Any]) -> Thumbnail:
    """The thumbnail that ``as_plain`` made ``plain`` of."""
    fields = {name: _tuples(value) for name, value in plain.items() if name != "kind"}
    made: Thumbnail = getattr(thumbnail, plain["kind"])(**fields)
    return made


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


@cache
def stored_thumbnails() -> dict[str, Thumbnail]:
    """Thumbnails by the name of their task; none where the file is missing or damaged."""
    try:
        plain = json.loads(STORE.read_text(encoding="utf-8"))
        return {name: from_plain(picture) for name, picture in plain.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def made_thumbnails() -> dict[str, Thumbnail]:
    """All that can be stored, made by the tasks' own generators."""
    made: dict[str, Thumbnail] = {}
    for name, task in registry.tasks().items():
        if name in NOT_STORED:
            continue
        try:
            picture = thumbnail_of(task(task.Settings()))
        except InputError:
            continue
        if picture is not None:
            made[name] = picture
    return made


def _write() -> None:
    plain = {name: as_plain(picture) for name, picture in sorted(made_thumbnails().items())}
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(picture, ensure_ascii=False)}" for name, picture in plain.items())
    write_atomically(STORE, f"{{\n{rows}\n}}\n".encode())


if __name__ == "__main__":
    _write()
