"""Which outputs of a batch count, as flat lists: one form for both topologies, masks and lengths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch


@dataclass(frozen=True)
class Counted:
    """N outputs that enter the loss: after step ``steps[n]`` of sequence ``members[n]``, with ``targets[n]``.

    steps, members : (N,) int64
    targets : (N, O) float, or (N,) int64 labels
    """

    steps: NDArray[np.int64]
    members: NDArray[np.int64]
    targets: np.ndarray


def all_outputs(seq_len: int, batch_size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Steps and members of every output, step by step: (T·B,) each."""
    return np.repeat(np.arange(seq_len), batch_size), np.tile(np.arange(batch_size), seq_len)


def counted_outputs(batch: Batch, topology: str, dtype: np.dtype, has_labels: bool) -> Counted:
    """The outputs of ``batch`` that count, their targets in ``dtype`` (labels: int64)."""
    if topology == "sequence_to_vector":
        steps, members = batch.lengths - 1, np.arange(batch.size)
        targets = batch.targets
    else:
        seq_len = batch.inputs.shape[0]
        is_valid = np.arange(seq_len)[:, None] < batch.lengths
        if batch.mask is not None:
            is_valid &= batch.mask > 0
        steps, members = np.nonzero(is_valid)
        targets = batch.targets[steps, members]
    wanted = np.dtype(np.int64) if has_labels else dtype
    return Counted(steps.astype(np.int64), members.astype(np.int64), np.ascontiguousarray(targets, dtype=wanted))
