"""What a file holds, judged by its beginning, so that even a large one is judged at once."""

import os
from collections.abc import Callable

from core.errors import InputError
from core.readers.channels import LABEL_NAMES, channels_of
from core.readers.columns import Cells
from core.readers.encodings import decode
from core.readers.labelled_texts import has_one_label, labelled_texts_of
from core.readers.midi import START as MIDI_START
from core.readers.series import series_of
from core.readers.table import Table, is_table_path, table_of
from core.readers.tagged_words import is_tag, tagged_words_of
from core.readers.text import read_bytes
from core.readers.tunes import MIDI_SUFFIXES, parse_tunes

HEAD_BYTES = 2**16
TAGS_SHARE = 0.95


def contents_of(path: str) -> tuple[str, ...]:
    """All that the file can be read as, what it looks like first; none where nothing can be told from its beginning.

    These are ``text`` and ``tunes``, or of a table ``labelled texts``, ``tagged words``, ``channels`` and ``numbers``. Raises InputError
    where there is no such file.
    """
    data = read_bytes(path, HEAD_BYTES)
    if path.lower().endswith(MIDI_SUFFIXES):
        return ("tunes",) if data.startswith(MIDI_START) else ()
    is_cut = len(data) == HEAD_BYTES and os.path.getsize(os.path.expanduser(path)) > HEAD_BYTES
    if is_cut:
        # Up to the last whole line.
        data = data[: data.rfind(b"\n") + 1] or data
    try:
        content, encoding = decode(data, path)
        content = content.replace("\r\n", "\n").replace("\r", "\n")
        if not is_table_path(path):
            return ("tunes", "text") if _can(lambda: parse_tunes(content, path)) else ("text",)
        table = table_of(path, content, encoding)
    except InputError:
        return ()
    likeliest, uses = _likeliest(table), _uses(table, content, encoding, is_cut)
    # A beginning with few long rows may be too short to be read as what it looks like.
    if is_cut and likeliest and likeliest not in uses:
        uses.append(likeliest)
    return tuple(sorted(uses, key=lambda use: use != likeliest))


def _uses(table: Table, content: str, encoding: str, is_cut: bool) -> list[str]:
    """What the readers can read the table as."""
    reading: dict[str, Callable[[], object]] = {
        "numbers": lambda: series_of(table, ""),
        "channels": lambda: channels_of(table, ""),
        "labelled texts": lambda: labelled_texts_of(table, "", ""),
        "tagged words": lambda: tagged_words_of(table.path, content, encoding),
    }
    uses = [use for use, read in reading.items() if _can(read)]
    # A long table sorted by its labels has others further on.
    if is_cut and "labelled texts" not in uses and _can(lambda: has_one_label(table)):
        uses.append("labelled texts")
    return uses


def _can(read: Callable[[], object]) -> bool:
    """Whether ``read`` finds something, without an InputError."""
    try:
        return bool(read())
    except InputError:
        return False


def _likeliest(table: Table) -> str:
    """What a person would take the table for; "" for nothing in particular."""
    contents = [column.content for column in table.summaries()]
    if any(map(_is_tags, table.columns)) and len(table.columns) > 1:
        return "tagged words"
    if "text" in contents and any(content.endswith(("classes", "different")) for content in contents):
        return "labelled texts"
    alarms = [k for k, name in enumerate(table.names) if name.casefold() in LABEL_NAMES and set(table.columns[k]) <= {"0", "1"}]
    return "channels" if alarms and contents.count("numbers") > 0 else ""


def _is_tags(cells: Cells) -> bool:
    """Whether nearly all cells are tags of words; the header of a file whose words come again below may be among them."""
    filled = [cell for cell in cells if cell]
    return sum(map(is_tag, filled)) >= max(TAGS_SHARE * len(filled), 2)
