"""The melody of a MIDI file: the highest notes of the first track that has any (percussion, channel 10, left out).

A note lasts until the next begins or it is let go; a gap shorter than a sixteenth belongs to the note before it, a longer one is a
rest. Lengths become the nearest of ``tunes.LENGTHS``, so that playing need not be exact.
"""

import io
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from core.errors import InputError
from core.tunes import FASTEST, FOUR_BEATS, LENGTHS, SLOWEST, TICKS_PER_BEAT, Note, Tune, nearest_length

if TYPE_CHECKING:
    import mido

START = b"MThd"
MAX_BYTES = 2**20
PERCUSSION = 9
LONGEST_TICKS = 2**40
# Numbers have four bytes at most; the library would add up without end where a damaged file goes on and on.
_ENDLESS_NUMBER = re.compile(rb"[\x80-\xff]{4096}")

Played = tuple[int, int, int]
"""Begin and end, in the file's own ticks, and pitch."""


def parse_midi(data: bytes, path: str) -> Tune:
    """The melody of the file with bytes ``data``. Raises InputError that names ``path`` where it is no MIDI file or has no notes."""
    file = _parsed(data, path)
    ticks = file.ticks_per_beat
    if ticks <= 0:
        raise InputError(f"{path}: counts time in film frames: a MIDI file that counts in beats is needed")
    played = next((notes for notes in map(_notes_of, file.tracks) if notes), None)
    if played is None:
        raise InputError(f"{path}: has no notes: a MIDI file with a melody is needed")
    if max(end for _, end, _ in played) > LONGEST_TICKS:
        raise InputError(f"{path}: is damaged: it lasts too long")
    messages = [message for track in file.tracks for message in track]
    tempo = next((60e6 / message.tempo for message in messages if message.type == "set_tempo" and message.tempo > 0), 120.0)
    metre = next(((each.numerator, each.denominator) for each in messages if each.type == "time_signature"), (4, 4))
    bar = round(TICKS_PER_BEAT * 4 * metre[0] / metre[1]) or FOUR_BEATS
    return Tune(_as_notes(_melody(played), TICKS_PER_BEAT / ticks), bar, round(min(max(tempo, SLOWEST), FASTEST), 2))


def _parsed(data: bytes, path: str) -> "mido.MidiFile":
    # Here, for who has no such file: it is read by few, and slow to import.
    import mido

    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES // 2**20} MB: a MIDI file of a tune is needed")
    if not data.startswith(START):
        raise InputError(f"{path}: is no MIDI file")
    if _ENDLESS_NUMBER.search(data):
        raise InputError(f"{path}: is a damaged MIDI file")
    try:
        return mido.MidiFile(file=io.BytesIO(data), clip=True)
    except Exception:
        # The library names no exception of its own: damaged files end in many different ones.
        raise InputError(f"{path}: is a damaged MIDI file") from None


def _notes_of(track: "mido.MidiTrack") -> list[Played]:
    notes: list[Played] = []
    sounding: dict[tuple[int, int], int] = {}
    now = 0
    for message in track:
        now += message.time
        if message.type not in ("note_on", "note_off") or message.channel == PERCUSSION:
            continue
        key = (message.channel, message.note)
        if key in sounding:
            notes.append((sounding.pop(key), now, message.note))
        if message.type == "note_on" and message.velocity > 0:
            sounding[key] = now
    notes += [(begin, now, pitch) for (_, pitch), begin in sounding.items()]
    return sorted(note for note in notes if note[1] > note[0])


def _melody(played: list[Played]) -> list[Played]:
    """The highest of the notes that begin together, unless a higher one still sounds."""
    melody: list[Played] = []
    for note in sorted(played, key=lambda each: (each[0], -each[2])):
        begin, _, pitch = note
        if melody and (begin == melody[-1][0] or begin < melody[-1][1] and pitch < melody[-1][2]):
            continue
        melody.append(note)
    return melody


def _as_notes(melody: list[Played], scale: float) -> tuple[Note, ...]:
    notes: list[Note] = []
    for (begin, end, pitch), (following, _, _) in pairwise([*melody, (melody[-1][1], 0, 0)]):
        gap = scale * (following - end)
        if gap < LENGTHS[0]:
            notes.append(Note(pitch, nearest_length(scale * (following - begin))))
        else:
            notes += [Note(pitch, nearest_length(scale * (end - begin))), Note(None, nearest_length(gap))]
    return tuple(notes)
