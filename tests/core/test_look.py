"""Looks inside: asked for by name, taken at a focus that the trace has, refused in words."""

from typing import Any, ClassVar

import pytest

from core import registry
from core.errors import InputError
from core.look import Focus, Look, NoLook
from core.settings import Settings
from core.snapshot import Trace
from core.trainer import Trainer


class WhereLook(Look):
    name: ClassVar[str] = "where"
    depends_on_focus: ClassVar[bool] = True

    def take(self, trainer: Trainer, trace: Trace, focus: Focus) -> Any:
        if trainer.step_count:
            raise InputError("the network has moved on")
        return focus


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    monkeypatch.setattr(registry, "looks", lambda: {"where": WhereLook()})
    return Trainer(Settings().with_changes({"task.seq_len": 10, "network.hidden_size": 4}), "numpy")


def test_look_is_taken_at_the_focus(trainer: Trainer) -> None:
    snapshot = trainer.snapshot(has_trace=False, has_prediction=False, looks=("where",), focus=Focus(3, 0))
    assert snapshot.looks == {"where": Focus(3, 0)}


def test_focus_beyond_the_sequence_is_its_end(trainer: Trainer) -> None:
    assert trainer.snapshot(looks=("where",), focus=Focus(400, 7)).looks["where"] == Focus(9, 0)


def test_none_is_taken_unless_asked_for(trainer: Trainer) -> None:
    assert trainer.snapshot().looks == {}


def test_look_that_is_refused_says_why(trainer: Trainer) -> None:
    trainer.train(1)
    snapshot = trainer.snapshot(looks=("where",))
    assert snapshot.looks["where"] == NoLook("the network has moved on")
    assert snapshot.trace is not None
