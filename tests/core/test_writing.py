"""Strings that are written symbol by symbol: their end, what is right, and what can be known without reading."""

from math import log

import numpy as np
import pytest

from core.batch import Batch
from core.snapshot import Trace
from core.tasks.writing import END, Writing

WRITING = Writing("abc", 3)


def batch_of(*strings: str) -> Batch:
    targets, lengths = WRITING.encoded(strings)
    return Batch(np.zeros((2, len(strings), 1)), targets, None, np.full(len(strings), 2), output_lengths=lengths)


def test_every_string_ends() -> None:
    targets, lengths = WRITING.encoded(["cab", "", "b"])
    assert WRITING.symbols == ("a", "b", "c", END)
    assert targets.T.tolist() == [[2, 0, 1, 3], [3, 0, 0, 0], [1, 3, 0, 0]] and lengths.tolist() == [4, 1, 2]
    assert [WRITING.read(np.eye(4)[column]) for column in targets.T] == ["cab", "", "b"]
    assert WRITING.labels(targets[:, 0]) == ("c", "a", "b", END)


def test_right_to_the_end_and_not_behind_it() -> None:
    batch = batch_of("ab", "c", "cab", "ba")
    answers = np.eye(4)[batch.targets]
    assert WRITING.exact_percent(answers, batch) == 100
    answers[2:, 1] = np.eye(4)[2]
    assert WRITING.exact_percent(answers, batch) == 100, "what comes behind the end counts"
    answers[2, 0] = np.eye(4)[1]
    assert WRITING.exact_percent(answers, batch) == 75, "an end that is missing does not count"
    answers[0, 3] = np.eye(4)[0]
    assert WRITING.exact_percent(answers, batch) == 50


def prefix_surprise(strings: list[str], weights: list[float]) -> float:
    """Symbol by symbol: how often each follows all that was written before it."""
    after: dict[str, dict[str, float]] = {}
    for string, weight in zip(strings, weights, strict=True):
        for place, symbol in enumerate(string + END):
            following = after.setdefault(string[:place], {})
            following[symbol] = following.get(symbol, 0) + weight
    surprise = -sum(weight * log(weight / sum(following.values())) for following in after.values() for weight in following.values())
    return surprise / sum(weight * (len(string) + 1) for string, weight in zip(strings, weights, strict=True))


def test_surprise_is_that_of_who_remembers_what_is_written() -> None:
    """The second symbol is the same in all four, the first decides on the third: previous symbol and place do not tell it."""
    strings, weights = ["abc", "cbb", "abc", "bb", ""], [1.0, 2.0, 0.5, 3.0, 1.0]
    targets, lengths = WRITING.encoded(strings)
    found = WRITING.surprise_without_reading(targets, lengths, np.array(weights))
    assert found == pytest.approx(prefix_surprise(strings, weights))
    shares = np.array([1.5, 2, 3, 1]) / 7.5
    assert found == pytest.approx(-(shares * np.log(shares)).sum() / (shares @ [4, 4, 3, 1]))


def test_strings_that_never_come_change_nothing() -> None:
    targets, lengths = WRITING.encoded(["ab", "ac", "b"])
    without = WRITING.surprise_without_reading(targets[:, :2], lengths[:2], np.ones(2))
    assert WRITING.surprise_without_reading(targets, lengths, np.array([1.0, 1.0, 0.0])) == pytest.approx(without)


def test_surprise_by_hand() -> None:
    """ab and ac, ac thrice as often: the first symbol and the ends are certain, the second is not."""
    targets, lengths = WRITING.encoded(["ab", "ac"])
    entropy = -(log(1 / 4) / 4 + 3 * log(3 / 4) / 4)
    assert WRITING.surprise_without_reading(targets, lengths, np.array([1.0, 3.0])) == pytest.approx(entropy / 3)
    targets, lengths = WRITING.encoded(["a", "ab"])
    assert WRITING.surprise_without_reading(targets, lengths, np.ones(2)) == pytest.approx(2 * log(2) / 5)


def test_shown_is_what_is_read_and_then_what_is_wanted() -> None:
    outputs = np.vstack([np.full((2, 4), np.nan), np.eye(4)])
    shown = WRITING.shown(Trace(np.zeros((2, 1)), ("x", "y", "·", "a", "b", "c"), (), outputs, ()), batch_of("ab"), 2)
    assert shown.wanted == ("", "", "a", "b", END, "")
    assert np.array_equal(shown.probabilities, outputs, equal_nan=True)
