"""What snapshots say of a run that left what was told of it: where it forked, and norms of this curve alone."""

import numpy as np

from core.time_machine import TimeMachine
from core.trainer import Trainer
from core.weight_edit import WeightEdit
from tests.core.time_travel import rewind, train


def test_a_snapshot_says_from_where_on_the_curve_is_another(settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 40)
    before = machine.trainer.snapshot()
    rewind(machine, 25)
    landed = machine.trainer.snapshot()
    assert landed.is_replaced and landed.unchanged_until == 25
    assert np.isnan(landed.updates.norms).all() and len(landed.updates.norms) == 25
    train(machine, 40)
    later = machine.trainer.snapshot()
    np.testing.assert_array_equal(later.updates.norms, before.updates.norms[25:])
    machine.return_to(machine.timeline.branches[0].number)
    assert machine.trainer.snapshot().unchanged_until == 25


def test_growth_and_edits_are_repeated_on_the_way_back(settings) -> None:
    machine = TimeMachine(Trainer(settings))
    trainer = machine.trainer
    train(machine, 10)
    trainer.apply({"network.hidden_size": settings.network.hidden_size + 3})
    train(machine, 20)
    trainer.edit_weight("head.W", (0, 0), 0.25)
    train(machine, 30)
    right = trainer.network.parameters()
    rewind(machine, 5)
    assert trainer.settings.network.hidden_size == settings.network.hidden_size
    machine.return_to(machine.timeline.branches[0].number)
    rewind(machine, 25)
    train(machine, 30)
    for name, values in trainer.network.parameters().items():
        np.testing.assert_array_equal(values, right[name], err_msg=name)
    assert isinstance(trainer.recording.changes[-1][1], WeightEdit)
