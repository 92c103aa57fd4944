"""The update-to-weight ratio of the last update."""

import numpy as np
import pytest

from core.look import NoLook
from core.settings import Settings
from core.trainer import Trainer


def test_ratio_of_every_parameter(settings: Settings, engine: str) -> None:
    trainer = Trainer(settings.with_changes({"network.num_layers": 2}), engine)
    trainer.train(6)
    before = trainer.network.parameters()
    trainer.train(1)
    after = trainer.network.parameters()
    found = trainer.snapshot(looks=("updates",)).looks["updates"]
    assert found.step == 7 and list(found.ratios) == list(before)
    for name, values in before.items():
        assert found.ratios[name] == pytest.approx(np.linalg.norm(after[name] - values) / np.linalg.norm(values), rel=1e-5)


def test_plain_descent_moves_by_rate_times_gradient(settings: Settings) -> None:
    changes = {"training.optimizer": "sgd", "training.learning_rate": 0.01, "training.clip_norm": 0.0, "training.dtype": "float64"}
    trainer = Trainer(settings.with_changes(changes))
    trainer.train(3)
    weights = trainer.network.parameters()
    _, gradients = trainer.network.loss_and_gradients(trainer.draws.batch(trainer.settings.training, trainer.task))
    trainer.train(1)
    ratios = trainer.snapshot(looks=("updates",)).looks["updates"].ratios
    for name, gradient in gradients.items():
        assert ratios[name] == pytest.approx(0.01 * np.linalg.norm(gradient) / np.linalg.norm(weights[name]), rel=1e-6)


def test_weights_of_zero_have_none(settings: Settings) -> None:
    trainer = Trainer(settings.with_changes({"network.init": "zeros"}))
    trainer.train(1)
    ratios = trainer.snapshot(looks=("updates",)).looks["updates"].ratios
    assert np.isnan(ratios["head.W"]) and np.isfinite(ratios["layers.0.b"])


def test_before_the_first_update(settings: Settings) -> None:
    assert Trainer(settings).snapshot(looks=("updates",)).looks["updates"] == NoLook("the next update will show how far the weights move")
