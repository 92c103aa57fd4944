"""The arithmetic task."""

from collections import Counter
from math import log

import numpy as np
import pytest

from core.batch import Batch
from core.errors import InputError
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks import arithmetic
from core.tasks.arithmetic import READ, SYMBOLS, Arithmetic
from core.tasks.writing import END, Writing

SIZE = len(SYMBOLS) + 1


def made(**fields: object) -> Arithmetic:
    return Arithmetic(Arithmetic.Settings(**fields))


def problems_in(task: Arithmetic, batch: Batch) -> list[tuple[str, str]]:
    """Pairs of what is read and what is wanted, as it is written."""
    read = ["".join(task.label_inputs(batch.inputs[: batch.lengths[k], k])) for k in range(batch.size)]
    assert batch.output_lengths is not None
    wanted = ["".join(task.label_outputs(batch.targets[: batch.output_lengths[k], k])) for k in range(batch.size)]
    assert all(text.count(END) == 1 and text.endswith(END) for text in wanted)
    return list(zip(read, [text[:-1] for text in wanted], strict=True))


def parts(text: str) -> tuple[int, str, int]:
    sign = text.find("+") if "+" in text else text.find("-")
    return int(text[:sign]), text[sign], int(text[sign + 1 :])


def calculating(task: Arithmetic, mistake: int = 0):
    """A network that can do it, or is off by ``mistake``."""

    def forward(x: np.ndarray, lengths: np.ndarray, output_len: int | None = None) -> np.ndarray:
        results = []
        for k in range(x.shape[1]):
            first, sign, second = parts("".join(READ.labels(x[: lengths[k], k])))
            text = str((first + second if sign == "+" else first - second) + mistake)
            results.append(text[::-1] if task.settings.is_from_last_digit else text)
        targets, _ = Writing(SYMBOLS, (output_len or task.output_len) - 1).encoded(results)
        return np.eye(SIZE)[targets]

    return forward


@pytest.mark.parametrize("digits", [1, 2, 4])
@pytest.mark.parametrize("is_from_last_digit", [False, True])
def test_problems_and_their_results(digits: int, is_from_last_digit: bool) -> None:
    task = made(digits=digits, operations="plus and minus", is_from_last_digit=is_from_last_digit)
    for batch in (task.sample(np.random.default_rng(0), 300), task.held_out(300)):
        for text, wanted in problems_in(task, batch):
            first, sign, second = parts(text)
            assert str(first) + sign + str(second) == text and max(first, second) < 10**digits
            right = str(first + second if sign == "+" else first - second)
            assert wanted == (right[::-1] if is_from_last_digit else right)


def test_as_many_problems_with_few_digits_as_with_many() -> None:
    task = made(digits=3)
    problems = [parts(text) for text, _ in problems_in(task, task.sample(np.random.default_rng(1), 6000))]
    counts = Counter((len(str(first)), len(str(second))) for first, _, second in problems)
    assert len(counts) == 9 and max(abs(count / 6000 - 1 / 9) for count in counts.values()) < 0.02
    assert {sign for _, sign, _ in problems} == {"+"}


def test_both_operations_for_the_same_network() -> None:
    sums, both = made(), made(operations="plus and minus")
    assert (sums.input_size, sums.output_size) == (both.input_size, both.output_size)
    signs = Counter(parts(text)[1] for text, _ in problems_in(both, both.sample(np.random.default_rng(0), 2000)))
    assert signs["-"] == pytest.approx(1000, abs=120)


@pytest.mark.parametrize("operations", ["plus", "plus and minus"])
def test_training_never_draws_what_is_held_out(operations: str) -> None:
    task = made(digits=2, operations=operations)
    known = {parts(text) for text, _ in problems_in(task, task.sample(np.random.default_rng(1), 20_000))}
    unknown = {parts(text) for text, _ in problems_in(task, task.held_out(4000))}
    assert not known & unknown
    turned = {(second, sign, first) for first, sign, second in unknown if sign == "+"}
    assert not known & turned, "the same sum the other way round"
    assert len(unknown) / (len(known) + len(unknown)) == pytest.approx(0.2, abs=0.04)


