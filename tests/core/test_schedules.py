"""Learning-rate schedules: figures worked out by hand, and what holds for all of them."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schedules import SCHEDULES, learning_rate_at
from core.settings import TrainingSettings


def rates(updates: list[int], **values: Any) -> list[float]:
    training = TrainingSettings(**{"learning_rate": 8.0, **values})
    return [learning_rate_at(training, update) for update in updates]


def test_constant() -> None:
    assert rates([1, 2, 10**7]) == [8, 8, 8]


def test_step() -> None:
    """Three updates with each rate."""
    found = rates(list(range(1, 8)), schedule="step", schedule_steps=3, schedule_factor=0.5)
    assert found == [8, 8, 8, 4, 4, 4, 2]


def test_cosine() -> None:
    """Half-way it is in the middle, after a third of the way at three quarters; then it stays at its end."""
    found = rates([1, 3, 4, 7, 8, 1000], schedule="cosine", schedule_steps=6, schedule_factor=0.25)
    assert found == pytest.approx([8, 6.5, 5, 2, 2, 2])


def test_warmup() -> None:
    """It reaches the rate in its last update; the schedule begins after it."""
    found = rates(list(range(1, 10)), warmup=4, schedule="step", schedule_steps=2, schedule_factor=0.5)
    assert found == [2, 4, 6, 8, 8, 8, 4, 4, 2]


def test_very_many_steps() -> None:
    """What is too small for a number is 0."""
    assert rates([10**8], schedule="step", schedule_steps=1, schedule_factor=0.1) == [0]
    assert rates([1, 2], schedule="step", schedule_steps=1, schedule_factor=0.0) == [8, 0]


@given(
    st.sampled_from(list(SCHEDULES)),
    st.integers(1, 10**8),
    st.integers(1, 1000),
    st.floats(0, 1),
    st.integers(0, 1000),
    st.floats(1e-6, 100),
)
def test_it_never_exceeds_the_rate(schedule: str, update: int, steps: int, factor: float, warmup: int, rate: float) -> None:
    training = TrainingSettings(learning_rate=rate, schedule=schedule, schedule_steps=steps, schedule_factor=factor, warmup=warmup)
    now, following = learning_rate_at(training, update), learning_rate_at(training, update + 1)
    assert 0 <= now <= rate * (1 + 1e-12)
    assert following >= now if update < warmup else following <= now * (1 + 1e-12)
    if update > warmup:
        without = dataclasses.replace(training, warmup=0)
        assert now == learning_rate_at(without, update - warmup)
