"""Goes on with a sequence of symbols: draws the next one from the network's answer and feeds it back."""

from collections.abc import Sequence

import numpy as np

from core.sampling import Sampling, draw
from core.task import Forward
from core.tasks.symbols import one_hot


def continue_symbols(
    forward: Forward,
    size: int,
    start: Sequence[int],
    samplings: Sequence[Sampling],
    rng: np.random.Generator,
    context: int,
    never: Sequence[int],
    end: int,
) -> list[list[int]]:
    """Further symbols, once for each of ``samplings``, of which all are equally long.

    An ``end`` symbol ends one early and is left out, unless it is told not to stop there.

    Parameters
    ----------
    size : number of symbols
    start : numbers of the symbols to go on from, at least one
    context : the network sees at most this many symbols back
    never : symbols that are not drawn; ``end`` is not drawn first
    """
    rows = np.tile(np.array(start, dtype=np.int64)[:, None], len(samplings))
    is_open = np.ones(len(samplings), bool)
    does_stop = np.array([sampling.stops_at_end for sampling in samplings])
    results: list[list[int]] = [[] for _ in samplings]
    for step in range(samplings[0].length):
        seen = rows[-context:]
        shares = forward(one_hot(seen, size), np.full(len(samplings), len(seen)))[-1].astype(np.float64)
        allowed = np.setdiff1d(np.arange(size), [*never, end] if step == 0 else list(never))
        # Left out rather than set to 0, lest one of them is drawn where no other has a share.
        drawn = np.array([allowed[draw(share, sampling, rng)] for share, sampling in zip(shares[:, allowed], samplings, strict=True)])
        is_open &= ~((drawn == end) & does_stop)
        if not is_open.any():
            break
        for k in np.flatnonzero(is_open):
            results[k].append(int(drawn[k]))
        rows = np.vstack([rows, drawn])
    return results
