"""The sensor task: the invented machine, a person's own table, its line, and answers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.fields import fields_of
from core.prediction import SensorPrediction
from core.sampling import GREEDY
from core.settings import Settings
from core.snapshot import Trace
from core.tasks import machine
from core.tasks.logistic import logistic_loss, quadratic_features
from core.tasks.sensor import Sensor, intervals
from core.trainer import Trainer

RNG = np.random.default_rng(0)


def made(**fields: Any) -> Sensor:
    return Sensor(Sensor.Settings(**fields))


def own_table(folder: Path, count: int = 200, name: str = "user.csv", header: str = "time,flow,heat,anomaly") -> str:
    """Every tenth row is wrong: there the flow is 50 instead of 10 to 12."""
    rows = [f"{k},{50 if k % 10 == 9 else 10 + k % 3},{-0.1 * (k % 7):.1f},{int(k % 10 == 9)}" for k in range(count)]
    (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(folder / name)


def by_first_channel(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that raises an alarm where the first channel is above 1."""
    return 1 / (1 + np.exp(-20 * (x[..., :1] - 1)))


# The machine


def test_a_sound_machine_is_a_wave_that_goes_through_its_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CHANCE", 0.0)
    values, is_wrong = machine.run(np.random.default_rng(0), 200, 20, 5, noise=0.0)
    assert values.shape == (200, 20, 5) and not is_wrong.any()
    for b in range(20):
        waves = values[:, b] - (values[:, b].max(axis=0) + values[:, b].min(axis=0)) / 2
        # A sine of any phase is a line through the two values before it; its period comes from the slope.
        x, before = waves[1:-1].ravel(), (waves[2:] + waves[:-2]).ravel()
        period = 2 * np.pi / np.arccos(np.clip(x @ before / (2 * x @ x), -1, 1))
        assert machine.PERIODS[0] - 1 < period < machine.PERIODS[1] + 1
        assert machine.HEIGHTS[0] - 0.05 < np.abs(waves).max() < machine.HEIGHTS[1] + 0.05
        lead = round(period / machine.LAG)
        np.testing.assert_allclose(waves[lead:, 0], waves[:-lead, 1], atol=0.35)


