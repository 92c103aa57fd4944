"""Which settings make no difference, or are refused, with the others as they are: the window greys them out."""

from collections.abc import Mapping
from typing import Any

from core import registry
from core.topology import HAS_DECODER

Values = Mapping[str, Any]

# What shapes the steps of first-order optimizers; one that finds the length of its steps by itself does without all of it, and
# looks at the whole gradient.
STEP_KEYS = ("learning_rate", "clip_norm", "clip_value", "schedule", "schedule_steps", "schedule_factor", "warmup", "truncate")
# Which of a task's bundled data are read.
BUNDLED_KEYS = ("series",)


def refused_flags(task_name: str) -> dict[str, str]:
    """Dotted key -> reason, of the flags that must be off for a task."""
    task = registry.tasks()[task_name]
    refused = {}
    if task.topology in HAS_DECODER:
        refused["network.bidirectional"] = "a network that writes its own sequence can't read it from the end"
    elif task.is_causal:
        refused["network.bidirectional"] = "each answer must come before the rest of the input is read"
    if not task.has_stream:
        refused["training.carry_state"] = "its sequences have nothing to do with each other"
    return refused


def idle_keys(task_name: str, network: Values, training: Values, task: Values | None = None) -> dict[str, str]:
    """Dotted key -> reason, of those that make no difference, or are refused, with these values of [network], [training] and [task]."""
    idle = refused_flags(task_name)
    if task is not None and task.get("file"):
        idle |= {f"task.{name}": "your own table is read" for name in BUNDLED_KEYS if name in task}
    optimizer = registry.optimizers()[training["optimizer"]]
    if training["schedule"] == "constant":
        idle |= dict.fromkeys(("training.schedule_steps", "training.schedule_factor"), "the rate is constant")
    if not optimizer.uses_learning_rate:
        idle |= {f"training.{name}": f"{optimizer.title} finds the length of its steps by itself" for name in STEP_KEYS}
    if registry.tasks()[task_name].topology not in HAS_DECODER:
        idle["training.teacher_forcing"] = "this task's network does not write a sequence of its own"
    elif optimizer.is_second_order:
        idle["training.teacher_forcing"] = f"{optimizer.title} always teaches the right symbols"
    if network["num_layers"] == 1:
        idle["network.dropout"] = "there is one layer, and nothing between layers"
    if network["init"] == "zeros":
        idle["network.init_scale"] = "all weights start at 0"
    cell = registry.cells()[network["cell"]]
    return idle | {f"network.{name}": reason for name, reason in cell.idle_options(network).items()}
