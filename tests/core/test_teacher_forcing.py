"""What a decoder reads in training: the right previous output, its own, or now this and now that."""

from pathlib import Path

import numpy as np
import pytest

from core import session
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run, saved


@pytest.fixture
def translation() -> Settings:
    changes = {"network.hidden_size": 6, "training.batch_size": 5, "training.dtype": "float64", "task.name": "translation"}
    return Settings().with_changes(changes)


def losses_at(settings: Settings, rate: float, engine: str = "kernels") -> np.ndarray:
    return Trainer(settings.with_changes({"training.teacher_forcing": rate}), engine).train(6)


def test_rates_differ(translation: Settings) -> None:
    always, half, never = (losses_at(translation, rate) for rate in (1.0, 0.5, 0.0))
    assert not np.array_equal(always, half) and not np.array_equal(half, never)


@pytest.mark.parametrize("rate", [0.0, 0.4])
def test_engines_agree(translation: Settings, rate: float) -> None:
    np.testing.assert_allclose(losses_at(translation, rate, "kernels"), losses_at(translation, rate, "numpy"), rtol=1e-10)


def test_share_of_right_outputs(translation: Settings) -> None:
    trainer = Trainer(translation.with_changes({"training.teacher_forcing": 0.3}))
    batch = trainer.task.sample(np.random.default_rng(0), 400)
    is_taught = trainer.draws.teaching(trainer.network, trainer.settings.training.teacher_forcing, batch)
    assert is_taught is not None and is_taught.shape == batch.targets.shape
    assert is_taught.mean() == pytest.approx(0.3, abs=0.03)


def test_it_goes_on_bit_for_bit(translation: Settings, path: Path) -> None:
    chosen = translation.with_changes({"training.teacher_forcing": 0.5, "network.num_layers": 2, "network.dropout": 0.2})
    whole, first = Trainer(chosen), Trainer(chosen)
    whole.train_to(8)
    first.train_to(5)
    loaded = session.load(saved(first, path))
    assert_same_run(loaded, first)
    loaded.train_to(8)
    assert_same_run(loaded, whole)


def test_live(translation: Settings) -> None:
    """Changed while it runs, it counts from the next update on."""
    trainer, other = Trainer(translation), Trainer(translation)
    np.testing.assert_array_equal(trainer.train(3), other.train(3))
    trainer.apply({"training.teacher_forcing": 0.0})
    assert not np.array_equal(trainer.train(3), other.train(3))


@pytest.mark.parametrize("task", ["translation", "captioning"])
def test_learning(task: str) -> None:
    """Both topologies that write come below what can be known without reading."""
    trainer = Trainer(Settings.preset(task))
    trainer.train(150 if task == "captioning" else 250)
    assert trainer.evaluate().loss < 0.95 * trainer.task.baseline_loss
