"""Looking into a run slows it down by no more than a share."""

import pytest

from gui.look_budget import LONGEST_GAP, LONGEST_GAP_IN_LOOKS, LookBudget

SHARE = 0.02


def spent(cost: float, frame: float, seconds: float) -> tuple[float, int]:
    """Share of the time that looks take which cost that much, and how many there are, where one is asked for every ``frame``."""
    budget, now, looks = LookBudget(SHARE), 100.0, 0
    while now < 100 + seconds:
        if budget.may_look(now):
            budget.note_look(cost, now + cost)
            now += cost
            looks += 1
        now += frame
    return looks * cost / (now - 100), looks


@pytest.mark.parametrize("cost", [0.0005, 0.001, 0.003, 0.005])
def test_share_is_kept(cost: float) -> None:
    share, _looks = spent(cost, 1 / 60, 60)
    assert share <= SHARE + 0.001


def test_cheap_looks_come_with_every_frame() -> None:
    _share, looks = spent(0.0004, 1 / 40, 10)
    assert looks == pytest.approx(400, rel=0.05)


@pytest.mark.parametrize("cost", [0.02, 0.2, 1.0])
def test_large_networks_are_looked_into_too(cost: float) -> None:
    """Not often, and for a tenth of the time at most."""
    share, looks = spent(cost, 1 / 40, 100)
    gap = max(LONGEST_GAP, LONGEST_GAP_IN_LOOKS * cost)
    assert looks >= 100 / (gap + cost + 2 / 40) - 1
    assert share <= 1 / LONGEST_GAP_IN_LOOKS


def test_first_look_is_free() -> None:
    assert LookBudget(SHARE).may_look(0.0)
