"""The temporal order task."""

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import ClassesPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.temporal_order import SYMBOLS, TemporalOrder


def made(seq_len: int = 50, symbols: int = 2) -> TemporalOrder:
    return TemporalOrder(TemporalOrder.Settings(seq_len=seq_len, symbols=symbols))


def faultless(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that knows the two symbols so far; before them it takes them for X."""
    is_x, is_y = x[..., SYMBOLS.index("X")], x[..., SYMBOLS.index("Y")]
    code = np.zeros(x.shape[1], np.int64)
    outputs = np.zeros((*x.shape[:2], 4))
    for step in range(len(x)):
        code = np.where(is_x[step] + is_y[step] > 0, 2 * code + is_y[step], code).astype(np.int64)
        outputs[step, np.arange(x.shape[1]), code] = 1
    return outputs


@pytest.mark.parametrize("symbols", [2, 3])
@pytest.mark.parametrize("seq_len", [10, 11, 50, 100])
def test_strings_are_those_of_the_paper(seq_len: int, symbols: int) -> None:
    task = made(seq_len, symbols)
    batch = task.sample(np.random.default_rng(1), 300)
    orders = ["".join(order) for order in (["XX", "XY", "YX", "YY"] if symbols == 2 else task._classes)]
    for k in range(batch.size):
        text = "".join(task.label_inputs(batch.inputs[: batch.lengths[k], k]))
        assert text[0] == "E" and text[-1] == "B" and set(text[1:-1]) <= set("abcdXY")
        assert "".join(symbol for symbol in text if symbol in "XY") == orders[batch.targets[k]]
    assert batch.lengths.min() == seq_len and batch.lengths.max() == seq_len + seq_len // 10
    assert len(set(batch.targets.tolist())) == 2**symbols


@pytest.mark.parametrize(("symbols", "ranges"), [(2, [(10, 20), (50, 60)]), (3, [(10, 20), (33, 43), (66, 76)])])
def test_places_are_those_of_the_paper(symbols: int, ranges: list[tuple[int, int]]) -> None:
    task = made(100, symbols)
    batch = task.sample(np.random.default_rng(2), 500)
    places = np.array([task.marked_steps(batch.inputs[:, k]) for k in range(batch.size)])
    assert list(zip(places.min(axis=0), places.max(axis=0), strict=True)) == ranges


def test_baseline_is_a_guess() -> None:
    assert made().baseline_loss == pytest.approx(np.log(4)) and made(symbols=3).baseline_loss == pytest.approx(np.log(8))


def test_metric_and_criterion() -> None:
    task = made()
    batch = task.held_out(100)
    answers = np.eye(4)[batch.targets]
    answers[:2] = np.roll(answers[:2], 1, axis=1)
    metric = task.measure(answers, batch)
    assert metric.value == 98 and not task.is_solved(0.0, metric)


def test_shows_the_judgement_as_it_forms() -> None:
    task = made(20)
    probe = task.held_out(8)
    length = int(probe.lengths[0])
    inputs = probe.inputs[:length, 0]
    outputs = faultless(probe.inputs, None)[:length, 0]
    shown = task.show(faultless, Trace(inputs, task.label_inputs(inputs), task.marked_steps(inputs), outputs, ()), probe, None)
    assert isinstance(shown, ClassesPrediction)
    assert shown.truth == shown.probabilities[-1].argmax() and shown.classes == ("XX", "XY", "YX", "YY")
    assert shown.confusion.sum() == 200 and np.array_equal(shown.confusion, np.diag(np.diagonal(shown.confusion)))


@pytest.mark.parametrize("text", ["abYcddXca", "E abYcddXca B", "aby cddx c"])
def test_answers_a_typed_string(text: str) -> None:
    answer = made().answer(faultless, text, GREEDY, np.random.default_rng(0))
    assert answer.output == ("YX",) and answer.text == "YX (100 %, right is YX)"
    assert answer.probabilities == {"XX": 0, "XY": 0, "YX": 1, "YY": 0}


@pytest.mark.parametrize(
    ("text", "says"), [("", "0 X or Y"), ("abX", "1 X or Y"), ("XYX", "3 X or Y"), ("XqY", "'q'"), ("a" * 2001, "2001")]
)
def test_refuses_what_has_no_order(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made().answer(faultless, text, GREEDY, np.random.default_rng(0))
    assert "abXcddYca" in str(raised.value)


@pytest.mark.parametrize("symbols", [2, 3])
@pytest.mark.parametrize("factor", [2, 4])
def test_longer_strings_have_their_symbols_further_apart(factor: int, symbols: int) -> None:
    task, longer = made(50, symbols), made(50, symbols).longer(factor)
    gaps = [
        np.mean([np.ptp(each.marked_steps(batch.inputs[:, k])) for k in range(200)])
        for each in (task, longer)
        for batch in [each.held_out(200)]
    ]
    assert gaps[1] / gaps[0] == pytest.approx(factor, rel=0.03)
    assert longer.held_out(200).lengths.min() >= 50 * factor
