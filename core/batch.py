"""Sequences as the network takes them: time-major, padded, with lengths."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64] | NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """B sequences of at most T steps.

    Attributes
    ----------
    inputs : (T, B, D) float
    targets : by the task's topology and loss
        sequence_to_sequence: (T, B, O) float for squared error and binary cross-entropy, (T, B) int for cross-entropy;
        sequence_to_vector: (B, O) float, or (B,) int.
    mask : (T, B) float or None
        Weight of every output of a sequence_to_sequence task, 1 or 0; None: every step up to ``lengths`` counts.
    lengths : (B,) int
        Valid steps of each sequence; later steps are padding and never change a loss or a gradient.
    """

    inputs: Array
    targets: np.ndarray
    mask: Array | None
    lengths: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of sequences, B."""
        return int(self.inputs.shape[1])