@pytest.mark.parametrize("kind", machine.KINDS)
def test_each_way_to_go_wrong(kind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CHANCE", 1.0)
    real = np.random.default_rng(3)
    levels, waves = machine.sound_and_wave(real, 80, 50, 3)
    monkeypatch.setattr(machine, "sound_and_wave", lambda *_: (levels, waves))

    class Fixed(np.random.Generator):
        """Draws ``kind`` where the kind is drawn, everything else by chance."""

        def integers(self, low: Any, high: Any = None, size: Any = None, *more: Any, **named: Any) -> Any:
            drawn = super().integers(low, high, size, *more, **named)
            return np.full(size, kind) if (low, high) == (0, 4) and size is not None else drawn

    values, is_wrong = machine.run(Fixed(np.random.PCG64(1)), 80, 50, 3, noise=0.0)
    sound = levels + waves
    differs = np.abs(values - sound) > 1e-6
    assert not (differs.any(axis=2) & (is_wrong == 0)).any()
    for b in range(50):
        for first, last in intervals(is_wrong[:, b] > 0):
            assert first % machine.STRETCH >= machine.SOUND
            length = last - first + 1
            channel = int(differs[first : last + 1, b].sum(axis=0).argmax())
            assert differs[first : last + 1, b].any(axis=0).sum() == 1
            seen, true = values[first : last + 1, b, channel], sound[first : last + 1, b, channel]
            if kind == machine.SPIKE:
                assert length <= machine.LONGEST_SPIKE and np.ptp(seen - true) < 1e-5
                assert machine.SPIKES[0] <= abs(seen[0] - true[0]) <= machine.SPIKES[1] + 1e-5
                continue
            assert machine.SHORTEST <= length <= machine.LONGEST
            if kind == machine.DRIFT:
                slope = (seen - true) / np.arange(1, length + 1)
                assert np.ptp(slope) < 1e-4 and machine.SLOPES[0] - 1e-4 <= abs(slope[0]) <= machine.SLOPES[1] + 1e-4
            elif kind == machine.STUCK:
                # It stays at the last sound value: the first wrong step can be told from it.
                assert first > 0 and (seen == values[first - 1, b, channel]).all()
                assert seen[0] == pytest.approx(sound[first - 1, b, channel], abs=1e-6)
            else:
                level = levels[b, channel]
                np.testing.assert_allclose(seen - level, level - true, atol=1e-5)


def test_a_machine_is_wrong_about_a_fifth_of_the_time_and_noisy_as_set() -> None:
    values, is_wrong = machine.run(np.random.default_rng(0), 80, 2000, 4, noise=0.1)
    # A chance of 0.7 for (3 × 17 + 2) / 4 of 40 steps.
    assert is_wrong.mean() == pytest.approx(0.7 * (3 * 17 + 2) / 4 / 40, rel=0.05)
    still, _ = machine.run(np.random.default_rng(0), 80, 2000, 4, noise=0.0)
    assert np.std((values - still)[is_wrong == 0]) == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_runs_go_wrong_as_often(factor: int) -> None:
    batch = made().longer(factor).held_out(200)
    assert batch.inputs.shape == (60 * factor, 200, 4) and batch.targets[60:].any()
    assert batch.targets.mean() == pytest.approx(0.23, abs=0.04)


def test_held_out_runs_are_others() -> None:
    task = made()
    train = {run.tobytes() for run in task.sample(np.random.default_rng(0), 300).inputs.transpose(1, 0, 2)}
    assert not train & {run.tobytes() for run in task.held_out(100).inputs.transpose(1, 0, 2)}


# The line


def test_products_of_each_two_numbers() -> None:
    assert quadratic_features(np.array([[2.0, 3.0]])).tolist() == [[1, 2, 3, 4, 6, 9]]


def test_logistic_loss_is_where_no_small_change_is_better() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 2))
    share = 1 / (1 + np.exp(-(0.5 + x[:, 0] - 1.5 * x[:, 0] * x[:, 1])))
    labels = (rng.random(4000) < share).astype(float)
    found = logistic_loss(x, labels)
    truth = -np.mean(labels * np.log(share) + (1 - labels) * np.log(1 - share))
    # Six weights fitted to 4,000 labels gain about 3 / 4,000 on the true ones.
    assert truth - 0.004 < found <= truth + 1e-6
    # By plain gradient descent.
    features, weights = quadratic_features(x), np.zeros(6)
    for _ in range(3000):
        weights -= 0.3 * features.T @ (1 / (1 + np.exp(-features @ weights)) - labels) / 4000
    slow = np.mean(np.log1p(np.exp(-(2 * labels - 1) * (features @ weights))))
    assert found == pytest.approx(slow, abs=1e-5)


def test_labels_that_can_be_told_apart_cost_nothing() -> None:
    x = np.linspace(-1, 1, 200)[:, None]
    assert logistic_loss(x, (x[:, 0] > 0).astype(float)) < 0.02


def test_the_line_lies_below_guessing_and_holds_for_other_steps() -> None:
    task = made()
    share = float(task.held_out(2000).targets.mean())
    guessing = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert 0.5 * guessing < task.baseline_loss < 0.9 * guessing
    fresh = task.sample(np.random.default_rng(99), 334)
    again = logistic_loss(fresh.inputs.reshape(-1, 4), fresh.targets.ravel())
    assert task.baseline_loss == pytest.approx(again, rel=0.05)


# Metric and answers


def test_f1_of_alarms() -> None:
    task = made()
    batch = task.held_out(50)
    answers = np.random.default_rng(0).random(batch.targets.shape)
    alarm, wrong = answers >= 0.5, batch.targets > 0
    precision, recall = (alarm & wrong).sum() / alarm.sum(), (alarm & wrong).sum() / wrong.sum()
    assert task.measure(answers, batch).value == pytest.approx(100 * 2 * precision * recall / (precision + recall))


def test_where_all_is_well_nothing_is_solved() -> None:
    task = made()
    batch = task.held_out(50)
    sound = replace(batch, targets=np.zeros_like(batch.targets))
    silent = task.measure(np.zeros(batch.targets.shape), sound)
    assert silent.value == 0 and not task.is_solved(0.0, silent)
    assert task.measure(np.ones(batch.targets.shape), sound).value == 0


def test_the_shortest_sequences_hold_what_is_to_be_found() -> None:
    info = fields_of(Sensor.Settings)["seq_len"]
    shortest = made(seq_len=int(info.minimum or 0)).held_out(500)
    # A chance of 0.7 for each stretch.
    assert shortest.targets.any(axis=(0, 2)).mean() == pytest.approx(machine.CHANCE, abs=0.06)


