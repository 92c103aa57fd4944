"""Tunes in ABC notation, the part of it that a melody needs (https://abcnotation.com/wiki/abc:standard:v2.1).

Read are the fields M (metre), L (unit length), Q (tempo) and K (key and mode), notes with accidentals, octaves and lengths, rests,
ties, chords (their highest note), triplets and other tuplets, broken rhythm (``>``) and bar lines, to whose next one an accidental
holds. Repeats are read once; grace notes, slurs, ornaments, chord names, words and other fields are passed over. Of several voices (V,
on a line of its own or inside one) the first that has a note is read.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from core.errors import InputError
from core.tunes import DEFAULT_TEMPO, FASTEST, FOUR_BEATS, HIGHEST_PITCH, LONGEST_BEATS, SLOWEST, STEPS, TICKS_PER_BEAT, Note, Tune

BEATS_PER_WHOLE = 4
# What stands before any V is its music.
FIRST_VOICE = "1"
_FIELD = re.compile(r"([A-Za-z]):(.*)")
_LENGTH = r"(\d{0,5})(/*)(\d{0,5})"
_PITCH = r"(\^{1,2}|_{1,2}|=)?([A-Ga-g])([',]{0,9})"
_NOTE = re.compile(_PITCH + _LENGTH)
_REST = re.compile(r"([xzXZ])" + _LENGTH)
_CHORD = re.compile(rf"\[((?:{_PITCH}{_LENGTH}-?\s*)+)\]{_LENGTH}")
_TUPLET = re.compile(r"\((\d)(?::(\d?))?(?::(\d?))?")
_BROKEN = re.compile(r"[<>]{1,3}")
_BAR = re.compile(r":*\|+[|\]:\d,]*|\[\||::|\[\d[\d,-]*")
_VOICE = re.compile(r"\[V:([^\]]*)\]")
_METRE = re.compile(r"\(?\s*(\d{1,4}(?:\s*\+\s*\d{1,4}){1,9})\s*\)?\s*(/\s*\d{1,4})")
_INLINE = re.compile(r"\[([A-Za-z]):([^\]]*)\]")
_PASSED_OVER = re.compile(r'"[^"]*"|![^!]*!|\+[^+]*\+|\{[^}]*\}|[\s()`\\$&*;?.~HIJKLMNOPQRSTUVWhijklmnopqrstuvwy-]')
_KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)")
_ACCIDENTALS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_MODES = {"": 0, "maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5}
_SHARPED = "FCGDAEB"
# Notes in the time of how many, where a tuplet does not say; the others stand in the time of two (of three in 3/8, 6/8 …).
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}


@dataclass
class _Reading:
    """What holds at the present place of a tune."""

    unit: Fraction | None = None
    metre: Fraction = Fraction(1)
    tempo: float = DEFAULT_TEMPO
    signature: dict[str, int] = field(default_factory=dict)
    accidentals: dict[tuple[str, str], int] = field(default_factory=dict)
    notes: list[tuple[int | None, Fraction]] = field(default_factory=list)
    is_tied: bool = False
    tuplet: Fraction = Fraction(1)
    tuplet_left: int = 0
    next_factor: Fraction = Fraction(1)
    voice: str = FIRST_VOICE
    read_voice: str | None = None

    @property
    def is_silent(self) -> bool:
        """Whether what stands here belongs to another voice than the one that is read."""
        return self.read_voice not in (None, self.voice)

    @property
    def unit_length(self) -> Fraction:
        """Of a whole note."""
        if self.unit is not None:
            return self.unit
        return Fraction(1, 16) if self.metre < Fraction(3, 4) else Fraction(1, 8)

    def tune(self) -> Tune:
        """What was read."""
        notes = tuple(Note(pitch, max(1, round(length * BEATS_PER_WHOLE * TICKS_PER_BEAT))) for pitch, length in self.notes)
        bar = round(self.metre * BEATS_PER_WHOLE * TICKS_PER_BEAT)
        return Tune(notes, bar or FOUR_BEATS, self.tempo)


def is_abc(content: str) -> bool:
    """Whether ``content`` has the field that every tune in ABC has: its key."""
    return re.search(r"^K:", content, re.MULTILINE) is not None


def parse_abc(content: str, path: str) -> tuple[Tune, ...]:
    """The tunes of a text in ABC notation, those without a note left out. Raises InputError that names ``path`` and line."""
    tunes: list[Tune] = []
    reading, is_body = _Reading(), False

    def finish() -> None:
        if any(pitch is not None for pitch, _ in reading.notes):
            tunes.append(reading.tune())

    for number, line in enumerate(content.split("\n"), 1):
        where = f"{path}, line {number}"
        music = line.split("%")[0].rstrip()
        match = _FIELD.match(music)
        if match is not None and match[1] == "X" or not music.strip() and is_body and not line.startswith("%"):
            finish()
            reading, is_body = _Reading(), False
        elif match is not None:
            # Before the key voices are only announced.
            if match[1] != "V" or is_body:
                _read_field(reading, match[1], match[2].strip(), where)
            is_body = is_body or match[1] == "K"
        elif is_body:
            _read_music(reading, music, where)
    finish()
    return tuple(tunes)


def _read_field(reading: _Reading, name: str, value: str, where: str) -> None:
    if name == "V":
        reading.voice = (value.split() or [FIRST_VOICE])[0]
    elif reading.is_silent:
        return
    elif name == "M":
        reading.metre = _metre(value, where)
    elif name == "L":
        reading.unit = _fraction(value, f"{where}: L:{value[:40]}", "L:1/8")
    elif name == "K":
        reading.signature = _signature(value, where)
    elif name == "Q":
        reading.tempo = _tempo(value) or reading.tempo


def _fraction(value: str, what: str, right: str) -> Fraction:
    match = re.fullmatch(r"(\d{1,4})\s*/\s*(\d{1,4})", value)
    if match is None or not int(match[1]) or not int(match[2]):
        raise InputError(f"{what} can't be read: right is, for example, {right}")
    return Fraction(int(match[1]), int(match[2]))


def _metre(value: str, where: str) -> Fraction:
    if value in ("C", "C|", "none", ""):
        return Fraction(1)
    added = _METRE.fullmatch(value)
    if added is not None:
        value = f"{sum(map(int, added[1].split('+')))}{added[2]}"
    return _fraction(value, f"{where}: M:{value[:40]}", "M:3/4")


def _tempo(value: str) -> float | None:
    """Beats a minute of ``1/4=120`` or ``120``; None where there is no such figure (a word, as in ``"Allegro"``)."""
    match = re.search(r"(?:(\d{1,3})/(\d{1,3})\s*=\s*)?(\d{1,4})\s*(?:\"|$)", value)
    if match is None:
        return None
    beats = BEATS_PER_WHOLE * Fraction(int(match[1]), int(match[2])) if match[1] and int(match[2]) else Fraction(1)
    return min(max(float(beats) * int(match[3]), SLOWEST), FASTEST)


def _signature(value: str, where: str) -> dict[str, int]:
    """Letter -> +1 or -1, of a key such as ``G``, ``Bb``, ``Am`` or ``D dorian``."""
    if not value or value.lower().startswith(("none", "hp", "clef")):
        return {}
    match = _KEY.match(value)
    if match is None:
        raise InputError(f"{where}: K:{value[:40]} is no key: right are, for example, K:G, K:Bb, K:Am or K:Ddor")
    # What is no mode is something else about the key, such as its clef.
    mode = match[3].lower()
    fifths = _FIFTHS[match[1]] + 7 * (("b", "", "#").index(match[2]) - 1) + _MODES.get(mode[:3], 0)
    letters = _SHARPED if fifths > 0 else _SHARPED[::-1]
    return dict.fromkeys(letters[: abs(fifths)], 1 if fifths > 0 else -1)


def _read_music(reading: _Reading, music: str, where: str) -> None:
    """One line of notes."""
    at = 0
    while at < len(music):
        if reading.is_silent:
            voice = _VOICE.search(music, at)
            if voice is None:
                return
            at = voice.start()
        at = _read_piece(reading, music, at, where)


def _read_piece(reading: _Reading, music: str, at: int, where: str) -> int:
    """Read what stands at ``at``; returns where it ends."""
    if match := _INLINE.match(music, at):
        _read_field(reading, match[1], match[2].strip(), where)
    elif match := _CHORD.match(music, at):
        pitches = [_pitch(reading, where, *each.groups()[:3]) for each in _NOTE.finditer(match[1])]
        first = _NOTE.match(match[1])
        assert first is not None
        _add(reading, max(pitches), _length(where, *first.groups()[3:]) * _length(where, *match.groups()[-3:]))
    elif match := _NOTE.match(music, at):
        _add(reading, _pitch(reading, where, *match.groups()[:3]), _length(where, *match.groups()[3:]))
    elif match := _REST.match(music, at):
        length = _length(where, *match.groups()[1:])
        _add(reading, None, length if match[1].islower() else length * reading.metre / reading.unit_length)
    elif match := _TUPLET.match(music, at):
        count = int(match[1])
        is_compound = reading.metre.numerator * 8 // reading.metre.denominator % 3 == 0 and reading.metre.denominator >= 4
        time = int(match[2] or 0) or _TUPLETS.get(count, 3 if is_compound else 2)
        reading.tuplet, reading.tuplet_left = Fraction(time, max(count, 1)), int(match[3] or 0) or count
    elif match := _BAR.match(music, at):
        reading.accidentals.clear()
    elif match := _BROKEN.match(music, at):
        _break_rhythm(reading, match[0])
    elif match := _PASSED_OVER.match(music, at):
        reading.is_tied = reading.is_tied or match[0] == "-"
    elif music[at] in "[]:|":
        return at + 1
    else:
        raise InputError(f"{where}: {music[at : at + 20]!r} is no ABC notation: notes look like C, ^f2 or B,/2")
    return match.end()


def _pitch(reading: _Reading, where: str, accidental: str | None, letter: str, octave: str) -> int:
    """MIDI number of a note: C is the middle one, 60, c the one above."""
    place = (letter, octave)
    if accidental:
        reading.accidentals[place] = _ACCIDENTALS[accidental]
    alteration = reading.accidentals.get(place, reading.signature.get(letter.upper(), 0))
    pitch = 60 + STEPS[letter.upper()] + 12 * (letter.islower() + octave.count("'") - octave.count(",")) + alteration
    if not 0 <= pitch <= HIGHEST_PITCH:
        raise InputError(f"{where}: {letter + octave!r} is too high or too low to be played")
    return pitch


def _length(where: str, times: str, slashes: str, parts: str) -> Fraction:
    """In unit lengths: 2, 3/2, /, //, /4."""
    divisor = int(parts) if slashes and parts else 2 ** len(slashes[:8])
    length = Fraction(int(times or 1), divisor) if divisor else Fraction(0)
    if not 0 < length <= LONGEST_BEATS:
        raise InputError(f"{where}: a length of {times}{slashes}{parts} is none: lengths look like 2, 3/2 or /2")
    return length


def _add(reading: _Reading, pitch: int | None, units: Fraction) -> None:
    length = units * reading.unit_length * reading.next_factor
    reading.next_factor = Fraction(1)
    if reading.tuplet_left:
        length *= reading.tuplet
        reading.tuplet_left -= 1
    if reading.is_tied and reading.notes and reading.notes[-1][0] == pitch:
        reading.notes[-1] = (pitch, reading.notes[-1][1] + length)
    elif reading.notes or pitch is not None:
        # A tune begins with its first note, which says whose it is.
        reading.notes.append((pitch, length))
        reading.read_voice = reading.voice
    reading.is_tied = False


def _break_rhythm(reading: _Reading, signs: str) -> None:
    """``A>B``: A by half longer, B by half shorter; ``<`` the other way; doubled: by three quarters."""
    if not reading.notes:
        return
    short = Fraction(1, 2 ** len(signs))
    before, after = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
    pitch, length = reading.notes[-1]
    reading.notes[-1] = (pitch, length * before)
    reading.next_factor = after
