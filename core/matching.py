"""Networks of equal size: what is compared should have as many numbers to learn with."""

from dataclasses import replace

from core import registry
from core.errors import InputError
from core.fields import fields_of
from core.network import layout_for
from core.settings import NetworkSettings, Settings
from core.task import Task


def parameter_count(settings: Settings, task: Task | None = None) -> int:
    """How many parameters a network with ``settings`` has; ``task`` is theirs where it was made already.

    Raises InputError where the task's file can't be used.
    """
    return layout_for(settings.network, task or _task_of(settings)).parameter_count


def match_parameters(settings: Settings, budget: int, task: Task | None = None) -> Settings:
    """``settings`` with the hidden size whose parameter count comes closest to ``budget``; of two as close the smaller.

    The count is the layout's own, exact for every cell, its options, the layers, both directions and decoders. Raises InputError for a
    budget below 1, and where the task's file can't be used.
    """
    if budget < 1:
        raise InputError(f"a budget of {budget} parameters: must be 1 or more")
    task = task or _task_of(settings)
    info = fields_of(NetworkSettings)["hidden_size"]
    assert info.minimum is not None and info.maximum is not None, "the hidden size has a range"

    def count(size: int) -> int:
        return layout_for(replace(settings.network, hidden_size=size), task).parameter_count

    # More units, more parameters: halve the range until the budget lies between two neighbours.
    below, above = int(info.minimum), int(info.maximum)
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if count(middle) <= budget else (below, middle)
    closest = min((below, above), key=lambda size: (abs(count(size) - budget), size))
    return replace(settings, network=replace(settings.network, hidden_size=closest))


def _task_of(settings: Settings) -> Task:
    task: Task = registry.tasks()[settings.task.name](settings.task.fields)
    return task
