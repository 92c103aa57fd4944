"""The reverse task."""

from itertools import product

import numpy as np
import pytest

from core.batch import Batch
from core.errors import InputError
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.reverse import FEWEST_LETTERS, SHORTEST, Reverse
from core.tasks.writing import END, Writing

ALPHABET = "abcdefgh"


def made(**fields: int) -> Reverse:
    return Reverse(Reverse.Settings(**fields))


def strings_in(task: Reverse, batch: Batch) -> list[tuple[str, str]]:
    """Pairs of what is read and what is wanted, its end included."""
    assert batch.output_lengths is not None
    return [
        (
            "".join(task.label_inputs(batch.inputs[: batch.lengths[k], k])),
            "".join(task.label_outputs(batch.targets[: batch.output_lengths[k], k])),
        )
        for k in range(batch.size)
    ]


def turning(task: Reverse, good_for: int = 1000):
    """A network that can do it with strings of up to ``good_for`` letters, and then ends."""

    def forward(x: np.ndarray, lengths: np.ndarray, output_len: int | None = None) -> np.ndarray:
        texts = ["".join(task.label_inputs(x[: lengths[k], k]))[::-1] for k in range(x.shape[1])]
        targets, _ = Writing(ALPHABET, (output_len or task.output_len) - 1).encoded([text[:good_for] for text in texts])
        return np.eye(len(ALPHABET) + 1)[targets]

    return forward


@pytest.mark.parametrize("fields", [{}, {"letters": 4, "shortest": 2, "longest": 3}, {"shortest": 9, "longest": 4}])
def test_strings_and_their_reversals(fields: dict[str, int]) -> None:
    task = made(**fields)
    low, high = sorted((task.settings.shortest, task.settings.longest))
    for batch in (task.sample(np.random.default_rng(0), 400), task.held_out(400)):
        texts = strings_in(task, batch)
        assert all(wanted == text[::-1] + END for text, wanted in texts)
        assert {len(text) for text, _ in texts} == set(range(low, high + 1))
        assert set("".join(text for text, _ in texts)) == set(ALPHABET[: task.settings.letters])
        assert batch.output_lengths is not None
        behind = np.arange(task.output_len)[:, None] >= batch.output_lengths
        assert not batch.targets[behind].any()


def test_training_never_draws_what_is_held_out() -> None:
    task = made(letters=4, shortest=2, longest=5)
    known = {text for text, _ in strings_in(task, task.sample(np.random.default_rng(1), 20_000))}
    unknown = {text for text, _ in strings_in(task, task.held_out(5000))}
    assert not known & unknown
    assert len(known) + len(unknown) == pytest.approx(4**2 + 4**3 + 4**4 + 4**5, rel=0.02)
    assert len(unknown) / len(known | unknown) == pytest.approx(0.2, abs=0.04)


def test_held_out_whatever_the_settings() -> None:
    few, many = made(letters=4, shortest=2, longest=3), made(letters=8, shortest=2, longest=3)
    unknown = {text for text, _ in strings_in(few, few.held_out(500))}
    assert not unknown & {text for text, _ in strings_in(many, many.sample(np.random.default_rng(2), 20_000))}


def test_the_easiest_setting_has_strings_of_both_kinds() -> None:
    """So that drawing comes to an end in all others, which have these strings among theirs."""
    task = made(letters=FEWEST_LETTERS, shortest=SHORTEST, longest=SHORTEST)
    known = {text for text, _ in strings_in(task, task.sample(np.random.default_rng(0), 500))}
    unknown = {text for text, _ in strings_in(task, task.held_out(500))}
    assert known and unknown and known | unknown == {"".join(pair) for pair in product("abcd", repeat=2)}


@pytest.mark.parametrize("fields", [{"shortest": 2, "longest": 4}, {"shortest": 3, "longest": 3}, {"shortest": 5, "longest": 2}])
def test_baseline_over_every_string(fields: dict[str, int]) -> None:
    """All strings of four letters, each length as often as the others."""
    low, high = sorted(fields.values())
    strings = ["".join(letters) for length in range(low, high + 1) for letters in product("abcd", repeat=length)]
    written = Writing("abcd", high)
    weights = np.array([4.0 ** -len(text) for text in strings])
    right = written.surprise_without_reading(*written.encoded(strings), weights)
    assert made(letters=4, **fields).baseline_loss == pytest.approx(right)


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_strings(factor: int) -> None:
    longer = made(shortest=3, longest=6).longer(factor)
    texts = strings_in(longer, longer.held_out(500))
    assert {len(text) for text, _ in texts} == set(range(6 * (factor - 1) + 1, 6 * factor + 1))
    assert all(wanted == text[::-1] + END for text, wanted in texts)


def test_metric_shows_the_length_on_which_it_breaks() -> None:
    task = made(shortest=4, longest=4)
    for factor, percent in ((1, 100), (2, 0)):
        asked = task.longer(factor) if factor > 1 else task
        batch = asked.held_out(40)
        metric = asked.measure(turning(asked, good_for=4)(batch.inputs, batch.lengths), batch)
        assert metric.value == percent and task.is_solved(0.0, metric) == (percent == 100)


def test_shows_what_is_read_then_written() -> None:
    task = made()
    probe = task.held_out(8)
    length = int(probe.lengths[0])
    labels = task.label_inputs(probe.inputs[:length, 0]) + task.label_outputs(probe.targets[:, 0])
    outputs = np.vstack([np.full((length, 9), np.nan), np.eye(9)[probe.targets[:, 0]]])
    shown = task.show(turning(task), Trace(probe.inputs[:length, 0], labels, (), outputs, ()), probe, None)
    assert isinstance(shown, SymbolsPrediction) and set(shown.wanted[:length]) == {""}
    assert "".join(shown.wanted[length : 2 * length + 1]) == "".join(labels[:length])[::-1] + END


@pytest.mark.parametrize("text", ["abcd", " A b c D ", "h", "abcdefgh" * 20])
def test_answers_strings_of_any_length(text: str) -> None:
    task = made()
    answer = task.answer(turning(task), text, GREEDY, np.random.default_rng(0))
    right = text.lower().replace(" ", "")[::-1]
    assert (answer.output, answer.text) == (tuple(right), f"{right} (right)")


def test_says_how_far_it_is_right() -> None:
    task = made()
    answer = task.answer(turning(task, good_for=2), "abcdefg", GREEDY, np.random.default_rng(0))
    assert answer.text == "gf (right is gfedcba; the first 2 agree)"
    silent = lambda x, lengths, output_len=None: np.eye(9)[np.full((output_len, x.shape[1]), 8)]  # noqa: E731
    assert "it ends at once" in task.answer(silent, "abc", GREEDY, np.random.default_rng(0)).text


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "0 letters are too few"), ("abz", "'z' is none of its letters"), ("a1", "'1' is none"), ("a" * 201, "201 letters")],
)
def test_refuses_what_it_can_not_read(text: str, says: str) -> None:
    with pytest.raises(InputError, match=f"{says}.*: up to 200 letters from a to h are needed, for example abcd"):
        made().answer(turning(made()), text, GREEDY, np.random.default_rng(0))
