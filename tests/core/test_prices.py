"""The prices task: the bundled series, a person's own table, and forecasts."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import SeriesPrediction
from core.sampling import GREEDY, Sampling
from core.settings import Settings
from core.snapshot import Trace
from core.tasks.prices import Prices
from core.trainer import Trainer


def written(folder: Path, values: list[float] | np.ndarray, name: str = "user.csv") -> str:
    path = folder / name
    path.write_text("day,price\n" + "\n".join(f"2026-01-{k % 28 + 1:02d},{value:.6f}" for k, value in enumerate(values)))
    return str(path)


def made(file: str = "", **fields: object) -> Prices:
    return Prices(Prices.Settings(file=file, **fields))


def persistence(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that says: the same change once more."""
    return x


SINE = [100 + 10 * math.sin(k / 4) for k in range(400)]
STEPS = np.cumsum(np.r_[150, np.tile([1.0, 3.0, -1.0, 2.0], 30)])


def test_learns_the_bundled_series() -> None:
    trainer = Trainer(Settings.preset("prices"))
    while trainer.solved_at is None and trainer.step_count < 500:
        trainer.train_to(trainer.step_count + 50)
    assert trainer.solved_at is not None
    (value,) = trainer.answer("120,123,125", GREEDY).output
    assert value == pytest.approx(127, abs=1.5)
    trainer.train_to(trainer.step_count + 300)
    assert trainer.answer("120,123,125", GREEDY).output[0] == pytest.approx(127, abs=1.5)


def test_learns_a_table_of_ones_own(tmp_path: Path) -> None:
    trainer = Trainer(Settings.preset("prices").with_changes({"task.file": written(tmp_path, SINE)}))
    trainer.train_to(500)
    assert trainer.evaluations[-1].loss < 0.3 * trainer.task.baseline_loss
    shown = trainer.snapshot().prediction
    assert isinstance(shown, SeriesPrediction)
    np.testing.assert_allclose(shown.forecast[:3], shown.future[:3], atol=1.0)


def test_the_airline_series_grows_so_its_changes_are_relative() -> None:
    task = made(series="airline passengers")
    batch = task.held_out(1)
    scale = task.vocabulary()["scale"]
    # The last twelve months of 1960 are known.
    year_1960 = [417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432]
    np.testing.assert_allclose(batch.targets[-11:, 0, 0] * scale, np.diff(np.log(year_1960)))
    assert task.measure(batch.targets, batch).unit == "%"
    assert batch.mask is not None and batch.mask[-11:].all()


def test_inputs_are_changes_and_targets_the_next_ones(tmp_path: Path) -> None:
    task = made(written(tmp_path, STEPS), seq_len=6)
    changes = np.diff(STEPS)
    scale = changes[: round(0.8 * (len(STEPS) - 2))].std()
    batch = task.sample(np.random.default_rng(0), 400)
    for b in range(50):
        inputs, targets = batch.inputs[:, b, 0] * scale, batch.targets[:, b, 0] * scale
        np.testing.assert_allclose(inputs[1:], targets[:-1])
        starts = [k for k in range(4) if np.allclose(np.tile([1, 3, -1, 2], 3)[k : k + 6], inputs)]
        assert len(starts) == 1


def test_shifted_series_are_the_same(tmp_path: Path) -> None:
    task, shifted = made(written(tmp_path, STEPS, "a.csv")), made(written(tmp_path, STEPS + 1000, "b.csv"))
    np.testing.assert_allclose(task.held_out(3).inputs, shifted.held_out(3).inputs, atol=1e-9)
    assert task.baseline_loss == pytest.approx(shifted.baseline_loss)


def test_training_sees_the_first_four_fifths(tmp_path: Path) -> None:
    values = np.cumsum(np.arange(100.0))
    task = made(written(tmp_path, values), changes="absolute", seq_len=5)
    scale = task.vocabulary()["scale"]
    drawn = task.sample(np.random.default_rng(0), 2000)
    held_out = task.held_out(40)
    # Change number k is k + 1 here: 98 steps, of which 78 are for training.
    assert (drawn.targets * scale).round().max() == 79
    assert (held_out.inputs * scale).round().min() == 79 and (held_out.targets * scale).round().max() == 99
    assert held_out.mask is None


