"""How a network goes on by itself: how far, and how much chance there is in the choice of the next symbol."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GREEDY_BELOW = 1e-3


@dataclass(frozen=True)
class Sampling:
    """What a person may choose where a network writes or forecasts.

    Attributes
    ----------
    length : symbols or steps ahead, at most
    temperature : the shares p become p^(1/temperature): 0 takes the likeliest symbol (greedy), 1 draws as the network says, above
        it is bolder
    top_k : only the k likeliest symbols are drawn; 0: all (Fan, Lewis & Dauphin 2018)
    stops_at_end : a text ends where the network writes its end; otherwise it goes on behind it
    """

    length: int = 1
    temperature: float = 0.7
    top_k: int = 0
    stops_at_end: bool = True


GREEDY = Sampling(temperature=0.0)


def draw(shares: NDArray[np.float64], sampling: Sampling, rng: np.random.Generator) -> int:
    """A symbol by its share (size,), shares of 0 never where another is above."""
    if sampling.temperature < GREEDY_BELOW or sampling.top_k == 1:
        return int(shares.argmax())
    with np.errstate(divide="ignore"):
        logits = np.log(shares) / sampling.temperature
    if not np.isfinite(logits.max()):
        return int(shares.argmax())
    if 0 < sampling.top_k < len(logits):
        # A stable order: of equally likely symbols the first ones stay.
        logits[np.argsort(-logits, kind="stable")[sampling.top_k :]] = -np.inf
    weights = np.exp(logits - logits.max())
    return int(min(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), side="right"), len(shares) - 1))
