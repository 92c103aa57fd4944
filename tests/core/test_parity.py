"""Parity and delayed XOR: tasks on bits."""

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import ClassesPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.task import Task
from core.tasks.delayed_xor import DelayedXor
from core.tasks.parity import Parity


def parity(seq_len: int = 20) -> Parity:
    return Parity(Parity.Settings(seq_len=seq_len))


def delayed_xor(lag: int = 20, noise: float = 1.0) -> DelayedXor:
    return DelayedXor(DelayedXor.Settings(lag=lag, noise=noise))


def counting(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that knows the parity so far."""
    return np.eye(2)[np.cumsum(x[..., 1], axis=0).astype(np.int64) % 2]


def comparing(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that compares the marked bits so far."""
    return np.eye(2)[np.cumsum(x[..., 3], axis=0).astype(np.int64) % 2]


def test_parity_bit_by_bit() -> None:
    task = parity(12)
    batch = task.sample(np.random.default_rng(0), 2000)
    for b in range(batch.size):
        bits = "".join(task.label_inputs(batch.inputs[: batch.lengths[b], b]))
        assert len(bits) == batch.lengths[b] and set(bits) <= {"0", "1"}
        assert batch.targets[b] == sum(bit == "1" for bit in bits) % 2
        assert not batch.inputs[batch.lengths[b] :, b].any()
    assert np.array_equal(np.unique(batch.lengths), np.arange(2, 13))


@pytest.mark.parametrize("lag", [1, 2, 20])
def test_xor_bit_by_bit(lag: int) -> None:
    task = delayed_xor(lag)
    batch = task.sample(np.random.default_rng(0), 500)
    for b in range(batch.size):
        first, *between, last = task.label_inputs(batch.inputs[:, b])
        assert len(between) == lag - 1 and set(between) <= {"0", "1"} and task.marked_steps(batch.inputs[:, b]) == (0, lag)
        assert first[1] == last[1] == "*" and batch.targets[b] == (first != last)
    assert set(batch.targets.tolist()) == {0, 1}


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
def test_noise_is_the_share_of_random_bits(noise: float) -> None:
    batch = delayed_xor(40, noise).sample(np.random.default_rng(0), 1000)
    assert batch.inputs[1:-1, :, 1].mean() == pytest.approx(noise / 2, abs=0.02)
    assert batch.inputs[0, :, 3].mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("task", [parity(), delayed_xor(), delayed_xor(1)])
def test_the_last_bit_alone_tells_nothing(task: Task) -> None:
    batch = task.sample(np.random.default_rng(0), 20_000)
    last = batch.inputs[batch.lengths - 1, np.arange(batch.size)].argmax(axis=1) % 2
    shares = [batch.targets[last == bit].mean() for bit in (0, 1)]
    surprise = -np.mean([share * np.log(share) + (1 - share) * np.log(1 - share) for share in shares])
    assert shares == pytest.approx([0.5, 0.5], abs=0.02) and surprise == pytest.approx(task.baseline_loss, abs=1e-3)
    assert task.baseline_loss == pytest.approx(np.log(2))


@pytest.mark.parametrize("task", [parity(), delayed_xor()])
def test_metric_and_criterion(task: Task) -> None:
    batch = task.held_out(100)
    answers = np.eye(2)[batch.targets]
    answers[:2] = answers[:2, ::-1]
    metric = task.measure(answers, batch)
    assert metric.value == 98 and not task.is_solved(0.0, metric)
    answers[0] = answers[0, ::-1]
    assert task.is_solved(1.0, task.measure(answers, batch))


@pytest.mark.parametrize(("task", "network"), [(parity(), counting), (delayed_xor(), comparing)])
def test_shows_the_answer_after_every_bit(task: Task, network) -> None:
    probe = task.held_out(8)
    length = int(probe.lengths[0])
    inputs = probe.inputs[:length, 0]
    outputs = network(probe.inputs, None)[:length, 0]
    shown = task.show(network, Trace(inputs, task.label_inputs(inputs), (), outputs, ()), probe, None)
    assert isinstance(shown, ClassesPrediction) and shown.truth == shown.probabilities[-1].argmax()
    assert shown.confusion.sum() == 200 and np.array_equal(shown.confusion, np.diag(np.diagonal(shown.confusion)))


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_rows(factor: int) -> None:
    """None of them is as short as those that were learned."""
    rows = parity(20).longer(factor).held_out(2000)
    assert set(rows.lengths.tolist()) == set(range(20 * (factor - 1) + 1, 20 * factor + 1))
    assert np.array_equal(rows.targets, rows.inputs[..., 1].sum(axis=0) % 2)
    assert (delayed_xor(20).longer(factor).held_out(5).lengths == 20 * factor + 1).all()


@pytest.mark.parametrize(("text", "says"), [("101100", "odd"), ("1, 1", "even"), ("0 0 1\n0", "odd")])
def test_answers_typed_bits(text: str, says: str) -> None:
    answer = parity().answer(counting, text, GREEDY, np.random.default_rng(0))
    assert answer.output == (says,) and answer.text == f"{says} (100 %, right is {says})"


@pytest.mark.parametrize(("text", "says"), [("1001100", "different"), ("1 0 1", "same"), ("01", "different")])
def test_compares_typed_bits(text: str, says: str) -> None:
    answer = delayed_xor().answer(comparing, text, GREEDY, np.random.default_rng(0))
    assert answer.output == (says,) and answer.text == f"{says} (100 %, right is {says})"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 bits are too few"),
        ("1", "1 bits are too few"),
        ("102", "'2' is no bit"),
        ("1a", "'a'"),
        ("1" * 4001, "4001 bits are too many"),
    ],
)
@pytest.mark.parametrize("task", [parity(), delayed_xor()])
def test_refuses_what_are_no_bits(task: Task, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        task.answer(counting, text, GREEDY, np.random.default_rng(0))
    assert "2 to 4000 bits, 0 or 1, are needed, for example 101100" in str(raised.value)


def test_the_card_warns_that_guessing_solves_it() -> None:
    assert "guessing weights at random" in parity().card and "proof of memory" in parity().card


def test_the_row_that_is_shown_is_a_long_one() -> None:
    rows = parity(20).held_out(8)
    assert rows.lengths[0] == rows.lengths.max() >= 15 and (np.diff(rows.lengths) <= 0).all()
    present = rows.inputs.any(axis=2)
    assert (present.sum(axis=0) == rows.lengths).all() and (rows.inputs[..., 1].sum(axis=0) % 2 == rows.targets).all()
