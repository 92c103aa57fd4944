"""What a decoder reads: the previous output, as the right one or as its own."""

from collections.abc import Callable

import numpy as np

from core.losses import LossSpec

Choose = Callable[[np.ndarray], np.ndarray]
"""``choose(shares (B, O)) -> (B,)`` picks the symbols that are written and read again."""


def taught_inputs(targets: np.ndarray, loss: LossSpec, output_size: int, dtype: np.dtype) -> np.ndarray:
    """The right previous outputs, zeros at the first step: targets (T', B) or (T', B, O) -> (T', B, O)."""
    inputs = np.zeros((*targets.shape[:2], output_size), dtype)
    if loss.has_labels:
        np.put_along_axis(inputs[1:], np.clip(targets[:-1], 0, output_size - 1)[..., None], 1, axis=2)
    else:
        inputs[1:] = targets[:-1]
    return inputs


def own_inputs(y: np.ndarray, loss: LossSpec, choose: Choose | None = None) -> np.ndarray:
    """The next input (B, O) from the head's outputs y (B, O) before activation: the chosen symbol one-hot, or the numbers."""
    answers = loss.activate(y)
    if not loss.has_labels:
        return answers
    chosen = answers.argmax(axis=1) if choose is None else choose(answers)
    inputs: np.ndarray = np.zeros_like(answers)
    inputs[np.arange(len(inputs)), chosen] = 1
    return inputs
