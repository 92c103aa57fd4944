"""What a network writes of a melody, from a tune or a session without one."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.readers.tunes import read_tunes
from core.sampling import GREEDY, Sampling
from core.snapshot import Trace
from core.tasks.melody import BUNDLED_TUNES, END, Melody
from core.tasks.symbols import UNKNOWN
from core.tunes import Note, Tune, parse_notes
from tests.core.melodies import RNG, ROUND, Cycle, made, written

# What is written


def test_goes_on_with_a_tune(tmp_path: Path) -> None:
    task = made(written(tmp_path, *[ROUND] * 20), transpose=0)
    network = Cycle(task, [*ROUND.split(), END])
    answer = task.answer(network, "C4 D4", Sampling(9, 0.0), RNG(0))
    assert answer.output == ("E4:1/2", "F4:1/2") and answer.text == "C4 D4 E4:1/2 F4:1/2"
    assert answer.tune == Tune(parse_notes(ROUND)) and answer.given == 2
    assert answer.probabilities is not None and next(iter(answer.probabilities.items())) == ("E4:1/2", 1.0)
    on = task.answer(network, "C4 D4", Sampling(4, 0.0, stops_at_end=False), RNG(0))
    assert on.output == ("E4:1/2", "F4:1/2", END, "C4") and on.tune == Tune(parse_notes("C4 D4 E4:1/2 F4:1/2 C4"))


def test_what_it_was_not_trained_on_is_read_as_the_nearest(tmp_path: Path) -> None:
    task = made(written(tmp_path, *["C4 D4 E4:1/2 F4:2 C5"] * 20), transpose=0)

    def nearest(text: str) -> str:
        (note,) = parse_notes(text)
        return task._vocabulary.symbols[task._nearest_id(note)]

    names = ("D4:3", "E5", "C3:2", "C9", "F#4", "R", "E4:1/2")
    assert [nearest(name) for name in names] == ["D4", "E4:1/2", "C4", "C5", "F4:2", "C4", "E4:1/2"]
    answer = task.answer(Cycle(task, ["D4", "C5"]), "D4:3", GREEDY, RNG(0))
    assert answer.output == ("C5",) and answer.tune == Tune(parse_notes("D4:3 C5"))


def test_goes_on_with_a_file_and_keeps_its_metre(tmp_path: Path) -> None:
    task = made(written(tmp_path, *[ROUND] * 20), transpose=0)
    path = tmp_path / "own.abc"
    path.write_text("X:1\nM:3/4\nL:1/4\nQ:80\nK:C\n" + "C D " * 30 + "\n")
    answer = task.answer(Cycle(task, ROUND.split()), str(path), Sampling(2, 0.0), RNG(0))
    assert answer.tune is not None and (answer.tune.bar, answer.tune.tempo, answer.given) == (36, 80.0, 60)
    assert answer.text.startswith("… C4 D4") and answer.text.endswith("D4 E4:1/2 F4:1/2")


def test_the_seed_decides(tmp_path: Path) -> None:
    task = made(written(tmp_path, *[ROUND] * 20))
    network = Cycle(task, ROUND.split(), certainty=0.5)
    first, again, other = (task.answer(network, "C4", Sampling(20, 1.0), RNG(seed)).output for seed in (1, 1, 2))
    assert first == again != other
    assert UNKNOWN not in first
    careful = task.answer(network, "C4", Sampling(20, 1.0, top_k=1), RNG(5)).output
    assert careful[:4] == ("D4", "E4:1/2", "F4:1/2", "C4")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ", "at least one note is needed, for example C4 E4 G4"),
        ("X:1\nK:C\n", "at least one note is needed"),
        ("do re mi", "'do' is no note"),
        ("/nowhere.mid", "there is no such file"),
    ],
)
def test_what_can_not_be_read_is_refused(text: str, message: str) -> None:
    task = made()
    with pytest.raises(InputError, match=message):
        task.answer(Cycle(task, ["C4"]), text, GREEDY, RNG(0))


def test_shows_the_first_held_out_tune_and_goes_on_after_half_of_the_window() -> None:
    task = made(seq_len=12)
    network = Cycle(task, ["C4", "D4"], certainty=0.5)
    probe = task.held_out(3)
    inputs = probe.inputs[:, 0]
    trace = Trace(inputs, task.label_inputs(inputs), task.marked_steps(inputs), network(inputs[:, None], None)[:, 0], ())
    shown = task.show(network, trace, probe, None)
    tunes = read_tunes(str(BUNDLED_TUNES))
    (first,) = [tune for tune in tunes if tune.notes[:11] == shown.notes[1:12]]
    assert shown.notes[0] is None and shown.given == 6 and (shown.bar, shown.tempo) == (first.bar, first.tempo)
    assert np.isnan(shown.shares[0])
    ids = inputs.argmax(axis=1)
    np.testing.assert_allclose(shown.shares[1:], [network.next[a, b] for a, b in pairwise(ids)])
    assert len(shown.continuation) <= 24 and len(shown.next_symbols) == 8
    assert list(shown.next_probabilities) == sorted(shown.next_probabilities, reverse=True)
    heights = task.step_heights(inputs)
    assert np.isnan(heights[0]) and list(heights[1:]) == [note.pitch for note in first.notes[:11]]


# A session


def test_works_from_a_session_without_the_tunes(tmp_path: Path) -> None:
    path = written(tmp_path, *[ROUND] * 20)
    task = made(path)
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    Path(path).unlink()
    opened = Melody(Melody.Settings(file=path), vocabulary)
    assert (opened.baseline_loss, opened.input_size) == (task.baseline_loss, task.input_size)
    assert opened.answer(Cycle(opened, ROUND.split()), "C4", Sampling(2, 0.0), RNG(0)).output == ("D4", "E4:1/2")
    for use in (lambda: opened.sample(RNG(0), 2), lambda: opened.held_out(2), lambda: opened.stream(RNG(0), 0, 2)):
        with pytest.raises(InputError, match=r"tunes\.txt: there is no such file"):
            use()


def test_a_session_refuses_tunes_it_knows_little_of(tmp_path: Path) -> None:
    """Most of them would be <unknown>, and to learn that is to learn nothing."""
    path = written(tmp_path, *[ROUND] * 20)
    vocabulary = made(path, transpose=0).vocabulary()
    fields = Melody.Settings(file=path, transpose=0)
    written(tmp_path, *["C4 G6 A6 B6:2"] * 20)
    opened = Melody(fields, vocabulary)
    assert opened.answer(Cycle(opened, ROUND.split()), "C4", Sampling(1, 0.0), RNG(0)).output == ("D4",)
    for use in (lambda: opened.sample(RNG(0), 2), lambda: opened.held_out(2), lambda: opened.stream(RNG(0), 0, 2)):
        with pytest.raises(InputError, match=r"tunes\.txt: 60 of its 80 notes, for example G6, are none the network was trained for"):
            use()
    written(tmp_path, *["C4 D4 G6 E4:1/2"] * 20)
    assert Melody(fields, vocabulary).sample(RNG(0), 2).size == 2


@pytest.mark.parametrize("symbols", [[], ["C4", "C4"], ["nothing"], [3]])
def test_a_damaged_vocabulary_is_refused(symbols: list[object]) -> None:
    with pytest.raises(ValueError):
        Melody(Melody.Settings(), {"symbols": symbols, "baseline_loss": 1.0})


def test_a_note_of_the_vocabulary_keeps_its_number() -> None:
    task = made()
    for k, symbol in enumerate(task._vocabulary.symbols):
        note = task._note(k)
        assert note is None if symbol in (UNKNOWN, END) else str(note) == symbol
    assert task._nearest_id(Note(60, 12)) == task._vocabulary.id_of("C4")
