"""A series of numbers: a column of a table, or typed."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import is_number, parse_numbers
from core.readers.recognition import Recognition
from core.readers.remembered import remembered
from core.readers.table import LARGEST, Table, read_table

FEWEST_VALUES = 20


@dataclass(frozen=True)
class Series:
    """A column of a table: values (N,), in the unit of the file, the oldest first, its name, and what was recognised in the table."""

    values: NDArray[np.float64]
    name: str
    recognition: Recognition


@remembered
def read_series(path: str, column: str) -> Series:
    """The series in a column of the table in the file ``path``. Raises InputError where it can't be used or is too short."""
    return series_of(read_table(path), column)


def series_of(table: Table, column: str) -> Series:
    """The series in a column of ``table``, in order of time. Raises InputError where it can't be used or is too short."""
    number_column = table.find_column(column) if column else table.pick_number_column()
    values = table.numbers_in_time(number_column)
    if len(values) < FEWEST_VALUES:
        raise InputError(f"{table.path}: has {len(values)} rows, at least {FEWEST_VALUES} are needed")
    sentence = f"{table.shape()} {table.describe_numbers(number_column)} {table.order}".rstrip()
    values.setflags(write=False)
    name = table.names[number_column]
    return Series(values, name, Recognition(sentence, table.summaries(), {"column": name}))


def read_numbers(text: str, example: str = "120, 123, 125") -> NDArray[np.float64]:
    """Numbers parted by commas or spaces, or by semicolons with decimal commas; ``example`` shows in errors what would be right."""
    has_semicolons = ";" in text
    words = [word.strip() for word in (text.split(";") if has_semicolons else re.split(r"[,\s]+", text)) if word.strip()]
    wrong = [word for word in words if not is_number(word)]
    if wrong:
        raise InputError(f"{wrong[0][:40]!r} is not a number: numbers are needed, for example {example}")
    values = parse_numbers(words, has_comma_delimiter=not has_semicolons).values
    is_too_large = ~(np.abs(values) <= LARGEST)
    if is_too_large.any():
        raise InputError(f"{words[int(is_too_large.argmax())][:40]!r} is too large a number: at most {LARGEST:g} can be read")
    return values
