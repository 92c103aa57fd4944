"""What is known of every step of some sequences: what is wanted there, what was read, where it stands, and what the task says."""

import numpy as np

from core.batch import Batch
from core.losses import LOSSES
from core.state_label import StateLabel
from core.task import Task
from core.topology import ENCODER_DECODER, HAS_DECODER, SEQUENCE_TO_VECTOR, VECTOR_TO_SEQUENCE

MOST_NAMES = 10
"""Colours and shapes that can be told apart; of more values the rarest stand together."""
OTHERS = "all others"
TARGET, POSITION = "Target", "Position"


def state_labels(task: Task, batch: Batch) -> tuple[StateLabel, ...]:
    """Labels of every step, (T, B); with an encoder T counts its steps, then the decoder's. The first is the most telling one."""
    seq_len = len(batch.inputs) + len(batch.targets) if task.topology == ENCODER_DECODER else _steps(task, batch)
    wanted = _wanted(task, batch)
    position = np.broadcast_to(np.arange(1.0, seq_len + 1)[:, None], (seq_len, batch.size))
    found = [wanted, *task.state_labels(batch), _read(task, batch)]
    labels = [_padded(_with_few_names(_without_padding(label, task, batch)), seq_len, task) for label in found if label is not None]
    return (*labels, StateLabel(POSITION, position))


def _without_padding(label: StateLabel, task: Task, batch: Batch) -> StateLabel:
    """NaN after the end of each sequence."""
    written = batch.output_lengths
    lengths = written if written is not None and _is_of_decoder(label, task) else batch.lengths
    is_valid = np.arange(len(label.values))[:, None] < lengths
    return StateLabel(label.name, np.where(is_valid, label.values, np.nan), label.names)


def _is_of_decoder(label: StateLabel, task: Task) -> bool:
    return task.topology in HAS_DECODER and label.name == TARGET


def _steps(task: Task, batch: Batch) -> int:
    return len(batch.targets) if task.topology == VECTOR_TO_SEQUENCE else len(batch.inputs)


def _wanted(task: Task, batch: Batch) -> StateLabel | None:
    """The class of the sequence, or the target at every step; None where targets are several yes or no at once."""
    targets = batch.targets.astype(np.float64)
    is_one = task.topology == SEQUENCE_TO_VECTOR
    names: tuple[str, ...] = ()
    if LOSSES[task.loss].has_labels:
        names = task.output_names or tuple(str(k) for k in range(task.output_size))
    elif task.loss == "binary_cross_entropy":
        if task.output_size > 1:
            return None
        yes = task.output_names[0] if task.output_names else "yes"
        names, targets = ("nothing", yes) if task.output_names else ("no", yes), (targets[..., 0] > 0.5).astype(np.float64)
    else:
        targets = targets[..., 0]
    if is_one:
        targets = np.broadcast_to(targets, (len(batch.inputs), batch.size))
    elif batch.mask is not None:
        targets = np.where(batch.mask > 0, targets, np.nan)
    return StateLabel("Class" if is_one and names else TARGET, targets, names)


def _read(task: Task, batch: Batch) -> StateLabel | None:
    """The symbol that is read at each step, where there are few of them; None for measured values."""
    if task.topology == VECTOR_TO_SEQUENCE or task.loss == "squared_error":
        return None
    by_member = [task.label_inputs(batch.inputs[: batch.lengths[b], b]) for b in range(batch.size)]
    names = tuple(sorted({name for names in by_member for name in names if name}))
    if not 2 <= len(names) <= MOST_NAMES:
        return None
    numbers = {name: float(number) for number, name in enumerate(names)}
    values = np.full((len(batch.inputs), batch.size), np.nan)
    for b, labels in enumerate(by_member):
        values[: len(labels), b] = [numbers.get(label, np.nan) for label in labels]
    return StateLabel("Input", values, names)


def _with_few_names(label: StateLabel) -> StateLabel:
    """Only the names that occur; of too many the most frequent ones, and the rest together."""
    if not label.names:
        return label
    is_known = np.isfinite(label.values)
    counts = np.bincount(label.values[is_known].astype(np.int64), minlength=len(label.names))
    there = np.flatnonzero(counts)
    kept = there if len(there) <= MOST_NAMES else np.sort(np.argsort(-counts, kind="stable")[: MOST_NAMES - 1])
    new_numbers = np.full(len(counts), float(len(kept)))
    new_numbers[kept] = np.arange(len(kept))
    values = np.full(label.values.shape, np.nan)
    values[is_known] = new_numbers[label.values[is_known].astype(np.int64)]
    names = tuple(label.names[k] for k in kept)
    return StateLabel(label.name, values, names if len(kept) == len(there) else (*names, OTHERS))


def _padded(label: StateLabel, seq_len: int, task: Task) -> StateLabel:
    """Over all ``seq_len`` steps: targets of a decoder stand at the end, what is read at the beginning."""
    missing = seq_len - len(label.values)
    if not missing:
        return label
    gap = np.full((missing, label.values.shape[1]), np.nan)
    parts = [gap, label.values] if _is_of_decoder(label, task) else [label.values, gap]
    return StateLabel(label.name, np.concatenate(parts), label.names)
