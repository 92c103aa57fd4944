"""A tune as a MIDI file: one track, one instrument."""

import io
from fractions import Fraction

import mido

from core.tunes import TICKS_PER_BEAT, Tune

TICKS = 480
VELOCITY = 80
WHOLE = 4 * TICKS_PER_BEAT
LARGEST_NUMERATOR = 255


def midi_bytes(tune: Tune) -> bytes:
    """The bytes of a .mid file that plays ``tune``."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tune.tempo)))
    numerator, denominator = _metre(tune.bar)
    track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=denominator))
    wait = 0
    for note in tune.notes:
        length = note.length * TICKS // TICKS_PER_BEAT
        if note.pitch is None:
            wait += length
            continue
        track.append(mido.Message("note_on", note=note.pitch, velocity=VELOCITY, time=wait))
        track.append(mido.Message("note_off", note=note.pitch, velocity=0, time=length))
        wait = 0
    track.append(mido.MetaMessage("end_of_track", time=wait))
    data = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(file=data)
    return data.getvalue()


def _metre(bar: int) -> tuple[int, int]:
    """48 -> 4/4, 36 -> 3/4, 42 -> 7/8: quarters where they do, else the longest notes that do."""
    bar_in_wholes = Fraction(bar, WHOLE)
    denominator = max(4, bar_in_wholes.denominator)
    if denominator & (denominator - 1) or bar_in_wholes * denominator > LARGEST_NUMERATOR:
        return 4, 4
    return int(bar_in_wholes * denominator), denominator
