"""Reads a person's own files: any text (``text``, cut up by ``words``), any table (``table``, its columns by ``columns``).

Whatever is wrong with a file is an InputError of one line.
"""

from core.readers.table import is_table_path, read_table
from core.readers.text import read_text


def describe(path: str) -> str:
    """One sentence on what was recognised in the file ``path``, to be shown before training. Raises InputError."""
    return read_table(path).describe() if is_table_path(path) else read_text(path).describe()