@pytest.mark.parametrize("is_from_last_digit", [False, True])
@pytest.mark.parametrize("operations", ["plus", "plus and minus"])
def test_baseline_over_every_problem(operations: str, is_from_last_digit: bool) -> None:
    """All that two digits can be, each as often as it is drawn, one by one: what all that is written so far leaves open."""
    following: dict[str, Counter[str]] = {}
    total = 0.0
    chance = {number: 1 / 20 if number < 10 else 1 / 180 for number in range(100)}
    for first in range(100):
        for second in range(100):
            for result in [first + second] if operations == "plus" else [first + second, first - second]:
                weight = chance[first] * chance[second]
                text = str(result)[::-1] if is_from_last_digit else str(result)
                for step, symbol in enumerate(text + END):
                    following.setdefault(text[:step], Counter())[symbol] += weight  # type: ignore[assignment]
                    total += weight
    surprise = -sum(weight * np.log(weight / sum(counts.values())) for counts in following.values() for weight in counts.values())
    task = made(digits=2, operations=operations, is_from_last_digit=is_from_last_digit)
    assert task.baseline_loss == pytest.approx(surprise / total)


@pytest.mark.parametrize("operations", ["plus", "plus and minus"])
def test_baseline_of_drawn_results_is_near(operations: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way that is taken where there are too many results to list, tried where there are not."""
    listed = made(digits=3, operations=operations).baseline_loss
    monkeypatch.setattr(arithmetic, "DIGITS", 2)
    drawn = made(digits=3, operations=operations).baseline_loss
    assert drawn != listed and drawn == pytest.approx(listed, rel=0.005)


def test_longer_results_are_as_uncertain_as_they_are_long() -> None:
    """A digit more of both numbers is a digit more of the result, which without reading may be any: ln 10, or nearly."""
    lines = [made(digits=4).longer(factor).baseline_loss for factor in (1, 2, 4)]
    assert lines == sorted(lines) and 0.9 * log(10) < lines[2] < log(10)


@pytest.mark.parametrize("digits", [1, 2, 4])
@pytest.mark.parametrize("factor", [2, 4])
def test_longer_numbers_are_longer_than_any_that_are_learned(digits: int, factor: int) -> None:
    longer = made(digits=digits, operations="plus and minus").longer(factor)
    lengths = set()
    for text, wanted in problems_in(longer, longer.held_out(400)):
        first, sign, second = parts(text)
        assert wanted == str(first + second if sign == "+" else first - second)
        lengths |= {len(str(first)), len(str(second))}
    assert lengths == set(range(digits * (factor - 1) + 1, digits * factor + 1))


def test_metric_and_criterion() -> None:
    task = made()
    batch = task.held_out(50)
    answers = np.eye(SIZE)[batch.targets]
    answers[0, :3] = np.roll(answers[0, :3], 1, axis=1)
    metric = task.measure(answers, batch)
    assert metric.value == 94 and not task.is_solved(0.0, metric)


def test_shows_what_is_read_then_written() -> None:
    task = made()
    probe = task.held_out(8)
    length = int(probe.lengths[0])
    labels = task.label_inputs(probe.inputs[:length, 0]) + task.label_outputs(probe.targets[:, 0])
    outputs = np.vstack([np.full((length, SIZE), np.nan), np.eye(SIZE)[probe.targets[:, 0]]])
    shown = task.show(calculating(task), Trace(probe.inputs[:length, 0], labels, (), outputs, ()), probe, None)
    assert isinstance(shown, SymbolsPrediction) and set(shown.wanted[:length]) == {""} and END in shown.wanted
    (sign,) = task.marked_steps(probe.inputs[:length, 0])
    assert labels[sign] == "+"


@pytest.mark.parametrize("is_from_last_digit", [False, True])
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("47+85", "132"),
        (" 47 + 85 = ", "132"),
        ("12-47", "-35"),
        ("12−47", "-35"),
        ("007+1", "8"),
        ("123456+654321", "777777"),
        ("99999999999999999+99999999999999999", "199999999999999998"),
    ],
)
def test_answers_what_is_typed(text: str, result: str, is_from_last_digit: bool) -> None:
    """From the first digit, however it is written; also what is longer than any it was trained on."""
    task = made(is_from_last_digit=is_from_last_digit)
    answer = task.answer(calculating(task), text, GREEDY, np.random.default_rng(0))
    assert (answer.output, answer.text) == (tuple(result), f"{result} (right)")


def test_says_what_would_be_right() -> None:
    task = made()
    assert task.answer(calculating(task, mistake=1), "47+85", GREEDY, np.random.default_rng(0)).text == "133 (right is 132)"


@pytest.mark.parametrize("text", ["", "47", "47+", "4*7", "1+2+3", "a+b", "1.5+2", "²+1", "1" * 18 + "+1"])
def test_refuses_what_is_no_problem(text: str) -> None:
    with pytest.raises(InputError, match="is not right: two whole numbers .* for example 47\\+85"):
        made().answer(calculating(made()), text, GREEDY, np.random.default_rng(0))
