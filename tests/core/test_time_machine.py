"""Going back in time: the same run again, bit for bit, and every curve that was left can be returned to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import registry, session
from core.errors import InputError
from core.settings import Settings
from core.snapshot import Evaluation, Mark
from core.time_machine import TimeMachine
from core.trainer import Trainer
from tests.core.runs import EXPLOSIVE, assert_same_run, saved
from tests.core.time_travel import assert_same_state, rewind, train, without_rewind_marks

CARRYING = {"training.carry_state": True, "training.truncate": 6, "network.hidden_size": 5, "training.batch_size": 4}


def assert_repeats(trainer: Trainer, goal: int, end: int) -> None:
    """Train to ``end``, rewind to ``goal``, train on: nothing may differ."""
    machine = TimeMachine(trainer)
    norms = []
    for step in range(trainer.step_count, end):
        train(machine, step + 1)
        norms.append(trainer.gradient_norm)
    first, right = trainer.step_count - len(norms), trainer.state()
    rewind(machine, goal)
    assert trainer.step_count == goal and trainer.gradient_norm == norms[goal - first - 1]
    assert len(trainer.state().losses) == goal
    again = []
    for step in range(goal, end):
        train(machine, step + 1)
        again.append(trainer.gradient_norm)
    assert again == norms[goal - first :]
    assert_same_state(without_rewind_marks(trainer), right)


@pytest.mark.parametrize("goal", [50, 63])
def test_it_repeats_bit_for_bit(settings: Settings, engine: str, dtype: str, goal: int) -> None:
    assert_repeats(Trainer(settings.with_changes({"training.dtype": dtype}), engine), goal, 120)


def test_with_every_optimizer(settings: Settings, engine: str, optimizer_name: str) -> None:
    is_slow = registry.optimizers()[optimizer_name].is_second_order
    trainer = Trainer(settings.with_changes({"training.optimizer": optimizer_name}), engine)
    assert_repeats(trainer, 3 if is_slow else 31, 8 if is_slow else 60)


@pytest.mark.parametrize(
    "changes",
    [
        {"network.dropout": 0.3, "network.num_layers": 2},
        {"training.schedule": "cosine", "training.schedule_steps": 40, "training.warmup": 20},
        {"training.clip_norm": 0.01, "training.weight_decay": 0.01, "training.truncate": 2},
        {"training.batch_size": 1},
    ],
    ids=["dropout", "schedule", "clipping", "one"],
)
def test_whatever_else_is_set(settings: Settings, engine: str, changes: dict[str, Any]) -> None:
    assert_repeats(Trainer(settings.with_changes(changes), engine), 41, 90)


def test_decoder_that_is_not_always_taught(engine: str) -> None:
    changes = {"task.name": "translation", "network.hidden_size": 6, "training.batch_size": 5, "training.teacher_forcing": 0.4}
    assert_repeats(Trainer(Settings().with_changes(changes), engine), 13, 25)


def test_carried_states(engine: str) -> None:
    for name in ("completion", "prices"):
        assert_repeats(Trainer(Settings.preset(name).with_changes(CARRYING | {"network.dropout": 0.0}), engine), 17, 40)


def test_chunks_of_data(settings: Settings) -> None:
    """Far beyond the first chunk, and back into an earlier one."""
    trainer = Trainer(settings.with_changes({"network.hidden_size": 2}))
    machine = TimeMachine(trainer)
    train(machine, 900, spacing=97)
    right = trainer.state()
    for goal in (700, 257, 256, 255):
        rewind(machine, goal)
        straight = Trainer(trainer.settings)
        straight.train_to(goal)
        assert_same_state(without_rewind_marks(trainer), straight.state())
    train(machine, 900, spacing=31)
    assert_same_state(without_rewind_marks(trainer), right)


LATER = [
    (20, {"training.learning_rate": 0.03}),
    (33, {"training.optimizer": "rmsprop", "training.batch_size": 7}),
    (50, {"task.seq_len": 9}),
    (50, {"training.clip_norm": 0.1}),
]


def changed_run(settings: Settings, engine: str, until: int) -> TimeMachine:
    machine = TimeMachine(Trainer(settings, engine))
    for step, changes in LATER:
        train(machine, step)
        machine.trainer.apply(changes)
    train(machine, until)
    return machine


@pytest.mark.parametrize("goal", [0, 10, 20, 27, 33, 40, 50, 77])
def test_live_changes_are_made_again(settings: Settings, engine: str, goal: int) -> None:
    machine = changed_run(settings, engine, 100)
    right = machine.trainer.state()
    rewind(machine, goal)
    straight = Trainer(settings, engine)
    for step, changes in LATER:
        if step <= goal:
            straight.train_to(step)
            straight.apply(changes)
    straight.train_to(goal)
    assert_same_state(without_rewind_marks(machine.trainer), straight.state())
    for step, changes in LATER:
        if step > goal:
            train(machine, step)
            machine.trainer.apply(changes)
    train(machine, 100)
    assert_same_state(without_rewind_marks(machine.trainer), right)


def test_to_before_a_change(settings: Settings, engine: str) -> None:
    machine = changed_run(settings, engine, 100)
    rewind(machine, 50, is_before_changes=True)
    assert machine.trainer.settings.training.batch_size == 7
    assert machine.trainer.settings.task == settings.task
    assert [mark.label for mark in machine.trainer.state().marks][-1] == "rewound from 100"
    assert [mark.step for mark in machine.trainer.state().marks] == [20, 33, 33, 50]


def test_to_before_one_of_several_changes_at_the_same_update(settings: Settings, engine: str) -> None:
    """What was done before it at that update stays, bit for bit, with its marks: a weight set by hand and a rate; the rest is gone."""
    machine = TimeMachine(Trainer(settings, engine))
    trainer = machine.trainer
    train(machine, 20)
    rewind(machine, 17)
    trainer.apply({"training.batch_size": 5})
    train(machine, 30)
    rewind(machine, 24)
    name = "layers.0.W_h"
    trainer.edit_weight(name, (0, 1, 2), 0.75)
    trainer.apply({"training.learning_rate": 0.02})
    before, number = without_rewind_marks(trainer), len(trainer.recording.changes)
    trainer.apply({"network.hidden_size": settings.network.hidden_size + 2})
    trainer.edit_weight(name, (0, 0, 0), -0.5)
    train(machine, 40)
    grown = trainer.state()
    assert trainer.recording.place_of("network.hidden_size", settings.network.hidden_size + 2) == (24, number)
    for _share in machine.rewinding(24, before_change=number):
        pass
    assert_same_state(without_rewind_marks(trainer), before)
    assert float(trainer.network.parameters()[name][0, 1, 2]) == 0.75
    assert [mark.is_rewind for mark in trainer.recording.marks] == [True, False, True, False, False, True]
    train(machine, 40)
    machine.return_to(machine.timeline.branches[-1].number)
    assert_same_state(trainer.state(), grown)


def test_reopened_session(settings: Settings, path: Path) -> None:
    trainer = Trainer(settings)
    trainer.train_to(60)
    trainer.apply({"training.learning_rate": 0.02})
    loaded = session.load(saved(trainer, path))
    machine = TimeMachine(loaded)
    with pytest.raises(InputError, match="from 60 to 60"):
        machine.check(59)
    assert_repeats(loaded, 80, 120)


def test_session_of_a_rewound_run(settings: Settings, path: Path) -> None:
    """What came later is gone; that it was rewound is remembered."""
    machine = TimeMachine(Trainer(settings))
    train(machine, 120)
    machine.trainer.apply({"training.learning_rate": 0.02})
    train(machine, 140)
    rewind(machine, 75)
    loaded = session.load(saved(machine.trainer, path))
    assert_same_run(loaded, machine.trainer)
    assert loaded.state().marks == (Mark(75, "rewound from 140", is_rewind=True, short="from 140"),)
    assert [evaluation.step for evaluation in loaded.evaluations] == [50]


def test_after_divergence_it_stands_at_the_last_finite_state_or_earlier(settings: Settings, engine: str) -> None:
    trainer = Trainer(settings.with_changes(EXPLOSIVE | {"training.learning_rate": 0.01}), engine)
    machine = TimeMachine(trainer)
    train(machine, 20)
    sound = trainer.state()
    trainer.apply({"training.learning_rate": 10.0})
    train(machine, 1000)
    assert trainer.divergence is not None
    last, diverged_losses = trainer.step_count, trainer.losses
    with pytest.raises(InputError, match=f"from 0 to {last:,}"):
        machine.check(last + 1)
    rewind(machine, 20, is_before_changes=True)
    assert trainer.divergence is None
    assert_same_state(without_rewind_marks(trainer), sound)
    train(machine, 40)
    (branch,) = machine.timeline.branches
    assert branch.divergence is not None and branch.last_step == last
    machine.return_to(branch.number)
    assert trainer.divergence == branch.divergence
    np.testing.assert_array_equal(trainer.losses, diverged_losses)
    rewind(machine, last)
    assert trainer.divergence is None and np.isfinite(trainer.network.flat).all()


def test_divergence_that_held_out_sequences_show(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(settings)
    machine = TimeMachine(trainer)
    train(machine, 49)
    sound = trainer.state()
    sound_answers = trainer.network.loss_and_answers
    monkeypatch.setattr(trainer.network, "loss_and_answers", lambda batch: (float("inf"), sound_answers(batch)[1]))
    train(machine, 60)
    assert trainer.divergence is not None and trainer.step_count == 50
    with pytest.raises(InputError, match="from 0 to 49"):
        machine.check(50)
    rewind(machine, 49)
    assert_same_state(without_rewind_marks(trainer), sound)


def test_giving_up_puts_everything_back(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 40, spacing=40)
    machine.trainer.apply({"training.learning_rate": 0.1})
    train(machine, 90, spacing=50)
    before, steps = machine.trainer.state(), machine.moment_steps
    way = machine.rewinding(70, piece=lambda: 5)
    shares = [next(way), next(way)]
    assert 0 < shares[0] < shares[1] < 1 and machine.trainer.step_count < 70
    way.close()  # type: ignore[attr-defined]
    assert_same_state(machine.trainer.state(), before)
    assert machine.moment_steps == steps and machine.timeline.branches == ()


def test_giving_up_tells_nothing_of_the_way(settings: Settings) -> None:
    """What updates did to the gradient and was not told yet is still told; what was trained on the way back is not."""
    machine = TimeMachine(Trainer(settings))
    train(machine, 60, spacing=60)
    machine.trainer.snapshot()
    train(machine, 90, spacing=30)
    straight = Trainer(settings)
    straight.train_to(90)
    way = machine.rewinding(50, piece=lambda: 5)
    next(way), next(way)
    way.close()  # type: ignore[attr-defined]
    norms = machine.trainer.snapshot().updates.norms
    assert len(norms) == 90 and np.isnan(norms[:60]).all()
    np.testing.assert_array_equal(norms[60:], straight.snapshot().updates.norms[60:])


def test_a_file_that_has_changed_does_not_change_the_past(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    rng = np.random.default_rng(3)

    def write() -> None:
        file.write_text("price\n" + "\n".join(f"{price:.4f}" for price in 100 + np.cumsum(rng.normal(size=400))))

    write()
    changes = {"task.file": str(file), "network.hidden_size": 4, "training.batch_size": 4}
    for engine in ("numpy", "kernels"):
        machine = TimeMachine(Trainer(Settings.preset("prices").with_changes(changes), engine))
        trainer = machine.trainer
        train(machine, 10)
        trainer.apply({"task.seq_len": 12})
        # No moment is kept between the change and the goal.
        trainer.train_to(30)
        right, twin_of = trainer.state(), trainer.replaying
        trainer.train_to(40)
        machine.note()
        write()
        rewind(machine, 30)
        assert_same_state(without_rewind_marks(trainer), right)
        file.unlink()
        rewind(machine, 20)
        *_, twin = twin_of("kernels")
        assert twin.step_count == 20 and twin.settings == trainer.settings
        write()


def test_a_return_that_fails_changes_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 60)
    machine.trainer.apply({"training.batch_size": 3})
    rewind(machine, 20)
    train(machine, 30)
    before, steps, timeline = machine.trainer.state(), machine.moment_steps, machine.timeline
    stand_at = machine.trainer.draws.stand_at
    failing = iter([InputError("mine.txt: there is no such file")])

    def fail_once(*arguments: Any) -> None:
        for error in failing:
            raise error
        stand_at(*arguments)

    monkeypatch.setattr(machine.trainer.draws, "stand_at", fail_once)
    with pytest.raises(InputError, match="no such file"):
        machine.return_to(0)
    assert_same_state(machine.trainer.state(), before)
    assert (machine.moment_steps, machine.timeline.branches) == (steps, timeline.branches)
    machine.return_to(0)
    assert machine.trainer.step_count == 60 and machine.trainer.settings.training.batch_size == 3


def test_refused_goals(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 30)
    for step in (-1, 31):
        with pytest.raises(InputError) as caught:
            next(machine.rewinding(step))
        assert str(caught.value) == f"can't rewind to update {step}: it must be from 0 to 30"
    assert machine.trainer.step_count == 30


def test_snapshot_after_a_rewind_tells_the_curve_anew(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 60)
    machine.trainer.snapshot()
    rewind(machine, 55)
    snapshot = machine.trainer.snapshot()
    assert snapshot.is_replaced and snapshot.step == 55 and len(snapshot.losses) == 55
    assert [evaluation.step for evaluation in snapshot.evaluations] == [50]
    assert [mark.label for mark in snapshot.marks] == ["rewound from 60"]


def test_replay_on_another_engine_goes_on_with_the_branches(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings, "numpy"))
    train(machine, 80)
    rewind(machine, 40)
    train(machine, 60)
    twins: Iterator[Trainer] = machine.trainer.replaying("kernels")
    twin = next(twins)
    other = TimeMachine(twin)
    for _twin in twins:
        other.note()
    other = machine.taken_over_by(other)
    straight = Trainer(settings)
    straight.train_to(60)
    np.testing.assert_array_equal(twin.network.flat, straight.network.flat)
    assert [branch.last_step for branch in other.timeline.branches] == [80]
    rewind(other, 20)
    other.return_to(0)
    assert twin.step_count == 80


def test_an_evaluation_is_made_once(settings: Settings) -> None:
    machine = TimeMachine(Trainer(settings))
    train(machine, 210)
    for goal in (200, 150, 149, 100):
        rewind(machine, goal)
    train(machine, 210)
    found: list[Evaluation] = list(machine.trainer.evaluations)
    straight = Trainer(settings)
    straight.train_to(210)
    assert found == list(straight.evaluations)
