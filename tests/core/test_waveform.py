"""The waveform task."""

from math import floor, pi, sin

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import WavePrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.waveform import LARGEST_AMPLITUDE, LOWEST_FREQUENCY, SHAPES, SMALLEST_AMPLITUDE, SPAN, Waveform


def made(**fields: float) -> Waveform:
    return Waveform(Waveform.Settings(**fields))


def value(shape: str, turn: float) -> float:
    """Each shape as one would draw it by hand, from corner to corner."""
    share = turn - floor(turn)
    if shape == "sine":
        return sin(2 * pi * share)
    if shape == "square":
        return 1.0 if share < 0.5 else -1.0
    if shape == "sawtooth":
        return 2 * share if share < 0.5 else 2 * share - 2
    return 4 * share if share < 0.25 else 2 - 4 * share if share < 0.75 else 4 * share - 4


def drawing(task: Waveform, factor: float = 1.0):
    """A network that can do it, or draws everything ``factor`` times as high."""

    def forward(x: np.ndarray, lengths: np.ndarray | None, output_len: int | None = None) -> np.ndarray:
        waves = np.zeros((output_len or task.output_len, x.shape[1], 1))
        for k, (frequency, phase, amplitude, *shape) in enumerate(x[0].tolist()):
            for t in range(len(waves)):
                waves[t, k] = factor * amplitude * value(tuple(SHAPES)[shape.index(1)], t * frequency / SPAN + phase)
        return waves

    return forward


@pytest.mark.parametrize("seq_len", [2, 40, 77])
def test_waves_are_as_described(seq_len: int) -> None:
    task = made(seq_len=seq_len, shapes=4, highest=5.0)
    for batch in (task.sample(np.random.default_rng(0), 60), task.held_out(60)):
        assert batch.inputs.shape == (1, 60, 7) and batch.targets.shape == (seq_len, 60, 1)
        assert batch.output_lengths is not None and set(batch.output_lengths.tolist()) == {seq_len}
        right = drawing(task)(batch.inputs, None)
        is_far = np.abs(right - batch.targets) > 1e-9
        assert is_far.mean() < 1e-3, "only a corner may be rounded to its other side"


@pytest.mark.parametrize(("shapes", "highest"), [(1, 1.0), (2, 3.0), (4, 8.0)])
def test_ranges(shapes: int, highest: float) -> None:
    vectors = made(shapes=shapes, highest=highest, seq_len=2).sample(np.random.default_rng(1), 4000).inputs[0]
    frequency, phase, amplitude = vectors[:, :3].T
    for numbers, low, high in (
        (frequency, LOWEST_FREQUENCY, highest),
        (phase, 0.0, 1.0),
        (amplitude, SMALLEST_AMPLITUDE, LARGEST_AMPLITUDE),
    ):
        assert low <= numbers.min() and numbers.max() <= high and numbers.mean() == pytest.approx((low + high) / 2, rel=0.03)
    assert vectors[:, 3:].sum(axis=1).tolist() == [1] * 4000
    assert np.allclose(vectors[:, 3:].mean(axis=0), [1 / shapes] * shapes + [0] * (4 - shapes), atol=0.03)


def test_held_out_waves_are_others() -> None:
    task = made()
    known = {tuple(vector) for vector in task.sample(np.random.default_rng(0), 500).inputs[0].tolist()}
    assert not known & {tuple(vector) for vector in task.held_out(100).inputs[0].tolist()}


@pytest.mark.parametrize("shapes", [1, 2, 3, 4])
def test_baseline_is_the_variance_at_each_step(shapes: int) -> None:
    """In closed form, and from drawn waves: the mean at each step is the best guess of who knows the step only."""
    task = made(shapes=shapes)
    mean_squares = [1 / 2, 1 / 3, 1 / 3, 1][:shapes]
    mean_square_amplitude = (1 - 0.25**3) / 3 / 0.75
    assert task.baseline_loss == pytest.approx(mean_square_amplitude * np.mean(mean_squares), rel=1e-6)
    waves = task.sample(np.random.default_rng(3), 40_000).targets[..., 0]
    assert np.abs(waves.mean(axis=1)).max() < 0.02
    assert task.baseline_loss == pytest.approx(float(waves.var(axis=1).mean()), rel=0.02)


