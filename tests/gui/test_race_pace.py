"""The pace of a race: nobody gets far ahead, nobody waits for ever."""

from gui.race_pace import Pace


def test_the_slowest_never_waits() -> None:
    pace = Pace()
    pace.enter(1, 0)
    pace.enter(2, 0)
    pace.note(1, 40, 40)
    assert pace.updates_left(2, 0) > 0
    assert not pace.wait_in_line(2, 0, lambda: None)


def test_who_is_ahead_waits_until_the_slowest_has_come_nearer() -> None:
    pace, woken = Pace(), []
    pace.enter(1, 0)
    pace.enter(2, 0)
    pace.note(2, 10, 10)
    assert pace.updates_left(1, 5) == 15, "as far ahead as the other does in a chunk"
    pace.note(1, 20, 20)
    assert pace.wait_in_line(1, 20, lambda: woken.append(1))
    pace.note(2, 10, 10)
    assert woken == []
    pace.note(2, 20, 10)
    assert woken == [1]
    pace.note(2, 30, 10)
    assert woken == [1], "once"


def test_nobody_waits_for_a_run_that_stands() -> None:
    pace, woken = Pace(), []
    for run_id in (1, 2):
        pace.enter(run_id, 0)
    pace.note(1, 1, 1)
    assert pace.wait_in_line(1, 1, lambda: woken.append(1))
    pace.leave(2)
    assert woken == [1] and not pace.wait_in_line(1, 1, lambda: None)


def test_by_time_nobody_waits() -> None:
    pace, woken = Pace(), []
    for run_id in (1, 2):
        pace.enter(run_id, 0)
    pace.note(1, 500, 20)
    assert pace.wait_in_line(1, 500, lambda: woken.append(1))
    pace.set_even(False)
    assert woken == [1] and not pace.wait_in_line(1, 900, lambda: None)
    pace.set_even(True)
    assert pace.wait_in_line(1, 900, lambda: None)


def test_a_late_comer_is_waited_for() -> None:
    pace = Pace()
    pace.enter(1, 400)
    assert not pace.wait_in_line(1, 400, lambda: None)
    pace.enter(2, 0)
    assert pace.wait_in_line(1, 400, lambda: None)
