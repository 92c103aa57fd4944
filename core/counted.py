"""Which outputs of a batch count, as flat lists: one form for all topologies, masks and lengths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.topology import SEQUENCE_TO_VECTOR

Steps = NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """N outputs that enter the loss: after step ``steps[n]`` of sequence ``members[n]``, with ``targets[n]``.

    steps, members : (N,) int64; the steps are the decoder's where there is one
    targets : (N, O) float, or (N,) int64 labels
    """

    steps: Steps
    members: Steps
    targets: np.ndarray


def all_outputs(seq_len: int, batch_size: int) -> tuple[Steps, Steps]:
    """Steps and members of every output, step by step: (T·B,) each."""
    return np.repeat(np.arange(seq_len), batch_size), np.tile(np.arange(batch_size), seq_len)


def counted_outputs(batch: Batch, topology: str, dtype: np.dtype, has_labels: bool) -> Counted:
    """The outputs of ``batch`` that count, their targets in ``dtype`` (labels: int64)."""
    if topology == SEQUENCE_TO_VECTOR:
        steps, members = batch.lengths - 1, np.arange(batch.size)
        targets = batch.targets
    else:
        steps, members = np.nonzero(is_counted(batch, topology))
        targets = batch.targets[steps, members]
    wanted = np.dtype(np.int64) if has_labels else dtype
    return Counted(steps.astype(np.int64), members.astype(np.int64), np.ascontiguousarray(targets, dtype=wanted))


def is_counted(batch: Batch, topology: str) -> NDArray[np.uint8]:
    """Whether the output after each step enters the loss, (T', B); the steps are the decoder's where there is one."""
    if topology == SEQUENCE_TO_VECTOR:
        is_last = np.zeros(batch.inputs.shape[:2], np.uint8)
        is_last[batch.lengths - 1, np.arange(batch.size)] = 1
        return is_last
    lengths = batch.lengths if batch.output_lengths is None else batch.output_lengths
    is_valid = np.arange(len(batch.targets))[:, None] < lengths
    return (is_valid if batch.mask is None else is_valid & (batch.mask > 0)).astype(np.uint8)


def alone(batch: Batch, member: int, topology: str, copies: int = 1) -> Batch:
    """One sequence of ``batch`` without its padding, ``copies`` times beside itself."""
    own, read = [member] * copies, int(batch.lengths[member])
    written = read if batch.output_lengths is None else int(batch.output_lengths[member])
    return Batch(
        batch.inputs[:read, own],
        batch.targets[own] if topology == SEQUENCE_TO_VECTOR else batch.targets[:written, own],
        None if batch.mask is None else batch.mask[:written, own],
        batch.lengths[own],
        None if batch.output_lengths is None else batch.output_lengths[own],
    )


def members(batch: Batch, first: int, last: int, topology: str) -> Batch:
    """The sequences ``first … last − 1`` of ``batch``, as long as the longest of them; views."""
    own = slice(first, last)
    read = int(batch.lengths[own].max())
    written = read if batch.output_lengths is None else int(batch.output_lengths[own].max())
    return Batch(
        batch.inputs[:read, own],
        batch.targets[own] if topology == SEQUENCE_TO_VECTOR else batch.targets[:written, own],
        None if batch.mask is None else batch.mask[:written, own],
        batch.lengths[own],
        None if batch.output_lengths is None else batch.output_lengths[own],
    )


def reversal(seq_len: int, lengths: Steps) -> NDArray[np.int64]:
    """Which step the backward direction reads at its step t, (T, B): the valid ones from the end, then the padding. Its own inverse."""
    t = np.arange(seq_len)[:, None]
    return np.where(t < lengths, lengths - 1 - t, t)


def backward_steps(steps: Steps, members: Steps, lengths: Steps, topology: str) -> Steps:
    """At which of its own steps the backward direction has what the head reads for these outputs, (N,).

    For an output at each step, the state that has read from the end down to it; for one output the last state, which has read all.
    """
    last = lengths[members] - 1
    return last if topology == SEQUENCE_TO_VECTOR else np.where(steps <= last, last - steps, steps)
