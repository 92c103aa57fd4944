"""Tunes as MIDI files: written and read again, played by hand, damaged."""

import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.exchange.midi import midi_bytes
from core.readers.midi import parse_midi
from core.tunes import LENGTHS, Note, Tune, parse_notes
from tests.core.melodies import ANY, SCALE

NOTES = st.builds(Note, st.integers(0, 127), st.sampled_from(LENGTHS))
METRES = (12, 24, 36, 42, 48, 60, 72, 9)


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
