"""Settings that change while a run goes on: from the next update, or refused with nothing changed."""

from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.live_changes import marks_of
from core.settings import Settings, all_fields
from core.trainer import Trainer
from tests.core.runs import assert_same_run

# Those that must be small to make a difference to the small network.
SMALL = {"training.clip_value": 0.001}
# The file and the width are refused; there is no decoder here that could be taught.
WITHOUT_EFFECT = {"task.file", "task.width", "training.teacher_forcing"}


def live_changes(settings: Settings) -> dict[str, Any]:
    """Another permitted value of every live field."""
    changes: dict[str, Any] = {}
    for key, info in all_fields(settings).items():
        if key in SMALL:
            changes[key] = SMALL[key]
        elif info.is_live and key not in WITHOUT_EFFECT:
            section, _, name = key.partition(".")
            now = settings.to_dict()[section][name]
            changes[key] = _other(info, now)
    return changes


def _other(info: Any, now: Any) -> Any:
    candidates = info.choices if info.kind == "choice" else (3, 0.25)
    for value in candidates:
        try:
            if info.checked("", value) != now:
                return value
        except InputError:
            continue
    raise AssertionError(f"no other value for {info.label}")


def test_every_live_key(settings: Settings) -> None:
    falling = {"training.schedule": "cosine", "training.schedule_steps": 12}
    base = settings.with_changes({"network.num_layers": 2, **falling})
    for key, value in live_changes(base).items():
        changed, plain = Trainer(base), Trainer(base)
        for trainer in (changed, plain):
            trainer.train(5)
        changed.apply({key: value})
        section, _, name = key.partition(".")
        assert changed.settings.to_dict()[section][name] == value
        assert changed.settings == base.with_changes({key: value})
        assert changed.step_count == 5 and np.array_equal(changed.network.flat, plain.network.flat)
        changed.train(5)
        plain.train(5)
        assert not np.array_equal(changed.network.flat, plain.network.flat), f"{key} changes nothing"


def test_mark_of_a_change(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(3)
    trainer.apply({"training.learning_rate": 0.5, "training.optimizer": "sgd", "training.batch_size": 4})
    assert [(mark.step, mark.label) for mark in trainer.snapshot().marks] == [(3, "learning rate 0.01 → 0.5"), (3, "optimizer adam → sgd")]
    assert trainer.snapshot().marks == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"network.hidden_size": 4}, "network.hidden_size can't change"),
        ({"network.cell": "gru"}, "network.cell can't change"),
        ({"network.cell": "rnn", "network.activation": "relu"}, "can't change"),
        ({"network.forget_bias": 2.0}, "network.forget_bias can't change"),
        ({"training.seed": 3}, "training.seed can't change"),
        ({"training.dtype": "float64"}, "training.dtype can't change"),
        ({"task.name": "adding"}, "task.name can't change"),
        ({"task.lag": 1}, "task.lag can't change"),
        ({"task.width": 2}, "task.width changes the network's inputs"),
        ({"task.file": "no.txt"}, "no.txt: there is no such file"),
        ({"training.learning_rate": -1}, "training.learning_rate = -1"),
        ({"training.learning_rate": "fast"}, "training.learning_rate = 'fast'"),
        ({"training.optimizer": "luck"}, "training.optimizer = 'luck'"),
        ({"training.nothing": 1}, "unknown key training.nothing"),
        ({"nothing": 1}, "unknown key nothing"),
        ({"training.learning_rate": 0.5, "training.batch_size": 0}, "training.batch_size = 0"),
        ({"training.learning_rate": 0.5, "network.num_layers": 2}, "network.num_layers can't change"),
        ({"task.seq_len": 9, "task.width": 3}, "changes the network's inputs"),
    ],
)
def test_refused_changes_change_nothing(settings: Settings, changes: dict[str, Any], words: str) -> None:
    refused, plain = Trainer(settings), Trainer(settings)
    for trainer in (refused, plain):
        trainer.train(4)
    task = refused.task
    with pytest.raises(InputError) as caught:
        refused.apply(changes)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert refused.task is task
    for trainer in (refused, plain):
        trainer.train_to(60)
    assert_same_run(refused, plain)


def test_data_that_fails_late_changes_nothing(settings: Settings, register_echo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task can be made, but then can't give held-out sequences."""
    trainer = Trainer(settings)
    task, before = trainer.task, trainer.evaluate()

    def no_data(self: object, count: int) -> None:
        raise InputError("the series is too short")

    with monkeypatch.context() as patch:
        patch.setattr(type(task), "held_out", no_data)
        with pytest.raises(InputError, match="too short"):
            trainer.apply({"task.seq_len": 50})
    assert trainer.settings == settings and trainer.task is task and trainer.evaluate() == before
    assert trainer.snapshot().marks == ()


def test_live_change_of_the_task(settings: Settings) -> None:
    trainer = Trainer(settings)
    trainer.train(3)
    trainer.apply({"task.seq_len": 20})
    trainer.train(3)
    snapshot = trainer.snapshot()
    assert snapshot.settings.task.fields.seq_len == 20
    held_out = trainer.task.held_out(128)
    assert held_out.inputs.shape[0] == 20
    assert trainer.evaluate().loss == pytest.approx(trainer.network.loss(held_out), rel=1e-12)
    assert snapshot.trace is not None and snapshot.trace.seq_len == trainer.task.held_out(8).lengths[0]


def test_another_optimizer_starts_afresh(settings: Settings) -> None:
    """And an unchanged one goes on with its moments."""
    trainer = Trainer(settings)
    trainer.train(5)
    moments = trainer.state().moments
    trainer.apply({"training.optimizer": "adam", "training.learning_rate": 0.02})
    assert trainer.state().moment_count == 5
    assert all(np.array_equal(trainer.state().moments[slot][name], moments[slot][name]) for slot in moments for name in moments[slot])
    trainer.apply({"training.optimizer": "momentum"})
    state = trainer.state()
    assert state.moment_count == 0 and list(state.moments) == ["velocity"]
    assert not any(value.any() for value in state.moments["velocity"].values())


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [("reverse", "longest", 9), ("arithmetic", "digits", 3), ("waveform", "seq_len", 60), ("translation", "spellings", 1)],
)
def test_what_is_written_is_as_long_as_the_task_now_asks(task: str, key: str, value: int) -> None:
    settings = Settings.from_dict({"task": {"name": task}, "network": {"hidden_size": 4}})
    trainer = Trainer(settings)
    trainer.apply({f"task.{key}": value})
    reopened = Trainer(trainer.settings, state=trainer.state())
    assert trainer.evaluate() == reopened.evaluate()
    batch = trainer.task.held_out(3)
    assert len(trainer.network.forward(batch.inputs, batch.lengths)) == trainer.task.output_len


def test_marks_have_a_short_form() -> None:
    """For the curve, where the end, which matters most, would be cut."""
    old = Settings().with_changes({"training.clip_norm": 1.0, "training.learning_rate": 0.004})
    changes = {"training.clip_norm": 0.0, "training.learning_rate": 0.03, "training.optimizer": "sgd"}
    marks = marks_of(old, old.with_changes(changes), changes, 7, 0)
    assert [mark.short_label for mark in marks] == ["clip 1 → off", "rate 0.004 → 0.03", "optimizer adam → sgd"]
    assert marks[1].label == "learning rate 0.004 → 0.03"