def test_answers_with_the_probability_at_each_step() -> None:
    task = made(channels=2)
    answer = task.answer(by_first_channel, "0 0; 0.1 -2; 3 0; 4, 0; 0 1;3 0", GREEDY, RNG)
    assert np.round(np.array(answer.output, float)).tolist() == [0, 0, 1, 1, 0, 1]
    assert answer.text == "something is wrong at step 3 to 4, 6 (up to 100 % sure)"
    assert task.answer(by_first_channel, "0 0; 0 0", GREEDY, RNG).text == "all is well (at most 0 % for an alarm)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2; 3", r"step 2 has 1 numbers: steps with 2 numbers each are needed, a semicolon between them, for example 0 0; 0.5 0.5"),
        ("", r"0 steps can't be judged: 1 to 10000 steps with 2 numbers"),
        ("1 2; 3 four", r"'four' is not a number"),
        ("nowhere.csv", r"nowhere\.csv: there is no such file"),
    ],
)
def test_what_cannot_be_answered(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(channels=2).answer(by_first_channel, text, GREEDY, RNG)


def test_intervals_are_runs_of_steps() -> None:
    assert intervals(np.array([True, False, True, True, False, True])) == ((0, 0), (2, 3), (5, 5))
    assert intervals(np.zeros(3, bool)) == ()


def test_shows_channels_and_what_is_wrong() -> None:
    task = made()
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0]
    shown = task.show(
        by_first_channel, Trace(inputs, task.label_inputs(inputs), (), by_first_channel(inputs[:, None], None)[:, 0], ()), probe, None
    )
    assert isinstance(shown, SensorPrediction) and shown.names == ("ch 1", "ch 2", "ch 3", "ch 4")
    np.testing.assert_allclose(shown.channels, inputs.T)
    marked = np.zeros(60)
    for first, last in shown.wanted:
        marked[first : last + 1] = 1
    assert np.array_equal(marked, probe.targets[:, 0, 0])


# A table of one's own


def test_reads_a_table_scaled_with_its_last_fifth_held_out(tmp_path: Path) -> None:
    task = made(file=own_table(tmp_path), seq_len=40)
    assert task.input_size == 2 and task.vocabulary()["names"] == ["flow", "heat"]
    batch, held_out = task.sample(np.random.default_rng(0), 500), task.held_out(5)
    flow = np.array([50 if k % 10 == 9 else 10 + k % 3 for k in range(200)])
    scaled = (flow - flow[:160].mean()) / flow[:160].std()
    heat = np.array([-0.1 * (k % 7) for k in range(200)])
    whole = np.column_stack([scaled, (heat - heat[:160].mean()) / heat[:160].std()])
    windows = {whole[k : k + 40].round(3).tobytes(): k for k in range(161)}
    starts = [windows[batch.inputs[:, b].astype(float).round(3).tobytes()] for b in range(500)]
    assert min(starts) == 0 and max(starts) == 120
    for b, start in enumerate(starts):
        assert batch.targets[:, b, 0].tolist() == [float(k % 10 == 9) for k in range(start, start + 40)]
    np.testing.assert_allclose(held_out.inputs[:, 0], whole[160:], atol=1e-5)
    # The flow alone tells.
    assert task.baseline_loss < 0.02


def test_a_table_with_the_newest_row_first_is_read_in_order_of_time(tmp_path: Path) -> None:
    dates = [f"2026-{k // 28 + 1:02d}-{k % 28 + 1:02d}" for k in range(200)]
    rows = [f"{day},{k % 7 + k / 100},{int(k % 10 == 9)}" for k, day in enumerate(dates)]
    for name, order in (("oldest.csv", rows), ("newest.csv", rows[::-1])):
        (tmp_path / name).write_text("\n".join(["day,flow,anomaly", *order]), encoding="utf-8")
    oldest, newest = (made(file=str(tmp_path / name)) for name in ("oldest.csv", "newest.csv"))
    for mine, other in ((oldest.held_out(3), newest.held_out(3)), tuple(t.sample(np.random.default_rng(0), 9) for t in (oldest, newest))):
        np.testing.assert_array_equal(mine.inputs, other.inputs)
        np.testing.assert_array_equal(mine.targets, other.targets)
    answers = [oldest.answer(by_first_channel, str(tmp_path / name), GREEDY, RNG) for name in ("oldest.csv", "newest.csv")]
    assert answers[0] == answers[1]
    sentence = Sensor.recognise(newest.settings).sentence
    assert sentence.endswith("something is wrong in 10.0 % of the rows. The newest row stands first: read from the end.")
    assert Sensor.recognise(oldest.settings).picked == {"label_column": "anomaly"}


