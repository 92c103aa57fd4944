"""Drawing a symbol by its share."""

import numpy as np
import pytest

from core.sampling import GREEDY, Sampling, draw

SHARES = np.array([0.6, 0.3, 0.1])


def frequencies(shares: np.ndarray, sampling: Sampling) -> np.ndarray:
    rng = np.random.default_rng(0)
    counts: np.ndarray = np.bincount([draw(shares, sampling, rng) for _ in range(4000)], minlength=len(shares)) / 4000
    return counts


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature_flattens(temperature: float) -> None:
    wanted = SHARES ** (1 / temperature)
    np.testing.assert_allclose(frequencies(SHARES, Sampling(temperature=temperature)), wanted / wanted.sum(), atol=0.03)


@pytest.mark.parametrize("sampling", [GREEDY, Sampling(temperature=3.0, top_k=1)])
def test_greedy_takes_the_likeliest(sampling: Sampling) -> None:
    assert {draw(SHARES, sampling, np.random.default_rng(seed)) for seed in range(9)} == {0}


def test_top_k_draws_from_the_best_in_their_proportion() -> None:
    shares = np.array([0.1, 0.4, 0.2, 0.3])
    np.testing.assert_allclose(frequencies(shares, Sampling(temperature=1.0, top_k=2)), [0, 4 / 7, 0, 3 / 7], atol=0.03)
    same = [frequencies(shares, Sampling(temperature=1.0, top_k=k)) for k in (0, 4, 9)]
    assert np.array_equal(same[0], same[1]) and np.array_equal(same[0], same[2])


def test_of_equals_the_first_stay() -> None:
    assert set(np.flatnonzero(frequencies(np.full(5, 0.2), Sampling(temperature=1.0, top_k=3)))) == {0, 1, 2}


def test_tiny_and_missing_shares() -> None:
    assert draw(np.array([0.0, 1e-300, 0.0]), Sampling(temperature=0.01), np.random.default_rng(0)) == 1
    assert draw(np.zeros(3), Sampling(temperature=1.0), np.random.default_rng(0)) == 0
