"""Every curve that a run left can be returned to; and whatever was done, the run is a straight one."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.branch import MOST_POINTS
from core.errors import InputError
from core.settings import Settings
from core.snapshot import Mark
from core.time_machine import MOST_BRANCHES, TimeMachine
from core.trainer import Trainer
from core.trainer_state import TrainerState
from tests.core.runs import assert_same_run
from tests.core.time_travel import assert_same_state, rewind, train, without_rewind_marks


def test_branches_and_returning(settings: Settings, engine: str) -> None:
    """Both futures are kept, and switching back and forth restores them exactly."""
    trainer = Trainer(settings, engine)
    machine = TimeMachine(trainer)
    train(machine, 130)
    first = trainer.state()
    rewind(machine, 70)
    trainer.apply({"training.learning_rate": 0.1})
    train(machine, 100)
    second = trainer.state()
    (branch,) = machine.timeline.branches
    assert (branch.first_step, branch.last_step, branch.solved_at) == (70, 130, None)
    np.testing.assert_allclose(branch.losses, first.losses[70:])
    np.testing.assert_array_equal(branch.updates, np.arange(71, 131))
    assert [evaluation.step for evaluation in branch.evaluations] == [100]
    for _ in range(2):
        machine.return_to(0)
        assert_same_state(trainer.state(), first)
        machine.return_to(1)
        assert_same_state(trainer.state(), second)
    machine.return_to(0)
    train(machine, 150)
    straight = Trainer(settings, engine)
    straight.train_to(150)
    assert_same_run(trainer, straight)


def test_branch_of_a_branch_keeps_its_whole_way(settings: Settings) -> None:
    """The piece of the curve that two futures share stays when a rewind goes back behind their fork."""
    trainer = Trainer(settings)
    machine = TimeMachine(trainer)
    train(machine, 120)
    first = trainer.state()
    rewind(machine, 80)
    trainer.apply({"training.learning_rate": 0.1})
    train(machine, 110)
    second = trainer.state()
    rewind(machine, 30)
    train(machine, 40)
    assert [(branch.first_step, branch.last_step) for branch in machine.timeline.branches] == [(30, 120), (30, 110)]
    machine.return_to(0)
    assert_same_state(trainer.state(), first)
    machine.return_to(1)
    assert_same_state(trainer.state(), second)
    rewind(machine, 100)
    assert trainer.settings.training.learning_rate == 0.1


def test_rewinding_twice_without_training_leaves_one_branch(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 90)
    rewind(machine, 60)
    rewind(machine, 30)
    assert [(branch.first_step, branch.last_step) for branch in machine.timeline.branches] == [(30, 90)]
    assert machine.trainer.state().marks == (Mark(30, "rewound from 90", is_rewind=True, short="from 90"),)
    machine.return_to(0)
    assert machine.timeline.branches == () and machine.trainer.step_count == 90


def test_going_nowhere_leaves_no_branch(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 30)
    rewind(machine, 30)
    assert machine.timeline.branches == ()


def test_only_the_newest_branches_are_kept(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    for end in range(10, 10 + MOST_BRANCHES + 3):
        train(machine, end)
        rewind(machine, 5)
    assert [branch.last_step for branch in machine.timeline.branches] == list(range(13, 10 + MOST_BRANCHES + 3))
    with pytest.raises(InputError, match="no longer kept"):
        machine.return_to(0)


def test_long_branch_is_thinned_for_drawing(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"network.hidden_size": 1, "training.batch_size": 1}))
    machine = TimeMachine(trainer)
    train(machine, 2 * MOST_POINTS + 31, spacing=500)
    losses = trainer.losses
    rewind(machine, 11)
    (branch,) = machine.timeline.branches
    assert 500 < len(branch.updates) <= MOST_POINTS
    assert branch.updates[0] == 13 and branch.losses[0] == pytest.approx(np.exp(np.log(losses[11:14]).mean()))
    assert (np.diff(branch.updates) > 0).all() and branch.updates[-1] <= branch.last_step


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("train"), st.integers(1, 40)),
            st.tuples(st.just("rate"), st.sampled_from([0.001, 0.01, 0.03])),
            st.tuples(st.just("batch"), st.integers(1, 6)),
            st.tuples(st.just("optimizer"), st.sampled_from(["adam", "sgd", "momentum"])),
            st.tuples(st.just("rewind"), st.floats(0, 1)),
            st.tuples(st.just("before"), st.floats(0, 1)),
            st.tuples(st.just("return"), st.integers(0, 4)),
        ),
        min_size=2,
        max_size=14,
    )
)
def test_any_way_through_time_is_a_straight_run(settings: Settings, ways: list[tuple[str, Any]]) -> None:
    """After whatever was done the run is the one that its journal tells, on a small memory too."""
    start = settings.with_changes({"network.hidden_size": 2})
    machine = TimeMachine(Trainer(start), most_bytes=12 * Trainer(start).moment().byte_count)
    keys = {"rate": "training.learning_rate", "batch": "training.batch_size", "optimizer": "training.optimizer"}
    ends: dict[int, TrainerState] = {}
    for what, how in ways:
        trainer = machine.trainer
        before, line = trainer.state(), machine.line
        if what == "train":
            train(machine, trainer.step_count + how)
        elif what in keys:
            trainer.apply({keys[what]: how})
        elif what == "return":
            branches = machine.timeline.branches
            if branches:
                number = branches[how % len(branches)].number
                machine.return_to(number)
                ends[line] = before
                assert_same_state(trainer.state(), ends[number])
        else:
            rewind(machine, round(how * trainer.step_count), is_before_changes=what == "before")
            ends[line] = before
    straight = Trainer(start)
    for step, changes in machine.trainer.recorded(machine.trainer.extent._replace(changes=0)).changes:
        straight.train_to(step)
        straight.apply(changes)
    straight.train_to(machine.trainer.step_count)
    assert_same_state(without_rewind_marks(machine.trainer), straight.state())
