"""Answers with numbers that mean something, or the reason why there are none."""

import numpy as np

from core.errors import InputError
from core.network import Network
from core.task import Forward


def finite(forward: Forward, network: Network) -> Forward:
    """``forward`` of ``network``; it raises InputError where the numbers have grown beyond all bounds."""

    def finite_forward(x: np.ndarray, lengths: np.ndarray | None = None, output_len: int | None = None) -> np.ndarray:
        outputs = forward(x, lengths, output_len)
        if not np.isfinite(outputs).all():
            if np.isfinite(network.forward(*_small_input(network))).all():
                raise InputError(
                    "the network can't work with numbers as large as these: values nearer to those it was trained on are needed"
                )
            raise InputError("the network answers with NaN: its weights have grown too large; reset it, or lower the learning rate")
        return outputs

    return finite_forward


def _small_input(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """One step of zeros, (1, 1, D), and its length: what it is answered says whether the weights themselves are sound."""
    return np.zeros((1, 1, network.layout.input_size)), np.ones(1, np.int64)
