"""Going on with symbols: what is never drawn, and when it ends."""

import numpy as np
import pytest

from core.sampling import GREEDY, Sampling
from core.task import Forward
from core.tasks.generation import continue_symbols

UNKNOWN, END, SIZE = 0, 1, 4


def saying(*shares: float) -> Forward:
    """A network that gives the same shares whatever it reads."""
    return lambda x, lengths, output_len=None: np.tile(np.array(shares, np.float32), (len(x), x.shape[1], 1))


def written(forward: Forward, sampling: Sampling, start: tuple[int, ...] = (2,)) -> list[int]:
    (symbols,) = continue_symbols(forward, SIZE, start, [sampling], np.random.default_rng(0), 5, (UNKNOWN,), END)
    return symbols


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(temperature=1.0), Sampling(temperature=1.0, top_k=1), Sampling(top_k=2)])
@pytest.mark.parametrize("shares", [(1, 0, 0, 0), (0.5, 0.5, 0, 0), (0.999, 0.001, 0, 0), (0, 0, 0, 0)])
def test_what_is_never_to_be_drawn_is_not_drawn(sampling: Sampling, shares: tuple[float, ...]) -> None:
    """Not even where the network is sure of it, so that no other symbol has a share."""
    symbols = written(saying(*shares), Sampling(6, sampling.temperature, sampling.top_k, stops_at_end=False))
    assert len(symbols) == 6 and UNKNOWN not in symbols and symbols[0] != END


def test_the_others_are_drawn_in_their_proportion() -> None:
    symbols = written(saying(0.6, 0, 0.3, 0.1), Sampling(4000, 1.0))
    assert np.bincount(symbols, minlength=SIZE) / 4000 == pytest.approx([0, 0, 3 / 4, 1 / 4], abs=0.03)


def test_it_ends_where_the_end_is_drawn() -> None:
    assert written(saying(0, 0.9, 0.1, 0), Sampling(9, 0.0)) == [2]
    assert written(saying(0, 0.9, 0.1, 0), Sampling(4, 0.0, stops_at_end=False)) == [2, END, END, END]
