"""Words and characters as numbers: a limited vocabulary, one-hot vectors, and what can be said without memory."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "<unknown>"
UNKNOWN_ID = 0


class Vocabulary:
    """Numbers symbols in order; number 0 is UNKNOWN, which stands for every symbol that is not in it."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.symbols = (UNKNOWN, *(symbol for symbol in symbols if symbol != UNKNOWN))
        self._ids = {symbol: k for k, symbol in enumerate(self.symbols)}

    def __len__(self) -> int:
        return len(self.symbols)

    def id_of(self, symbol: str) -> int:
        """Number of ``symbol``; one that is not known is tried in small letters, then with a capital."""
        for form in (symbol, symbol.lower(), symbol.capitalize()):
            if form in self._ids:
                return self._ids[form]
        return UNKNOWN_ID

    def exact_ids(self, symbols: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of symbols exactly as they are written, (N,)."""
        return np.fromiter((self._ids.get(symbol, UNKNOWN_ID) for symbol in symbols), np.int64, len(symbols))


def one_hot(ids: np.ndarray, size: int, is_present: np.ndarray | None = None) -> NDArray[np.float32]:
    """Vectors with a single 1, or none where not ``is_present`` (of the same shape): ids (…) -> (…, size)."""
    numbers = np.zeros(ids.size * size, np.float32)
    # One index for each 1 is several times as fast as a row and a column.
    places = np.arange(0, numbers.size, size) + ids.ravel()
    numbers[places] = 1 if is_present is None else is_present.ravel()
    return numbers.reshape(*ids.shape, size)


def with_some_unknown(ids: NDArray[np.int64], rng: np.random.Generator, share: float) -> NDArray[np.int64]:
    """Copy of ``ids`` with a random ``share`` of them unknown, so that a network learns to go on over words it doesn't know."""
    return np.where(rng.random(ids.shape) < share, UNKNOWN_ID, ids)


def counting_known(targets: NDArray[np.int64], mask: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """``mask`` (T, B), or None for all, without the steps whose target is unknown; as it was where none would be left."""
    is_known = targets != UNKNOWN_ID
    if is_known.all():
        return mask
    known = is_known.astype(np.float64) if mask is None else is_known * mask
    return known if known.any() else mask


def conditional_entropy(counts: np.ndarray) -> float:
    """Mean surprise, in nats, of what follows a symbol if only that symbol is known.

    counts (C, F): how often follower f came after symbol c. The plug-in entropy of sparse counts is far too low: a pair seen
    once would count as certain. So every occurrence is predicted from all the *others* (leave one out), with
    followers that c never had estimated from their overall share (Witten & Bell 1991)::

        p(f | c) = (n_cf + d_c p(f)) / (n_c + d_c),    p(f) = (n_f + 1) / (n + F)

    n_c occurrences of c, d_c different followers of it, all counted without the occurrence itself.
    """
    symbols, followers = np.nonzero(counts)
    n_cf = counts[symbols, followers].astype(np.float64)
    n_c = counts.sum(axis=1)[symbols] - 1.0
    n_f = counts.sum(axis=0)[followers] - 1.0
    d_c = np.count_nonzero(counts, axis=1)[symbols] - (n_cf == 1)
    total = n_cf.sum()
    overall = (n_f + 1) / (total - 1 + counts.shape[1])
    shares = np.where(n_c + d_c > 0, (n_cf - 1 + d_c * overall) / np.maximum(n_c + d_c, 1), overall)
    return float(-(n_cf * np.log(shares)).sum() / total)
