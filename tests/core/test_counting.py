"""The counting task."""

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.counting import Counting


def made(longest: int = 10, letters: int = 3) -> Counting:
    return Counting(Counting.Settings(longest=longest, letters=letters))


def counting_to(task: Counting, most: int):
    """A network that counts, but only so far: longer strings it takes for ones with that many."""

    def forward(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        n = x[..., 1].sum(axis=0).astype(np.int64)
        right = task.strings(n).targets
        right[1:, n > most] = 1 - right[1:, n > most]
        return 0.2 + 0.6 * right

    return forward


@pytest.mark.parametrize(
    ("letters", "n", "read", "sets"),
    [
        (2, 1, "Sab", ("a", "a/b", "T")),
        (2, 3, "Saaabbb", ("a", "a/b", "a/b", "a/b", "b", "b", "T")),
        (3, 1, "Sabc", ("a", "a/b", "c", "T")),
        (3, 2, "Saabbcc", ("a", "a/b", "a/b", "b", "c", "c", "T")),
    ],
)
def test_strings_letter_by_letter(letters: int, n: int, read: str, sets: tuple[str, ...]) -> None:
    task = made(letters=letters)
    batch = task.strings(np.array([n, 7]))
    length = int(batch.lengths[0])
    assert "".join(task.label_inputs(batch.inputs[:, 0])) == read and length == len(read)
    assert task._sets(batch.targets[:length, 0]) == sets
    assert not batch.targets[length:, 0].any()


def test_training_stays_below_what_is_asked() -> None:
    task = made(longest=6, letters=2)
    assert set(task.sample(np.random.default_rng(0), 500).lengths.tolist()) == {1 + 2 * n for n in range(1, 7)}
    held_out = task.held_out(18)
    assert sorted(held_out.lengths.tolist()) == sorted(2 * [1 + 2 * n for n in range(1, 10)])
    assert held_out.lengths[0] == 13


def test_baseline_knows_only_the_present_symbol() -> None:
    """n is 1 or 2: of three b the first of two allows b only, the others T only; a allows a and b."""
    task = made(longest=2, letters=2)
    h = -(np.log(1 / 3) / 3 + 2 * np.log(2 / 3) / 3)
    # 8 steps (2 S, 3 a, 3 b) of 3 outputs; b and T are unsure after b.
    assert task.baseline_loss == pytest.approx(3 * 2 * h / (8 * 3))


def test_a_string_is_right_where_every_step_is() -> None:
    task = made()
    batch = task.held_out(30)
    answers = np.where(batch.targets > 0, 0.51, 0.49)
    assert task.measure(answers, batch).value == 100 and task.is_solved(1.0, task.measure(answers, batch))
    answers[3, :6, 2] = 1 - answers[3, :6, 2]
    metric = task.measure(answers, batch)
    assert metric.value == 80 and not task.is_solved(0.0, metric)
    answers[batch.lengths[7] :, 7] = 1
    assert task.measure(answers, batch).value == 80, "the padding counts"


@pytest.mark.parametrize("most", [0, 1, 13, 50])
def test_reach(most: int) -> None:
    assert made().reach(counting_to(made(), most), 50) == most


def test_marks_where_the_count_must_be_right() -> None:
    task = made()
    batch = task.strings(np.array([4]))
    labels = task.label_inputs(batch.inputs[:, 0])
    assert task.marked_steps(batch.inputs[:, 0]) == (8, 12) and (labels[8], labels[12]) == ("b", "c")


def test_shows_what_may_follow() -> None:
    task = made(longest=3, letters=2)
    probe = task.held_out(8)
    inputs = probe.inputs[:7, 0]
    outputs = counting_to(task, 9)(probe.inputs, probe.lengths)[:7, 0]
    shown = task.show(counting_to(task, 9), Trace(inputs, task.label_inputs(inputs), (), outputs, ()), probe, None)
    assert isinstance(shown, SymbolsPrediction)
    assert (shown.symbols, shown.inputs, shown.wanted) == (("a", "b", "T"), tuple("Saaabbb"), ("a", "a/b", "a/b", "a/b", "b", "b", "T"))
    assert shown.is_right().all() and shown.answers() == shown.wanted
    # As the metric: a legal symbol below one half is missed, even if it is likelier than all illegal ones.
    unsure = outputs.copy()
    unsure[1, 1] = 0.4
    shown = task.show(counting_to(task, 9), Trace(inputs, task.label_inputs(inputs), (), unsure, ()), probe, None)
    assert isinstance(shown, SymbolsPrediction)
    assert shown.is_right().tolist() == [True, False, *[True] * 5] and shown.answers()[1] == "a"


@pytest.mark.parametrize("text", ["aabbcc", " AABBCC ".lower(), "2"])
def test_answers_a_typed_string(text: str) -> None:
    answer = made().answer(counting_to(made(), 12), text, GREEDY, np.random.default_rng(0))
    assert answer.output == ("a", "a/b", "a/b", "b", "c", "c", "T")
    assert answer.text == "right at every step; all strings right up to n = 12 (of 50 tried)"
    wrong = made().answer(counting_to(made(), 1), text, GREEDY, np.random.default_rng(0))
    assert wrong.text == "wrong at step 2: c/T instead of a/b; all strings right up to n = 1 (of 50 tried)"


@pytest.mark.parametrize("text", ["", "0", "501", "aabbc", "aabb", "abcabc", "-3", "three", "9999999"])
def test_refuses_what_is_no_such_string(text: str) -> None:
    with pytest.raises(InputError, match="aaabbbccc is needed"):
        made().answer(counting_to(made(), 5), text, GREEDY, np.random.default_rng(0))


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_strings_are_beyond_what_was_learned(factor: int) -> None:
    batch = made(longest=6, letters=2).longer(factor).held_out(30)
    assert set(batch.lengths.tolist()) == {1 + 2 * n for n in range(6 * (factor - 1) + 1, 6 * factor + 1)}
