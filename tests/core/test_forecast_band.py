"""The band about a forecast: each way of making it against a slow loop, and what prices does with both."""

from dataclasses import replace

import numpy as np
import pytest

from core.batch import Batch
from core.prediction import SeriesPrediction
from core.sampling import Sampling
from core.settings import Settings
from core.tasks import forecast_band
from core.tasks.forecast_band import PATHS, drawn_errors, one_step_errors, path_quantiles, residual_widths
from core.tasks.prices import Prices
from core.trainer import Trainer


def test_residual_widths_are_twice_the_error_and_never_shrink() -> None:
    errors = np.random.default_rng(0).normal(0, [[1.0], [3.0], [2.0]], (3, 40))
    widths, widest = residual_widths(errors, 5), 0.0
    for k in range(3):
        widest = max(widest, 2 * (sum(error**2 for error in errors[k]) / 40) ** 0.5)
        assert widths[k] == pytest.approx(widest)
    assert widths[3] == pytest.approx(widest * (4 / 3) ** 0.5) and widths[4] == pytest.approx(widest * (5 / 3) ** 0.5)
    np.testing.assert_array_equal(residual_widths(errors, 2), widths[:2])


def test_one_step_errors_are_of_the_later_half_of_what_counts() -> None:
    rng = np.random.default_rng(1)
    answers, targets = rng.normal(size=(2, 6, 3, 1))
    batch = Batch(targets, targets, None, np.full(3, 6))
    right = [targets[t, b, 0] - answers[t, b, 0] for t in range(3, 6) for b in range(3)]
    np.testing.assert_allclose(one_step_errors(answers, batch), right)
    mask = np.zeros((6, 3))
    mask[1] = 1
    np.testing.assert_allclose(one_step_errors(answers, replace(batch, mask=mask)), (targets - answers)[1, :, 0])
    mask[5, 2] = 1
    np.testing.assert_allclose(one_step_errors(answers, replace(batch, mask=mask)), (targets - answers)[5, 2])


def test_the_first_path_is_the_forecast_and_the_others_take_errors_as_they_come() -> None:
    errors = np.array([-1.0, 0.5, 4.0])
    taken = drawn_errors(errors, 50, np.random.default_rng(2))
    assert taken.shape == (50, PATHS + 1) and not taken[:, 0].any()
    shares = [(taken[:, 1:] == error).mean() for error in errors]
    np.testing.assert_allclose(shares, 1 / 3, atol=0.03)
    np.testing.assert_array_equal(taken, drawn_errors(errors, 50, np.random.default_rng(2)))


def test_quantiles_leave_a_twentieth_outside_on_either_side() -> None:
    low, high = path_quantiles(np.random.default_rng(3).permuted(np.tile(np.arange(101.0), (4, 1)), axis=1))
    assert low.tolist() == [5.0] * 4 and high.tolist() == [95.0] * 4


def mean_reverting(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that answers half of the last change."""
    return 0.5 * x


def test_sampled_band_of_prices_agrees_with_a_slow_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_band, "PATHS", 4000)
    task = Prices(Prices.Settings(band="sampling"))
    scale = task.vocabulary()["scale"]
    answer = task.answer(mean_reverting, "120, 123, 125", Sampling(4), np.random.default_rng(0))
    held_out = task.held_out(16)
    residuals = (held_out.targets - 0.5 * held_out.inputs)[15:].ravel()
    rng, ends = np.random.default_rng(9), np.zeros((3000, 4))
    for path in range(3000):
        value, change = 125.0, 2.0 / scale
        for step in range(4):
            change = 0.5 * change + rng.choice(residuals)
            value += scale * change
            ends[path, step] = value
    assert answer.low is not None and answer.high is not None
    width = np.subtract(*np.quantile(ends, (0.95, 0.05), axis=0))
    np.testing.assert_allclose(answer.low, np.quantile(ends, 0.05, axis=0), atol=0.1 * width.max())
    np.testing.assert_allclose(answer.high, np.quantile(ends, 0.95, axis=0), atol=0.1 * width.max())


def test_the_residual_band_of_an_answer_is_that_of_a_slow_loop() -> None:
    task = Prices(Prices.Settings())
    scale, count = task.vocabulary()["scale"], len(task._changes)
    answer = task.answer(mean_reverting, "120, 123, 125", Sampling(2), np.random.default_rng(0))
    assert answer.low is not None and answer.high is not None
    places = np.linspace(task._train_count, count - 2, 16).round().astype(int)
    widest = 0.0
    for ahead in (1, 2):
        squares = []
        for place in places:
            last = task._changes[place - 1]
            guessed = sum(last * 0.5**k for k in range(1, ahead + 1))
            squares.append((scale * (guessed - task._changes[place : place + ahead].sum())) ** 2)
        widest = max(widest, 2 * float(np.mean(squares)) ** 0.5)
        assert answer.high[ahead - 1] - answer.output[ahead - 1] == pytest.approx(widest)
        assert answer.output[ahead - 1] - answer.low[ahead - 1] == pytest.approx(widest)


def test_the_band_is_chosen_while_training_goes_on() -> None:
    trainer = Trainer(Settings.preset("prices"))
    trainer.train(20)
    before = trainer.snapshot().prediction
    trainer.apply({"task.band": "sampling"})
    after, again = trainer.snapshot().prediction, trainer.snapshot().prediction
    assert all(isinstance(each, SeriesPrediction) for each in (before, after, again))
    np.testing.assert_array_equal(before.forecast, after.forecast)
    assert (after.low < after.high).all() and not np.allclose(before.low, after.low)
    np.testing.assert_array_equal(after.low, again.low)
