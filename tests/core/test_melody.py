"""The melody task: tunes as symbols, keys, the line."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from core import cli, session
from core.batch import Batch
from core.errors import InputError
from core.exchange.midi import midi_bytes
from core.prediction import MelodyPrediction
from core.readers.tunes import read_tunes
from core.sampling import Sampling
from core.settings import Settings
from core.tasks.melody import BUNDLED_TUNES, END, Melody, _training_part
from core.tasks.symbols import UNKNOWN
from core.trainer import Trainer
from core.tunes import Tune, parse_notes
from tests.core.melodies import RNG, ROUND, made, written


def symbols_of(task: Melody, ids: np.ndarray) -> list[str]:
    return [task._vocabulary.symbols[k] for k in ids]


# Data


def test_windows_are_of_the_tunes_in_one_key_each() -> None:
    task = made(seq_len=20)
    tunes = read_tunes(str(BUNDLED_TUNES))
    held_out_first = int(np.searchsorted(np.cumsum([len(tune.notes) + 1 for tune in tunes]), task._train_count, side="right"))
    lines = {}
    for part, chosen in (("train", tunes[:held_out_first]), ("held out", tunes[held_out_first:])):
        for shift in range(-2, 3):
            symbols = [END]
            for tune in chosen:
                symbols += [*(str(note.up(shift)) for note in tune.notes), END]
            lines[part, shift] = " ".join(symbols) + " "
    shifts_seen = Counter()
    for part, batch in (("train", task.sample(RNG(0), 60)), ("held out", task.held_out(60))):
        for b in range(60):
            inputs = symbols_of(task, batch.inputs[:, b].argmax(axis=1))
            targets = symbols_of(task, batch.targets[:, b])
            assert inputs[1:] == targets[:-1] and UNKNOWN not in (*inputs, *targets)
            window = " ".join([*inputs, targets[-1]]) + " "
            in_keys = [shift for shift in range(-2, 3) if window in lines[part, shift]]
            assert in_keys
            shifts_seen.update(in_keys)
    assert set(shifts_seen) == {-2, -1, 0, 1, 2}


def test_held_out_tunes_are_whole_and_apart() -> None:
    task = made(transpose=0)
    train, rest = task._ids[: task._train_count + 1], task._ids[task._train_count :]
    assert train[-1] == rest[0] == task._end
    assert 0.08 < len(rest) / len(task._ids) < 0.12

    def tunes_in(ids: np.ndarray) -> set[tuple[int, ...]]:
        text = " ".join(map(str, ids)).split(str(task._end) + " ")
        return {tuple(map(int, tune.split())) for tune in text if len(tune.split()) > 10}

    assert len(tunes_in(rest)) > 20 and not tunes_in(train) & tunes_in(rest)
    batch = task.held_out(4)
    assert batch.inputs[0, 0].argmax() == task._end and task.marked_steps(batch.inputs[:, 0])[0] == 0


def test_a_single_tune_holds_out_its_last_notes(tmp_path: Path) -> None:
    task = made(written(tmp_path, " ".join([ROUND] * 10)), transpose=0, seq_len=8)
    mask = task.held_out(2).mask
    assert task._train_count == 41 - 4 and mask is not None and mask.sum(axis=0).tolist() == [4, 4]
    assert {symbol for symbol in task._vocabulary.symbols if symbol not in (UNKNOWN, END)} == set(ROUND.split())


def test_held_out_tunes_are_in_no_key_of_training() -> None:
    tunes = read_tunes(str(BUNDLED_TUNES))
    _, first = _training_part(tunes)

    def intervals(tune: Tune) -> tuple[tuple[int | None, int], ...]:
        return tuple((None if a.pitch is None or b.pitch is None else b.pitch - a.pitch, a.length) for a, b in pairwise(tune.notes))

    assert 20 < len(tunes) - first < 60
    assert not {intervals(tune) for tune in tunes[first:]} & {intervals(tune) for tune in tunes[:first]}


@pytest.mark.parametrize("long_one", [0, 4, 9])
def test_of_uneven_tunes_a_tenth_is_held_out_too(tmp_path: Path, long_one: int) -> None:
    lines = ["C4 D4 E4 F4 G4 " * 2] * 10
    lines[long_one] = "C4 D4 E4 F4 G4 " * 1000
    task = made(written(tmp_path, *lines), transpose=0)
    step_count = len(task._ids) - 1
    assert step_count == 5100 and 0.85 <= task._train_count / step_count <= 0.95
    steps = task._windows.draw(RNG(0), 2000)
    assert steps.max() < task._train_count and len(np.unique(steps)) > 0.99 * task._train_count
    assert task.held_out(9).targets.shape == (32, 9)


def test_even_tunes_are_held_out_whole(tmp_path: Path) -> None:
    task = made(written(tmp_path, *["C4 D4 E4 F4 G4"] * 40), transpose=0)
    assert task._train_count == 36 * 6 and task._ids[task._train_count] == task._end


def test_the_vocabulary_is_of_the_training_part(tmp_path: Path) -> None:
    lines = [*["C4 D4 E4 D4"] * 18, "C4 G8 C4 G8", "G8 C4 G8 C4"]
    task = made(written(tmp_path, *lines), transpose=0, seq_len=8)
    assert task._vocabulary.symbols == (UNKNOWN, END, "C4", "D4", "E4")
    batch = task.held_out(1)
    assert batch.mask is not None and (batch.mask == 0).sum() >= 4
    names = [task._vocabulary.symbols[k] for k in batch.targets[:, 0]]
    assert [name == UNKNOWN for name in names] == list(batch.mask[:, 0] == 0)


def keys_of(task: Melody, batch: Batch, position: int) -> list[int]:
    """The number of the key of each stream in ``batch``, from what is read and what stands in the tunes."""
    steps, _ = task._windows.stream(position, batch.size)
    heard = batch.inputs.argmax(axis=2)
    rows = task._in_key[:, task._ids[steps]]
    return [next(key for key in range(len(rows)) if (rows[key, :, b] == heard[:, b]).all()) for b in range(batch.size)]


def test_streams_are_in_a_key_drawn_anew_each_time_they_begin() -> None:
    task, count = made(seq_len=50), 40
    rng, again, other = RNG(3), RNG(3), RNG(4)
    rng.random(7)
    position, rounds = 0, []
    while len(rounds) < 30:
        batch = task.stream(rng, position, count)
        assert batch.continues is not None
        keys = keys_of(task, batch, position)
        if batch.continues.any():
            assert keys == rounds[-1]
        else:
            rounds.append(keys)
        # The seed and the place decide, not what was drawn before: a run that is opened again hears the same.
        np.testing.assert_array_equal(task.stream(again, position, count).inputs, batch.inputs)
        position += len(batch.inputs)
    drawn = np.array(rounds)
    assert all(set(drawn[:, b]) == set(range(5)) for b in range(count))
    assert np.bincount(drawn.ravel()).min() > 0.15 * drawn.size
    assert keys_of(task, task.stream(other, 0, count), 0) != rounds[0]


def test_keys_keep_rhythm_and_intervals() -> None:
    task = made(transpose=3)
    batch = task.sample(RNG(1), 40)
    ids = batch.inputs.argmax(axis=2)
    in_own_key = {shift: k for k, shift in enumerate(task._shifts)}
    steps = task._windows.draw(RNG(1), 40)
    for b in range(40):
        original = [task._note(int(k)) for k in task._ids[steps[:, b]]]
        heard = [task._note(int(k)) for k in ids[:, b]]
        shifts = {a.pitch - b.pitch for a, b in zip(heard, original, strict=True) if a and b and a.pitch is not None}
        assert len(shifts) == 1 and shifts <= set(in_own_key)
        assert [a and a.length for a in heard] == [a and a.length for a in original]


def test_rare_lengths_and_too_many_symbols(tmp_path: Path) -> None:
    many = " ".join(f"{name}{octave}:{beats}" for name in "CDEFGAB" for octave in range(8) for beats in ("1/4", "1/2", "3/4", 1, 2, 3))
    task = made(written(tmp_path, "C4:5 C4:0.1 C4:1.1 " * 4, many), transpose=6)
    assert task.input_size == 602
    assert {"C4:4", "C4:1/4", "C4"} <= set(task._vocabulary.symbols) and "C4:5" not in task._vocabulary.symbols


@pytest.mark.parametrize(
    ("content", "message"), [("C4 D4 E4", "is too short: it has 3 notes, at least 10 are needed"), ("what", "line 1: 'what' is no note")]
)
def test_refuses_files_that_can_not_be_learned(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"tunes\.txt.*{message}"):
        made(written(tmp_path, content))


def test_reads_a_midi_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "tune.mid"
    path.write_bytes(midi_bytes(Tune(parse_notes(ROUND) * 10, 36, 90.0)))
    task = made(str(path), transpose=0)
    assert (task._first_held_out.bar, task._first_held_out.tempo) == (36, 90.0)
    assert symbols_of(task, task._ids[:6]) == [END, *ROUND.split(), "C4"]


def test_longer_windows_are_for_the_same_network() -> None:
    task = made(seq_len=16)
    for factor in (2, 4):
        longer = task.longer(factor)
        assert longer.held_out(3).inputs.shape == (16 * factor, 3, task.input_size)
        assert longer.baseline_loss == task.baseline_loss


# The line


def test_baseline_is_the_surprise_of_a_bigram_in_all_keys(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(["C4", "D4", "E4:1/2"], 40, p=[0.5, 0.3, 0.2])) for _ in range(30)]
    task = made(written(tmp_path, *lines), transpose=1)
    pairs: Counter[tuple[str, str]] = Counter()
    symbols = symbols_of(task, task._ids[: task._train_count + 1])
    for shift in (-1, 0, 1):
        moved = [symbol if symbol == END else str(parse_notes(symbol)[0].up(shift)) for symbol in symbols]
        pairs.update(pairwise(moved))
    before, after, different = Counter(), Counter(), Counter()
    for (a, b), count in pairs.items():
        before[a] += count
        after[b] += count
        different[a] += 1
    total, loss = sum(pairs.values()), 0.0
    for (a, b), count in pairs.items():
        # Each occurrence from all the others: Witten & Bell.
        kinds = different[a] - (count == 1)
        overall = (after[b] - 1 + 1) / (total - 1 + task.input_size)
        loss -= count * np.log((count - 1 + kinds * overall) / (before[a] - 1 + kinds))
    assert task.baseline_loss == pytest.approx(loss / total, rel=1e-9)


def test_metric_and_criterion() -> None:
    task = made(seq_len=10)
    batch = task.held_out(7)
    right = np.eye(task.output_size)[batch.targets]
    right[:5] = np.roll(right[:5], 1, axis=2)
    metric = task.measure(right, batch)
    assert (metric.name, metric.value, metric.unit) == ("next note right", 50.0, "%")
    assert task.is_solved(0.74 * task.baseline_loss, metric) and not task.is_solved(0.75 * task.baseline_loss, metric)


def test_learns_the_bundled_tunes_and_writes_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = Trainer(Settings.preset("melody"))
    while trainer.solved_at is None and trainer.step_count < 700:
        trainer.train_to(trainer.step_count + 50)
    assert trainer.solved_at is not None
    factors = {result.factor: result.loss for result in trainer.longer_results()}
    assert set(factors) == {1, 2, 4} and max(factors.values()) < 0.8 * trainer.task.baseline_loss
    prediction = trainer.snapshot().prediction
    assert isinstance(prediction, MelodyPrediction) and prediction.notes[0] is None and prediction.continuation
    # Most of what it writes is of the key of what it read.
    read = {note.pitch % 12 for note in prediction.notes if note and note.pitch is not None}
    new = [note.pitch % 12 for note in prediction.continuation if note and note.pitch is not None]
    assert sum(pitch in read for pitch in new) >= 0.7 * len(new)
    path, out = tmp_path / "tunes.rnnp", tmp_path / "tune.mid"
    session.save(path, trainer.state())
    asked = ["predict", str(path), "--input", "C4 E4 G4", "--length", "32", "--seed", "1", "--past-end"]
    assert cli.main([*asked, "--json", "--out", str(out)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["output"]) == 32 and said["text"].startswith("C4 E4 G4 ")
    wanted = parse_notes(" ".join(["C4 E4 G4", *(symbol for symbol in said["output"] if symbol != END)]))
    (heard,) = read_tunes(str(out))
    assert [note for note in heard.notes if note.pitch is not None] == [note for note in wanted if note.pitch is not None]
    assert cli.main([*asked, "--out", str(tmp_path / "tune.wav")]) == 0
    assert (tmp_path / "tune.wav").read_bytes()[:4] == b"RIFF"
    assert cli.main([*asked, "--out", str(tmp_path / "tune.mp3")]) == 2
    assert "ends in .mid (notes) or .wav (sound)" in capsys.readouterr().err and not (tmp_path / "tune.mp3").exists()


def test_the_command_reads_a_file_as_the_trainer_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tune a line: it goes on with the first one, not with all of them in a row."""
    trainer = Trainer(Settings.from_dict({"task": {"name": "melody"}, "network": {"hidden_size": 2}}))
    session.save(tmp_path / "a.rnnp", trainer.state())
    path = written(tmp_path, *["C4 D4 E4"] * 10)
    assert trainer.answer(path, Sampling(2, 0.0)).given == 3
    assert cli.main(["predict", str(tmp_path / "a.rnnp"), "--input", path, "--length", "2", "--temperature", "0", "--past-end"]) == 0
    said = capsys.readouterr().out.split()
    assert said[:3] == ["C4", "D4", "E4"] and len(said) == 5


def test_other_tasks_write_no_tune(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": "prices"}, "network": {"hidden_size": 2}}))
    session.save(tmp_path / "a.rnnp", trainer.state())
    assert cli.main(["predict", str(tmp_path / "a.rnnp"), "--input", "1, 2, 3", "--out", str(tmp_path / "a.mid")]) == 2
    assert "prices writes no notes: leave out --out" in capsys.readouterr().err and not (tmp_path / "a.mid").exists()
