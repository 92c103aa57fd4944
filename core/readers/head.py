"""What a file holds, judged by its beginning, so that even a large one is judged at once."""

import os

from core.errors import InputError
from core.readers.channels import LABEL_NAMES
from core.readers.columns import Cells
from core.readers.encodings import decode
from core.readers.table import is_table_path, table_of
from core.readers.tagged_words import is_tag
from core.readers.text import read_bytes

HEAD_BYTES = 2**16
TAGS_SHARE = 0.95


def content_of(path: str) -> str:
    """``text``, ``labelled texts``, ``tagged words``, ``channels`` or ``numbers`` where the file looks like it, else "".

    Raises InputError where there is no such file.
    """
    data = read_bytes(path, HEAD_BYTES)
    if len(data) == HEAD_BYTES and os.path.getsize(os.path.expanduser(path)) > HEAD_BYTES:
        # Up to the last whole line.
        data = data[: data.rfind(b"\n") + 1] or data
    try:
        content, encoding = decode(data, path)
        if not is_table_path(path):
            return "text"
        return _content_of_table(path, content.replace("\r\n", "\n").replace("\r", "\n"), encoding)
    except InputError:
        return ""


def _content_of_table(path: str, content: str, encoding: str) -> str:
    table = table_of(path, content, encoding)
    contents = [column.content for column in table.summaries()]
    if any(map(_is_tags, table.columns)) and len(table.columns) > 1:
        return "tagged words"
    if "text" in contents and any(content.endswith(("classes", "different")) for content in contents):
        return "labelled texts"
    table.pick_number_column()
    alarms = [k for k, name in enumerate(table.names) if name.casefold() in LABEL_NAMES and set(table.columns[k]) <= {"0", "1"}]
    if alarms and contents.count("numbers") > 0:
        return "channels"
    return "numbers"


def _is_tags(cells: Cells) -> bool:
    """Whether nearly all cells are tags of words; the header of a file whose words come again below may be among them."""
    filled = [cell for cell in cells if cell]
    return sum(map(is_tag, filled)) >= max(TAGS_SHARE * len(filled), 2)
