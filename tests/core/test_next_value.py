"""Sine and Mackey–Glass: the next value of a series."""

from math import cos, pi, sin, sqrt

import numpy as np
import pytest

from core.errors import InputError
from core.fields import fields_of
from core.pads import CurvePad
from core.prediction import SeriesPrediction
from core.sampling import GREEDY, Sampling
from core.settings import Settings
from core.snapshot import Trace
from core.tasks.delay_equation import mackey_glass
from core.tasks.mackey_glass import MackeyGlass
from core.tasks.next_value import NextValue
from core.tasks.sine import Sine

SINE, CHAOS = Sine(Sine.Settings()), MackeyGlass(MackeyGlass.Settings())
TASKS = [SINE, CHAOS]


def persistence(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that says the same value again."""
    return x


def rotating(step_size: float):
    """A network that knows the wave: x_{t+1} = 2 cos δ x_t − x_{t−1}."""

    def forward(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        return np.concatenate([x[:1], 2 * cos(step_size) * x[1:] - x[:-1]])

    return forward


def integrated(delay: int, until: int, steps_per_unit: int) -> list[float]:
    """The equation by small Euler steps, from its definition alone."""
    past = [1.2] * (delay * steps_per_unit + 1)
    for _ in range(until * steps_per_unit):
        delayed = past[-1 - delay * steps_per_unit]
        past.append(past[-1] + (0.2 * delayed / (1 + delayed**10) - 0.1 * past[-1]) / steps_per_unit)
    return past[delay * steps_per_unit :: steps_per_unit]


@pytest.mark.parametrize("delay", [8, 17])
def test_the_series_solves_the_equation(delay: int) -> None:
    np.testing.assert_allclose(mackey_glass(delay, 101), integrated(delay, 100, 400), atol=2e-3)


def test_halving_the_step_changes_a_sixteenth_as_much() -> None:
    """The method is of fourth order, also over the delay."""
    rough, fine, finer = (mackey_glass(17, 151, steps) for steps in (5, 10, 20))
    first, second = np.abs(rough - fine).max(), np.abs(fine - finer).max()
    assert first < 1e-7 and first / second == pytest.approx(16, rel=0.2)


def test_the_series_can_not_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        mackey_glass(17, 50)[0] = 0


def test_chaos_never_repeats() -> None:
    """Neighbours drift apart; with a short delay the series comes back to where it was."""

    def closest_return(delay: int) -> float:
        values = mackey_glass(delay, 4000)[2000:]
        windows = np.lib.stride_tricks.sliding_window_view(values, 300)
        distances = np.abs(windows[300:] - windows[0]).max(axis=1)
        return float(distances.min())

    assert closest_return(8) < 0.01 and closest_return(17) > 0.05


def test_no_delay_is_offered_that_repeats() -> None:
    """The smallest errors, here those of a rough method, grow until the series are unlike; with one step less they stay small."""
    delay = fields_of(MackeyGlass.Settings)["delay"]
    assert delay.minimum is not None and delay.maximum is not None

    def drift(steps: int) -> float:
        return float(np.abs(mackey_glass(steps, 4800, 4) - mackey_glass(steps, 4800, 5))[-500:].max())

    offered = range(int(delay.minimum), int(delay.maximum) + 1)
    assert [steps for steps in offered if drift(steps) < 0.1] == [19] and "at 19 alone" in delay.help
    assert drift(offered[0] - 1) < 1e-3
    with pytest.raises(InputError, match="delay"):
        Settings.from_dict({"task": {"name": "mackey_glass", "delay": 16}})


@pytest.mark.parametrize("task", TASKS)
def test_targets_are_the_next_values(task: NextValue) -> None:
    for batch in (task.sample(np.random.default_rng(0), 30), task.held_out(30)):
        np.testing.assert_allclose(batch.inputs[1:], batch.targets[:-1])
        assert batch.mask is None and (batch.lengths == task.settings.seq_len).all()


def test_waves_have_the_period_and_any_phase() -> None:
    task = Sine(Sine.Settings(period=10.0, seq_len=30))
    inputs = task.sample(np.random.default_rng(0), 500).inputs[..., 0]
    np.testing.assert_allclose(inputs[10:], inputs[:-10], atol=1e-9)
    np.testing.assert_allclose(inputs[5:], -inputs[:-5], atol=1e-9)
    assert np.abs(inputs[0]).max() > 0.99 and abs(inputs[0].mean()) < 0.1


@pytest.mark.parametrize(("period", "spread"), [(25.0, 0.0), (10.0, 0.5), (50.0, 0.9)])
def test_line_of_the_sine_is_persistence(period: float, spread: float) -> None:
    task = Sine(Sine.Settings(period=period, spread=spread, seq_len=20))
    batch = task.sample(np.random.default_rng(0), 100_000)
    assert np.mean((batch.targets - batch.inputs) ** 2) == pytest.approx(task.baseline_loss, rel=0.02)
    if not spread:
        assert task.baseline_loss == pytest.approx(1 - cos(2 * pi / period))


def test_line_of_the_chaos_is_persistence() -> None:
    values = mackey_glass(17, 3300)[300:]
    errors = [(after - before) ** 2 for before, after in zip(values, values[1:], strict=False)]
    nrmse = sqrt(sum(errors) / len(errors)) / values.std()
    assert sqrt(CHAOS.baseline_loss) == pytest.approx(nrmse) == pytest.approx(0.146, abs=5e-4)
    batch = CHAOS.held_out(200)
    assert CHAOS.measure(batch.inputs, batch).value == pytest.approx(14.6, abs=0.4)


def test_held_out_chaos_comes_later() -> None:
    values = mackey_glass(17, 4800)[300:]
    train, held_out = CHAOS.sample(np.random.default_rng(0), 3000), CHAOS.held_out(50)
    inputs = (values - values[:3000].mean()) / values[:3000].std()
    assert np.isin(train.inputs, inputs[:3000]).all() and np.isin(train.targets, inputs[:3000]).all()
    assert np.isin(held_out.inputs, inputs[3000:]).all() and np.isin(held_out.targets, inputs[3000:]).all()
    assert train.targets[-1].max() == inputs[:3000].max() and np.isin(inputs[3000], held_out.inputs)


@pytest.mark.parametrize("task", TASKS)
def test_metric_is_the_error_in_standard_deviations(task: NextValue) -> None:
    batch = task.held_out(200)
    answers = batch.targets + 0.1 * task.deviation
    answers[: len(answers) // 2] = 99
    metric = task.measure(answers, batch)
    assert metric.value == pytest.approx(10) and not metric.is_higher_better and not task.is_solved(0.0, metric)
    assert task.measure(np.zeros_like(batch.targets), batch).value == pytest.approx(100, abs=3)
    assert task.is_solved(1.0, task.measure(batch.targets + 0.009 * task.deviation, batch))


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("task", [*TASKS, MackeyGlass(MackeyGlass.Settings(seq_len=300))])
def test_longer_sequences(task: NextValue, factor: int) -> None:
    batch = task.longer(factor).held_out(5)
    assert len(batch.inputs) == factor * task.settings.seq_len
    np.testing.assert_allclose(batch.inputs[1:], batch.targets[:-1])


def test_shows_a_wave_that_goes_on() -> None:
    probe = SINE.held_out(8)
    inputs = probe.inputs[:, 0].astype(np.float32).astype(np.float64)
    forward = rotating(2 * pi / 25)
    outputs = forward(probe.inputs, None)[:, 0]
    shown = SINE.show(forward, Trace(inputs, SINE.label_inputs(inputs), (), outputs, ()), probe, None)
    assert isinstance(shown, SeriesPrediction)
    np.testing.assert_allclose(shown.forecast, shown.future, atol=1e-3)
    np.testing.assert_allclose(shown.one_step[2:], shown.past[2:], atol=1e-5)
    assert np.isnan(shown.one_step[0]) and (shown.high >= shown.low).all() and (shown.high - shown.low).max() < 1e-3


def test_shows_how_far_chaos_can_be_forecast() -> None:
    probe = CHAOS.held_out(8)
    inputs = probe.inputs[:, 3].astype(np.float32).astype(np.float64)
    shown = CHAOS.show(persistence, Trace(inputs, CHAOS.label_inputs(inputs), (), inputs, ()), probe, None)
    assert isinstance(shown, SeriesPrediction)
    values = mackey_glass(17, 4800)[300:]
    start = int(np.flatnonzero(np.isclose(values, shown.past[0], atol=1e-6))[0])
    np.testing.assert_allclose(shown.past, values[start : start + 50], atol=1e-6)
    np.testing.assert_allclose(shown.future, values[start + 50 : start + 90], atol=1e-6)
    np.testing.assert_allclose(shown.forecast, shown.past[-1])
    np.testing.assert_allclose((shown.low + shown.high) / 2, shown.forecast)
    width = shown.high - shown.low
    assert (np.diff(width) >= 0).all() and 0.1 < width[0] < width[-1]


def test_the_end_of_the_chaos_is_not_known() -> None:
    future = CHAOS.going_on(CHAOS.held_out(8).inputs[:, -1, 0], 5)
    assert np.isfinite(future[0]) and np.isnan(future[1:]).all()


def test_forecasts_by_feeding_itself() -> None:
    text = ", ".join(f"{sin(0.3 + 2 * pi / 25 * k):.6f}" for k in range(6))
    answer = SINE.answer(rotating(2 * pi / 25), text, Sampling(4), np.random.default_rng(0))
    assert answer.output == pytest.approx([sin(0.3 + 2 * pi / 25 * k) for k in range(6, 10)], abs=1e-4)
    assert CHAOS.answer(persistence, "0.9 1.1", Sampling(2), np.random.default_rng(0)).text == "1.100, 1.100"


def test_a_drawn_curve_is_as_long_as_what_is_read() -> None:
    assert Sine.pad == CurvePad(Sine.Settings().seq_len, -1.0, 1.0)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("text", "says"), [("", "0 values are too few"), ("0.5", "1 values"), ("0.5, pear", "'pear'"), ("0.5, 9", "9 is out of range")]
)
def test_refuses_what_it_can_not_go_on_from(task: NextValue, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        task.answer(persistence, text, GREEDY, np.random.default_rng(0))
    assert "\n" not in str(raised.value)
