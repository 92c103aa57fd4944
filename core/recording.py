"""What an engine writes down when it is asked to watch itself: every gate, state and gradient of one batch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LayerRecording:
    """One layer over a batch, its steps in the order of the sequence, also where it reads backwards.

    values : signal name -> (T, B, H)
    dh, dc : (T, B, H) total ∂L/∂h_t and ∂L/∂C_t; dc is None for cells without a cell state
    dh_from_above : (T, B, H) ∂L/∂h_t by way of outputs and upper layers of the same step only
    is_backward : whether it reads from the end
    """

    values: dict[str, np.ndarray]
    dh: np.ndarray
    dc: np.ndarray | None
    dh_from_above: np.ndarray
    is_backward: bool = False


@dataclass(frozen=True)
class Recording:
    """``outputs`` (T, B, O) of the head before its activation, at every step; layers bottom first, the decoder's where there is one.

    ``encoder`` are the encoder's layers, empty without one.
    """

    loss: float
    outputs: np.ndarray
    layers: tuple[LayerRecording, ...]
    encoder: tuple[LayerRecording, ...] = ()
