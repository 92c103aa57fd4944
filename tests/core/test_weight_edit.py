"""A weight that is set by hand: just that one, marked, repeated by replays, kept by sessions."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_changes_nothing, assert_goes_on_from_session, assert_same_run


def test_just_that_weight_changes(settings: Settings, engine: str) -> None:
    trainer = Trainer(settings.with_changes({"network.num_layers": 2}), engine)
    trainer.train(3)
    before, moments = trainer.network.parameters(), trainer.state().moments
    batch = trainer.task.held_out(6)
    loss = trainer.network.loss(batch)
    for name, value in before.items():
        index = tuple(size - 1 for size in value.shape)
        trainer.edit_weight(name, index, 0.5)
        after = trainer.network.parameters()
        assert after[name][index] == 0.5
        before[name][index] = 0.5
        assert all(np.array_equal(after[other], before[other]) for other in before)
    assert trainer.network.loss(batch) != loss
    now = trainer.state()
    assert now.moment_count == 3
    assert all(np.array_equal(now.moments[slot][name], moments[slot][name]) for slot in moments for name in before)


def test_loss_sees_the_edit(settings: Settings) -> None:
    """The next update is done with it: the loss is that of the edited network."""
    trainer = Trainer(settings)
    trainer.train(2)
    trainer.edit_weight("head.b", (0,), 25.0)
    assert trainer.train(1)[0] > 100


@pytest.mark.parametrize(
    ("cell", "options", "name", "index", "label"),
    [
        ("lstm", {}, "layers.0.W_h", (1, 3, 4), "W_h forget [3, 4] {} → 0.5"),
        ("lstm", {"peepholes": True}, "layers.0.p", (2, 1), "p output [1] {} → 0.5"),
        ("lstm", {"coupled_gates": True}, "layers.0.b", (1, 2), "b candidate [2] {} → 0.5"),
        ("gru", {"reset_after": True}, "layers.0.b_h", (2,), "b_h [2] {} → 0.5"),
        ("rnn", {"num_layers": 2}, "layers.1.W_x", (0, 0, 1), "layers.1.W_x hidden [0, 1] {} → 0.5"),
        ("rnn", {}, "head.W", (0, 1), "head.W [0, 1] {} → 0.5"),
    ],
)
def test_mark(settings: Settings, cell: str, options: dict[str, Any], name: str, index: tuple[int, ...], label: str) -> None:
    changes = {"network.cell": cell, **{f"network.{key}": value for key, value in options.items()}}
    trainer = Trainer(settings.with_changes(changes))
    trainer.train(2)
    before = f"{float(trainer.network.parameters()[name][index]):.4g}"
    trainer.edit_weight(name, index, 0.5)
    assert [(mark.step, mark.label) for mark in trainer.snapshot().marks] == [(2, label.format(before))]


@pytest.mark.parametrize(
    ("name", "index", "value", "words"),
    [
        ("layers.0.W", (0, 0, 0), 1.0, "there is no parameter 'layers.0.W': there are layers.0.W_x"),
        ("head.W", (0, 5), 1.0, "head.W has no entry [0, 5]: the first is [0, 0], the last [0, 4]"),
        ("head.W", (0, -1), 1.0, "head.W has no entry [0, -1]"),
        ("head.W", (0,), 1.0, "head.W has no entry [0]"),
        ("head.W", (0, 1), float("nan"), "head.W [0, 1] = nan: must be a finite number"),
        ("head.W", (0, 1), float("inf"), "must be a finite number"),
        ("head.W", (0, 1), 1e300, "must be a number that float32 can hold"),
    ],
)
def test_refused_edits_change_nothing(settings: Settings, name: str, index: tuple[int, ...], value: float, words: str) -> None:
    def edit(trainer: Trainer) -> None:
        with pytest.raises(InputError) as caught:
            trainer.edit_weight(name, index, value)
        assert words in str(caught.value) and "\n" not in str(caught.value)

    assert_changes_nothing(settings, edit)


def test_replay_repeats_edits(settings: Settings) -> None:
    """In the right order with growth, which makes room for entries that were not there before."""
    trainer = Trainer(settings)
    trainer.train_to(10)
    trainer.edit_weight("layers.0.W_h", (1, 0, 2), -0.3)
    trainer.apply({"network.hidden_size": 6})
    trainer.edit_weight("layers.0.W_h", (1, 0, 5), 0.2)
    trainer.train_to(70)
    *_, twin = trainer.replaying("kernels")
    assert_same_run(trainer, twin)
    assert [past.network.hidden_size for past in trainer.past_settings()] == [5, 6]


def test_session_after_an_edit_goes_on_bit_for_bit(settings: Settings, path: Path) -> None:
    trainer = Trainer(settings)
    trainer.train_to(12)
    trainer.edit_weight("layers.0.b", (0, 1), 2.0)
    assert_goes_on_from_session(trainer, path, 60)


def test_edit_of_a_diverged_run(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(2)
    trainer.network.flat[:] *= 1e30
    trainer.train(2)
    assert trainer.divergence is not None
    trainer.edit_weight("head.b", (0,), 0.0)
    assert trainer.divergence is None and len(trainer.losses) == trainer.step_count
