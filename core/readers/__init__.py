"""Reads a person's own files: any text (``text``, cut up by ``words``), any table (``table``, its columns by ``columns``).

Whatever is wrong with a file is an InputError of one line.
"""

from core.readers.recognition import Recognition
from core.readers.table import is_table_path, read_table
from core.readers.text import read_text


def recognise_file(path: str) -> Recognition:
    """What any table or text tells of itself, whatever it is wanted for. Raises InputError where it can't be read."""
    if not is_table_path(path):
        return Recognition(read_text(path).describe())
    table = read_table(path)
    return Recognition(table.shape(), table.summaries())


def describe(path: str) -> str:
    """One sentence on what was recognised in the file ``path``, to be shown before training. Raises InputError."""
    return read_table(path).describe() if is_table_path(path) else read_text(path).describe()
