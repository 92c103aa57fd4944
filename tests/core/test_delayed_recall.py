"""The delayed recall task."""

from collections import Counter

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import ClassesPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.delayed_recall import DelayedRecall


def made(lag: int = 50, symbols: int = 2, distractors: int = 4) -> DelayedRecall:
    return DelayedRecall(DelayedRecall.Settings(lag=lag, symbols=symbols, distractors=distractors))


def faultless(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that always knows the first symbol of two."""
    return np.broadcast_to(x[0, :, :2], (*x.shape[:2], 2))


@pytest.mark.parametrize(("lag", "symbols", "distractors"), [(2, 2, 1), (8, 3, 4), (100, 8, 16)])
def test_strings_letter_by_letter(lag: int, symbols: int, distractors: int) -> None:
    task = made(lag, symbols, distractors)
    batch = task.sample(np.random.default_rng(0), 400)
    seen: Counter[str] = Counter()
    for b in range(batch.size):
        text = "".join(task.label_inputs(batch.inputs[:, b]))
        assert len(text) == lag == batch.lengths[b] and task.marked_steps(batch.inputs[:, b]) == (0,)
        assert text[0] == "ABCDEFGH"[batch.targets[b]] and text[1:].islower()
        seen.update(text)
    assert set(seen) == set("ABCDEFGH"[:symbols] + "abcdefghijklmnop"[:distractors])
    assert min(seen[letter] for letter in "ABCDEFGH"[:symbols]) > 200 / symbols


def test_baseline_is_a_guess() -> None:
    assert made().baseline_loss == pytest.approx(np.log(2)) and made(symbols=8).baseline_loss == pytest.approx(np.log(8))
    batch = made(lag=5).sample(np.random.default_rng(0), 20_000)
    # Whatever stands last, either symbol is as likely.
    for k in range(2, 6):
        assert batch.targets[batch.inputs[-1, :, k] == 1].mean() == pytest.approx(0.5, abs=0.03)


def test_metric_and_criterion() -> None:
    task = made()
    batch = task.held_out(100)
    answers = np.eye(2)[batch.targets]
    answers[:2] = answers[:2, ::-1]
    metric = task.measure(answers, batch)
    assert metric.value == 98 and not task.is_solved(0.0, metric)
    answers[0] = answers[0, ::-1]
    assert task.is_solved(1.0, task.measure(answers, batch))


def test_shows_the_answer_after_every_symbol() -> None:
    task = made(20)
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0]
    outputs = faultless(probe.inputs, None)[:, 0]
    shown = task.show(faultless, Trace(inputs, task.label_inputs(inputs), task.marked_steps(inputs), outputs, ()), probe, None)
    assert isinstance(shown, ClassesPrediction) and shown.classes == ("A", "B")
    assert shown.truth == shown.probabilities[-1].argmax() and "AB"[shown.truth] == shown.tokens[0]
    assert shown.confusion.sum() == 200 and np.array_equal(shown.confusion, np.diag(np.diagonal(shown.confusion)))


def test_longer_strings_have_a_longer_lag() -> None:
    for factor in (2, 4):
        assert (made(50).longer(factor).held_out(5).lengths == 50 * factor).all()


@pytest.mark.parametrize("text", ["Bcaadbca", " B caad bca ", "B"])
def test_answers_a_typed_string(text: str) -> None:
    answer = made().answer(faultless, text, GREEDY, np.random.default_rng(0))
    assert answer.output == ("B",) and answer.text == "B (100 %, right is B)" and answer.probabilities == {"A": 0, "B": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 symbols are too few"),
        ("aB", "'a' can't stand in place 1"),
        ("Abe", "'e' can't stand in place 3"),
        ("ABa", "'B' can't stand in place 2"),
        ("C", "'C' can't"),
        (f"A{'b' * 4000}", "4001 symbols are too many"),
    ],
)
def test_refuses_what_is_no_such_string(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made().answer(faultless, text, GREEDY, np.random.default_rng(0))
    assert "a letter A to B, then letters a to d, for example Bdcbadcb" in str(raised.value)
