"""The translation task, and the dates it is about."""

from collections import Counter
from math import log

import numpy as np
import pytest

from core.batch import Batch
from core.errors import InputError
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.dates import SPELLINGS, is_held_out, iso_dates, ordinal_ending, spelled_dates
from core.tasks.translation import WRITTEN, Translation
from core.tasks.writing import END


def made(**fields: int) -> Translation:
    return Translation(Translation.Settings(**fields))


def texts_of(task: Translation, batch: Batch) -> list[tuple[str, str]]:
    """Pairs of what is read and what is wanted."""
    return [
        ("".join(task.label_inputs(batch.inputs[: batch.lengths[k], k])), WRITTEN.read(np.eye(12)[batch.targets[:, k]]))
        for k in range(batch.size)
    ]


def writing(text: str):
    """A network that writes ``text`` whatever it reads."""
    targets, _ = WRITTEN.encoded([text])
    return lambda x, lengths: np.repeat(np.eye(12)[targets], x.shape[1], axis=1)


def test_spellings_of_one_date() -> None:
    assert [spell(2005, 5, 3) for spell in SPELLINGS] == [
        "3 may 2005",
        "may 3, 2005",
        "3.5.2005",
        "2005 may 3",
        "3 may 05",
        "the 3rd of may 2005",
    ]
    assert [ordinal_ending(day) for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31)] == (
        ["st", "nd", "rd", "th", "th", "th", "th", "st", "nd", "rd", "th", "st"]
    )


def test_dates_are_all_there_and_every_text_means_one() -> None:
    dates = iso_dates()
    assert len(dates) == 36_525 and (dates[0], dates[-1]) == ("1950-01-01", "2049-12-31") and "2000-02-29" in dates
    for spelling in range(len(SPELLINGS)):
        assert len(set(spelled_dates(spelling).tolist())) == len(dates)


def test_texts_and_figures_are_of_the_same_date() -> None:
    task = made(spellings=6)
    for batch in (task.sample(np.random.default_rng(0), 200), task.held_out(200)):
        for text, iso in texts_of(task, batch):
            assert any(spell(int(iso[:4]), int(iso[5:7]), int(iso[8:])) == text for spell in SPELLINGS)
        assert batch.output_lengths is not None and set(batch.output_lengths.tolist()) == {11}


@pytest.mark.parametrize("spellings", [1, 3, 6])
def test_training_never_draws_what_is_held_out(spellings: int) -> None:
    task = made(spellings=spellings)
    unknown = {iso for iso, is_unknown in zip(iso_dates(), is_held_out(), strict=True) if is_unknown}
    assert len(unknown) == pytest.approx(0.2 * len(iso_dates()), rel=0.03)
    assert not unknown & {iso for _, iso in texts_of(task, task.sample(np.random.default_rng(1), 2000))}
    assert {iso for _, iso in texts_of(task, task.held_out(500))} <= unknown


def test_fields_leave_texts_out() -> None:
    task = made(spellings=1, longest=10)
    texts = {text for text, _ in texts_of(task, task.sample(np.random.default_rng(0), 100))}
    assert all(len(text) <= 10 and text[1:].startswith(" may ") for text in texts)
    many = texts_of(made(spellings=6), made(spellings=6).sample(np.random.default_rng(0), 300))
    few = texts_of(made(spellings=3), made(spellings=3).sample(np.random.default_rng(0), 300))
    assert any(text.startswith("the ") for text, _ in many) and not any(text.startswith("the ") for text, _ in few)
    assert any("." in text for text, _ in few)


@pytest.mark.parametrize("fields", [{}, {"spellings": 6, "longest": 12}])
def test_baseline_is_what_is_known_of_dates_without_reading(fields: dict[str, int]) -> None:
    """Symbol by symbol over all texts for training: how often each follows all that is written before it."""
    task = made(**fields)
    longest, spellings = task.settings.longest, task.settings.spellings
    following: dict[str, Counter[str]] = {}
    for number, (iso, is_unknown) in enumerate(zip(iso_dates(), is_held_out().tolist(), strict=True)):
        often = 0 if is_unknown else sum(len(spelled_dates(k)[number]) <= longest for k in range(spellings))
        for step, symbol in enumerate(iso + END):
            if often:
                following.setdefault(iso[:step], Counter())[symbol] += often
    surprise = -sum(n * log(n / counts.total()) for counts in following.values() for n in counts.values())
    assert task.baseline_loss == pytest.approx(surprise / (11 * following[""].total()))


def test_metric_and_criterion() -> None:
    task = made()
    batch = task.held_out(50)
    answers = np.eye(12)[batch.targets]
    answers[9, :3] = np.roll(answers[9, :3], 1, axis=1)
    metric = task.measure(answers, batch)
    assert metric.value == 94 and not task.is_solved(0.0, metric)


def test_shows_what_is_read_then_written() -> None:
    task = made()
    probe = task.held_out(8)
    length = int(probe.lengths[0])
    labels = task.label_inputs(probe.inputs[:length, 0]) + task.label_outputs(probe.targets[:, 0])
    outputs = np.vstack([np.full((length, 12), np.nan), np.eye(12)[probe.targets[:, 0]]])
    shown = task.show(writing(""), Trace(probe.inputs[:length, 0], labels, (), outputs, ()), probe, None)
    assert isinstance(shown, SymbolsPrediction) and shown.inputs == labels
    assert set(shown.wanted[:length]) == {""} and shown.wanted[-1] == END
    assert tuple(shown.symbols[k] for k in shown.probabilities[length:].argmax(axis=1)) == shown.wanted[length:]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12 march 1998", "1998-03-12 (right)"),
        (" March  12, 1998 ", "1998-03-12 (right)"),
        ("the 12th of March 1998", "1998-03-12 (right)"),
        ("12 mar 99", "1998-03-12 (right is 1999-03-12)"),
        ("tomorrow", "1998-03-12"),
    ],
)
def test_answers_a_typed_date(text: str, answer: str) -> None:
    found = made().answer(writing("1998-03-12"), text, GREEDY, np.random.default_rng(0))
    assert (found.output, found.text) == (tuple("1998-03-12"), answer)


@pytest.mark.parametrize(("text", "says"), [("", "0 characters are too few"), ("12/03/1998", "'/' is in no spelling"), ("1" * 61, "61")])
def test_refuses_what_it_can_not_read(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made().answer(writing(""), text, GREEDY, np.random.default_rng(0))
    assert "12 march 1998" in str(raised.value)


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_is_the_same_text_behind_blanks(factor: int) -> None:
    task = made(spellings=6)
    short, long = task.held_out(60), task.longer(factor).held_out(60)
    assert np.array_equal(long.lengths, factor * short.lengths) and np.array_equal(long.targets, short.targets)
    for (text, iso), (blank, same) in zip(texts_of(task, short), texts_of(task, long), strict=True):
        assert (blank, same) == (" " * ((factor - 1) * len(text)) + text, iso)
    assert np.array_equal(task.longer(2).longer(2).held_out(9).inputs, task.longer(4).held_out(9).inputs)
