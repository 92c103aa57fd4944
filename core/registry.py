"""Finds every CELL, TASK, OPTIMIZER and PANEL by walking one package: a new file appears everywhere by itself."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any

from core.errors import InputError


@cache
def members(package_name: str, export: str) -> dict[str, Any]:
    """Name -> object that the modules of ``package_name`` export under the name ``export``, ordered by ``order`` and name."""
    package: ModuleType = importlib.import_module(package_name)
    modules = (importlib.import_module(f"{package_name}.{info.name}") for info in pkgutil.iter_modules(package.__path__))
    found = [getattr(module, export) for module in modules if hasattr(module, export)]
    return {member.name: member for member in sorted(found, key=lambda m: (getattr(m, "order", 100), m.name))}


def find(package_name: str, export: str, name: str, key: str) -> Any:
    """Return the member called ``name``, or raise InputError that names ``key`` and what there is."""
    available = members(package_name, export)
    if name not in available:
        raise InputError(f"{key} = {name!r}: must be one of {', '.join(available)}")
    return available[name]


def cells() -> dict[str, Any]:
    """All cells by name."""
    return members("core.cells", "CELL")


def tasks() -> dict[str, Any]:
    """All tasks (classes) by name."""
    return members("core.tasks", "TASK")


def looks() -> dict[str, Any]:
    """All looks inside by name."""
    return members("core.looks", "LOOK")


def optimizers() -> dict[str, Any]:
    """All optimizers by name."""
    return members("core.optimizers", "OPTIMIZER")
