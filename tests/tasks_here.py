"""Tasks whose data are there: one that needs a library that is not installed is skipped, and its message is the reason."""

from collections.abc import Iterable

import pytest

from core import registry
from core.errors import InputError


def why_missing(name: str) -> str:
    """What the task says where it can't be made; "" where it can."""
    task = registry.tasks()[name]
    try:
        task(task.Settings())
    except InputError as error:
        return str(error)
    return ""


def names_here() -> list[str]:
    """All tasks that can be made."""
    return [name for name in registry.tasks() if not why_missing(name)]


def skipped_where_missing(names: Iterable[str]) -> list[object]:
    """Parameters of a test that is repeated over tasks, or over presets, which are called like them."""
    tasks = registry.tasks()
    reasons = {name: why_missing(name) if name in tasks else "" for name in names}
    return [pytest.param(name, marks=pytest.mark.skipif(bool(reason), reason=reason or "it is here")) for name, reason in reasons.items()]
