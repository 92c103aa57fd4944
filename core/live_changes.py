"""Which settings may change while a run goes on, and the marks that a change leaves on the curve."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import registry
from core.errors import InputError
from core.settings import Settings, all_fields
from core.snapshot import Mark
from core.task import Task


@dataclass(frozen=True)
class TaskChange:
    """``changes`` by dotted keys, and the ``task`` that they made: read from a file that may be another one by the time they are redone."""

    changes: Mapping[str, Any]
    task: Task


def changed_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """``settings`` with ``changes`` by dotted keys; raises InputError for a value out of range or a setting that rebuilds the network."""
    new = settings.with_changes(changes)
    infos = all_fields(settings)
    for key, value in changes.items():
        if key not in infos or not infos[key].may_change_live(_value_of(settings, key), value):
            raise InputError(f"{key} can't change while a run goes on: it rebuilds the network")
    return new


def changed_task(task: Task, settings: Settings, changes: Mapping[str, Any]) -> Task:
    """The task of the changed ``settings``; raises InputError where the network of ``task`` is none for it."""
    new: Task = registry.tasks()[settings.task.name](settings.task.fields, task.vocabulary())
    if (new.input_size, new.output_size) != (task.input_size, task.output_size):
        raise InputError(f"{', '.join(changes)} changes the network's inputs: it needs a new run")
    return new


def marks_of(old: Settings, new: Settings, changes: Mapping[str, Any], step: int, number: int) -> list[Mark]:
    """One for each of ``changes`` that made a difference; ``number`` is theirs in the journal."""
    marks = []
    for key in changes:
        before, after = _value_of(old, key), _value_of(new, key)
        if before != after:
            info = new.field_info(key)
            words = f"{info.shown(before)} → {info.shown(after)}"
            short = f"{info.short or info.label.lower()} {words}"
            marks.append(Mark(step, f"{info.label.lower()} {words}", short=short, change=number))
    return marks


def _value_of(settings: Settings, key: str) -> Any:
    """The value of a dotted key; None where there is none, as one task or cell has keys that another has not."""
    section, _, name = key.partition(".")
    return settings.to_dict()[section].get(name)
