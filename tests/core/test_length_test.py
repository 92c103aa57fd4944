"""A network at longer sequences than those it was trained on."""

import numpy as np
import pytest

from core.errors import InputError
from core.length_test import longer_results
from core.settings import Settings
from core.trainer import Trainer


def test_the_first_is_the_trained_length_and_the_others_are_longer() -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": "adding", "seq_len": 10}, "network": {"hidden_size": 4}}))
    trainer.train(5)
    parameters = trainer.network.flat.copy()
    results = trainer.longer_results()
    assert [(result.factor, result.steps) for result in results] == [(1, 10), (2, 20), (4, 40)]
    batch = trainer.task.longer(4).held_out(64)
    assert results[2].loss == trainer.network.loss(batch)
    assert results[2].metric == trainer.task.measure(trainer.network.forward(batch.inputs, batch.lengths), batch)
    assert np.array_equal(trainer.network.flat, parameters) and trainer.task.settings.seq_len == 10


def test_where_nothing_can_be_longer(register_echo: object, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": "echo"}, "network": {"hidden_size": 2}}))
    monkeypatch.setattr(type(trainer.task), "length_field", "none")
    assert [result.factor for result in longer_results(trainer.network, trainer.task, (1,))] == [1]
    with pytest.raises(InputError, match="no length"):
        trainer.longer_results()
