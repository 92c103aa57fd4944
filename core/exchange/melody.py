"""Saves a tune in the format that the file's name asks for."""

from pathlib import Path

from core.errors import InputError
from core.exchange.midi import midi_bytes
from core.exchange.sound import wav_bytes
from core.files import write_atomically
from core.tunes import Tune

WRITERS = {".mid": midi_bytes, ".midi": midi_bytes, ".wav": wav_bytes}


def check_name(path: Path) -> None:
    """Raise InputError where the name asks for a format that there is not."""
    if path.suffix.lower() not in WRITERS:
        raise InputError(f"{path}: a tune is written to a file that ends in .mid (notes) or .wav (sound)")


def save_tune(path: Path, tune: Tune) -> None:
    """Write ``tune`` to ``path``. Raises InputError where that can't be done; ``path`` is then as it was."""
    check_name(path)
    if not any(note.pitch is not None for note in tune.notes):
        raise InputError(f"{path}: is not written: there is no note to be played")
    write_atomically(path, WRITERS[path.suffix.lower()](tune))
