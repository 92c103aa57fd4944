"""Tunes from a file: MIDI, ABC notation, or a tune a line such as ``C4 E4:1/2 G4``."""

import os

from core.errors import InputError
from core.readers.abc import is_abc, parse_abc
from core.readers.midi import parse_midi
from core.readers.remembered import remembered
from core.readers.text import read_bytes, read_text
from core.tunes import Tune, parse_notes

MIDI_SUFFIXES = (".mid", ".midi")
TEXT_SUFFIXES = (".abc", ".txt")
SUFFIXES = MIDI_SUFFIXES + TEXT_SUFFIXES


@remembered
def read_tunes(path: str) -> tuple[Tune, ...]:
    """The tunes in the file ``path``, at least one. Raises InputError where it can't be read."""
    if path.lower().endswith(MIDI_SUFFIXES):
        return (parse_midi(read_bytes(path), path),)
    tunes = parse_tunes(read_text(path).content, path)
    if not tunes:
        raise InputError(f"{path}: has no tunes: tunes in ABC notation are needed, or lines such as C4 E4:1/2 G4")
    return tunes


def parse_tunes(content: str, path: str) -> tuple[Tune, ...]:
    """The tunes of a text in ABC notation, or with a tune a line. Raises InputError that names ``path`` and line."""
    if is_abc(content):
        return parse_abc(content, path)
    tunes = []
    for number, line in enumerate(content.split("\n"), 1):
        try:
            notes = parse_notes(line)
        except InputError as error:
            raise InputError(f"{path}, line {number}: {error}") from None
        if notes:
            tunes.append(Tune(notes))
    return tuple(tunes)


def tune_of(text: str) -> Tune:
    """The tune that a person typed: notes, ABC notation, or the name of a file. Raises InputError for anything else."""
    name = text.strip()
    if name.lower().endswith(SUFFIXES) and (len(name.split()) == 1 or os.path.isfile(os.path.expanduser(name))):
        return read_tunes(name)[0]
    if is_abc(text):
        tunes = parse_abc(text, "the tune")
        return tunes[0] if tunes else Tune(())
    return Tune(parse_notes(text))
