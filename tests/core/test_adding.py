"""The adding task."""

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import NumberPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.adding import Adding


def made(seq_len: int = 50) -> Adding:
    return Adding(Adding.Settings(seq_len=seq_len))


def exact(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that adds without a fault."""
    return np.cumsum(x[..., :1] * x[..., 1:], axis=0)


@pytest.mark.parametrize("seq_len", [2, 3, 50, 101])
def test_one_mark_in_each_half_and_their_sum(seq_len: int) -> None:
    batch = made(seq_len).sample(np.random.default_rng(0), 500)
    values, marks = batch.inputs[..., 0], batch.inputs[..., 1]
    assert (marks[: seq_len // 2].sum(axis=0) == 1).all() and (marks[seq_len // 2 :].sum(axis=0) == 1).all()
    assert np.isin(marks, [0, 1]).all() and values.min() >= 0 and values.max() <= 1
    for b in range(20):
        assert batch.targets[b, 0] == pytest.approx(sum(v for v, m in zip(values[:, b], marks[:, b], strict=True) if m))


def test_marks_come_everywhere() -> None:
    marks = made(10).sample(np.random.default_rng(0), 2000).inputs[..., 1].sum(axis=1)
    assert (marks > 300).all() and (marks < 500).all()


def test_baseline_is_what_the_mean_answer_gets() -> None:
    task = made()
    targets = task.sample(np.random.default_rng(0), 200_000).targets
    assert task.baseline_loss == pytest.approx(1 / 6)
    assert np.mean((targets - 1) ** 2) == pytest.approx(task.baseline_loss, rel=0.01)


def test_metric_counts_answers_within_the_tolerance() -> None:
    task = made()
    batch = task.held_out(100)
    off = np.where(np.arange(100) < 30, 0.039, 0.041)[:, None]
    assert task.measure(batch.targets + off, batch).value == pytest.approx(30)
    assert task.is_solved(0.0099, task.measure(batch.targets, batch)) and not task.is_solved(0.01, task.measure(batch.targets, batch))


def test_shows_the_sum_as_it_forms() -> None:
    task = made(20)
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0]
    shown = task.show(
        exact, Trace(inputs, task.label_inputs(inputs), task.marked_steps(inputs), exact(inputs[:, None], None)[:, 0], ()), probe, None
    )
    assert isinstance(shown, NumberPrediction)
    np.testing.assert_allclose(shown.answers, shown.running_targets)
    np.testing.assert_allclose(shown.held_out_answers, shown.held_out_targets)
    assert shown.running_targets[-1] == pytest.approx(probe.targets[0, 0])
    assert [label.endswith("*") for label in task.label_inputs(inputs)] == [k in task.marked_steps(inputs) for k in range(20)]


@pytest.mark.parametrize("text", ["0.5* 0.2 0.9* 0.1", "0.5*, 0.2, 0.9 *, 0.1", " .5*;0;.9*;1 ", "0.9*\n0.5*"])
def test_answers_typed_numbers(text: str) -> None:
    answer = made().answer(exact, text, GREEDY, np.random.default_rng(0))
    assert answer.output == (pytest.approx(1.4),)
    assert answer.text == "1.400 (right is 1.400)"


@pytest.mark.parametrize(
    "text", ["", "0.5 0.2", "0.5* 0.2", "0.5* 0.2* 0.1*", "1.5* 0.2*", "-0.1* 0.2*", "a* b*", "0.5** 0.1*", "nan* 0.1*", "*"]
)
def test_refuses_what_it_can_not_add(text: str) -> None:
    with pytest.raises(InputError, match=r"0\.5\* 0\.2 0\.9\* 0\.1"):
        made().answer(exact, text, GREEDY, np.random.default_rng(0))
