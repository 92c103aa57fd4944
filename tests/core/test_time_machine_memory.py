"""The time machine keeps as many moments as its memory holds, and is as exact with few."""

import numpy as np

from core.settings import Settings
from core.time_machine import TimeMachine
from core.trainer import Trainer
from tests.core.time_travel import assert_same_state, rewind, train, without_rewind_marks


def test_thousand_moments_stay_below_the_bound(settings: Settings) -> None:
    trainer = Trainer(settings)
    weight = trainer.moment().byte_count
    machine = TimeMachine(trainer, most_bytes=40 * weight)
    for step in range(1, 1001):
        trainer.train_to(step)
        machine.note()
        assert machine.byte_count <= 40 * weight
    steps = np.array(machine.moment_steps)
    gaps = np.diff(steps)
    assert (steps[0], steps[-1]) == (0, 1000) and 30 < len(steps) <= 40
    # The older the farther apart; the newest lie closest.
    assert gaps[-3:].max() <= 10 < gaps[:3].max() and gaps.max() <= 400


def test_branches_count_too(settings: Settings) -> None:
    trainer = Trainer(settings)
    weight = trainer.moment().byte_count
    machine = TimeMachine(trainer, most_bytes=10 * weight)
    for end in (40, 50, 60, 70):
        train(machine, end, spacing=2)
        rewind(machine, 11)
        assert machine.byte_count <= 10 * weight
    machine.return_to(3)
    assert trainer.step_count == 70
    rewind(machine, 44)
    straight = Trainer(settings)
    straight.train_to(44)
    assert_same_state(without_rewind_marks(trainer), straight.state())


def test_large_network_keeps_its_start_and_its_newest_moment(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings), most_bytes=1)
    train(machine, 30)
    assert machine.moment_steps == [0, 30]
    rewind(machine, 21)
    straight = Trainer(settings)
    straight.train_to(21)
    assert_same_state(without_rewind_marks(machine.trainer), straight.state())


def test_long_branches_go_before_the_moments_of_the_present_curve(settings: Settings) -> None:
    """A curve of many updates weighs as much as many moments of a small network."""
    trainer = Trainer(settings.with_changes({"network.hidden_size": 1, "training.batch_size": 1}))
    bound = 400_000
    machine = TimeMachine(trainer, most_bytes=bound)
    for _ in range(3):
        train(machine, 12_000, spacing=1_000)
        rewind(machine, 11)
        assert machine.byte_count <= bound
    assert [branch.number for branch in machine.timeline.branches] == [2]
    train(machine, 100, spacing=10)
    assert len(machine.moment_steps) > 5
