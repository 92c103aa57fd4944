"""Tunes as text and as sound, from files and saved to them."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.exchange import sound
from core.exchange.melody import save_tune
from core.exchange.midi import midi_bytes
from core.exchange.sound import HARMONICS, RATE, RELEASE, sound_of, wav_bytes
from core.readers.tunes import parse_tunes, read_tunes, tune_of
from core.tasks.melody import BUNDLED_TUNES
from core.tunes import LENGTHS, Note, Tune, nearest_length, parse_notes, pitch_name
from tests.core.melodies import SCALE

# As text


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("C4", [Note(60, 12)]),
        ("a4 A4", [Note(69, 12)] * 2),
        ("Bb3:1/2, A#3:0.5", [Note(58, 6)] * 2),
        ("B♭3 | F♯5:3", [Note(58, 12), Note(78, 36)]),
        ("R:2 C-1 G9", [Note(None, 24), Note(0, 12), Note(127, 12)]),
        ("Cb4:1/3", [Note(59, 4)]),
        (" \n ", []),
    ],
)
def test_notes_are_read(text: str, notes: list[Note]) -> None:
    assert parse_notes(text) == tuple(notes)


@given(st.lists(st.builds(Note, st.none() | st.integers(0, 127), st.integers(1, 12_000))))
def test_notes_as_text_read_again(notes: list[Note]) -> None:
    assert parse_notes(" ".join(map(str, notes))) == tuple(notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("H4", r"'H4' is no note: a letter from A to G"),
        ("C", r"'C' is no note"),
        ("C4:", r"'C4:' is no note"),
        ("C4:0", r"lasts 0 beats: must be from 1/12 to 1000"),
        ("C4:1/0", r"lasts 0 beats"),
        ("C4:2000", r"lasts 2000 beats"),
        ("G#9", r"must be from C-1 to G9"),
        ("C-2", r"must be from C-1 to G9"),
        ("hello world", r"'hello' is no note"),
    ],
)
def test_what_is_no_note_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        parse_notes(text)
    assert len(str(raised.value).splitlines()) == 1 and "C4 E4" in str(raised.value)


@given(st.text(max_size=40))
def test_any_text_is_notes_or_refused(text: str) -> None:
    try:
        notes = parse_notes(text)
    except InputError:
        return
    assert all(note.length >= 1 and (note.pitch is None or 0 <= note.pitch <= 127) for note in notes)


def test_names_of_pitches() -> None:
    assert [pitch_name(pitch) for pitch in (60, 61, 69, 70, 0, 127)] == ["C4", "C#4", "A4", "Bb4", "C-1", "G9"]


def test_transposed_notes_stay_notes() -> None:
    assert Note(60, 6).up(-3) == Note(57, 6) and Note(None, 6).up(4) == Note(None, 6)
    assert Note(126, 6).up(3) == Note(117, 6) and Note(1, 6).up(-2) == Note(11, 6)


def test_bundled_tunes_are_whole_bars_and_all_different() -> None:
    tunes = read_tunes(str(BUNDLED_TUNES))
    assert 200 <= len(tunes) <= 400
    assert all(16 <= len(tune.notes) <= 64 and tune.length % tune.bar == 0 for tune in tunes)
    assert len({tune.notes for tune in tunes}) == len(tunes)
    # None is another one in another key: training hears all keys, and what is held out must be new.
    from_first = {
        tuple((note.pitch is not None and note.pitch - (tune.notes[0].pitch or 0), note.length) for note in tune.notes) for tune in tunes
    }
    assert len(from_first) == len(tunes)
    assert {note.length for tune in tunes for note in tune.notes} <= set(LENGTHS)
    content = BUNDLED_TUNES.read_text(encoding="utf-8")
    assert content.count("\nX:") == len(tunes) and content.isascii()


# Files and what is typed


def test_a_tune_a_line(tmp_path: Path) -> None:
    path = tmp_path / "tunes.txt"
    path.write_text("C4 D4 E4\n\nG4:2 R\n")
    assert [tune.notes for tune in read_tunes(str(path))] == [parse_notes("C4 D4 E4"), parse_notes("G4:2 R")]
    assert tune_of(str(path)).notes == parse_notes("C4 D4 E4")
    with pytest.raises(InputError, match=r"t\.txt, line 2: 'what' is no note"):
        parse_tunes("C4\nwhat\n", "t.txt")


def test_what_is_typed_may_be_notes_abc_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "my tune.mid"
    path.write_bytes(midi_bytes(Tune(SCALE)))
    assert tune_of(f" {path} ").notes == SCALE
    assert tune_of("X:1\nK:G\nF").notes == parse_notes("F#4:1/2")
    assert tune_of("C4 E4").notes == parse_notes("C4 E4")
    assert tune_of("X:1\nK:G\n").notes == tune_of("").notes == ()
    with pytest.raises(InputError, match=r"nowhere\.mid: there is no such file"):
        tune_of("/nowhere.mid")


def test_a_file_without_tunes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.abc"
    path.write_text("X:1\nT:nothing\nK:C\n")
    with pytest.raises(InputError, match=r"a\.abc: has no tunes: tunes in ABC notation are needed"):
        read_tunes(str(path))


@pytest.mark.parametrize(("length", "nearest"), [(12, 12), (0.1, 3), (13.9, 12), (100, 48), (15, 12), (16, 18), (7, 6)])
def test_lengths_are_rounded_to_known_ones(length: float, nearest: int) -> None:
    assert nearest_length(length) == nearest


# Sound


def test_sound_lasts_as_long_as_the_tune_and_does_not_clip() -> None:
    tune = Tune(SCALE, tempo=90.0)
    with wave.open(io.BytesIO(wav_bytes(tune))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float) / 32767
    beats = 1 + 1 + 0.5 + 1.5 + 0.5 + 2 + 0.25 + 0.75 + 4
    assert len(samples) / RATE == pytest.approx(beats * 60 / 90 + RELEASE, abs=1e-4)
    assert 0.75 < np.abs(samples).max() < 0.85


def energy_above(frequency: float, samples: np.ndarray) -> float:
    """Share of the energy of ``samples``; a click has all frequencies."""
    energy = np.abs(np.fft.rfft(samples)) ** 2
    return float(energy[round(frequency * len(samples) / RATE) :].sum() / energy.sum())


def test_sound_does_not_click() -> None:
    samples = sound_of(Tune(parse_notes("A4 A4 R A4:1/4 E5"))).astype(float)
    assert abs(samples[0]) < 1e-6 and abs(samples[-1]) < 1e-6
    highest_harmonic = 6 * 659.3
    assert energy_above(1.2 * highest_harmonic, samples) < 1e-6
    cut_off = np.where(np.arange(len(samples)) % RATE < 0.9 * RATE, samples, 0)
    assert energy_above(1.2 * highest_harmonic, cut_off) > 1e-5


@pytest.mark.parametrize(("name", "frequency"), [("A4", 440.0), ("C4", 261.626), ("A5", 880.0)])
def test_sound_has_the_pitch(name: str, frequency: float) -> None:
    samples = sound_of(Tune(parse_notes(f"{name}:4")))
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert spectrum.argmax() * RATE / len(samples) == pytest.approx(frequency, abs=1)


def test_a_rest_is_silent() -> None:
    samples = sound_of(Tune(parse_notes("C4 R:2 C4")))
    assert not samples[int(0.7 * RATE) : int(1.4 * RATE)].any() and samples[: int(0.4 * RATE)].any()


def test_sound_is_the_sum_of_its_harmonics() -> None:
    """Each note from its equation, however long the others of its pitch are."""
    notes, per_tick = parse_notes("A4:1/4 C6 A4:2 C4:1/2 A4"), 60 / (120 * 12)
    expected, begin = np.zeros(round((sum(note.length for note in notes) * per_tick + RELEASE) * RATE)), 0
    for note in notes:
        seconds, frequency = note.length * per_tick, 440 * 2 ** ((note.pitch - 69) / 12)
        time = np.arange(round((seconds + RELEASE) * RATE)) / RATE
        tone = sum(a * np.exp(-1.6 * k * time) * np.sin(2 * np.pi * k * frequency * time) for k, a in enumerate(HARMONICS, 1))
        tone *= 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / min(0.012, seconds), 1))
        tone *= 0.5 + 0.5 * np.cos(np.pi * np.clip((time - seconds) / RELEASE, 0, 1))
        first = round(begin * per_tick * RATE)
        expected[first : first + len(tone)] += tone[: len(expected) - first]
        begin += note.length
    np.testing.assert_allclose(sound_of(Tune(notes)), expected / np.abs(expected).max(), atol=1e-5)


def test_a_pitch_is_sounded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long tune is written at once because its notes are cut from one tone for each pitch."""
    sounded: list[int] = []
    string = sound._string
    monkeypatch.setattr(sound, "_string", lambda pitch, seconds: sounded.append(pitch) or string(pitch, seconds))
    sound_of(Tune(parse_notes("C4 D4:1/2 C4:2 D4:3 C4:1/4 R C4")))
    assert sorted(sounded) == [60, 62]


