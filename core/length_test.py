"""Does a network that learned short sequences still answer longer ones? Its task at 1, 2 and 4 times the trained length."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InputError
from core.fields import fields_of
from core.network import Network
from core.snapshot import Metric
from core.task import Task

FACTORS = (1, 2, 4)
SEQUENCES = 64


@dataclass(frozen=True)
class LengthResult:
    """How a network does on held-out sequences ``factor`` times as long as those it is trained on: ``steps`` on average.

    ``is_solved``: whether it meets the task's criterion there.
    """

    factor: int
    steps: float
    loss: float
    metric: Metric
    is_solved: bool = False


def longer_results(network: Network, task: Task, factors: Sequence[int] = FACTORS) -> tuple[LengthResult, ...]:
    """Loss and metric of ``network`` at each length. Raises InputError where the task's data can't be had."""
    return tuple(_result(network, task if factor == 1 else task.longer(factor), factor) for factor in factors)


def why_not_longer(task: type[Task]) -> str:
    """Why sequences of ``task`` can't be made longer; "" where they can."""
    if task.longer is not Task.longer or task.length_field in fields_of(task.Settings):
        return ""
    return f"The sequences of {task.title} have no length that could be changed."


def has_longer(results: Sequence[LengthResult]) -> bool:
    """Whether the sequences of a test became longer: data of a given length do not."""
    return results[-1].steps > results[0].steps


def _result(network: Network, task: Task, factor: int) -> LengthResult:
    if (task.input_size, task.output_size) != (network.layout.input_size, network.layout.output_size):
        raise InputError(f"{task.name} at {factor} times the length is a task for another network")
    batch = task.held_out(SEQUENCES)
    writes = batch.output_lengths is not None
    answers = network.generate(batch.inputs, batch.lengths, task.output_len) if writes else network.forward(batch.inputs, batch.lengths)
    # A vector has no length: what is longer is what is written of it.
    lengths = batch.output_lengths if batch.output_lengths is not None and len(batch.inputs) == 1 else batch.lengths
    loss, metric = network.loss(batch), task.measure(answers, batch)
    return LengthResult(factor, float(lengths.mean()), loss, metric, bool(task.is_solved(loss, metric)))
