"""When several symbols may come next: which these are, in words, and whether they were found."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
SEPARATOR = "/"


def name_sets(symbols: Sequence[str], is_in: Flags) -> tuple[str, ...]:
    """The symbols that are in the set of each step, (T, K) -> (T,): "a/b", "" for none."""
    return tuple(SEPARATOR.join(symbols[k] for k in np.flatnonzero(row).tolist()) for row in is_in)


def legal_lead(legal: Flags, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the symbols (…, K): the share of the least likely legal one and of the likeliest illegal one, (…,) each.

    Infinite and minus infinite where there is none, so that nothing is missed where nothing is legal.
    """
    return np.where(legal, shares, np.inf).min(axis=-1), np.where(legal, -np.inf, shares).max(axis=-1)


def are_legal_likelier(legal: Flags, shares: np.ndarray) -> Flags:
    """Whether every legal symbol is likelier than every illegal one: (…, K) -> (…,)."""
    least_legal, most_illegal = legal_lead(legal, shares)
    is_likelier: Flags = least_legal > most_illegal
    return is_likelier


def are_legal_alone_above(legal: Flags, shares: np.ndarray, threshold: float) -> Flags:
    """Whether the legal symbols, and no others, are above ``threshold``: (…, K) -> (…,)."""
    is_right: Flags = ((shares > threshold) == legal).all(axis=-1)
    return is_right
