"""A run that goes on in a twin on another engine keeps its marks, its branches, and all the ways back and forth."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.settings import Settings
from core.time_machine import TimeMachine
from core.trainer import Trainer
from tests.core.time_travel import rewind, train


def handed_over(machine: TimeMachine) -> TimeMachine:
    """``machine`` of the twin with the kernels, as the window's worker makes it."""
    other: TimeMachine | None = None
    for twin in machine.trainer.replaying("kernels"):
        other = other or TimeMachine(twin)
        other.note()
    assert other is not None
    return machine.taken_over_by(other)


def told(machine: TimeMachine) -> tuple[Any, ...]:
    """All that must not depend on the engine."""
    trainer, timeline = machine.trainer, machine.timeline
    branches = [(b.number, b.first_step, b.last_step, b.marks, [e.step for e in b.evaluations]) for b in timeline.branches]
    recording = trainer.recording
    evaluations, changes = [each.step for each in recording.evaluations], [step for step, _change in recording.changes]
    return trainer.step_count, trainer.settings, trainer.extent, recording.marks, evaluations, changes, machine.line, branches


def test_rewound_run_keeps_its_marks_and_its_way_back(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings, "numpy"))
    train(machine, 100)
    rewind(machine, 50)
    machine = handed_over(machine)
    assert [mark.label for mark in machine.trainer.recording.marks] == ["rewound from 100"]
    # Nothing was trained since: leaving it leaves nothing behind.
    rewind(machine, 20)
    assert [mark.label for mark in machine.trainer.recording.marks] == ["rewound from 100"]
    assert [(branch.first_step, branch.last_step) for branch in machine.timeline.branches] == [(20, 100)]
    machine.return_to(0)
    assert machine.trainer.step_count == 100 and not machine.trainer.recording.marks


@hypothesis_settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("train"), st.integers(1, 40)),
            st.tuples(st.just("rate"), st.sampled_from([0.001, 0.01, 0.03])),
            st.tuples(st.just("rewind"), st.floats(0, 1)),
            st.tuples(st.just("before"), st.floats(0, 1)),
            st.tuples(st.just("return"), st.integers(0, 4)),
            st.tuples(st.just("hand over"), st.just(0)),
        ),
        min_size=3,
        max_size=14,
    )
)
def test_whatever_came_before_and_after(settings: Settings, ways: list[tuple[str, Any]]) -> None:
    """Two runs do the same, and one of them changes engines."""
    start = settings.with_changes({"network.hidden_size": 2, "training.dtype": "float64"})
    machines = [TimeMachine(Trainer(start, "numpy")) for _ in range(2)]
    for what, how in ways:
        if what == "hand over":
            machines[1] = handed_over(machines[1])
        for machine in machines:
            branches = machine.timeline.branches
            if what == "train":
                train(machine, machine.trainer.step_count + how)
            elif what == "rate":
                machine.trainer.apply({"training.learning_rate": how})
            elif what == "return" and branches:
                machine.return_to(branches[how % len(branches)].number)
            elif what in ("rewind", "before"):
                rewind(machine, round(how * machine.trainer.step_count), is_before_changes=what == "before")
        assert told(machines[0]) == told(machines[1])
    weights = [machine.trainer.network.flat for machine in machines]
    np.testing.assert_allclose(weights[1], weights[0], rtol=1e-6, atol=1e-9)
