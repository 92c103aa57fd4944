"""The copy task."""

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.copy import Copy


def made(lag: int = 20, symbol_count: int = 10, alphabet: int = 8) -> Copy:
    return Copy(Copy.Settings(lag=lag, symbol_count=symbol_count, alphabet=alphabet))


def faultless(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that copies what came before the delimiter, of any length."""
    outputs = np.zeros((*x.shape[:2], x.shape[2] - 1))
    outputs[..., -1] = 1
    (delimiter,) = np.flatnonzero(x[:, 0, -1])
    symbol_count = len(x) - delimiter - 1
    outputs[delimiter + 1 :] = x[:symbol_count, :, :-1]
    return outputs


def test_one_sequence_letter_by_letter() -> None:
    task = made(lag=4, symbol_count=3)
    batch = task.sample(np.random.default_rng(5), 1)
    labels = task.label_inputs(batch.inputs[:, 0])
    wanted = "".join("ABCDEFGH·"[k] for k in batch.targets[:, 0])
    letters = "".join(labels[:3])
    assert set(letters) <= set("ABCDEFGH")
    assert "".join(labels) == letters + "···" + "▸" + "···"
    assert wanted == "·" * 7 + letters
    assert task.marked_steps(batch.inputs[:, 0]) == (6,)


@pytest.mark.parametrize(("lag", "symbol_count"), [(1, 1), (1, 10), (20, 10), (1000, 3)])
def test_length_and_lag(lag: int, symbol_count: int) -> None:
    task = made(lag, symbol_count)
    batch = task.sample(np.random.default_rng(0), 4)
    assert batch.inputs.shape[0] == lag + 2 * symbol_count
    # The lag is the number of steps from the last symbol to the delimiter.
    assert task.marked_steps(batch.inputs[:, 0]) == (symbol_count - 1 + lag,)
    assert batch.mask is None


def test_baseline_is_the_published_one() -> None:
    assert made().baseline_loss == pytest.approx(10 * np.log(8) / (20 + 20))
    task = made(lag=7, symbol_count=4, alphabet=5)
    batch = task.sample(np.random.default_rng(0), 100)
    shares = np.zeros((*batch.targets.shape, 6))
    shares[:-4, :, 5] = 1
    shares[-4:, :, :5] = 1 / 5
    loss = -np.log(np.take_along_axis(shares, batch.targets[..., None], axis=-1)).mean()
    assert loss == pytest.approx(task.baseline_loss)


def test_metric_counts_recalled_symbols_only() -> None:
    task = made()
    batch = task.held_out(16)
    answers = faultless(batch.inputs, None)
    assert task.measure(answers, batch).value == 100
    answers[:20] = np.roll(answers[:20], 1, axis=-1)
    assert task.measure(answers, batch).value == 100
    answers[-5:] = 0
    answers[-5:, :, -1] = 1
    assert task.measure(answers, batch).value == 50


def test_shows_inputs_and_what_is_wanted() -> None:
    task = made(lag=4, symbol_count=3)
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0]
    trace = Trace(inputs, task.label_inputs(inputs), task.marked_steps(inputs), faultless(probe.inputs, None)[:, 0], ())
    shown = task.show(faultless, trace, probe, None)
    assert isinstance(shown, SymbolsPrediction)
    assert tuple(shown.symbols[k] for k in shown.probabilities.argmax(axis=1)) == shown.wanted
    assert len(shown.symbols) == task.output_size


def test_answers_typed_letters() -> None:
    answer = made().answer(faultless, " abc, HHa", GREEDY, np.random.default_rng(0))
    assert answer.output == ("A", "B", "C", "H", "H", "A")
    assert answer.text == "ABCHHA (6 of 6 right)"


@pytest.mark.parametrize(
    ("text", "says"), [("", "0 letters"), ("ABZ", "'Z' is not in the alphabet"), ("A1", "'1'"), ("A" * 51, "51 letters")]
)
def test_refuses_what_it_can_not_copy(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made().answer(faultless, text, GREEDY, np.random.default_rng(0))
    assert "A to H" in str(raised.value)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize(("lag", "symbol_count"), [(20, 5), (1, 10), (1000, 50)])
def test_longer_is_a_longer_wait_for_as_many_symbols(factor: int, lag: int, symbol_count: int) -> None:
    """However short the lag, the whole is as many times as long."""
    task = made(lag, symbol_count).longer(factor)
    batch = task.held_out(4)
    assert len(batch.inputs) == factor * (lag + 2 * symbol_count)
    assert task.marked_steps(batch.inputs[:, 0]) == (len(batch.inputs) - symbol_count - 1,)
    assert task.measure(faultless(batch.inputs, None), batch).value == 100
