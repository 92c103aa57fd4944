"""The Reber grammar, alone and embedded."""

from collections.abc import Iterator
from math import log

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.embedded_reber import EmbeddedReber
from core.tasks.grammar import DONE, START, Arcs, Grammar
from core.tasks.reber import SYMBOLS, Reber

TASKS = [Reber, EmbeddedReber]


def made(task: type[Reber]) -> Reber:
    return task(task.Settings())


def knowing(task: Reber):
    """A network that knows the grammar: the legal letters share the probability."""

    def forward(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        legal = task.grammar.legal_after(x.argmax(axis=2), np.full(x.shape[1], len(x)) if lengths is None else lengths)
        return legal / np.maximum(legal.sum(axis=2, keepdims=True), 1)

    return forward


def texts(task: Reber, count: int) -> Iterator[str]:
    batch = task.sample(np.random.default_rng(3), count)
    for k in range(count):
        length = batch.lengths[k]
        read = "".join(task.label_inputs(batch.inputs[:length, k]))
        following = "".join(SYMBOLS[number] for number in batch.targets[:length, k])
        assert read[1:] == following[:-1]
        yield read + following[-1]


@pytest.mark.parametrize("text", ["BTXSE", "BPVVE", "BTSSXXTVVE", "BPTVPXTTVVE", "BPVPXVPSE"])
def test_strings_of_cleeremans_are_legal(text: str) -> None:
    assert Reber.grammar.first_illegal(text) is None
    assert EmbeddedReber.grammar.first_illegal(f"BT{text}TE") is None
    assert EmbeddedReber.grammar.first_illegal(f"BT{text}PE") == len(text) + 2
    assert EmbeddedReber.grammar.first_illegal(f"BP{text}PE") is None


@pytest.mark.parametrize(("text", "place"), [("T", 0), ("BS", 1), ("BTT", 2), ("BTXSS", 4), ("BTXSEB", 5), ("BTQ", 2)])
def test_first_illegal_letter(text: str, place: int) -> None:
    assert Reber.grammar.first_illegal(text) == place


@pytest.mark.parametrize("task", TASKS)
def test_drawn_strings_are_legal_and_complete(task: type[Reber]) -> None:
    for text in texts(made(task), 200):
        assert task.grammar.first_illegal(text) is None and task.grammar.first_illegal(text + "B") == len(text)
        if task is EmbeddedReber:
            assert text[1] == text[-2]


def test_figures_of_the_grammars() -> None:
    assert Reber.grammar.mean_length() == pytest.approx(8) and EmbeddedReber.grammar.mean_length() == pytest.approx(12)
    assert Reber.grammar.floor() == pytest.approx(0.594, abs=5e-4)
    assert EmbeddedReber.grammar.floor() == pytest.approx(0.441, abs=5e-4)
    assert made(EmbeddedReber).baseline_loss == pytest.approx(0.504, abs=5e-4)
    assert made(Reber).baseline_loss == pytest.approx(1.164, abs=5e-4)


@pytest.mark.parametrize("task", TASKS)
def test_figures_are_those_of_drawn_strings(task: type[Reber]) -> None:
    batch = made(task).sample(np.random.default_rng(4), 20_000)
    is_valid = np.arange(len(batch.inputs))[:, None] < batch.lengths
    shares = knowing(made(task))(batch.inputs, batch.lengths)
    surprise = -np.log(np.take_along_axis(shares, batch.targets[..., None], axis=2)[..., 0][is_valid])
    assert surprise.mean() == pytest.approx(task.grammar.floor(), rel=0.01)
    counts = np.zeros((len(SYMBOLS), len(SYMBOLS)))
    present, following = batch.inputs.argmax(axis=2)[is_valid], batch.targets[is_valid]
    np.add.at(counts, (present, following), 1)
    given = counts[present, following] / counts.sum(axis=1)[present]
    assert -np.log(given).mean() == pytest.approx(task.grammar.surprise_without_memory(), rel=0.01)


def test_figures_of_a_grammar_worked_by_hand() -> None:
    """A, then a coin: B and all over again, or C and the end. A comes twice, B once, C once, the coin falls twice."""
    arcs: Arcs = {START: (("A", "coin"),), "coin": (("B", START), ("C", DONE))}
    grammar = Grammar("ABC", arcs)
    assert grammar.mean_length() == pytest.approx(4)
    assert grammar.floor() == pytest.approx(2 * log(2) / 3) and grammar.surprise_without_memory() == pytest.approx(2 * log(2) / 3)


def test_grammar_refuses_what_can_not_be_told_apart() -> None:
    with pytest.raises(ValueError, match="state start write A"):
        Grammar("A", {START: (("A", START), ("A", DONE))})


@pytest.mark.parametrize("task", TASKS)
def test_one_wrong_step_makes_a_string_wrong(task: type[Reber]) -> None:
    batch = made(task).held_out(20)
    answers = knowing(made(task))(batch.inputs, batch.lengths)
    assert made(task).measure(answers, batch).value == 100
    # After B the letter S is illegal; it needs only to be as likely as a legal one.
    answers[0, :5, SYMBOLS.index("S")] = 0.5
    assert made(task).measure(answers, batch).value == 75
    answers[batch.lengths.min() :, batch.lengths.argmin(), 0] = 1
    assert made(task).measure(answers, batch).value == 75, "the padding counts"


def test_who_forgets_the_first_letter_has_no_string_right() -> None:
    task = made(EmbeddedReber)
    batch = task.held_out(20)
    answers = knowing(task)(batch.inputs, batch.lengths)
    last_but_one = batch.lengths - 2
    answers[last_but_one, np.arange(20)] = np.where(np.isin(np.arange(len(SYMBOLS)), (1, 4)), 0.5, 0)
    assert task.measure(answers, batch).value == 0


def test_marks_the_letter_that_is_kept_and_where_it_returns() -> None:
    task = made(EmbeddedReber)
    batch = task.held_out(10)
    for k in range(10):
        first, last = task.marked_steps(batch.inputs[:, k])
        assert batch.inputs[first, k].argmax() == batch.targets[last, k] and last == batch.lengths[k] - 2


@pytest.mark.parametrize("task", TASKS)
def test_shows_what_may_follow(task: type[Reber]) -> None:
    probe = made(task).held_out(8)
    length = int(probe.lengths[0])
    inputs = probe.inputs[:length, 0]
    outputs = knowing(made(task))(probe.inputs, probe.lengths)[:length, 0]
    trace = Trace(inputs, made(task).label_inputs(inputs), (), outputs, ())
    shown = made(task).show(knowing(made(task)), trace, probe, None)
    assert isinstance(shown, SymbolsPrediction) and len(shown.wanted) == length
    legal = made(task).legal_next(probe)[:length, 0]
    assert shown.legal is not None and np.array_equal(shown.legal, legal)
    for wanted, row, target in zip(shown.wanted, legal, probe.targets[:, 0], strict=False):
        assert set(wanted.split("/")) == {shown.symbols[k] for k in np.flatnonzero(row)} and shown.symbols[target] in wanted
    assert shown.answers() == shown.wanted and shown.is_right().all() and not shown.is_close().any()


def test_a_toss_up_is_right_by_a_narrow_margin_only() -> None:
    """At the letter that must be kept: the legal one must be likelier than each illegal one, and clearly so to be found for certain."""
    task = made(EmbeddedReber)
    probe = task.held_out(8)
    length = int(probe.lengths[0])
    inputs = probe.inputs[:length, 0]
    kept, place = int(inputs[1].argmax()), length - 2
    other = SYMBOLS.index("P" if SYMBOLS[kept] == "T" else "T")

    def shown(share: float) -> tuple[bool, bool]:
        outputs = knowing(task)(probe.inputs, probe.lengths)[:length, 0].copy()
        outputs[place] = 0
        outputs[place, [kept, other]] = share, 1 - share
        prediction = task.show(knowing(task), Trace(inputs, task.label_inputs(inputs), (), outputs, ()), probe, None)
        assert isinstance(prediction, SymbolsPrediction)
        assert prediction.is_right().sum() == length - (share <= 0.5)
        return bool(prediction.is_right()[place]), bool(prediction.is_close()[place])

    assert [shown(share) for share in (0.49, 0.5, 0.51, 0.9)] == [(False, False), (False, False), (True, True), (True, False)]


def test_answers_what_may_follow() -> None:
    task = made(EmbeddedReber)
    answer = task.answer(knowing(task), "bp btxs e", GREEDY, np.random.default_rng(0))
    assert answer.output == ("P",) and answer.text == "P (100 %, allowed: P)"
    answer = task.answer(knowing(task), "BPBT", GREEDY, np.random.default_rng(0))
    assert answer.output[0] in "SX" and answer.text.endswith("(50 %, allowed: S or X)")
    assert answer.probabilities is not None and sum(answer.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "0 letters"), ("BTT", "'T' can't stand in place 3"), ("BTXSE", "complete"), ("B7", "'7'"), (f"BT{'S' * 999}", "1001")],
)
def test_refuses_what_nothing_follows(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made(Reber).answer(knowing(made(Reber)), text, GREEDY, np.random.default_rng(0))
    assert "for example BTSSX" in str(raised.value)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("task", TASKS)
def test_longer_strings_are_legal_and_long(task: type[Reber], factor: int) -> None:
    least = factor * task.grammar.mean_length()
    longer = made(task).longer(factor)
    assert isinstance(longer, task)
    lengths = [len(text) for text in texts(longer, 300) if task.grammar.first_illegal(text) is None]
    assert len(lengths) == 300 and least <= min(lengths) < least + 2 and np.mean(lengths) < least + 4


@pytest.mark.parametrize("task", TASKS)
def test_long_strings_are_drawn_as_if_short_ones_were_thrown_away(task: type[Reber]) -> None:
    shortest = int(1.5 * task.grammar.mean_length())
    all_ids, all_lengths = task.grammar.draw(np.random.default_rng(0), 60_000)
    ids, lengths = task.grammar.draw(np.random.default_rng(1), 20_000, shortest)
    is_kept = all_lengths >= shortest
    assert lengths.min() == shortest and lengths.mean() == pytest.approx(all_lengths[is_kept].mean(), rel=0.02)
    for step in range(shortest):
        shares = [np.bincount(row, minlength=len(SYMBOLS)) / len(row) for row in (ids[step], all_ids[step, is_kept])]
        np.testing.assert_allclose(*shares, atol=0.03)
