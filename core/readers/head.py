"""What a file holds, judged by its beginning, so that even a large one is judged at once."""

import os

from core.errors import InputError
from core.readers.encodings import decode
from core.readers.table import is_table_path, table_of
from core.readers.text import read_bytes

HEAD_BYTES = 2**16


def content_of(path: str) -> str:
    """``text``, ``labelled texts`` or ``numbers`` where the file looks like that (see ``fields.file``), else "".

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
    if "text" in contents and any(content.endswith(("classes", "different")) for content in contents):
        return "labelled texts"
    table.pick_number_column()
    return "numbers"