def test_sound_has_an_end() -> None:
    with pytest.raises(InputError, match="lasts 2000 seconds: as sound it may last 600"):
        wav_bytes(Tune((Note(60, 48),) * 1000))


# Saving


def test_tunes_are_saved_as_their_names_ask(tmp_path: Path) -> None:
    for name in ("a.mid", "b.MIDI", "c.wav"):
        save_tune(tmp_path / name, Tune(SCALE))
    assert read_tunes(str(tmp_path / "b.MIDI"))[0].notes == SCALE
    assert (tmp_path / "c.wav").read_bytes()[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("name", "notes", "message"), [("a.mp3", "C4", "ends in .mid"), ("a", "C4", "ends in .mid"), ("a.mid", "R", "no note")]
)
def test_what_can_not_be_saved_is_refused(tmp_path: Path, name: str, notes: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        save_tune(tmp_path / name, Tune(parse_notes(notes)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words", "label"),
    [
        ("G4:1/2", "G4, half a beat", "G4, ½ beat"),
        ("C#3", "C#3, one beat", "C#3, 1 beat"),
        ("R:2", "a rest, two beats", "rest, 2 beats"),
        ("A4:5/12", "A4, 5/12 of a beat", "A4, 5/12 of a beat"),
        ("A4:6", "A4, 6 beats", "A4, 6 beats"),
    ],
)
def test_lengths_in_words(text: str, words: str, label: str) -> None:
    (note,) = parse_notes(text)
    assert (note.words, note.label) == (words, label)


def test_every_length_of_a_network_has_words() -> None:
    said = [Note(60, length).words for length in LENGTHS]
    assert len(set(said)) == len(LENGTHS) and not any(character.isdigit() for words in said for character in words.replace("C4", ""))
