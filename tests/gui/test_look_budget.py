"""Looking into a run slows it down by no more than a share."""

import pytest

from gui.look_budget import LONGEST_GAP, SHARE, LookBudget


def spent(cost: float, frame: float, seconds: float) -> tuple[float, int]:
    """Share of the time that looks take which cost that much, and how many there are, where one is asked for every ``frame``."""
    budget, now, looks = LookBudget(), 100.0, 0
    while now < 100 + seconds:
        if budget.may_look(now):
            budget.note_look(now, now + cost)
            now += cost
            looks += 1
        now += frame
    return looks * cost / (now - 100), looks


@pytest.mark.parametrize("cost", [0.0005, 0.001, 0.003])
def test_share_is_kept(cost: float) -> None:
    share, _looks = spent(cost, 1 / 60, 10)
    assert share <= SHARE + 0.001


def test_cheap_looks_come_with_every_frame() -> None:
    _share, looks = spent(0.0005, 1 / 40, 10)
    assert looks == pytest.approx(400, rel=0.05)


@pytest.mark.parametrize("cost", [0.02, 0.2])
def test_large_networks_are_looked_into_too(cost: float) -> None:
    """Some times a second; and after a dear look it does not take longer than the gap."""
    _share, looks = spent(cost, 1 / 40, 10)
    assert looks >= 10 / (LONGEST_GAP + cost + 2 / 40) - 1


def test_first_look_is_free() -> None:
    assert LookBudget().may_look(0.0)
