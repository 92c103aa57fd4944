"""Any table of a person's own: finds out the delimiter and the header, and what each column holds.

The rule: of comma, semicolon, tab and bar the delimiter is the one that cuts nearly all rows into as many cells as the first row
(a line ``sep=;`` at the top decides). The first row is a header unless it holds a number or a date, or one of its cells comes again and
again in its column. Rows with too few cells miss the last ones; rows with too many are an error, as is text among
numbers. Gaps in a column of numbers are filled linearly, up to a fifth of the column.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import Numbers, fill_gaps, is_date, is_date_column, is_index, is_missing, is_number, parse_numbers
from core.readers.text import read_text

SUFFIXES = (".csv", ".tsv")
MAX_MISSING_SHARE = 0.2
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NO_DELIMITER = "\x1f"
_SAMPLE_LINES = 100
_SAMPLE_CELLS = 1000
_INDEX_NAMES = {"", "#", "id", "no", "nr", "index", "row", "date", "day", "week", "month", "quarter", "year", "time", "timestamp"}


def is_table_path(path: str) -> bool:
    """Whether a file name is that of a table."""
    return path.lower().endswith(SUFFIXES)


@dataclass(frozen=True)
class Table:
    """A table of text cells.

    names : of the columns; "column 1", "column 2" where the file has no header
    columns : cells of each column, without space at their ends
    lines : of the file, from 1, on which each row begins
    delimiter : as a word
    """

    path: str
    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str
    encoding: str

    @property
    def row_count(self) -> int:
        """Rows, the header not counted."""
        return len(self.lines)

    @cached_property
    def date_columns(self) -> tuple[int, ...]:
        """Columns that hold dates."""
        return tuple(k for k, cells in enumerate(self.columns) if is_date_column(cells))

    @cached_property
    def _parsed(self) -> dict[int, Numbers]:
        return {}

    def _numbers(self, column: int) -> Numbers:
        if column not in self._parsed:
            self._parsed[column] = parse_numbers(self.columns[column], self.delimiter == "comma")
        return self._parsed[column]

    def _holds_numbers(self, column: int) -> bool:
        """Whether most of the first filled cells are numbers; the whole of a long column of text is not looked at."""
        filled = list(islice((cell for cell in self.columns[column] if not is_missing(cell)), _SAMPLE_CELLS))
        return parse_numbers(filled, self.delimiter == "comma").is_mostly_numbers

    def find_column(self, name: str) -> int:
        """The column called ``name``; capitals don't matter. Raises InputError that lists what there is."""
        folded = [own.casefold() for own in self.names]
        if name.strip().casefold() not in folded:
            raise InputError(f"{self.path}: there is no column {name!r}: there are {_listed(self.names)}")
        return folded.index(name.strip().casefold())

    def pick_number_column(self) -> int:
        """The first column of numbers that neither holds dates nor only counts the rows. Raises InputError if there is none."""
        candidates = [k for k in range(len(self.columns)) if k not in self.date_columns and self._holds_numbers(k)]
        if not candidates:
            shown = _shortened(next((cell for cell in self.columns[-1] if cell), ""))
            raise InputError(f"{self.path}: there is no column of numbers: {self.names[-1]!r} holds {shown!r} in line {self.lines[0]}")
        telling = [k for k in candidates if not is_index(self._numbers(k).values)]
        named = [k for k in telling if self.names[k].casefold() not in _INDEX_NAMES]
        return (named or telling or candidates)[0]

    def numbers(self, column: int) -> NDArray[np.float64]:
        """The numbers of a column, (rows,), gaps filled linearly.

        Raises InputError for a cell that is no number, or where more than a fifth is missing.
        """
        read = self._numbers(column)
        name = self.names[column]
        if read.bad_rows:
            row = read.bad_rows[0]
            shown = _shortened(self.columns[column][row])
            raise InputError(f"{self.path}: line {self.lines[row]}: {shown!r} in column {name!r} is not a number")
        if read.missing_count > MAX_MISSING_SHARE * self.row_count:
            raise InputError(
                f"{self.path}: {read.missing_count} of {self.row_count} values are missing in column {name!r}: at most a fifth may be"
            )
        return fill_gaps(read.values)

    def describe(self, column: str = "") -> str:
        """One sentence on what was recognised, with ``column`` (left out: the one that would be picked)."""
        parts = [f"{self.row_count:,} rows"]
        try:
            number_column = self.find_column(column) if column else self.pick_number_column()
            parts.append(f"column {self.names[number_column]!r}")
            missing_count = self._numbers(number_column).missing_count
            if missing_count:
                parts.append(f"{missing_count} gaps in it filled" if missing_count > 1 else "1 gap in it filled")
        except InputError:
            if column:
                raise
            parts.append(f"columns {_listed(self.names)}")
        if self.date_columns:
            parts.append(f"dates in {_listed([self.names[k] for k in self.date_columns])}")
        parts.append(f"delimiter {self.delimiter}" if self.delimiter else "one column")
        return ", ".join(parts)


