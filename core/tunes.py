"""Tunes: notes of a pitch and a length, and how they are written as text.

Lengths are whole numbers of twelfths of a beat (a quarter note), so that sixteenths and triplets are exact. As text a note is its
letter with an octave, and its length in beats where that is not one: ``C4 E4:1/2 Bb3:3/2 R:2``, R a rest. C4 is the middle C, 60 in
MIDI (A4 sounds at 440 Hz). In sentences lengths are words: "E4, half a beat".
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from core.errors import InputError

TICKS_PER_BEAT = 12
LENGTHS = (3, 4, 6, 8, 9, 12, 18, 24, 36, 48)
"""Those that a network tells apart: from a sixteenth to a whole note, dotted and in triplets."""
HIGHEST_PITCH = 127
DEFAULT_TEMPO = 120.0
SLOWEST, FASTEST = 20.0, 400.0
FOUR_BEATS = 4 * TICKS_PER_BEAT
LONGEST_BEATS = 1000
IN_WORDS = {
    Fraction(1, 4): ("a quarter of a beat", "¼ beat"),
    Fraction(1, 3): ("a third of a beat", "⅓ beat"),
    Fraction(1, 2): ("half a beat", "½ beat"),
    Fraction(2, 3): ("two thirds of a beat", "⅔ beat"),
    Fraction(3, 4): ("three quarters of a beat", "¾ beat"),
    Fraction(1): ("one beat", "1 beat"),
    Fraction(3, 2): ("one and a half beats", "1½ beats"),
    Fraction(2): ("two beats", "2 beats"),
    Fraction(3): ("three beats", "3 beats"),
    Fraction(4): ("four beats", "4 beats"),
}
"""Lengths in beats as a person says them, and as they are written where room is scarce."""

REST = "R"
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_NOTE = re.compile(r"(?:([A-Ga-g])([#♯b♭]?)(-?\d{1,2})|([Rr]))(?::(\d{1,6}(?:\.\d{1,6})?)(?:/(\d{1,6}))?)?")
_SEPARATORS = re.compile(r"[\s,;|]+")
_EXAMPLE = "for example C4 E4 G4:1/2"


@dataclass(frozen=True)
class Note:
    """``pitch`` as in MIDI, 0…127, None for a rest; ``length`` in twelfths of a beat."""

    pitch: int | None
    length: int

    def __str__(self) -> str:
        beats = Fraction(self.length, TICKS_PER_BEAT)
        return self.name + ("" if beats == 1 else f":{beats}")

    @property
    def name(self) -> str:
        """Its letter and octave, R for a rest."""
        return REST if self.pitch is None else pitch_name(self.pitch)

    @property
    def words(self) -> str:
        """As a person says it: "G4, half a beat", "a rest, two beats"."""
        return f"{'a rest' if self.pitch is None else self.name}, {self._said_length()[0]}"

    @property
    def label(self) -> str:
        """The same where room is scarce: "G4, ½ beat", "rest, 2 beats"."""
        return f"{'rest' if self.pitch is None else self.name}, {self._said_length()[1]}"

    def _said_length(self) -> tuple[str, str]:
        beats = Fraction(self.length, TICKS_PER_BEAT)
        plain = f"{beats} {'beats' if beats > 1 else 'of a beat'}"
        return IN_WORDS.get(beats, (plain, plain))

    def up(self, semitones: int) -> "Note":
        """The same note so many semitones higher, by octaves back where there is no such note."""
        if self.pitch is None:
            return self
        pitch = self.pitch + semitones
        while not 0 <= pitch <= HIGHEST_PITCH:
            pitch += 12 if pitch < 0 else -12
        return Note(pitch, self.length)


@dataclass(frozen=True)
class Tune:
    """``notes`` one after the other; ``bar`` is the length of a bar, ``tempo`` in beats a minute."""

    notes: tuple[Note, ...]
    bar: int = FOUR_BEATS
    tempo: float = DEFAULT_TEMPO

    @property
    def length(self) -> int:
        """In twelfths of a beat."""
        return sum(note.length for note in self.notes)


def pitch_name(pitch: int) -> str:
    """60 -> "C4"; of the black keys the spelling that is most common."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def nearest_length(length: float) -> int:
    """The one of LENGTHS next to ``length``, the shorter of two equally near ones."""
    return min(LENGTHS, key=lambda known: abs(known - length))


def parse_notes(text: str) -> tuple[Note, ...]:
    """Notes of a text such as ``C4 E4:1/2 R``; spaces, commas and bar lines between them. Raises InputError for anything else."""
    return tuple(_parse_note(word) for word in _SEPARATORS.split(text) if word)


def _parse_note(word: str) -> Note:
    match = _NOTE.fullmatch(word)
    if match is None:
        raise InputError(f"{word[:40]!r} is no note: a letter from A to G and an octave, {_EXAMPLE}")
    letter, accidental, octave, rest, beats, parts = match.groups()
    length = Fraction(beats or 1) / (int(parts) if parts else 1) if parts is None or int(parts) else Fraction(0)
    if not Fraction(1, TICKS_PER_BEAT) <= length <= LONGEST_BEATS:
        raise InputError(f"{word[:40]!r} lasts {float(length):g} beats: must be from 1/12 to {LONGEST_BEATS}, {_EXAMPLE}")
    ticks = round(length * TICKS_PER_BEAT)
    if rest:
        return Note(None, ticks)
    pitch = STEPS[letter.upper()] + _ACCIDENTALS[accidental] + 12 * (int(octave) + 1)
    if not 0 <= pitch <= HIGHEST_PITCH:
        raise InputError(f"{word[:40]!r} is no note that can be played: must be from C-1 to G9, {_EXAMPLE}")
    return Note(pitch, ticks)
