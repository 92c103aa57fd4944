"""Tunes as text, in ABC notation, as MIDI and as sound."""

import io
import wave
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.exchange import sound
from core.exchange.melody import save_tune
from core.exchange.midi import midi_bytes
from core.exchange.sound import HARMONICS, RATE, RELEASE, sound_of, wav_bytes
from core.readers.abc import parse_abc
from core.readers.midi import parse_midi
from core.readers.tunes import parse_tunes, read_tunes, tune_of
from core.tasks.melody import BUNDLED_TUNES
from core.tunes import LENGTHS, Note, Tune, nearest_length, parse_notes, pitch_name

ANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
SCALE = parse_notes("C4 D4 E4:1/2 F4:3/2 R:1/2 G4:2 A4:1/4 B4:3/4 C5:4")
NOTES = st.builds(Note, st.integers(0, 127), st.sampled_from(LENGTHS))
METRES = (12, 24, 36, 42, 48, 60, 72, 9)


def notes_of(abc: str, header: str = "K:C") -> str:
    (tune,) = parse_abc(f"X:1\n{header}\n{abc}\n", "a.abc")
    return " ".join(map(str, tune.notes))


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


# ABC notation


@pytest.mark.parametrize(
    ("abc", "notes"),
    [
        ("C D E2 F/ G3/2 A8/6 B2/3 c", "C4:1/2 D4:1/2 E4 F4:1/4 G4:3/4 A4:2/3 B4:1/3 C5:1/2"),
        ("L:1/1\nC// D/4 E/3", "C4 D4 E4:4/3"),
        ("C, c' B,,", "C3:1/2 C6:1/2 B2:1/2"),
        ("^F F | F =F _B, ^^C __D", "F#4:1/2 F#4:1/2 F4:1/2 F4:1/2 Bb3:1/2 D4:1/2 C4:1/2"),
        ("C-C D- | D2", "C4 D4:3/2"),
        ("[CEG]2 [E2G2]", "G4 G4"),
        ("(3CDE F (2GA", "C4:1/3 D4:1/3 E4:1/3 F4:1/2 G4:3/4 A4:3/4"),
        ("C>D E<F G2>>A2", "C4:3/4 D4:1/4 E4:1/4 F4:3/4 G4:7/4 A4:1/4"),
        ("C2 z2 x Z", "C4 R R:1/2 R:4"),
        ('"Am"{ga}!trill!.C (DE) ~F', "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("|: C D :|2 E || F |]", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("C [K:G] F [L:1/4] F % F", "C4:1/2 F#4:1/2 F#4"),
        ("[V:1] C D [V:2] G, A, [V:1] E F", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("V:1\nC D |\nV:2\nG, A, |\nV:1\nE F", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("C D |\nV:2 clef=bass\n[K:G] F #!? F |\nV:1\nE F", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("[V:T1]z4\n[V:B]G,2 A,2\n[V:T1]^C2\n[V:B]C2 [V:T1]C [V:B] D2 |", "G3 A3 C4 D4"),
        ("V:1\n(3CD\nV:2\n(3GGG E-\nV:1\nE F-\nV:2\nE2\nV:1\nF", "C4:1/3 D4:1/3 E4:1/3 F4"),
    ],
)
def test_abc_is_read(abc: str, notes: str) -> None:
    assert notes_of(abc) == notes


@pytest.mark.parametrize(
    ("key", "sharps"),
    [
        ("C", ""), ("G", "F"), ("D", "FC"), ("F", "-B"), ("Bb", "-BE"), ("Am", ""), ("Em", "F"), ("F#m", "FCG"), ("Ddor", ""),
        ("D dorian", ""), ("Gmix", ""), ("A mixolydian", "FC"), ("Flyd", ""), ("Ephr", ""), ("Bloc", ""), ("C#", "FCGDAEB"),
        ("Gm", "-BE"), ("G major", "F"), ("none", ""), ("D clef=treble", "FC"),
    ],
)  # fmt: skip
def test_keys_have_their_signatures(key: str, sharps: str) -> None:
    by = -1 if sharps.startswith("-") else 1
    (tune,) = parse_abc(f"X:1\nK:{key}\nCDEFGAB\n", "a.abc")
    natural = dict(zip("CDEFGAB", (60, 62, 64, 65, 67, 69, 71), strict=True))
    wanted = [natural[letter] + (by if letter in sharps else 0) for letter in "CDEFGAB"]
    assert [note.pitch for note in tune.notes] == wanted


def test_fields_of_abc_give_lengths_bars_and_tempo() -> None:
    first, second, third = parse_abc(
        "X:1\nT:one\nM:3/4\nL:1/4\nQ:1/4=90\nK:C\nC D E|\nw:la la la\n\nX:2\nM:2/4\nK:C\nC D\n\nX:3\nM:C|\nQ:3/8=100\nK:C\nC\n", "a.abc"
    )
    assert (first.bar, first.tempo, [note.length for note in first.notes]) == (36, 90.0, [12, 12, 12])
    assert (second.bar, second.tempo, [note.length for note in second.notes]) == (24, 120.0, [3, 3])
    assert (third.bar, third.tempo, third.notes[0].length) == (48, 150.0, 6)


@pytest.mark.parametrize(("metre", "bar"), [("(2+3)/8", 30), ("2+2+3/8", 42), ("( 3 + 2 ) / 4", 60), ("6/8", 36), ("none", 48)])
def test_metres_may_be_sums(metre: str, bar: int) -> None:
    (tune,) = parse_abc(f"X:1\nM:{metre}\nK:C\nC\n", "a.abc")
    assert tune.bar == bar


def test_voices_announced_before_the_key_are_none_yet() -> None:
    header = "X:1\nV:1 clef=treble\nV:2 clef=bass\nL:1/4\nK:C\n"
    first, second = parse_abc(header + "C D\n\n" + header + "V:2\nE\nV:1\nF\n", "a.abc")
    assert (first.notes, second.notes) == (parse_notes("C4 D4"), parse_notes("E4"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("X:1\nK:C\nC D #4 E\n", r"a\.abc, line 3: '#4 E' is no ABC notation: notes look like C, \^f2 or B,/2"),
        ("X:1\nM:waltz\nK:C\nC\n", r"a\.abc, line 2: M:waltz can't be read: right is, for example, M:3/4"),
        ("X:1\nM:3/0\nK:C\nC\n", r"line 2: M:3/0"),
        ("X:1\nM:(2+)/8\nK:C\nC\n", r"line 2: M:\(2\+\)/8 can't be read"),
        ("X:1\nL:0/8\nK:C\nC\n", r"line 2: L:0/8 can't be read: right is, for example, L:1/8"),
        ("X:1\nK:H\nC\n", r"line 2: K:H is no key: right are, for example, K:G"),
        ("X:1\nK:C\nC0\n", r"line 3: a length of 0 is none"),
        ("X:1\nK:C\nC/0\n", r"line 3: a length of /0 is none"),
        ("X:1\nK:C\nc'''''''''\n", r"line 3: .* is too high or too low to be played"),
    ],
)
def test_what_is_no_abc_is_refused(content: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        parse_abc(content, "a.abc")
    assert len(str(raised.value).splitlines()) == 1


@ANY
@given(st.text(alphabet="ABCDEFGabcdefgzxZ^_=,'/0123456789|:[](){}<>-~.!\"%+ \nKMLXQV", max_size=80))
@example("[K:][M:4/4]C")
@example("(9:9:9C(0D")
@example("(1:0:0C")
@example("[C]0")
def test_any_abc_is_read_or_refused(body: str) -> None:
    try:
        tunes = parse_abc(f"X:1\nK:C\n{body}\n", "a.abc")
    except InputError as error:
        assert str(error).startswith("a.abc, line ")
        return
    assert all(note.length >= 1 and tune.bar >= 1 for tune in tunes for note in tune.notes)


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


# MIDI


@ANY
@given(st.lists(NOTES, min_size=1, max_size=30), st.sampled_from(METRES), st.sampled_from((60.0, 120.0, 96.0)))
def test_midi_written_and_read_again_is_the_same(notes: list[Note], bar: int, tempo: float) -> None:
    again = parse_midi(midi_bytes(Tune(tuple(notes), bar, tempo)), "a.mid")
    assert again.notes == tuple(notes) and again.bar == bar and again.tempo == pytest.approx(tempo, rel=1e-5)


def test_rests_survive_midi_but_for_those_at_both_ends() -> None:
    tune = Tune(parse_notes("R C4 R:1/2 D4 R:2 E4:1/2 R"))
    assert parse_midi(midi_bytes(tune), "a.mid").notes == parse_notes("C4 R:1/2 D4 R:2 E4:1/2")


def track(*events: tuple[str, int, int], channel: int = 0) -> mido.MidiTrack:
    return mido.MidiTrack(mido.Message(kind, note=note, velocity=64, time=time, channel=channel) for kind, note, time in events)


def saved(*tracks: mido.MidiTrack, ticks: int = 480) -> bytes:
    data = io.BytesIO()
    mido.MidiFile(ticks_per_beat=ticks, tracks=list(tracks)).save(file=data)
    return data.getvalue()


ONE_NOTE = saved(track(("note_on", 60, 0), ("note_off", 60, 9)))


def test_melody_is_the_highest_of_the_first_track_with_notes() -> None:
    drums = track(("note_on", 35, 0), ("note_off", 35, 480), channel=9)
    chords = track(
        ("note_on", 48, 0), ("note_on", 64, 0), ("note_on", 55, 0), ("note_off", 64, 480), ("note_on", 67, 0), ("note_off", 48, 240),
        ("note_on", 50, 0), ("note_off", 67, 240), ("note_off", 55, 0), ("note_off", 50, 240),
    )  # fmt: skip
    other = track(("note_on", 90, 0), ("note_off", 90, 480))
    tune = parse_midi(saved(mido.MidiTrack(), drums, chords, other), "a.mid")
    assert tune.notes == parse_notes("E4 G4")


def test_played_by_hand_is_put_in_order() -> None:
    played = track(
        ("note_on", 60, 7), ("note_off", 60, 452), ("note_on", 62, 12), ("note_off", 62, 246), ("note_on", 64, 0), ("note_on", 64, 230),
        ("note_off", 64, 440), ("note_on", 65, 490),
    )  # fmt: skip
    assert parse_midi(saved(played), "a.mid").notes == parse_notes("C4 D4:1/2 E4:1/2 E4")
    with_rest = track(("note_on", 60, 0), ("note_off", 60, 480), ("note_on", 62, 490), ("note_off", 62, 480))
    assert parse_midi(saved(with_rest), "a.mid").notes == parse_notes("C4 R D4")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is no MIDI file"),
        (b"RIFF....", "is no MIDI file"),
        (b"MThd", "is a damaged MIDI file"),
        (midi_bytes(Tune(SCALE))[:-9], "is a damaged MIDI file"),
        (saved(mido.MidiTrack()), "has no notes: a MIDI file with a melody is needed"),
        (ONE_NOTE[:12] + b"\xe7\x28" + ONE_NOTE[14:], "counts time in film frames"),
        (b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\0\0\0" + b"\xff" * 5000, "is a damaged MIDI file"),
        (b"MThd" + bytes(2**20), "is larger than 1 MB"),
    ],
)  # fmt: skip
def test_damaged_midi_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=f"a.mid: {message}"):
        parse_midi(data, "a.mid")


@ANY
@given(st.data())
def test_any_bytes_are_a_tune_or_refused(data: st.DataObject) -> None:
    sound = bytearray(midi_bytes(Tune(SCALE)))
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(sound) - 1))
        sound[place] = data.draw(st.integers(0, 255))
    damaged = bytes(sound[: data.draw(st.integers(0, len(sound)))]) + data.draw(st.binary(max_size=40))
    try:
        tune = parse_midi(damaged, "a.mid")
    except InputError as error:
        assert str(error).startswith("a.mid: ") and len(str(error).splitlines()) == 1
        return
    assert tune.notes and all(note.length in LENGTHS for note in tune.notes) and tune.bar > 0 and 20 <= tune.tempo <= 400


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