def test_metric_is_in_per_cent_of_the_amplitude() -> None:
    task = made()
    batch = task.held_out(100)
    off = batch.targets + 0.07 * batch.inputs[0, :, 2][:, None]
    metric = task.measure(off, batch)
    assert (metric.value, metric.unit, metric.is_higher_better) == (pytest.approx(7), "%", False)
    assert task.is_solved(1.0, metric) and not task.is_solved(0.0, task.measure(off + 0.1, batch))


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_waves_go_on_as_they_began(factor: int) -> None:
    task = made(seq_len=30)
    short, long = task.held_out(20), task.longer(factor).held_out(20)
    assert len(long.targets) == factor * 30
    assert np.array_equal(short.inputs, long.inputs) and np.array_equal(short.targets, long.targets[:30])


def test_shows_what_is_wanted_and_written() -> None:
    task = made()
    probe = task.held_out(8)
    outputs = probe.targets[:, 0] + 0.01
    labels = task.label_outputs(probe.targets[:, 0])
    shown = task.show(drawing(task, 0.5), Trace(probe.inputs[:, 0], labels, (), outputs, ()), probe, None)
    assert isinstance(shown, WavePrediction)
    assert np.allclose(shown.written, 0.5 * shown.wanted) and np.allclose(shown.taught, shown.wanted + 0.01)
    assert [name for name, _ in shown.described[:3]] == ["frequency", "phase", "amplitude"] and shown.described[3][0] in SHAPES
    assert float(shown.described[2][1]) == pytest.approx(probe.inputs[0, 0, 2], abs=0.005)


@pytest.mark.parametrize(
    "text",
    [
        "frequency 2, phase 0.25, amplitude 0.5, square",
        "square; amplitude=.5; frequency: 2.0; phase 0.25",
        "Square amplitude 0.5 phase 0.25 frequency 2",
        "a square of frequency 2 and phase 0.25 and amplitude 0.5",
    ],
)
def test_answers_a_description_in_any_order(text: str) -> None:
    task = made()
    answer = task.answer(drawing(task), text, GREEDY, np.random.default_rng(0))
    assert answer.output == tuple(0.5 * value("square", t * 2 / SPAN + 0.25) for t in range(SPAN))
    assert answer.text.startswith("0.50, 0.50,") and answer.text.endswith("(off by 0.0 % of the amplitude on average)")


def test_what_is_left_out_is_usual() -> None:
    task = made()
    answer = task.answer(drawing(task, 0.9), "triangle", GREEDY, np.random.default_rng(0))
    assert answer.output == tuple(0.9 * value("triangle", t / SPAN) for t in range(SPAN))
    mean = 90 * np.mean([abs(value("triangle", t / SPAN)) for t in range(SPAN)]) / 9
    assert f"off by {mean:.1f} %" in answer.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is nothing to draw"),
        ("circle", "'circle' is not right"),
        ("frequency", "'frequency' is not right"),
        ("frequency two", "'frequency two' is not right"),
        ("sine 2", "'2' is not right"),
        ("frequency 3", "'frequency 3' is out of range: frequency goes from 1 to 2"),
        ("amplitude 0.1", "amplitude goes from 0.25 to 1"),
        ("phase -1", "'phase -1' is not right"),
        ("frequency 1 frequency 2 square", "'frequency 2' is too much, there is a frequency already"),
        ("amplitude 1, sine, amplitude 1", "'amplitude 1' is too much"),
        ("square sine", "'sine' is too much, there is a shape already"),
        ("square, phase 0.5, square", "'square' is too much"),
    ],
)
def test_refuses_what_it_can_not_read(text: str, says: str) -> None:
    with pytest.raises(InputError, match=f"{says}.* for example frequency 2, phase 0.25, amplitude 1, square"):
        made().answer(drawing(made()), text, GREEDY, np.random.default_rng(0))