def test_answers_a_table_in_its_own_unit(tmp_path: Path) -> None:
    task = made(file=own_table(tmp_path))
    (tmp_path / "new.csv").write_text("heat;flow\n0;10\n0;11\n-0.5;50\n0;10\n", encoding="utf-8")
    answer = task.answer(by_first_channel, str(tmp_path / "new.csv"), GREEDY, RNG)
    assert np.round(np.array(answer.output, float)).tolist() == [0, 0, 1, 0]
    assert task.answer(by_first_channel, "50 0; 10 -0.2", GREEDY, RNG).text.startswith("something is wrong at step 1 ")


@pytest.mark.parametrize(
    ("header", "rows", "fields", "message"),
    [
        ("a,b", ["1.5,2.25", "2.5,1.25"] * 40, {}, "no column says where something is wrong: one called 'anomaly'"),
        ("a,anomaly", ["1.5,0", "2.5,2"] * 40, {}, r"line 3: '2' in column 'anomaly' is neither 0 \(all is well\) nor 1"),
        ("a,anomaly", ["1.5,0", "2.5,1"] * 5, {}, "has 10 rows, at least 50 are needed"),
        ("a,anomaly", ["1.5,0", "1.5,1"] * 40, {}, "column 'a' never changes in the first four fifths"),
        ("a,anomaly", ["1.5,0", "2.5,0"] * 40 + ["1.5,1"], {}, "the first four fifths of the rows, .* must hold both 0 and 1 as labels"),
        ("a,anomaly", ["1.5,0", "2.5,1"] * 40 + ["1.5,0"] * 20, {}, "the last fifth of the rows, .* must hold both 0 and 1 as labels"),
        ("a,anomaly", ["1.5,0", "2.5,1"] * 40 + ["1.5,1"] * 20, {}, "the last fifth of the rows, .* must hold both 0 and 1 as labels"),
        ("name,anomaly", ["x,0", "y,1"] * 40, {}, "has 0 columns of numbers beside 'anomaly', from 1 to 64"),
        ("a,anomaly", ["1.5,0", "2.5,1"] * 40, {"label_column": "fault"}, "there is no column 'fault': there are 'a', 'anomaly'"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, header: str, rows: list[str], fields: dict[str, str], message: str) -> None:
    (tmp_path / "user.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        made(file=str(tmp_path / "user.csv"), **fields)
    assert len(str(raised.value).splitlines()) == 1


def test_the_label_is_found_by_what_it_holds(tmp_path: Path) -> None:
    path = own_table(tmp_path, header="time,flow,heat,state")
    assert made(file=path).vocabulary()["names"] == ["flow", "heat"]
    assert made(file=path, label_column="State").vocabulary()["names"] == ["flow", "heat"]


def test_works_from_a_session_without_the_table(tmp_path: Path) -> None:
    path = own_table(tmp_path)
    task = made(file=path)
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    Path(path).unlink()
    opened = Sensor(Sensor.Settings(file=path), vocabulary)
    assert opened.baseline_loss == task.baseline_loss
    assert opened.answer(by_first_channel, "50 0; 10 0", GREEDY, RNG) == task.answer(by_first_channel, "50 0; 10 0", GREEDY, RNG)
    with pytest.raises(InputError, match=r"user\.csv: there is no such file"):
        opened.sample(np.random.default_rng(0), 2)
    own_table(tmp_path, header="time,flow,cold,anomaly")
    other = Sensor(Sensor.Settings(file=path), vocabulary)
    with pytest.raises(InputError, match="its channels are flow, cold; the network was trained for flow, heat"):
        other.sample(np.random.default_rng(0), 2)


def test_learns_to_raise_the_alarm() -> None:
    trainer = Trainer(Settings.preset("sensor"))
    trainer.train_to(300)
    held_out = trainer.evaluations[-1]
    assert held_out.metric.value > 75 and held_out.loss < 0.7 * trainer.task.baseline_loss
