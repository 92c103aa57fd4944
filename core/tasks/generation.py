"""Goes on with a sequence of symbols: draws the next one from the network's answer and feeds it back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.task import Forward
from core.tasks.symbols import one_hot


def continue_symbols(
    forward: Forward,
    size: int,
    start: Sequence[int],
    length: int,
    temperatures: Sequence[float],
    rng: np.random.Generator,
    context: int,
    never: Sequence[int],
    end: int,
) -> list[list[int]]:
    """At most ``length`` further symbols, once for each temperature; an ``end`` symbol ends one early and is left out.

    Parameters
    ----------
    size : number of symbols
    start : numbers of the symbols to go on from, at least one
    temperatures : 0 takes the likeliest symbol; 1 draws as the network says; the higher, the bolder
    context : the network sees at most this many symbols back
    never : symbols that are not drawn; ``end`` is not drawn first
    """
    rows = np.tile(np.array(start, dtype=np.int64)[:, None], len(temperatures))
    is_open = np.ones(len(temperatures), bool)
    results: list[list[int]] = [[] for _ in temperatures]
    for step in range(length):
        seen = rows[-context:]
        shares = forward(one_hot(seen, size), np.full(len(temperatures), len(seen)))[-1].astype(np.float64)
        shares[:, [*never, end] if step == 0 else list(never)] = 0
        drawn = np.array([draw(share, temperature, rng) for share, temperature in zip(shares, temperatures, strict=True)])
        is_open &= drawn != end
        if not is_open.any():
            break
        for k in np.flatnonzero(is_open):
            results[k].append(int(drawn[k]))
        rows = np.vstack([rows, drawn])
    return results


def draw(shares: NDArray[np.float64], temperature: float, rng: np.random.Generator) -> int:
    """A symbol by its share (size,) at a temperature: p^(1/temperature), scaled to sum 1."""
    if temperature < 1e-3:
        return int(shares.argmax())
    with np.errstate(divide="ignore"):
        logits = np.log(shares) / temperature
    if not np.isfinite(logits.max()):
        return int(shares.argmax())
    weights = np.exp(logits - logits.max())
    return int(min(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum(), side="right"), len(shares) - 1))
