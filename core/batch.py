"""Sequences as the network takes them: time-major, padded, with lengths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64] | NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """B sequences of at most T steps in, and T' steps out.

    Attributes
    ----------
    inputs : (T, B, D) float; T is 1 for vector_to_sequence
    targets : by the task's topology and loss
        sequence_to_sequence: (T, B, O) float for squared error and binary cross-entropy, (T, B) int for cross-entropy;
        sequence_to_vector: (B, O) float, or (B,) int;
        vector_to_sequence and encoder_decoder: (T', B, O) float, or (T', B) int, the end symbol included.
    mask : (T, B) or (T', B) float, or None
        Weight of every output of a task that has many, 1 or 0; None: every step up to its length counts.
    lengths : (B,) int
        Valid steps of each input; later steps are padding and never change a loss or a gradient.
    output_lengths : (B,) int or None
        Valid steps of each output of vector_to_sequence and encoder_decoder; None for the other topologies.
    continues : (B,) bool or None
        Whether a sequence goes on where the same one of the last batch ended, with the state it left; None: none does.
    """

    inputs: Array
    targets: np.ndarray
    mask: Array | None
    lengths: NDArray[np.int64]
    output_lengths: NDArray[np.int64] | None = None
    continues: NDArray[np.bool_] | None = None

    @property
    def size(self) -> int:
        """Number of sequences, B."""
        return int(self.inputs.shape[1])
