"""A person's own file: which tasks can be trained on it, and what was recognised in it."""

from collections.abc import Sequence

from core import registry
from core.errors import InputError
from core.fields import FieldInfo, fields_of
from core.readers import recognise_file
from core.readers.head import contents_of
from core.readers.recognition import Recognition
from core.settings import Settings


def tasks_for(path: str, present: str = "") -> list[str]:
    """Names of the tasks that can be trained on the file ``path``, the one that suits it best first.

    They are those that can read what stands at its beginning; where nothing can be told from it, those that take its ending. Of those
    that it suits alike the ``present`` task comes first, then the first in the gallery. Empty for an ending that no task takes. Raises
    InputError where the file can't be read.
    """
    if not is_taken(path):
        return []
    contents = contents_of(path)
    fits = {name: task.suits(path, contents) for name, task in registry.tasks().items()}
    names = sorted((name for name in fits if fits[name]), key=lambda name: registry.tasks()[name].order)
    return sorted(names, key=lambda name: (-fits[name], name != present))


def is_taken(path: str) -> bool:
    """Whether any task takes files with this ending."""
    return path.lower().endswith(endings())


def endings() -> tuple[str, ...]:
    """Endings of the files that tasks take, each once."""
    infos = [fields_of(task.Settings).get("file") for task in registry.tasks().values()]
    return tuple(dict.fromkeys(suffix for info in infos if info is not None for suffix in info.suffixes))


def recognise(settings: Settings) -> Recognition | None:
    """What was recognised in the file that ``settings`` name, or in the bundled one.

    Where it does not suit the task, what can be said of any such file; None where there is no file, or none that can be read.
    """
    task = registry.tasks()[settings.task.name]
    try:
        recognised: Recognition | None = task.recognise(settings.task.fields)
        return recognised
    except InputError:
        pass
    try:
        return recognise_file(task.data_path(settings.task.fields))
    except InputError:
        return None


def data_keys(fields: dict[str, FieldInfo]) -> Sequence[str]:
    """Those of ``fields`` (by dotted key) that say which data are read: the file and its columns."""
    return [key for key, info in fields.items() if info.kind in ("file", "column")]
