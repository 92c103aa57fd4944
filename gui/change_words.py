"""What a change of settings is called in menus and tooltips."""

from typing import Any

from core import registry
from core.settings import Settings, all_fields

# More changes than these are counted rather than named.
MOST_NAMED = 2


def differing_keys(old: Settings, new: Settings) -> dict[str, Any]:
    """Dotted key -> value in ``new``, of everything that differs; the fields of another task are not compared."""
    before, after = old.to_dict(), new.to_dict()
    return {
        f"{section}.{key}": value
        for section, values in after.items()
        for key, value in values.items()
        if key not in before[section] or before[section][key] != value
    }


def change_words(old: Settings, new: Settings) -> str:
    """The change from ``old`` to ``new`` in a few words: "learning rate 0.01 → 0.003"; "reset" where there is none."""
    if old.task.name != new.task.name:
        tasks = registry.tasks()
        return f"task {tasks[old.task.name].title} → {tasks[new.task.name].title}"
    changes = differing_keys(old, new)
    if "network.cell" in changes:
        cells = registry.cells()
        return f"cell {cells[old.network.cell].title} → {cells[new.network.cell].title}"
    if not changes:
        return "reset"
    before, infos = old.to_dict(), all_fields(new)
    words = []
    for key, value in list(changes.items())[:MOST_NAMED]:
        section, _, name = key.partition(".")
        was = before[section].get(name)
        words.append(f"{infos[key].label.lower() if key in infos else name} {_value(was)} → {_value(value)}")
    rest = len(changes) - len(words)
    return ", ".join(words) + (f" and {rest} more" if rest > 0 else "")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value).replace("\\", "/").rpartition("/")[2]
    return text if text else "none"