def test_short_tables_count_their_last_fifth_only(tmp_path: Path) -> None:
    task = made(written(tmp_path, [*STEPS[:24]]))
    batch = task.held_out(4)
    assert batch.inputs.shape == (22, 4, 1) and batch.mask is not None
    assert batch.mask[:, 0].tolist() == [0] * 18 + [1] * 4
    answers = batch.targets + np.where(batch.mask[..., None] > 0, 0, 9)
    assert task.measure(answers, batch).value == 0
    assert task.sample(np.random.default_rng(0), 3).inputs.shape == (18, 3, 1)


def test_baseline_is_the_best_line(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    changes = np.zeros(5000)
    for k in range(1, 5000):
        changes[k] = 0.6 * changes[k - 1] + 0.2 + rng.normal()
    task = made(written(tmp_path, np.cumsum(changes)), changes="absolute")
    # What is left of an autoregression with 0.6 is 1 − 0.36 of its variance.
    assert task.baseline_loss == pytest.approx(0.64, abs=0.03)


def test_metric_is_in_the_unit_of_the_series(tmp_path: Path) -> None:
    task = made(written(tmp_path, STEPS))
    batch = task.held_out(5)
    metric = task.measure(batch.targets + 0.25 / task.vocabulary()["scale"], batch)
    assert metric.value == pytest.approx(0.25) and not metric.is_higher_better and metric.unit == ""


def test_forecasts_by_feeding_itself(tmp_path: Path) -> None:
    task = made(written(tmp_path, STEPS))
    answer = task.answer(persistence, "120, 123, 125", Sampling(4, 0.0), np.random.default_rng(0))
    assert answer.output == tuple(pytest.approx(value) for value in (127, 129, 131, 133))
    assert answer.text == "127.00, 129.00, 131.00, 133.00"
    relative = made(written(tmp_path, np.exp(STEPS / 40), "growing.csv"))
    doubled = relative.answer(persistence, "10 20", Sampling(3, 0.0), np.random.default_rng(0))
    assert doubled.output == tuple(pytest.approx(value) for value in (40, 80, 160))


def test_what_is_drawn_can_be_read() -> None:
    pad = Prices.pad
    text = ", ".join(f"{value:.2f}" for value in np.linspace(pad.low, pad.high, pad.steps))
    answer = made().answer(persistence, text, Sampling(2), np.random.default_rng(0))
    assert answer.output[0] == pytest.approx(pad.high + (pad.high - pad.low) / (pad.steps - 1), abs=0.02)


def test_forecasts_from_a_table(tmp_path: Path) -> None:
    task = made(written(tmp_path, STEPS))
    other = tmp_path / "other.csv"
    other.write_text("cost;price\n5;1,5\n7;2,5\n")
    assert task.answer(persistence, str(other), GREEDY, np.random.default_rng(0)).output == (pytest.approx(3.5),)


@pytest.mark.parametrize(
    ("text", "says"), [("", "0 values"), ("120", "1 values"), ("120,pear", "'pear'"), ("gone.csv", "gone.csv: there is no such file")]
)
def test_refuses_what_it_can_not_go_on_from(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made().answer(persistence, text, GREEDY, np.random.default_rng(0))
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(("length", "seq_len"), [(20, 30), (24, 5), (121, 30), (121, 500)])
def test_shows_the_probe_in_its_own_unit(tmp_path: Path, length: int, seq_len: int) -> None:
    task = made(written(tmp_path, STEPS[:length]), seq_len=seq_len, column="price")
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0].astype(np.float32).astype(np.float64)
    shown = task.show(persistence, Trace(inputs, task.label_inputs(inputs), (), inputs, ()), probe, None)
    assert isinstance(shown, SeriesPrediction) and shown.column == "price"
    start = int(np.flatnonzero(np.isclose(STEPS, shown.past[0]))[0])
    np.testing.assert_allclose(shown.past, STEPS[start : start + len(inputs)], rtol=1e-6)
    assert np.isnan(shown.one_step[0])
    np.testing.assert_allclose(shown.one_step[1:] - shown.past[:-1], np.diff(STEPS)[start - 1 : start + len(inputs) - 2], atol=1e-4)
    last_change = shown.past[-1] - shown.past[-2]
    np.testing.assert_allclose(np.diff(np.r_[shown.past[-1], shown.forecast]), last_change, atol=1e-4)
    known = np.isfinite(shown.future)
    np.testing.assert_allclose(shown.future[known], STEPS[:length][start + len(inputs) :][: known.sum()], rtol=1e-6)
    width = shown.high - shown.low
    assert (width > 0).all() and (np.diff(width) >= -1e-9).all()
    np.testing.assert_allclose((shown.high + shown.low) / 2, shown.forecast)


def test_relative_changes_need_positive_values(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"user\.csv: column 'price' holds -10: relative changes need values above 0"):
        made(written(tmp_path, np.linspace(-10, 30, 40) ** 2 * np.sign(np.linspace(-10, 30, 40)) / 10), changes="relative")


@pytest.mark.parametrize("values", [[5.0] * 50, [float(k) for k in range(50)], [3.0] * 41 + [1.0, 7.0, 2.0, 8.0, 3.0, 5.0, 9.0, 1.0, 1.0]])
def test_refuses_a_series_without_change(tmp_path: Path, values: list[float]) -> None:
    with pytest.raises(InputError, match=r"user\.csv: column 'price' changes by the same amount in every row"):
        made(written(tmp_path, values))


def test_refuses_short_and_missing_tables(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 19 rows, at least 20 are needed"):
        made(written(tmp_path, SINE[:19]))
    with pytest.raises(InputError, match=r"/nowhere\.csv: there is no such file"):
        made("/nowhere.csv")
    with pytest.raises(InputError, match="no column 'cost': there are 'day', 'price'"):
        made(written(tmp_path, SINE), column="cost")


def test_works_from_a_session_without_the_table(tmp_path: Path) -> None:
    path = written(tmp_path, SINE)
    task = made(path)
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    Path(path).unlink()
    opened = Prices(Prices.Settings(file=path), vocabulary)
    assert opened.baseline_loss == task.baseline_loss
    answers = [t.answer(persistence, "101,102.5", Sampling(3, 0.0), np.random.default_rng(0)) for t in (task, opened)]
    # The errors that a band is made from can only be measured where the table is.
    assert len(answers[0].low or ()) == 3 and answers[1].low is None
    assert answers[0].output == answers[1].output and answers[0].text == answers[1].text
    with pytest.raises(InputError, match=r"user\.csv: there is no such file"):
        opened.sample(np.random.default_rng(0), 2)


def test_a_session_keeps_its_scale_where_the_table_changed(tmp_path: Path) -> None:
    task = made(written(tmp_path, SINE))
    vocabulary = task.vocabulary()
    opened = Prices(Prices.Settings(file=written(tmp_path, 5 * np.array(SINE), "new.csv")), vocabulary)
    assert opened.vocabulary() == vocabulary
    np.testing.assert_allclose(opened.held_out(3).inputs, 5 * task.held_out(3).inputs, atol=1e-4)


def test_only_so_far_ahead() -> None:
    task = made()
    assert len(task.answer(persistence, "120, 123, 125", Sampling(1000, 0.0), np.random.default_rng(0)).output) == 1000
    with pytest.raises(InputError, match="^1001 steps ahead can't be forecast: 1 to 1000 can$"):
        task.answer(persistence, "120, 123, 125", Sampling(1001, 0.0), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1e308 1e308 1e308", "'1e308' is too large a number: at most 1e"),
        ("1e99, -1e99, 1e99", "can't work with numbers as large as these"),
    ],
)
def test_numbers_beyond_the_network_are_named(text: str, problem: str) -> None:
    """Not the weights, which are sound."""
    trainer = Trainer(Settings.from_dict({"task": {"name": "prices"}, "network": {"hidden_size": 4}}))
    with pytest.raises(InputError) as caught:
        trainer.answer(text, GREEDY)
    assert problem in str(caught.value)