def read_table(path: str) -> Table:
    """The table in the file ``path``. Raises InputError where it is missing, no text, empty or ragged."""
    text = read_text(path)
    content = text.content
    first_line, _, rest = content.partition("\n")
    declared = re.fullmatch(r"sep=(.)\s*", first_line, re.IGNORECASE)
    delimiter = declared[1] if declared else _find_delimiter(content)
    try:
        records, lines = _read_records(rest if declared else content, delimiter, 1 if declared else 0)
    except (csv.Error, TypeError, ValueError) as error:
        raise InputError(f"{path}: can't be read as a table: {error}") from None
    if not records:
        raise InputError(f"{path}: is empty: a table is needed")
    width = len(records[0])
    for record, line in zip(records, lines, strict=True):
        if len(_trimmed(record)) > width:
            raise InputError(f"{path}: line {line} has {len(_trimmed(record))} cells, the first row has {width}")
    columns = [tuple(record[k].strip() if k < len(record) else "" for record in records) for k in range(width)]
    columns = [cells for cells in columns if any(cells)]
    names = tuple(f"column {k + 1}" for k in range(len(columns)))
    if _has_header(columns):
        names = tuple(cells[0] or name for cells, name in zip(columns, names, strict=True))
        columns, lines = [cells[1:] for cells in columns], lines[1:]
    if not lines:
        raise InputError(f"{path}: has a header ({_listed(names)}) but no rows")
    word = _DELIMITERS.get(delimiter, repr(delimiter)) if delimiter != _NO_DELIMITER else ""
    return Table(path, names, tuple(columns), tuple(lines), word, text.encoding)


def _read_records(content: str, delimiter: str, line: int) -> tuple[list[list[str]], list[int]]:
    """Rows that are not blank, and the lines they begin on, counted on from ``line``."""
    reader = csv.reader(io.StringIO(content), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    records: list[list[str]] = []
    lines: list[int] = []
    previous = 0
    for record in reader:
        if any(cell.strip() for cell in record):
            records.append(record)
            lines.append(line + previous + 1)
        previous = reader.line_num
    return records, lines


def _find_delimiter(content: str) -> str:
    """The delimiter that cuts nine in ten of the first rows into as many cells, two or more, as the first of them."""
    sample = "\n".join(content.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    fits: dict[str, float] = {}
    for delimiter in _DELIMITERS:
        try:
            records, _ = _read_records(sample, delimiter, 0)
        except csv.Error:
            continue
        width = len(records[0]) if records else 0
        if width >= 2:
            fits[delimiter] = sum(len(record) == width for record in records) / len(records)
    if not fits:
        return _NO_DELIMITER
    # Where a semicolon, tab or bar fits as well as the comma, commas are decimal ones.
    good = [delimiter for delimiter in (";", "\t", "|", ",") if fits.get(delimiter, 0) >= 0.9]
    return good[0] if good else max(fits, key=lambda delimiter: fits[delimiter])


def _has_header(columns: Sequence[Sequence[str]]) -> bool:
    first = [cells[0] for cells in columns]
    if any(is_number(cell) or is_date(cell) for cell in first) or not any(first):
        return False
    return not any(cell and Counter(cells)[cell] > 1 for cell, cells in zip(first, columns, strict=True))


def _trimmed(record: list[str]) -> list[str]:
    """``record`` without empty cells at its end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return record[:end]


def _shortened(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:39] + "…"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(_shortened(name)) for name in names[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
