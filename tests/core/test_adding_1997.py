"""The adding task as it was first set."""

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import NumberPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.adding_1997 import Adding1997


def made(seq_len: int = 100) -> Adding1997:
    return Adding1997(Adding1997.Settings(seq_len=seq_len))


def exact(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that adds without a fault."""
    return 0.5 + np.cumsum(x[..., :1] * (x[..., 1:] == 1), axis=0) / 4


@pytest.mark.parametrize("seq_len", [20, 25, 100])
def test_sequences_are_those_of_the_paper(seq_len: int) -> None:
    batch = made(seq_len).sample(np.random.default_rng(0), 3000)
    assert (batch.lengths.min(), batch.lengths.max()) == (seq_len, seq_len + seq_len // 10)
    places, is_rare = [], 0
    for b in range(batch.size):
        values, marks = batch.inputs[: batch.lengths[b], b].T
        assert marks[0] == marks[-1] == -1 and np.isin(marks[1:-1], [0, 1]).all()
        assert -1 <= values.min() < 0 < values.max() <= 1
        ones = np.flatnonzero(marks == 1)
        is_rare += len(ones) == 1
        assert len(ones) in (1, 2) and ones[-1] <= seq_len // 2 - 1
        assert ones[0] < 10 or len(ones) == 1
        assert batch.targets[b, 0] == pytest.approx(0.5 + values[ones].sum() / 4)
        places.extend(ones.tolist())
        assert not batch.inputs[batch.lengths[b] :, b].any()
    assert set(places) == set(range(1, seq_len // 2))
    values = batch.inputs[:seq_len, :, 0]
    assert (values.mean(), values.var()) == pytest.approx((0, 1 / 3), abs=0.01)
    # The first choice falls on the first pair in one of ten cases, the second on it in one of T/2 − 1 of the others.
    assert is_rare / batch.size == pytest.approx(0.1 + 0.9 / (seq_len // 2 - 1), abs=0.02)


def test_baseline_is_the_variance_of_two_values_that_count() -> None:
    task = made()
    batch = task.sample(np.random.default_rng(0), 100_000)
    assert task.baseline_loss == pytest.approx(1 / 24)
    has_both = (batch.inputs[..., 1] == 1).sum(axis=0) == 2
    assert np.mean((batch.targets[has_both] - 0.5) ** 2) == pytest.approx(task.baseline_loss, rel=0.01)
    # With the rare case, in which only one value counts.
    assert np.mean((batch.targets - 0.5) ** 2) == pytest.approx(0.0392, abs=5e-4)


def test_metric_and_criterion() -> None:
    task = made()
    batch = task.held_out(100)
    off = np.where(np.arange(100) < 98, 0.039, 0.041)[:, None]
    metric = task.measure(batch.targets + off, batch)
    assert metric.value == pytest.approx(98) and not task.is_solved(0.0, metric)
    off[98] = 0.039
    assert task.is_solved(1.0, task.measure(batch.targets + off, batch))


def test_shows_the_sum_as_it_forms() -> None:
    task = made(20)
    probe = task.held_out(8)
    inputs = probe.inputs[: probe.lengths[0], 0]
    outputs = exact(inputs[:, None], None)[:, 0]
    shown = task.show(exact, Trace(inputs, task.label_inputs(inputs), task.marked_steps(inputs), outputs, ()), probe, None)
    assert isinstance(shown, NumberPrediction)
    np.testing.assert_allclose(shown.answers, shown.running_targets)
    np.testing.assert_allclose(shown.held_out_answers, shown.held_out_targets, atol=1e-6)
    assert shown.running_targets[-1] == pytest.approx(probe.targets[0, 0])
    assert [label.endswith("*") for label in task.label_inputs(inputs)] == [k in task.marked_steps(inputs) for k in range(len(inputs))]


def test_longer_sequences_have_their_marks_further_apart() -> None:
    for factor in (2, 4):
        batch = made(100).longer(factor).held_out(500)
        assert batch.lengths.min() >= 100 * factor and batch.lengths.mean() == pytest.approx(105 * factor, rel=0.01)
        assert (batch.inputs[10:, :, 1] == 1).any(axis=1).sum() > 40 * factor - 10


@pytest.mark.parametrize("text", ["0.2 -0.5* 0.9 0.7* 0.1", "0.2, −0.5 *, 0.9, 0.7*, 0.1", "1;-.5*;+0.7*;-1"])
def test_answers_typed_numbers(text: str) -> None:
    answer = made().answer(exact, text, GREEDY, np.random.default_rng(0))
    assert answer.output == (pytest.approx(0.55),) and answer.text == "0.550 (right is 0.550)"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 numbers have a star"),
        ("0.2 0.5* 0.1", "1 numbers have a star"),
        ("0.1 0.5* 0.2* 0.1* 0.1", "3 numbers"),
        ("0 1.5* 0.2* 0", r"'1\.5\*'"),
        ("0 -1.01 0.2* 0", r"'-1\.01'"),
        ("0 a* b* 0", r"'a\*'"),
        ("0.2* 0.5* 0.1", "the first number has a star"),
        ("0.2 0.5* 0.1*", "the last number has a star"),
    ],
)
def test_refuses_what_it_can_not_add(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made().answer(exact, text, GREEDY, np.random.default_rng(0))
    assert "for example 0.2 -0.5* 0.9 0.7* 0.1" in str(raised.value) and "\n" not in str(raised.value)
